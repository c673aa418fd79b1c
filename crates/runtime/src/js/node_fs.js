// `node:fs`: files in memory, as Workers have them. Each operation in the form that waits and in the one that calls
// back; streams are Deno's, over these.

(function () {
const { core } = __bootstrap;
const { openAsBlob, operations } = core.loadExtScript("ext:cellhouse_runtime/node_fs_operations.js");
const { default: promises } = core.loadExtScript("ext:cellhouse_runtime/node_fs_promises.js");
const { unsupported } = core.loadExtScript("ext:cellhouse_runtime/node_fs_errors.js");
const { Dir, Dirent, Stats } = core.loadExtScript("ext:cellhouse_runtime/node_fs_stats.js");
const { lazyClass } = core.loadExtScript("ext:cellhouse_runtime/node_fs_lazy.js");
const host = core.loadExtScript("ext:cellhouse_runtime/node_host.js");
const { codes } = core.loadExtScript("ext:deno_node/internal/error_codes.js");
const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");
const custom = Symbol.for("nodejs.util.promisify.custom");

// What may be called without a callback.
const QUIET = new Set(["close", "fsync"]);
// What hands the buffers back too.
const WITH_BUFFERS = { read: "buffer", readv: "buffers", write: "buffer", writev: "buffers" };
// What may have no result, and says so.
const MAYBE = new Set(["lstat", "mkdir", "stat"]);
const CHUNK = 16384;

const named = (call, name) => Object.defineProperty(call, "name", { value: name });

// Arguments are checked before the call returns, and what comes of it is told after that.
function callLater(prepare, callback, more = [], isMaybe = false) {
  if (typeof callback !== "function") throw new codes.ERR_INVALID_ARG_TYPE("callback", ["function"], callback);
  const run = prepare();
  let answer;
  try {
    const result = run();
    answer = result === undefined && !isMaybe ? [null] : [null, result, ...more];
  } catch (error) {
    answer = [error];
  }
  queueMicrotask(() => callback(...answer));
}

// The arguments before the callback, and it.
function parted(args) {
  const at = args.findIndex((arg, index) => index > 0 && typeof arg === "function");
  return at < 0 ? [args, undefined] : [args.slice(0, at), args[at]];
}

function calledBack(name) {
  const operation = operations[name];
  return named((...args) => {
    const [given, callback] = parted(args);
    const last = callback ?? (QUIET.has(name) && given.length < 2 ? () => {} : undefined);
    // Which argument is wrong is said first of those before the callback.
    if (last === undefined) operation(...given);
    callLater(() => operation(...given), last, [], MAYBE.has(name));
  }, name);
}

// read(fd, options, callback) and read(fd, callback) too.
function bufferOf(name, given) {
  if (name !== "read" || ArrayBuffer.isView(given[1])) return given;
  const [fd, options = {}] = given;
  if (typeof options !== "object" || options === null) return given;
  const { buffer = Buffer.alloc(CHUNK), ...rest } = options;
  return [fd, buffer, rest];
}

function calledBackWithBuffers(name) {
  const operation = operations[name];
  const call = named((...args) => {
    const [given, callback] = parted(args);
    const actual = bufferOf(name, given);
    if (name === "write" && typeof actual[1] === "string") {
      // What is handed back is bytes.
      const [fd, text, position, encoding] = actual;
      const bytes = Buffer.from(text, encoding ?? "utf8");
      return callLater(() => operation(fd, bytes, { position: position ?? null }), callback, [bytes]);
    }
    return callLater(() => operation(...actual), callback, [actual[1]]);
  }, name);
  const property = name.startsWith("read") ? "bytesRead" : "bytesWritten";
  call[custom] = (...args) => new Promise((done, fail) => {
    call(...args, (error, count, buffers) =>
      error ? fail(error) : done({ [property]: count, [WITH_BUFFERS[name]]: buffers }));
  });
  return call;
}

const waiting = Object.fromEntries(
  Object.entries(operations).map(([name, operation]) =>
    [`${name}Sync`, named((...args) => operation(...args)(), `${name}Sync`)]),
);
const callbacks = Object.fromEntries(
  Object.keys(operations).map((name) =>
    [name, name in WITH_BUFFERS ? calledBackWithBuffers(name) : calledBack(name)]),
);
waiting.realpathSync.native = waiting.realpathSync;
callbacks.realpath.native = callbacks.realpath;

function existsSync(path) {
  try {
    operations.access(path)();
    return true;
  } catch {
    return false;
  }
}

function exists(path, callback) {
  queueMicrotask(() => callback(existsSync(path)));
}
exists[custom] = async (path) => existsSync(path);

function unwatchFile() {
  throw unsupported();
}

function watch() {
  throw unsupported();
}

function watchFile() {
  throw unsupported();
}

const streams = () => core.loadExtScript("ext:deno_node/internal/fs/streams.js");
const ReadStream = lazyClass(() => streams().ReadStream);
const WriteStream = lazyClass(() => streams().WriteStream);

const constants = host.fsConstants;
const { F_OK, R_OK, W_OK, X_OK } = constants;

const fs = {
  ...callbacks, ...waiting, constants, createReadStream: (path, options) => new (streams().ReadStream)(path, options),
  createWriteStream: (path, options) => new (streams().WriteStream)(path, options), Dir, Dirent, exists, existsSync, F_OK,
  FileReadStream: ReadStream, FileWriteStream: WriteStream, openAsBlob: (...args) => openAsBlob(...args)(), promises, R_OK,
  ReadStream, Stats, unwatchFile, W_OK, watch, watchFile, WriteStream, X_OK,
};

return { ...fs, default: fs };
})();
