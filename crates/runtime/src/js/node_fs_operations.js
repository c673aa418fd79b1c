// The calls of `node:fs`, each in two steps: a call checks its arguments and gives a function that does the rest.
// Of these the forms that wait, that call back and that give promises are made: node_fs.js, node_fs_promises.js.

(function () {
const { core } = __bootstrap;
const load = (name) => core.loadExtScript(`ext:cellhouse_runtime/node_fs_${name}.js`);
const {
  booleansOf, checkOwner, checkRetries, checkViews, contentOf, descriptor, encodingOf, howToOpen, optionsOf, place,
  positionOf, readArguments, text, textOfPath, timeOf, writeArguments,
} = load("arguments");
const paths = load("paths");
const files = load("descriptors");
const { Dir, direntOf, statsOf } = load("stats");
const { systemError, unsupported } = load("errors");
const { codes } = core.loadExtScript("ext:deno_node/internal/error_codes.js");
const {
  parseFileMode, validateInteger, validateObject, validateOneOf, validateString, validateUint32,
} = core.loadExtScript("ext:deno_node/internal/validators.js");
const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");

const COPY_EXCLUSIVE = 1;
const COPY_CLONE = 2;
const COPY_ONLY_CLONE = 4;
const MAY_WRITE = 2;
const MAY_RUN = 1;

const missing = (path, syscall) => systemError("ENOENT", syscall, path.text);
const bufferOf = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// ---- what changes nothing, as files have no owner and no modes

function present(path, syscall, follow) {
  return () => {
    if (paths.look(path, "stat", follow) === undefined) throw missing(path, syscall);
  };
}

const chmod = (syscall, follow) => (path, mode) => {
  parseFileMode(mode, "mode");
  return present(place(path), syscall, follow);
};

const chown = (syscall, follow) => (path, user, group) => {
  checkOwner(user, group);
  return present(place(path), syscall, follow);
};

const isOpen = (number, syscall) => () => void files.nodeAt(number, syscall);

// ---- what is told of files

const stat = (syscall, follow) => (path, options = {}) => {
  validateObject(options, "options");
  const { bigint, throwIfNoEntry } = booleansOf(options, { bigint: false, throwIfNoEntry: true });
  const at = place(path);
  return () => {
    const node = paths.look(at, "stat", follow);
    if (node !== undefined) return statsOf(node, bigint);
    if (throwIfNoEntry) throw missing(at, syscall);
    return undefined;
  };
};

function fstat(fd, options = {}) {
  validateObject(options, "options");
  const { bigint } = booleansOf(options, { bigint: false });
  if (typeof fd !== "number") throw new codes.ERR_INVALID_ARG_TYPE("fd", "number", fd);
  const number = descriptor(fd);
  return () => statsOf(files.nodeAt(number, "fstat"), bigint);
}

function statfs(path, options = {}) {
  place(path);
  validateObject(options, "options");
  const { bigint } = booleansOf(options, { bigint: false });
  const names = ["type", "bsize", "blocks", "bfree", "bavail", "files", "ffree"];
  return () => Object.fromEntries(names.map((name) => [name, bigint ? 0n : 0]));
}

function access(path, mode = 0) {
  const at = place(path);
  validateInteger(mode ?? 0, "mode", 0, 7);
  return () => {
    const node = (mode & MAY_RUN) === 0 ? paths.look(at, "stat") : undefined;
    if (node === undefined || ((mode & MAY_WRITE) !== 0 && !node.isWritable)) throw missing(at, "access");
  };
}

function readdir(path, options) {
  const given = optionsOf(options);
  const encoding = encodingOf(given);
  const { withFileTypes, recursive } = booleansOf(given, { withFileTypes: false, recursive: false });
  const at = place(path);
  return () => {
    const entries = paths.list(at, recursive);
    return entries.map((entry) => withFileTypes ? direntOf(entry, encoding) : text(entry.relative, encoding));
  };
}

function opendir(path, options = {}) {
  validateObject(options, "options");
  const encoding = encodingOf(options);
  validateUint32(options.bufferSize ?? 32, "options.bufferSize");
  const { recursive } = booleansOf(options, { recursive: false });
  const at = place(path);
  return () => new Dir(paths.list(at, recursive), path, { encoding });
}

const linkText = (read) => (path, options) => {
  const encoding = encodingOf(optionsOf(options));
  const at = place(path);
  return () => text(read(at), encoding);
};

// ---- whole files

function readFile(file, options) {
  const given = optionsOf(options);
  const { encoding = null, flag = "r" } = given;
  if (encoding !== null) encodingOf({ encoding });
  howToOpen(flag);
  const from = typeof file === "number" ? descriptor(file) : place(file);
  return () => {
    const bytes = bufferOf(typeof from === "number" ? files.readRest(from) : paths.readWhole(from));
    return encoding === null || encoding === "buffer" ? bytes : bytes.toString(encoding);
  };
}

const writeFile = (usualFlag) => (file, data, options) => {
  const to = typeof file === "number" ? descriptor(file) : place(file);
  const { bytes, how } = contentOf(data, options, usualFlag);
  return () => typeof to === "number" ? files.writeOver(to, bytes, how) : paths.writeWhole(to, bytes, how);
};

function copyFile(from, to, mode = 0) {
  const [source, target] = [place(from), place(to)];
  validateOneOf(mode, "mode", [0, COPY_EXCLUSIVE, COPY_ONLY_CLONE, COPY_CLONE]);
  if (mode & COPY_ONLY_CLONE) throw unsupported();
  return () => {
    if (mode & COPY_EXCLUSIVE && paths.look(target, "copyFile") !== undefined) {
      throw systemError("EEXIST", "copyFile", target.text);
    }
    paths.copyFile(source, target);
  };
}

function cp(from, to, options = {}) {
  validateObject(options, "options");
  const how = booleansOf(options, {
    dereference: false, errorOnExist: false, force: true, preserveTimestamps: false, recursive: false,
    verbatimSymlinks: false,
  });
  const { mode = 0, filter } = options;
  validateUint32(mode, "options.mode");
  if (mode & COPY_ONLY_CLONE) {
    throw new codes.ERR_INVALID_ARG_VALUE("options.mode", "COPYFILE_FICLONE_FORCE is not supported");
  }
  if (filter !== undefined) {
    if (typeof filter !== "function") throw new codes.ERR_INVALID_ARG_TYPE("options.filter", "function", filter);
    throw unsupported();
  }
  const [source, target] = [place(from), place(to)];
  return () => load("copy").copy(source, target, how);
}

function openAsBlob(path, options = {}) {
  const at = place(path);
  validateObject(options, "options");
  const { type = "" } = options;
  validateString(type, "options.type");
  return () => {
    const node = paths.there(at, "open");
    if (node.type === "directory") throw systemError("EISDIR", "open");
    return new Blob([node.readAll()], { type });
  };
}

// ---- folders

function mkdir(path, options = {}) {
  const given = typeof options === "number" || typeof options === "string" ? { mode: options } : options;
  validateObject(given, "options");
  const { recursive } = booleansOf(given, { recursive: false });
  parseFileMode(given.mode ?? 0o777, "mode");
  const at = place(path);
  return () => paths.makeFolder(at, recursive);
}

function mkdtemp(prefix, options) {
  const encoding = encodingOf(optionsOf(options));
  const at = place(prefix);
  // A prefix that ends with a slash is a folder, and the name is the random part alone.
  if (textOfPath(prefix).endsWith("/")) at.names.push("");
  return () => text(paths.makeUniqueFolder(at), encoding);
}

function rm(path, options = {}) {
  validateObject(options, "options");
  const { force, recursive } = booleansOf(options, { force: false, recursive: false });
  checkRetries(options);
  const at = place(path);
  return () => paths.remove(at, { force, recursive, onlyFolders: false });
}

function rmdir(path, options = {}) {
  validateObject(options, "options");
  checkRetries(options);
  const { recursive = false } = options;
  const at = place(path);
  return () => paths.remove(at, { force: false, recursive, onlyFolders: true });
}

// ---- links, names, times, lengths

function link(existing, path) {
  const [target, at] = [place(existing), place(path)];
  return () => paths.link(at, target, false);
}

function symlink(target, path, type = null) {
  validateOneOf(type, "type", ["dir", "file", "junction", null]);
  const [to, at] = [place(target), place(path)];
  return () => paths.link(at, to, true);
}

function unlink(path) {
  const at = place(path);
  return () => paths.unlink(at);
}

function rename(from, to) {
  const [source, target] = [place(from), place(to)];
  return () => paths.rename(source, target);
}

const utimes = (follow) => (path, accessed, modified) => {
  timeOf(accessed);
  const time = timeOf(modified);
  const at = place(path);
  return () => paths.changeTime(at, time, follow);
};

function truncate(path, length = 0) {
  validateUint32(length, "len");
  const at = place(path);
  return () => paths.changeLength(at, length);
}

// ---- open files

function open(path, flags = "r", mode = 0o666) {
  parseFileMode(mode, "mode", 0o666);
  const how = howToOpen(flags);
  const at = place(path);
  return () => files.open(at, how);
}

function close(fd) {
  const number = descriptor(fd);
  return () => files.close(number);
}

function read(...args) {
  const { number, bytes, position } = readArguments(...args);
  return () => bytes.length === 0 ? 0 : files.read(number, [bytes], position);
}

function write(...args) {
  const { number, bytes, position } = writeArguments(...args);
  return () => files.write(number, [bytes], position);
}

const vectors = (apply) => (fd, views, position = null) => {
  const number = descriptor(fd);
  checkViews(views);
  const at = positionOf(position);
  return () => views.length === 0 ? 0 : apply(number, views, at);
};

function ftruncate(fd, length = 0) {
  validateUint32(length, "len");
  const number = descriptor(fd);
  return () => files.truncate(number, length);
}

function futimes(fd, accessed, modified) {
  timeOf(accessed);
  const time = timeOf(modified);
  const number = descriptor(fd);
  return () => files.setTime(number, time);
}

function fchmod(fd, mode) {
  const number = descriptor(fd);
  parseFileMode(mode, "mode");
  return isOpen(number, "fstat");
}

function fchown(fd, user, group) {
  checkOwner(user, group);
  return isOpen(descriptor(fd), "fstat");
}

const sync = (fd) => isOpen(descriptor(fd), "fstat");

const glob = (pattern, options = {}) => load("glob").glob(pattern, options);

const operations = {
  access, appendFile: writeFile("a"), chmod: chmod("chmod", true), chown: chown("chown", true), close, copyFile, cp,
  fchmod, fchown, fdatasync: sync, fstat, fsync: sync, ftruncate, futimes, glob, lchmod: chmod("lchmod", false),
  lchown: chown("lchown", false), link, lstat: stat("lstat", false), lutimes: utimes(false), mkdir, mkdtemp, open,
  opendir, read, readdir, readFile, readlink: linkText(paths.readLink), readv: vectors(files.read),
  realpath: linkText(paths.realPath), rename, rm, rmdir, stat: stat("stat", true), statfs, symlink, truncate, unlink,
  utimes: utimes(true), write, writeFile: writeFile("w"), writev: vectors(files.write),
};

return { openAsBlob, operations };
})();
