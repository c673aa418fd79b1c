// What the file system of `node:fs` is made of: files, folders and links in memory, devices, and the standard
// streams, whose lines go to the console. Knows no paths and no events; nothing here reaches a file of the machine.

(function () {
const { core } = __bootstrap;

// workerd's limit for one file.
const MOST_BYTES = 128 * 1024 * 1024;
const NONE = new Uint8Array(0);
// What a line of the standard streams may have before its end is known; workerd's.
const LONGEST_LINE = 4096;

// What operations on nodes say when they cannot: a code of Node.js's, and other words than the code's.
class Refused extends Error {
  constructor(code, words) {
    super(words ?? code);
    this.code = code;
    this.words = words;
  }
}

const tooLarge = () => new Refused("EPERM", "File size limit exceeded");

// Programs tell files apart by it.
let lastNumber = 0;

class Node {
  number = ++lastNumber;
}

// A file of `/tmp`, or, with `load`, one of the app's, which nobody changes and which is read when it is asked for.
class File extends Node {
  type = "file";
  isDevice = false;
  #bytes = NONE;
  #load;
  length = 0;
  created = 0;
  modified = 0;

  constructor(length, load) {
    super();
    this.#load = load;
    if (load === undefined) this.created = this.modified = Date.now();
    else this.length = length;
  }

  get isWritable() {
    return this.#load === undefined;
  }

  #all() {
    if (this.#load !== undefined && this.#bytes.length !== this.length) this.#bytes = this.#load();
    return this.#bytes;
  }

  // How many bytes were there.
  read(position, into) {
    if (position >= this.length) return 0;
    const part = this.#all().subarray(position, Math.min(this.length, position + into.length));
    into.set(part);
    return part.length;
  }

  readAll() {
    return this.#all().slice(0, this.length);
  }

  write(position, bytes) {
    const end = position + bytes.length;
    if (end > MOST_BYTES) throw tooLarge();
    if (end > this.length) this.resize(end);
    this.#bytes.set(bytes, position);
    this.modified = Date.now();
    return bytes.length;
  }

  resize(length) {
    if (!this.isWritable) throw new Refused("EPERM");
    if (length > MOST_BYTES) throw tooLarge();
    if (length > this.#bytes.length) {
      // Half as much again, so that many small writes do not copy everything each time.
      const room = this.#bytes.length === 0 ? length : Math.max(length, Math.min(MOST_BYTES, this.#bytes.length * 1.5 | 0));
      const grown = new Uint8Array(room);
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    } else if (length < this.length) {
      this.#bytes.fill(0, length, this.length);
    }
    this.length = length;
    this.modified = Date.now();
  }

  writeAll(bytes) {
    if (!this.isWritable) throw new Refused("EPERM");
    if (bytes.length > MOST_BYTES) throw tooLarge();
    this.#bytes = bytes.slice();
    this.length = bytes.length;
    this.modified = Date.now();
    return bytes.length;
  }

  copy() {
    const copy = new File();
    copy.writeAll(this.readAll());
    return copy;
  }
}

// `fill` writes what is read; `isFull` devices take nothing.
class Device extends Node {
  type = "file";
  isDevice = true;
  isWritable = true;
  length = 0;
  created = 0;
  #fill;
  #isFull;

  constructor(fill, isFull = false) {
    super();
    this.#fill = fill;
    this.#isFull = isFull;
  }

  get modified() {
    return 0;
  }

  set modified(_time) {}

  read(_position, into) {
    return this.#fill(into);
  }

  readAll() {
    return new Uint8Array(0);
  }

  write(_position, bytes) {
    this.resize();
    return bytes.length;
  }

  writeAll(bytes) {
    return this.write(0, bytes);
  }

  resize() {
    if (this.#isFull) throw new Refused("EPERM");
  }

  copy() {
    return this;
  }
}

function zeros(into) {
  into.fill(0);
  return into.length;
}

function random(into) {
  const { crypto } = core.loadExtScript("ext:cellhouse_runtime/crypto.js");
  const MOST = 65536;
  for (let at = 0; at < into.length; at += MOST) {
    crypto.getRandomValues(new Uint8Array(into.buffer, into.byteOffset + at, Math.min(MOST, into.length - at)));
  }
  return into.length;
}

class Link extends Node {
  type = "symlink";
  isDevice = false;
  isWritable = false;
  length = 0;
  created = 0;
  modified = 0;

  // Names from the root on.
  constructor(target) {
    super();
    this.target = target;
  }
}

class Folder extends Node {
  type = "directory";
  isDevice = false;
  length = 0;
  entries = new Map();
  created = 0;
  modified = 0;

  constructor(isWritable = false) {
    super();
    this.isWritable = isWritable;
    if (isWritable) this.created = this.modified = Date.now();
  }

  #change() {
    if (!this.isWritable) throw new Refused("EPERM");
    this.modified = Date.now();
  }

  add(name, node) {
    this.#change();
    if (this.entries.has(name)) throw new Refused("EEXIST");
    this.entries.set(name, node);
  }

  // What has a name is no more, and the new one is.
  replace(name, node) {
    this.#change();
    this.entries.set(name, node);
  }

  remove(name) {
    this.#change();
    return this.entries.delete(name);
  }
}

// ---- the standard streams

// Lines as they come; what has no end of line goes with the end of the turn.
class Standard extends Device {
  isDevice = false;
  #method;
  #rest = NONE;

  constructor(method) {
    super(() => 0);
    this.#method = method;
  }

  write(_position, bytes) {
    if (this.#method === undefined) return bytes.length;
    const isWaiting = this.#rest.length > 0;
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    let start = 0;
    for (let end; (end = all.indexOf(10, start)) >= 0; start = end + 1) this.#print(all.subarray(start, end));
    this.#rest = all.slice(Math.max(start, all.length - LONGEST_LINE));
    if (!isWaiting && this.#rest.length > 0) queueMicrotask(() => this.#flush());
    return bytes.length;
  }

  #flush() {
    const rest = this.#rest;
    this.#rest = NONE;
    if (rest.length > 0) this.#print(rest);
  }

  #print(bytes) {
    globalThis.console[this.#method](core.decode(bytes));
  }
}

const standard = [new Standard(), new Standard("log"), new Standard("error")];

function devices() {
  const folder = new Folder();
  folder.entries.set("null", new Device(() => 0));
  folder.entries.set("zero", new Device(zeros));
  folder.entries.set("full", new Device(zeros, true));
  folder.entries.set("random", new Device(random));
  return folder;
}

return { devices, File, Folder, Link, Refused, standard };
})();
