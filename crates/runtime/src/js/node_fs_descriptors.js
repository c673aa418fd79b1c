// What `node:fs` does with open files: opens, reads, writes and closes them. Arguments have been checked.

(function () {
const { core } = __bootstrap;
const { addOpened, closeOpened, openedAt, textOf } = core.loadExtScript("ext:cellhouse_runtime/node_fs_tree.js");
const { File, Folder, Link } = core.loadExtScript("ext:cellhouse_runtime/node_fs_nodes.js");
const { during, systemError } = core.loadExtScript("ext:cellhouse_runtime/node_fs_errors.js");
const { changeable, look, makeFolder, there } = core.loadExtScript("ext:cellhouse_runtime/node_fs_paths.js");

// What a position may be; files are shorter.
const LAST_POSITION = 0xffffffff;

function make(path) {
  const names = path.names.slice(0, -1);
  // As in workerd, folders that are not there are made.
  if (look({ names }, "open") === undefined) makeFolder({ names, text: textOf(names) }, true);
  const { parent, name } = changeable(path, "open");
  const target = parent.entries.get(name);
  if (target instanceof Link) return make({ names: target.target, text: textOf(target.target) });
  const file = new File();
  during("open", undefined, () => parent.add(name, file));
  return file;
}

// `options`: { read, write, append, exclusive, create, truncate }.
function open(path, options) {
  let node = look(path, "open");
  if (node !== undefined && options.exclusive && options.create) throw systemError("EEXIST", "open");
  if (node === undefined) node = options.create ? make(path) : there(path, "open");
  if (options.write) {
    if (node instanceof Folder) throw systemError("EISDIR", "open");
    if (!node.isWritable) throw systemError("EPERM", "open");
    if (options.truncate && node instanceof File) node.resize(0);
  }
  return addOpened(node, options);
}

function opened(descriptor, syscall) {
  const found = openedAt(descriptor);
  if (found === undefined) throw systemError("EBADF", syscall);
  return found;
}

const nodeAt = (descriptor, syscall) => opened(descriptor, syscall).node;

function startOf(file, position, syscall) {
  const start = Number(position ?? file.position);
  if (start > LAST_POSITION || start < 0) throw systemError("EINVAL", syscall, undefined, "position out of range");
  return start;
}

// How many bytes were read, into one view after the other.
function read(descriptor, views, position) {
  const file = opened(descriptor, "read");
  if (!file.canRead) throw systemError("EBADF", "read");
  if (file.node instanceof Folder) throw systemError("EISDIR", "read");
  let at = startOf(file, position, "read");
  let total = 0;
  for (const view of views) {
    const bytes = bytesOf(view);
    const count = file.node.read(at, bytes);
    at += count;
    total += count;
    if (count < bytes.length) break;
  }
  if (position == null) file.position += total;
  return total;
}

function write(descriptor, views, position) {
  const file = opened(descriptor, "write");
  if (file.node instanceof Folder) throw systemError("EISDIR", "write");
  if (!file.canWrite) throw systemError("EBADF", "write");
  let at = file.append ? file.node.length : startOf(file, position, "write");
  let total = 0;
  for (const view of views) {
    const count = during("write", undefined, () => file.node.write(at, bytesOf(view)));
    at += count;
    total += count;
  }
  if (position == null && !file.append) file.position += total;
  return total;
}

// All that there is, whatever was read before.
function readRest(descriptor) {
  const file = opened(descriptor, "fread");
  if (!file.canRead || file.node instanceof Folder) throw systemError("EBADF", "fread");
  const bytes = file.node.readAll();
  file.position = file.node.length;
  return bytes;
}

function writeOver(descriptor, bytes, { append }) {
  const file = opened(descriptor, "fwrite");
  if (!file.canWrite || file.node instanceof Folder) throw systemError("EBADF", "fwrite");
  if (!file.node.isWritable) throw systemError("EPERM", "fwrite");
  const count = during("fwriteAll", undefined, () =>
    file.append || append ? file.node.write(file.node.length, bytes) : file.node.writeAll(bytes));
  file.position = file.node.length;
  return count;
}

function truncate(descriptor, length) {
  const node = nodeAt(descriptor, "ftruncate");
  if (node instanceof Folder) throw systemError("EISDIR", "ftruncate");
  during("ftruncate", undefined, () => node.resize(length));
}

function setTime(descriptor, time) {
  const node = nodeAt(descriptor, "futimes");
  if (node instanceof File && node.isWritable) node.modified = time;
}

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

return { bytesOf, close: closeOpened, nodeAt, open, read, readRest, setTime, truncate, write, writeOver };
})();
