// Where in the file system of `node:fs` what is: `/bundle` has the app's files, `/dev` devices, and `/tmp` what the
// present event has written there, which no other event sees; a Durable Object has one for as long as it lives.
// Open files and the working directory belong to the event too.

(function () {
const { core } = __bootstrap;
const { op_bundle_file, op_bundle_files } = core.ops;
const { eventHere } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { gateHere } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");
const { devices, File, Folder, Refused, standard } = core.loadExtScript("ext:cellhouse_runtime/node_fs_nodes.js");

// Links on the way to one file; workerd's number.
const MOST_LINKS = 256;
const MOST_NAMES = 48;
const LONGEST_PATH = 4096;

// ---- what belongs to an event

class Scope {
  folder = new Folder(true);
  directory = ["bundle"];
  opened = new Map();
}

const scopes = new WeakMap();
// Of code that belongs to no event: what modules do when they are loaded.
const outside = new Scope();

function scopeHere() {
  const key = gateHere() ?? eventHere();
  if (key === undefined) return outside;
  let scope = scopes.get(key);
  if (scope === undefined) scopes.set(key, scope = new Scope());
  return scope;
}

// ---- the root

function bundle() {
  const root = new Folder();
  op_bundle_files().forEach(([path, length], index) => {
    const names = namesOf(path, []);
    const last = names.pop();
    let folder = root;
    for (const name of names) {
      if (!(folder.entries.get(name) instanceof Folder)) folder.entries.set(name, new Folder());
      folder = folder.entries.get(name);
    }
    folder.entries.set(last, new File(length, () => new Uint8Array(op_bundle_file(index))));
  });
  return root;
}

const TMP = "tmp";
let root;

function makeRoot() {
  const made = new Folder();
  made.entries.set("bundle", bundle());
  made.entries.set(TMP, outside.folder);
  made.entries.set("dev", devices());
  return made;
}

// A folder's entry: the root has the event's `/tmp`.
function entry(folder, name) {
  return folder === root && name === TMP ? scopeHere().folder : folder.entries.get(name);
}

// What a folder has, as [name, node].
const children = (folder) => [...folder.entries.keys()].map((name) => [name, entry(folder, name)]);

// ---- paths

function namesOf(path, base) {
  const names = path.startsWith("/") ? [] : [...base];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}

const textOf = (names) => `/${names.join("/")}`;

// { names, text } of what a program calls a path. Nothing says whether there is one.
function pathOf(path) {
  if (path.length > LONGEST_PATH) throw new Error("File path is too long");
  const names = namesOf(path, scopeHere().directory);
  if (names.length > MOST_NAMES) throw new Error("File path has too many segments");
  return { names, text: textOf(names) };
}

// The node at a path, or undefined. Links on the way are followed, the last one if `follow` says so.
// `reached`: an array that gets the names of where it is.
function find(names, follow = true, reached = []) {
  root ??= makeRoot();
  let node = root;
  let links = 0;
  const left = [...names];
  while (left.length > 0) {
    if (!(node instanceof Folder)) return undefined;
    const name = left.shift();
    const next = entry(node, name);
    if (next === undefined) return undefined;
    if (next.type === "symlink" && (follow || left.length > 0)) {
      if (++links > MOST_LINKS) throw new Refused("ELOOP", "symlink depth exceeded");
      left.unshift(...next.target);
      node = root;
      reached.length = 0;
    } else {
      node = next;
      reached.push(name);
    }
  }
  return node;
}

// Whether a file is where a path has a folder.
function isBlocked(names) {
  for (let length = 1; length < names.length; length++) {
    const node = find(names.slice(0, length));
    if (node === undefined) return false;
    if (!(node instanceof Folder)) return true;
  }
  return false;
}

// The folder that a path is in, and its last name there.
function parentOf(path) {
  return { parent: find(path.names.slice(0, -1)), name: path.names.at(-1) };
}

// ---- open files

// Numbers are not used again, in no event.
let nextDescriptor = 3;

class Opened {
  position = 0;

  constructor(node, { read, write, append }) {
    this.node = node;
    this.canRead = read;
    this.canWrite = write;
    this.append = append;
  }
}

const standardOpened = standard.map((node) => new Opened(node, { read: true, write: true, append: true }));

function addOpened(node, options) {
  const descriptor = nextDescriptor++;
  scopeHere().opened.set(descriptor, new Opened(node, options));
  return descriptor;
}

function openedAt(descriptor) {
  return standardOpened[descriptor] ?? scopeHere().opened.get(descriptor) ?? outside.opened.get(descriptor);
}

function closeOpened(descriptor) {
  scopeHere().opened.delete(descriptor);
}

// ---- the working directory

const directoryHere = () => textOf(scopeHere().directory);

// Gives the node that is there; it is entered if it is a folder.
function enter(path) {
  const node = find(path.names);
  if (!(node instanceof Folder)) return node;
  scopeHere().directory = path.names;
  return node;
}

return {
  addOpened, children, closeOpened, directoryHere, enter, find, isBlocked, openedAt, parentOf, pathOf, textOf,
};
})();
