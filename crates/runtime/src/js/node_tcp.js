// What node:net is written for: handles of TCP connections, as Node.js's own C++ has them, over Rust's connections.
// Only for clients: nothing listens. Also what else its script expects of the process.

(function () {
const { core } = __bootstrap;
const { op_tcp_connect, op_tcp_new, op_tcp_read, op_tcp_shutdown, op_tcp_start_tls, op_tcp_write } = core.ops;
const { codeMap } = core.loadExtScript("ext:deno_node/internal_binding/uv.js");
const { kArrayBufferOffset, kBytesWritten, kLastWriteWasAsync, streamBaseState } = core.loadExtScript(
  "ext:deno_node/internal_binding/stream_wrap.js",
);
const { ownerSymbol } = core.loadExtScript("ext:deno_node/internal/async_hooks.js");
const { validateNumber } = core.loadExtScript("ext:deno_node/internal/validators.js");
const { ERR_OUT_OF_RANGE } = core.loadExtScript("ext:deno_node/internal/errors.js");
const timers = core.loadExtScript("ext:cellhouse_runtime/node_timers.js");
const { nextTick } = core.loadExtScript("ext:cellhouse_runtime/node_next_tick.js");
const { eventId, lastEventId } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");

const READ_BYTES = 64 << 10;
// Of the most that a timer takes.
const LONGEST = 2 ** 31 - 1;
const EOF = codeMap.get("EOF");
const ECONNRESET = codeMap.get("ECONNRESET");
const ENOTSUP = codeMap.get("ENOTSUP");

let lastId = 1;

// "1.2.3.4:5" or "[::1]:5", into an object as Node.js's handles fill it.
function fill(out, text) {
  const at = text.lastIndexOf(":");
  const address = text.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  Object.assign(out, { address, family: address.includes(":") ? "IPv6" : "IPv4", port: Number(text.slice(at + 1)) });
  return 0;
}

// { code, text } of an error of Rust's.
function reason(error) {
  const [code, text] = `${error.message}`.split("\0");
  return text === undefined ? { code: "Error", text: code } : { code, text };
}

// One connection. Requests are told of their end by `oncomplete(status)`; a status below 0 is an errno.
class TCP {
  reading = false;
  onread = () => {};
  bytesRead = 0;
  bytesWritten = 0;
  writeQueueSize = 0;
  #rid;
  #ends = ["", ""];
  #isBusy = false;
  // What came while nobody read: bytes, or the number of an error.
  #held;
  #buffer;
  #userBuffer;
  #isClosed = false;
  #isEnded = false;

  getAsyncId() {
    return ++lastId;
  }

  getProviderType() {
    return 0;
  }

  ref() {}

  unref() {}

  hasRef() {
    return true;
  }

  // Connections wait for nothing to fill a packet, and the system looks after those that are idle.
  setNoDelay() {
    return 0;
  }

  setKeepAlive() {
    return 0;
  }

  bind() {
    return ENOTSUP;
  }

  bind6() {
    return ENOTSUP;
  }

  open() {
    return ENOTSUP;
  }

  listen() {
    return ENOTSUP;
  }

  getpeername(out) {
    return this.#ends[0] === "" ? codeMap.get("ENOTCONN") : fill(out, this.#ends[0]);
  }

  getsockname(out) {
    return this.#ends[1] === "" ? codeMap.get("ENOTCONN") : fill(out, this.#ends[1]);
  }

  // ---- connecting

  connect(request, address, port) {
    this.#rid = op_tcp_new(eventId() ?? lastEventId() ?? -1);
    this.#connect(request, address, port);
    return 0;
  }

  connect6(request, address, port) {
    return this.connect(request, address, port);
  }

  async #connect(request, address, port) {
    let status = 0;
    try {
      this.#ends = await op_tcp_connect(this.#rid, address, port, null);
      await this.established();
    } catch (error) {
      if (this.#isClosed) return;
      const { code, text } = reason(error);
      status = codeMap.get(code) ?? 0;
      if (status === 0) return this.broken(code, text);
    }
    if (!this.#isClosed || status !== 0) request.oncomplete?.(status, this, request, true, true);
  }

  // Called before the owner hears that it is connected.
  established() {}

  // An error that is none of the system's.
  broken(code, text) {
    const error = new Error(text);
    if (code !== "Error") error.code = code;
    this[ownerSymbol].destroy(error);
  }

  // Shakes hands on this connection, which is another one afterwards.
  async secure(options) {
    const plain = this.#rid;
    const secure = op_tcp_new(eventId() ?? lastEventId() ?? -1);
    this.#rid = secure;
    try {
      return await op_tcp_start_tls(plain, secure, options);
    } finally {
      core.tryClose(plain);
    }
  }

  // The same connection for another owner; this handle has none any more.
  take(from) {
    this.#rid = from.#rid;
    this.#ends = from.#ends;
    from.#rid = undefined;
    from.#isClosed = true;
  }

  // ---- reading

  useUserBuffer(buffer) {
    this.#userBuffer = buffer;
  }

  readStart() {
    this.reading = true;
    const held = this.#held;
    if (held !== undefined) {
      this.#held = undefined;
      nextTick(() => this.#give(held));
    } else if (!this.#isEnded) {
      this.#read();
    }
    return 0;
  }

  readStop() {
    this.reading = false;
    return 0;
  }

  async #read() {
    if (this.#isBusy || this.#isClosed || this.#rid === undefined) return;
    this.#isBusy = true;
    const rid = this.#rid;
    let got;
    try {
      const buffer = this.#userBuffer ?? (this.#buffer ??= new Uint8Array(READ_BYTES));
      const count = await op_tcp_read(rid, buffer);
      if (count === 0) got = EOF;
      else if (this.#userBuffer === undefined) got = buffer.slice(0, count);
      else got = { count };
    } catch {
      got = ECONNRESET;
    } finally {
      this.#isBusy = false;
    }
    // Who has taken the connection over reads it from its start.
    if (this.#isClosed || this.#rid !== rid) return;
    this.#isEnded = typeof got === "number";
    this.#give(got);
  }

  #give(got) {
    if (this.#isClosed) return;
    if (!this.reading) {
      this.#held = got;
      return;
    }
    if (typeof got === "number") {
      this.onread(undefined, got);
      return;
    }
    const count = got.count ?? got.byteLength;
    this.bytesRead += count;
    streamBaseState[kArrayBufferOffset] = 0;
    this.onread(got.count === undefined ? got.buffer : this.#userBuffer, count);
    if (this.reading) this.#read();
  }

  // ---- writing

  writeBuffer(request, bytes) {
    streamBaseState[kBytesWritten] = bytes.byteLength;
    streamBaseState[kLastWriteWasAsync] = 1;
    this.writeQueueSize += bytes.byteLength;
    this.#write(request, bytes);
    return 0;
  }

  writev(request, chunks, allBuffers) {
    const parts = [];
    if (allBuffers) parts.push(...chunks);
    else for (let i = 0; i < chunks.length; i += 2) parts.push(Buffer.from(chunks[i], chunks[i + 1]));
    return this.writeBuffer(request, Buffer.concat(parts));
  }

  writeUtf8String(request, text) {
    return this.writeBuffer(request, Buffer.from(text, "utf8"));
  }

  writeAsciiString(request, text) {
    return this.writeBuffer(request, Buffer.from(text, "latin1"));
  }

  writeLatin1String(request, text) {
    return this.writeBuffer(request, Buffer.from(text, "latin1"));
  }

  writeUcs2String(request, text) {
    return this.writeBuffer(request, Buffer.from(text, "utf16le"));
  }

  async #write(request, bytes) {
    let status = 0;
    try {
      if (bytes.byteLength > 0) await op_tcp_write(this.#rid, bytes);
      this.bytesWritten += bytes.byteLength;
    } catch {
      status = this.#isClosed ? codeMap.get("ECANCELED") : codeMap.get("EPIPE");
    }
    this.writeQueueSize -= bytes.byteLength;
    request.oncomplete(status);
  }

  shutdown(request) {
    this.#shutdown(request);
    return 0;
  }

  async #shutdown(request) {
    try {
      await op_tcp_shutdown(this.#rid);
    } catch {
      // Whoever reads finds out.
    }
    request.oncomplete(0);
  }

  // ---- the end

  reset() {
    return 0;
  }

  close(callback) {
    if (!this.#isClosed) {
      this.#isClosed = true;
      if (this.#rid !== undefined) core.tryClose(this.#rid);
    }
    if (callback !== undefined) nextTick(callback);
  }
}

class TCPConnectWrap {}

// Connections within a machine, which apps do not have.
class Pipe {
  constructor() {
    const error = new TypeError("The property 'options.path' is not supported");
    error.code = "ERR_INVALID_ARG_VALUE";
    throw error;
  }
}

// ---- time limits of sockets

const kTimeout = Symbol("timeout");
const kDestroy = Symbol("destroy");

function getTimerDuration(milliseconds, name) {
  validateNumber(milliseconds, name);
  if (milliseconds < 0 || !Number.isFinite(milliseconds)) {
    throw new ERR_OUT_OF_RANGE(name, "a non-negative finite number", milliseconds);
  }
  return Math.min(milliseconds, LONGEST);
}

function setUnrefTimeout(callback, milliseconds) {
  const timer = timers.setTimeout(callback, milliseconds);
  timer[kDestroy] = () => timers.clearTimeout(timer);
  return timer;
}

const nothing = () => {};
return {
  TCP, TCPConnectWrap, Pipe,
  PipeConnectWrap: class PipeConnectWrap {},
  constants: { SOCKET: 0, SERVER: 1, UV_TCP_IPV6ONLY: 1 },
  setupListenWrap: nothing,
  HandleWrap: class HandleWrap {},
  registerActiveHandle: nothing, unregisterActiveHandle: nothing,
  getTimerDuration, kDestroy, kTimeout, reason, setUnrefTimeout,
};
})();
