// The module "cloudflare:sockets": TCP connections to other servers, with and without TLS. Bytes and handshakes are
// Rust's; this owns the streams, and when which promise is settled. node:net does not go through it.

(function () {
const { core } = __bootstrap;
const { op_tcp_connect, op_tcp_new, op_tcp_read, op_tcp_shutdown, op_tcp_start_tls, op_tcp_write } = core.ops;
const { brand } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { TextEncoder } = core.loadExtScript("ext:deno_web/08_text_encoding.js");
const { createReadableByteStream, WritableStream } = core.loadExtScript("ext:deno_web/06_streams.js");
const { asBytes } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { currentContext, eventId, lastEventId } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { address, socketOptions } = core.loadExtScript("ext:cellhouse_runtime/sockets_arguments.js");

const KEY = Symbol("construct");
// What is asked for at once by a reader that brings no buffer.
const READ_BYTES = 16 << 10;

const OUT_OF_PLACE =
  "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a " +
  "timeout, and generating random values are not allowed within global scope. To fix this error, perform this " +
  "operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/";
const CANNOT_CONNECT = "proxy request failed, cannot connect to the specified address";
const USE_FETCH =
  ". It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead";

const writeClosed = () => new TypeError("This WritableStream has been closed.");
const readClosing = () => new TypeError("This ReadableStream belongs to an object that is closing.");

// A promise that nobody has to wait for.
function quiet(promise) {
  promise.catch(() => {});
  return promise;
}

// Whose the connection is: the running event's.
function newConnection() {
  if (currentContext() === undefined) throw new Error(OUT_OF_PLACE);
  return op_tcp_new(eventId() ?? lastEventId() ?? -1);
}

// ---- the two streams

// The bytes that come. `hooks`: { opened, ended } of the socket.
class Incoming {
  #rid;
  #hooks;
  #controller;
  #buffer;
  #isReading = false;
  #isOver = false;

  constructor(rid, hooks) {
    this.#rid = rid;
    this.#hooks = hooks;
    this.stream = createReadableByteStream(
      (controller) => {
        this.#controller = controller;
      },
      () => this.#pull(),
      async () => {
        this.#isOver = true;
      },
    );
  }

  async #pull() {
    this.#isReading = true;
    try {
      await this.#hooks.opened;
      if (this.#isOver) return;
      const view = this.#controller.byobRequest?.view ?? (this.#buffer ??= new Uint8Array(READ_BYTES));
      this.#take(await op_tcp_read(this.#rid, view));
    } catch (error) {
      this.fail(error);
    } finally {
      this.#isReading = false;
    }
  }

  #take(count) {
    if (this.#isOver) return;
    const request = this.#controller.byobRequest;
    if (count === 0) {
      this.#close();
      this.#hooks.ended();
    } else if (request !== null) {
      request.respond(count);
    } else {
      this.#controller.enqueue(this.#buffer.slice(0, count));
    }
  }

  #close() {
    this.#isOver = true;
    this.#buffer = undefined;
    this.#controller.close();
    this.#controller.byobRequest?.respond(0);
  }

  fail(error) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#buffer = undefined;
    this.#controller.error(error);
  }

  // Nothing more will come: who reads at the moment is told so, others find the end.
  cancel() {
    if (this.#isOver) return;
    if (this.#isReading) this.fail(new Error("Stream was cancelled."));
    else this.#close();
  }

  // As with cancel(), but others find an error.
  stop(error) {
    this.fail(this.#isReading ? new Error("Stream was cancelled.") : error);
  }
}

// The bytes that go.
class Outgoing {
  #rid;
  #opened;
  #controller;
  // Chunks that were given to the stream and are not written yet.
  #waiting = 0;
  #whenWritten = [];
  // No more is to be written.
  isOver = false;

  constructor(rid, opened, highWaterMark) {
    this.#rid = rid;
    this.#opened = opened;
    const size = (chunk) => {
      this.#waiting++;
      if (highWaterMark === undefined) return 1;
      return typeof chunk === "string" ? chunk.length : chunk?.byteLength ?? 1;
    };
    this.stream = new WritableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#end(),
      abort: () => this.#end(),
    }, { highWaterMark: highWaterMark ?? 1, size });
  }

  async #write(chunk) {
    try {
      const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : asBytes(chunk);
      if (bytes === undefined) throw new TypeError("This WritableStream only supports writing byte types.");
      await this.#opened;
      if (bytes.byteLength > 0) await op_tcp_write(this.#rid, bytes);
    } finally {
      this.#written();
    }
  }

  #written() {
    if (--this.#waiting > 0) return;
    for (const resolve of this.#whenWritten.splice(0)) resolve();
  }

  async #end() {
    this.isOver = true;
    await this.#opened;
    await op_tcp_shutdown(this.#rid);
  }

  // Settled once what was given so far is written, or has failed.
  flushed() {
    if (this.#waiting === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenWritten.push(resolve));
  }

  // Writes what waits, and then tells the peer that this was all.
  async finish() {
    if (this.isOver) return;
    this.isOver = true;
    await this.flushed();
    this.#controller.error(writeClosed());
    await op_tcp_shutdown(this.#rid);
  }

  fail(error) {
    this.isOver = true;
    this.#controller.error(error);
    for (const resolve of this.#whenWritten.splice(0)) resolve();
  }
}

// ---- the socket

class Socket {
  #rid;
  #opened = Promise.withResolvers();
  #closed = Promise.withResolvers();
  #incoming;
  #outgoing;
  // { hostname, port, text } of the peer.
  #peer;
  #options;
  #secureTransport;
  #upgraded = false;
  // What close() has begun, or startTls().
  #closing;
  #isGone = false;

  constructor(key, peer, options, secureTransport) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this[brand] = brand;
    this.#peer = peer;
    this.#options = options;
    this.#secureTransport = secureTransport;
    this.#rid = newConnection();
    const opened = quiet(this.#opened.promise);
    quiet(this.#closed.promise);
    this.#incoming = new Incoming(this.#rid, { opened, ended: () => this.#peerEnded() });
    this.#outgoing = new Outgoing(this.#rid, opened, options.highWaterMark);
  }

  get readable() {
    return this.#incoming.stream;
  }

  get writable() {
    return this.#outgoing.stream;
  }

  get opened() {
    return this.#opened.promise;
  }

  get closed() {
    return this.#closed.promise;
  }

  get upgraded() {
    return this.#upgraded;
  }

  get secureTransport() {
    return this.#secureTransport;
  }

  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close() {
    try {
      await this.#opened.promise;
    } catch {
      return;
    }
    if (!this.#outgoing.isOver) await this.#outgoing.flushed();
    this.#incoming.stop(readClosing());
    this.#outgoing.fail(writeClosed());
    this.#isGone = true;
    core.tryClose(this.#rid);
    this.#closed.resolve();
  }

  startTls(options = undefined) {
    if (this.#secureTransport === "on") throw new TypeError("Cannot startTls on a TLS socket.");
    if (this.#isGone) throw new TypeError("The connection was closed before startTls could be started.");
    if (this.#secureTransport !== "starttls") {
      throw new TypeError(
        "The `secureTransport` socket option must be set to 'starttls' for startTls to be used.",
      );
    }
    if (this.#closing !== undefined) {
      throw new TypeError("startTls has already been called on this socket, or the socket was transferred over RPC.");
    }
    const name = options?.expectedServerHostname;
    const secure = new Socket(KEY, this.#peer, this.#options, "on");
    this.#closing = this.#upgrade(secure, name === undefined ? this.#peer.hostname : `${name}`);
    return secure;
  }

  async #upgrade(secure, name) {
    try {
      const info = await this.#opened.promise;
      await this.#outgoing.flushed();
      const upgrading = op_tcp_start_tls(this.#rid, secure.#rid, { name });
      this.#incoming.stop(readClosing());
      this.#outgoing.fail(writeClosed());
      this.#upgraded = true;
      this.#isGone = true;
      this.#closed.resolve();
      await upgrading;
      secure.#opened.resolve({ ...info });
    } catch {
      secure.#fail();
    } finally {
      core.tryClose(this.#rid);
    }
  }

  // The peer will send nothing more.
  async #peerEnded() {
    if (this.#options.allowHalfOpen && !this.#outgoing.isOver) return;
    try {
      await this.#outgoing.finish();
      this.#closed.resolve();
    } catch (error) {
      this.#closed.reject(error);
    }
    this.#isGone = true;
    core.tryClose(this.#rid);
  }

  #fail() {
    const { port } = this.#peer;
    const error = new Error(port === 80 || port === 443 ? CANNOT_CONNECT + USE_FETCH : CANNOT_CONNECT);
    this.#isGone = true;
    core.tryClose(this.#rid);
    this.#closed.reject(error);
    this.#opened.reject(error);
    this.#incoming.cancel();
    this.#outgoing.fail(error);
  }

  static async open(socket) {
    const { hostname, port, text } = socket.#peer;
    const tls = socket.#secureTransport === "on" ? { name: hostname } : null;
    try {
      await op_tcp_connect(socket.#rid, hostname, port, tls);
      socket.#opened.resolve({ remoteAddress: text, localAddress: undefined });
    } catch {
      socket.#fail();
    }
  }
}
const { open } = Socket;
delete Socket.open;
Object.defineProperty(Socket.prototype, Symbol.toStringTag, { value: "Socket", configurable: true });

function connect(to, options) {
  const peer = address(to);
  const settings = socketOptions(options);
  const socket = new Socket(KEY, peer, settings, settings.secureTransport);
  open(socket);
  return socket;
}

return { connect };
})();
