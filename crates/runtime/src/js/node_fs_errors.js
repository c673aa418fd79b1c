// Errors of `node:fs`: Node.js's codes and fields, with workerd's words after the code, which programs look for there.

(function () {
const { core } = __bootstrap;
const { Refused } = core.loadExtScript("ext:cellhouse_runtime/node_fs_nodes.js");

// As Linux numbers them.
const CODES = {
  EBADF: [9, "bad file descriptor"],
  EEXIST: [17, "file already exists"],
  EFBIG: [27, "file too large"],
  EINVAL: [22, "invalid argument"],
  EISDIR: [21, "illegal operation on a directory"],
  ELOOP: [40, "too many symbolic links encountered"],
  EMFILE: [24, "too many open files"],
  ENAMETOOLONG: [36, "name too long"],
  ENOENT: [2, "no such file or directory"],
  ENOTDIR: [20, "not a directory"],
  ENOTEMPTY: [39, "directory not empty"],
  EPERM: [1, "operation not permitted"],
};

// `words` take the place of the code's.
function systemError(code, syscall, path, words) {
  const [number, usual] = CODES[code];
  const said = words ?? (path === undefined ? usual : `${usual}, ${syscall} '${path}'`);
  const error = new Error(`${code}: ${said}`);
  error.errno = -number;
  error.code = code;
  error.syscall = syscall;
  if (path !== undefined) error.path = path;
  return error;
}

// Runs something on nodes, whose refusals become errors of a call.
function during(syscall, path, run) {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refused) throw systemError(error.code, syscall, path, error.words);
    throw error;
  }
}

// One of Node.js's that the scripts of Deno do not have.
function codedError(code, message) {
  const error = new Error(message);
  error.code = code;
  return error;
}

const unsupported = () => codedError("ERR_UNSUPPORTED_OPERATION", "The requested operation is unsupported");

return { codedError, during, systemError, unsupported };
})();
