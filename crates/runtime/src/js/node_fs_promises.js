// `node:fs/promises`: the operations of node_fs_operations.js as promises, and FileHandle, which is loaded when it
// is used.

(function () {
const { core } = __bootstrap;
const { operations } = core.loadExtScript("ext:cellhouse_runtime/node_fs_operations.js");
const { lazyClass } = core.loadExtScript("ext:cellhouse_runtime/node_fs_lazy.js");
const host = core.loadExtScript("ext:cellhouse_runtime/node_host.js");

const HANDLES = "ext:cellhouse_runtime/node_fs_handle.js";
const NAMES = [
  "access", "appendFile", "chmod", "chown", "copyFile", "cp", "lchmod", "lchown", "link", "lstat", "lutimes", "mkdir",
  "mkdtemp", "opendir", "readdir", "readFile", "readlink", "realpath", "rename", "rm", "rmdir", "stat", "statfs",
  "symlink", "truncate", "unlink", "utimes", "writeFile",
];
// Whose number of bytes is not told.
const SILENT = new Set(["appendFile", "writeFile"]);

// The form of an operation that gives a promise; wrong arguments reject it.
function promised(name) {
  const operation = operations[name];
  const call = async (...args) => {
    const result = operation(...args)();
    return SILENT.has(name) ? undefined : result;
  };
  return Object.defineProperty(call, "name", { value: name });
}

const promises = Object.fromEntries(NAMES.map((name) => [name, promised(name)]));

// What writes to one file by its handle: readFile() and writeFile() take handles too.
for (const name of ["appendFile", "readFile", "writeFile"]) {
  const byPath = promises[name];
  promises[name] = {
    [name](file, ...rest) {
      const isHandle = typeof file === "object" && file !== null && core.loadExtScript(HANDLES).isHandle(file);
      return isHandle ? file[name](...rest) : byPath(file, ...rest);
    },
  }[name];
}

const more = {
  constants: host.fsConstants,
  FileHandle: lazyClass(() => core.loadExtScript(HANDLES).FileHandle),
  async *glob(pattern, options = {}) {
    yield* operations.glob(pattern, options)();
  },
  async open(path, flags, mode) {
    const fd = operations.open(path, flags, mode)();
    return core.loadExtScript(HANDLES).handleOf(fd);
  },
  watch() {
    throw new Error("Not implemented");
  },
};

const exports = { ...promises, ...more };
return { ...exports, default: { ...exports } };
})();
