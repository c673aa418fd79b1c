// FileHandle of `node:fs/promises`.

(function () {
const { core } = __bootstrap;
const { default: EventEmitter } = core.loadExtScript("ext:node_compat/events.js");
const { operations } = core.loadExtScript("ext:cellhouse_runtime/node_fs_operations.js");
const { systemError } = core.loadExtScript("ext:cellhouse_runtime/node_fs_errors.js");
const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");
const { validateBoolean, validateObject } = core.loadExtScript("ext:deno_node/internal/validators.js");

const KEY = Symbol("construct");
const CHUNK = 16384;
// Streams hold a handle open; it is closed by whoever closes it first.
const kRef = Symbol("ref");
const kUnref = Symbol("unref");

const streams = () => core.loadExtScript("ext:deno_node/internal/fs/streams.js");

let isHandle;

class FileHandle extends EventEmitter {
  #fd;

  constructor(key, fd) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    super();
    this.#fd = fd;
  }

  static {
    isHandle = (value) => #fd in value;
  }

  get fd() {
    return this.#fd;
  }

  #open() {
    if (this.#fd === undefined) throw systemError("EBADF", "stat", undefined, "Bad file descriptor");
    return this.#fd;
  }

  async appendFile(data, options) {
    operations.appendFile(this.#open(), data, options)();
  }

  async chmod(mode) {
    operations.fchmod(this.#open(), mode)();
  }

  async chown(user, group) {
    operations.fchown(this.#open(), user, group)();
  }

  async datasync() {
    operations.fdatasync(this.#open())();
  }

  async sync() {
    operations.fsync(this.#open())();
  }

  async read(buffer = {}, offset = {}, length = undefined, position = null) {
    const fd = this.#open();
    let options = { offset, length, position };
    if (!ArrayBuffer.isView(buffer)) options = buffer ?? {};
    else if (typeof offset === "object" && offset !== null) options = offset;
    const into = ArrayBuffer.isView(buffer) ? buffer : options.buffer ?? Buffer.alloc(CHUNK);
    const how = { offset: options.offset ?? 0, length: options.length ?? undefined, position: options.position ?? null };
    return { bytesRead: operations.read(fd, into, how)(), buffer: into };
  }

  async readv(buffers, position = null) {
    return { bytesRead: operations.readv(this.#open(), buffers, position)(), buffers };
  }

  async readFile(options) {
    return operations.readFile(this.#open(), options)();
  }

  readLines() {
    this.#open();
    throw new Error("not implemented");
  }

  async stat(options) {
    return operations.fstat(this.#open(), options)();
  }

  async truncate(length) {
    operations.ftruncate(this.#open(), length)();
  }

  async utimes(accessed, modified) {
    operations.futimes(this.#open(), accessed, modified)();
  }

  async write(data, offset = null, length = undefined, position = null) {
    const fd = this.#open();
    const bytesWritten = operations.write(fd, data, offset, length, position)();
    return { bytesWritten, buffer: typeof data === "string" ? Buffer.from(data, length) : data };
  }

  async writev(buffers, position = null) {
    return { bytesWritten: operations.writev(this.#open(), buffers, position)(), buffers };
  }

  async writeFile(data, options) {
    const bytesWritten = operations.writeFile(this.#open(), data, options)();
    return { bytesWritten, buffer: ArrayBuffer.isView(data) ? data : Buffer.from(data) };
  }

  async close() {
    if (this.#fd === undefined) return;
    operations.close(this.#fd)();
    this.#fd = undefined;
    this.emit("close");
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  [kRef]() {}

  [kUnref]() {}

  readableWebStream(options = {}) {
    this.#open();
    validateObject(options, "options");
    const { autoClose = true } = options;
    validateBoolean(autoClose, "options.autoClose");
    const done = async () => {
      if (autoClose) await this.close();
    };
    return new ReadableStream({
      type: "bytes",
      autoAllocateChunkSize: CHUNK,
      pull: async (controller) => {
        const request = controller.byobRequest;
        const { view } = request;
        const count = operations.read(this.#open(), view)();
        if (count === 0) {
          controller.close();
          await done();
        }
        request.respond(count);
      },
      cancel: done,
    });
  }

  createReadStream(options = {}) {
    return new (streams().ReadStream)("", { ...options, fd: this });
  }

  createWriteStream(options = {}) {
    return new (streams().WriteStream)("", { ...options, fd: this });
  }
}

return { FileHandle, handleOf: (fd) => new FileHandle(KEY, fd), isHandle, kRef, kUnref };
})();
