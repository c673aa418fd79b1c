// What `node:fs` does with paths: looks at, makes, links, moves, copies and removes what is there. Arguments have
// been checked, and paths are those of `pathOf`.

(function () {
const { core } = __bootstrap;
const { children, enter, find, isBlocked, parentOf, textOf } = core.loadExtScript("ext:cellhouse_runtime/node_fs_tree.js");
const { File, Folder, Link } = core.loadExtScript("ext:cellhouse_runtime/node_fs_nodes.js");
const { during, systemError } = core.loadExtScript("ext:cellhouse_runtime/node_fs_errors.js");

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// The node, or undefined.
const look = (path, syscall, follow = true) => during(syscall, undefined, () => find(path.names, follow));

function there(path, syscall, follow = true) {
  const node = look(path, syscall, follow);
  if (node !== undefined) return node;
  throw systemError(isBlocked(path.names) ? "ENOTDIR" : "ENOENT", syscall, path.text);
}

// The folder that something is made or changed in, with the name. workerd's errors of most calls have the last name
// alone.
function place(path, syscall, words) {
  const { parent, name } = during(syscall, undefined, () => parentOf(path));
  if (parent === undefined) {
    const shown = syscall === "writeAll" || syscall === "open" ? path.text : name;
    throw isBlocked(path.names) ? systemError("ENOTDIR", syscall) : systemError("ENOENT", syscall, shown, words);
  }
  if (!(parent instanceof Folder)) throw systemError("ENOTDIR", syscall);
  if (name === undefined) throw systemError("EPERM", syscall);
  return { parent, name };
}

function changeable(path, syscall) {
  const found = place(path, syscall);
  if (!found.parent.isWritable) throw systemError("EPERM", syscall);
  return found;
}

// ---- folders

// The first folder that was made, if `recursive`.
function makeFolder(path, recursive) {
  const present = look(path, "mkdir", false);
  if (present !== undefined) {
    if (present instanceof Folder) return undefined;
    throw systemError("EEXIST", "mkdir");
  }
  if (!recursive) {
    const { parent, name } = changeable(path, "mkdir");
    parent.add(name, new Folder(true));
    return undefined;
  }
  let first;
  for (let length = 1; length <= path.names.length; length++) {
    const names = path.names.slice(0, length);
    const node = during("mkdir", undefined, () => find(names));
    if (node instanceof Folder) continue;
    if (node !== undefined) throw systemError("ENOTDIR", "mkdir");
    const { parent, name } = changeable({ names, text: textOf(names) }, "mkdir");
    during("mkdir", undefined, () => parent.add(name, new Folder(true)));
    first ??= textOf(names);
  }
  return first;
}

function makeUniqueFolder(path) {
  const { parent, name } = changeable(path, "mkdir");
  for (;;) {
    let unique = name;
    for (let n = 0; n < 6; n++) unique += LETTERS[Math.floor(Math.random() * LETTERS.length)];
    if (parent.entries.has(unique)) continue;
    parent.add(unique, new Folder(true));
    return textOf([...path.names.slice(0, -1), unique]);
  }
}

// [{ name, parentPath, node }]: names are relative to the folder.
function list(path, recursive) {
  const node = there(path, "readdir");
  if (!(node instanceof Folder)) throw systemError("ENOTDIR", "readdir", path.text);
  const found = [];
  const walk = (folder, names, before) => {
    for (const [name, child] of children(folder)) {
      found.push({ name, relative: before + name, parentPath: textOf(names), node: child });
      if (recursive && child instanceof Folder) walk(child, [...names, name], `${before}${name}/`);
    }
  };
  walk(node, path.names, "");
  return found;
}

// ---- removal

function unlink(path) {
  const { parent, name } = place(path, "unlink", "File not found");
  const node = parent.entries.get(name);
  if (node === undefined) throw systemError("ENOENT", "unlink", name, "File not found");
  if (node instanceof Folder) throw systemError("EISDIR", "unlink", undefined, "Cannot unlink a directory");
  during("unlink", undefined, () => parent.remove(name));
}

function remove(path, { recursive, force, onlyFolders }) {
  const syscall = "rm";
  if (force && during(syscall, undefined, () => parentOf(path)).parent === undefined) return;
  const { parent, name } = changeable(path, syscall);
  const node = parent.entries.get(name);
  if (onlyFolders) {
    if (node === undefined) throw systemError("ENOENT", syscall, name);
    if (!(node instanceof Folder)) throw systemError("ENOTDIR", syscall);
  }
  if (node instanceof Folder && node.entries.size > 0 && !recursive) throw systemError("ENOTEMPTY", syscall, name);
  parent.remove(name);
}

// ---- links

function link(path, target, isSymbolic) {
  const fail = (code, words, place) => systemError(code, "link", place, words);
  if (look(path, "link") !== undefined) throw fail("EEXIST", "File already exists");
  if (path.names.length === 0) throw fail("EINVAL", "Invalid filename");
  const { parent, name } = during("link", undefined, () => parentOf(path));
  if (parent === undefined) throw fail("ENOENT", "Directory does not exist", target.text);
  if (!(parent instanceof Folder)) throw fail("EINVAL", "Not a directory");
  let node;
  if (isSymbolic) {
    node = new Link(target.names);
  } else {
    node = look(target, "link", false);
    if (node === undefined) throw fail("ENOENT", "File not found", target.text);
    if (node instanceof Folder) throw fail("EPERM", "Cannot hardlink to a directory");
  }
  during("link", undefined, () => parent.add(name, node));
}

function readLink(path) {
  const node = there(path, "readlink", false);
  if (!(node instanceof Link)) throw systemError("EINVAL", "readlink");
  return textOf(node.target);
}

function realPath(path) {
  const reached = [];
  const node = during("realpath", path.text, () => find(path.names, true, reached));
  if (node === undefined) throw systemError("ENOENT", "readlink", path.text);
  return textOf(reached);
}

// ---- moves and copies

// What is to be in the place of a node must be of its kind.
function checkReplaced(old, node, syscall) {
  if (old === undefined) return;
  if (old instanceof Folder) {
    if (!(node instanceof Folder)) throw systemError("EISDIR", syscall);
    if (old.entries.size > 0) throw systemError("ENOTEMPTY", syscall);
  } else if (node instanceof Folder) {
    throw systemError("ENOTDIR", syscall);
  }
}

function rename(from, to) {
  const syscall = "rename";
  const target = place(to, syscall);
  const source = changeable(from, syscall);
  const node = source.parent.entries.get(source.name);
  if (node === undefined) throw systemError("ENOENT", syscall, from.text);
  if (to.text.startsWith(`${from.text}/`)) throw systemError("EINVAL", syscall);
  const old = target.parent.entries.get(target.name);
  if (old === node) return;
  checkReplaced(old, node, syscall);
  during(syscall, undefined, () => target.parent.replace(target.name, node));
  source.parent.remove(source.name);
}

function copyFile(from, to) {
  const syscall = "copy";
  const { parent, name } = place(to, syscall);
  const node = look(from, syscall);
  if (node === undefined) throw systemError("ENOENT", syscall, from.text);
  if (node instanceof Folder) throw systemError("EISDIR", syscall);
  const old = look(to, syscall);
  if (old === node) return;
  if (old instanceof Folder) throw systemError("EISDIR", syscall);
  during(syscall, undefined, () => old === undefined ? parent.add(name, node.copy()) : old.writeAll(node.readAll()));
}

// ---- whole files

function readWhole(path) {
  const node = there(path, "readAll");
  if (node instanceof Folder) throw systemError("EISDIR", "readAll");
  return node.readAll();
}

function writeWhole(path, bytes, { append, exclusive }) {
  const syscall = "writeAll";
  const node = look(path, syscall);
  if (node === undefined) {
    const { parent, name } = changeable(path, syscall);
    const target = parent.entries.get(name);
    // A link to what is not there yet.
    if (target instanceof Link) return writeWhole({ names: target.target, text: textOf(target.target) }, bytes, {});
    const file = new File();
    during(syscall, undefined, () => file.writeAll(bytes));
    parent.add(name, file);
    return bytes.length;
  }
  if (exclusive) throw systemError("EEXIST", syscall, undefined, "file already exists");
  if (node instanceof Folder) throw systemError("EISDIR", syscall);
  if (!node.isWritable) throw systemError("EPERM", syscall);
  return during(syscall, undefined, () => append ? node.write(node.length, bytes) : node.writeAll(bytes));
}

function changeLength(path, length) {
  const node = look(path, "ftruncate");
  if (node === undefined) throw systemError("ENOENT", "ftruncate", path.text);
  if (node instanceof Folder) throw systemError("EISDIR", "ftruncate");
  during("ftruncate", undefined, () => node.resize(length));
}

function changeTime(path, time, follow) {
  const node = look(path, "futimes", follow);
  if (node === undefined) throw systemError("ENOENT", "utimes", path.text);
  if (node instanceof File && node.isWritable) node.modified = time;
}

function changeDirectory(path) {
  const node = during("chdir", path.text, () => enter(path));
  if (node === undefined) throw systemError("ENOENT", "chdir", path.text);
  if (!(node instanceof Folder)) throw systemError("ENOTDIR", "chdir", path.text);
}

return {
  changeable, changeDirectory, changeLength, changeTime, copyFile, link, list, look, makeFolder, makeUniqueFolder,
  readLink, readWhole, realPath, remove, rename, there, unlink, writeWhole,
};
})();
