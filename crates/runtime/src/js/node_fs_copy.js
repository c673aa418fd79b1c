// `cp()` of `node:fs`: copies files, folders and links, with workerd's errors.

(function () {
const { core } = __bootstrap;
const { children } = core.loadExtScript("ext:cellhouse_runtime/node_fs_tree.js");
const { Folder, Link } = core.loadExtScript("ext:cellhouse_runtime/node_fs_nodes.js");
const { look, makeFolder } = core.loadExtScript("ext:cellhouse_runtime/node_fs_paths.js");
const { codedError, during, systemError } = core.loadExtScript("ext:cellhouse_runtime/node_fs_errors.js");
const { find, textOf } = core.loadExtScript("ext:cellhouse_runtime/node_fs_tree.js");

const fail = (code, words, path) => systemError(code, "cp", path, words);
const exists = () => codedError("ERR_FS_CP_EEXIST", "File already exists");

// The folder of a path, which is made if it is not there.
function folderOf(path) {
  const names = path.names.slice(0, -1);
  const found = during("cp", undefined, () => find(names));
  if (found instanceof Folder) return found;
  if (found !== undefined) throw fail("ENOTDIR");
  makeFolder({ names, text: textOf(names) }, true);
  return find(names);
}

function put(node, path) {
  const folder = folderOf(path);
  during("cp", undefined, () => folder.replace(path.names.at(-1), node));
}

// ---- what is in a folder

const copyOf = (node) => node instanceof Link ? node : node.copy();

function copyEntry(name, node, target, options) {
  let old = target.entries.get(name);
  if (old instanceof Link && options.dereference) old = during("cp", undefined, () => find(old.target)) ?? old;
  if (old === undefined) return target.add(name, copyOf(node));
  if (old instanceof Folder) {
    throw fail("EISDIR", `Cannot copy ${node instanceof Link ? "link" : "file"} to directory: ${name}`);
  }
  if (old === node) return;
  if (options.force) target.replace(name, copyOf(node));
  else if (options.errorOnExist) throw fail("EEXIST", `Destination already exists: ${name}`);
}

function copyFolderEntry(name, folder, target, options) {
  let old = target.entries.get(name);
  if (old instanceof Link && options.dereference) old = during("cp", undefined, () => find(old.target)) ?? old;
  if (old instanceof Link) throw fail("EISDIR", `Cannot copy directory to symbolic link: ${name}`);
  if (old !== undefined && !(old instanceof Folder)) throw fail("ENOTDIR", `Cannot copy directory to file: ${name}`);
  if (old === undefined) target.add(name, old = new Folder(true));
  copyInto(folder, old, options);
}

function copyInto(source, target, options) {
  if (!target.isWritable) throw fail("EPERM", "Destination directory is not writable");
  if (source === target) throw fail("EINVAL", "Source and destination directories are the same");
  for (const [name, node] of children(source)) {
    if (node instanceof Folder) copyFolderEntry(name, node, target, options);
    else copyEntry(name, node, target, options);
  }
}

// ---- what a path names

function copyFolder(source, old, to, options) {
  if (!options.recursive) throw codedError("ERR_FS_EISDIR", "Expected a file but found a directory");
  if (old instanceof Link) throw fail("ENOTDIR");
  if (old !== undefined && !(old instanceof Folder)) {
    throw codedError("ERR_FS_CP_DIR_TO_NON_DIR", "Cannot copy directory to non-directory");
  }
  if (old === undefined) {
    folderOf(to);
    makeFolder(to, false);
    old = find(to.names);
  }
  during("cp", undefined, () => copyInto(source, old, options));
}

function copyOther(source, old, to, options) {
  if (old instanceof Folder) {
    if (source instanceof Link) throw fail("ENOTDIR");
    throw codedError("ERR_FS_CP_NON_DIR_TO_DIR", "Cannot copy non-directory to directory");
  }
  if (old === source) return;
  if (old === undefined || options.force) put(copyOf(source), to);
  else if (options.errorOnExist) throw exists();
}

function copy(from, to, options) {
  if (from.text === to.text) throw new Error("Source and destination paths must not be the same");
  if (to.text.startsWith(from.text === "/" ? "/" : `${from.text}/`)) {
    throw codedError("ERR_FS_CP_EINVAL", `Cannot copy '${from.text}' to a subdirectory of itself, '${to.text}'`);
  }
  const source = look(from, "cp", options.dereference);
  const old = look(to, "cp", options.dereference);
  if (source === undefined) throw fail("ENOENT", undefined, from.text);
  if (source instanceof Folder) copyFolder(source, old, to, options);
  else copyOther(source, old, to, options);
}

return { copy };
})();
