// What `node:fs` tells of files: Stats, Dirent, Dir.

(function () {
const { core } = __bootstrap;
const { codes } = core.loadExtScript("ext:deno_node/internal/error_codes.js");
core.loadExtScript("ext:deno_node/internal/errors.js");
const { validateObject, validateString } = core.loadExtScript("ext:deno_node/internal/validators.js");
const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");

const KEY = Symbol("construct");
const KIND = 0o170000;
const KINDS = { socket: 0o140000, symlink: 0o120000, file: 0o100000, block: 0o060000, directory: 0o040000, character: 0o020000, fifo: 0o010000 };
const NANOSECONDS = 1_000_000;
// What no file here has.
const ABSENT = { uid: 0, gid: 0, rdev: 0, blksize: 0, blocks: 0 };

function modeOf(node) {
  return 0o444 | (node.isWritable ? 0o222 : 0) | KINDS[node.isDevice ? "character" : node.type];
}

class Stats {
  constructor(key, node, isBig) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    const number = isBig ? (value) => BigInt(value) : (value) => value;
    this.dev = number(Number(node.isDevice));
    this.ino = number(node.number);
    this.mode = number(modeOf(node));
    this.nlink = number(1);
    this.size = number(node.length);
    for (const [name, value] of Object.entries(ABSENT)) this[name] = number(value);
    const times = { atime: 0, mtime: node.modified, ctime: node.modified, birthtime: node.created };
    for (const [name, time] of Object.entries(times)) {
      this[`${name}Ms`] = number(time);
      if (isBig) this[`${name}Ns`] = BigInt(time * NANOSECONDS);
      this[name] = new Date(time);
    }
  }

  #is(kind) {
    return (Number(this.mode) & KIND) === KINDS[kind];
  }

  isBlockDevice() {
    return this.#is("block");
  }

  isCharacterDevice() {
    return this.#is("character");
  }

  isDirectory() {
    return this.#is("directory");
  }

  isFIFO() {
    return this.#is("fifo");
  }

  isFile() {
    return this.#is("file");
  }

  isSocket() {
    return this.#is("socket");
  }

  isSymbolicLink() {
    return this.#is("symlink");
  }
}

const statsOf = (node, isBig) => new Stats(KEY, node, isBig);

// As libuv numbers them.
const ENTRIES = { file: 1, directory: 2, symlink: 3, fifo: 4, socket: 5, character: 6, block: 7 };

class Dirent {
  #type;

  constructor(name, type, path) {
    this.name = name;
    this.parentPath = path;
    this.#type = type;
  }

  isDirectory() {
    return this.#type === ENTRIES.directory;
  }

  isFile() {
    return this.#type === ENTRIES.file;
  }

  isBlockDevice() {
    return this.#type === ENTRIES.block;
  }

  isCharacterDevice() {
    return this.#type === ENTRIES.character;
  }

  isSymbolicLink() {
    return this.#type === ENTRIES.symlink;
  }

  isFIFO() {
    return this.#type === ENTRIES.fifo;
  }

  isSocket() {
    return this.#type === ENTRIES.socket;
  }
}

function named(name, encoding) {
  if (encoding === "utf8") return name;
  return encoding === "buffer" ? Buffer.from(name) : Buffer.from(name).toString(encoding);
}

// Of an entry of `list()`.
function direntOf({ name, node, parentPath }, encoding = "utf8") {
  return new Dirent(named(name, encoding), ENTRIES[node.isDevice ? "character" : node.type], parentPath);
}

class Dir {
  #entries;
  #encoding;
  #path;

  constructor(entries, path, options) {
    if (entries == null) throw new codes.ERR_MISSING_ARGS("handle");
    this.#entries = entries;
    this.#path = path;
    validateObject(options, "options");
    const { encoding = "utf8" } = options;
    validateString(encoding, "options.encoding");
    this.#encoding = encoding;
  }

  get path() {
    return this.#path;
  }

  readSync() {
    if (this.#entries === undefined) throw closed();
    const entry = this.#entries.shift();
    return entry === undefined ? null : direntOf(entry, this.#encoding);
  }

  read(callback) {
    if (typeof callback !== "function") return new Promise((done) => done(this.readSync()));
    let entry = null;
    let error = null;
    try {
      entry = this.readSync();
    } catch (thrown) {
      error = thrown;
    }
    queueMicrotask(() => callback(error, entry));
    return undefined;
  }

  closeSync() {
    if (this.#entries === undefined) throw closed();
    this.#entries = undefined;
  }

  close(callback) {
    this.closeSync();
    if (typeof callback !== "function") return Promise.resolve();
    queueMicrotask(() => callback(null));
    return undefined;
  }

  async *entries() {
    for (let entry; (entry = await this.read()) !== null;) yield entry;
  }

  [Symbol.asyncIterator]() {
    return this.entries();
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  [Symbol.dispose]() {
    this.closeSync();
  }
}

function closed() {
  const error = new Error("Directory is closed");
  error.code = "ERR_DIR_CLOSED";
  return error;
}

return { Dir, Dirent, direntOf, Stats, statsOf };
})();
