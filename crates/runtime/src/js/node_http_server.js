// Servers of `node:http`: no sockets, but functions that answer Requests. A server that listens on a port is found by
// that number, by httpServerHandler() of "cloudflare:node"; the number means nothing outside of the isolate.

(function () {
const { core } = __bootstrap;
const { EventEmitter } = core.loadExtScript("ext:node_compat/events.js");
const { OutgoingMessage } = core.loadExtScript("ext:cellhouse_runtime/node_http_outgoing.js");
const { fill, IncomingMessage } = core.loadExtScript("ext:cellhouse_runtime/node_http_incoming.js");
const { _checkInvalidHeaderChar, listeners, notImplemented, optionNotImplemented, STATUS_CODES } = core.loadExtScript(
  "ext:cellhouse_runtime/node_http_common.js",
);
const errors = core.loadExtScript("ext:deno_node/internal/errors.js");
const { validateFunction, validateObject, validatePort } = core.loadExtScript(
  "ext:deno_node/internal/validators.js",
);
const { isIPv6 } = core.loadExtScript("ext:deno_node/internal/net.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");
const { ReadableStream } = core.loadExtScript("ext:deno_web/06_streams.js");
const { Headers } = core.loadExtScript("ext:cellhouse_runtime/headers.js");
const { Response } = core.loadExtScript("ext:cellhouse_runtime/response.js");
const { nextTick } = core.loadExtScript("ext:cellhouse_runtime/node_next_tick.js");

// Ports that a server is given when it asks for any.
const FIRST_PORT = 32768;
const REFUSED = [
  "connectionsCheckingInterval", "insecureHTTPParser", "keepAliveTimeout", "keepAliveTimeoutBuffer", "maxHeaderSize",
];
const WITHOUT_BODY = [204, 304];

// ---- the response

class ServerResponse extends OutgoingMessage {
  statusCode = 200;
  statusMessage = undefined;
  #response = Promise.withResolvers();
  #controller;
  // Called when the client wants more.
  #wanted;
  // There is a response whose body is not written to.
  #isWhole = false;

  constructor(request, options = {}) {
    super({ highWaterMark: options.highWaterMark });
    this.req = request;
    this.socket = request.socket;
    this.sendDate = true;
    if (request.method === "HEAD") this._hasBody = false;
    this.#response.promise.catch(() => {});
  }

  writeHead(status, reason, headers) {
    if (this._header !== null) throw new errors.ERR_HTTP_HEADERS_SENT("write");
    const code = status | 0;
    if (code < 200 || code > 999) throw new errors.ERR_HTTP_INVALID_STATUS_CODE(status);
    if (typeof reason === "string") this.statusMessage = reason;
    else headers ??= reason;
    this.statusMessage ||= STATUS_CODES[code] || "unknown";
    if (_checkInvalidHeaderChar(this.statusMessage)) throw new errors.ERR_INVALID_CHAR("statusMessage");
    this.statusCode = code;
    this.#take(headers);
    if (WITHOUT_BODY.includes(code)) this._hasBody = false;
    this._header = `HTTP/1.1 ${code} ${this.statusMessage}\r\n`;
    return this;
  }

  writeHeader(...args) {
    return this.writeHead(...args);
  }

  #take(headers) {
    if (!Array.isArray(headers)) {
      for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) this.setHeader(name, value);
      return;
    }
    const flat = headers.flat();
    if (flat.length % 2 !== 0) throw new errors.ERR_INVALID_ARG_VALUE("headers", headers);
    for (let i = 0; i < flat.length; i += 2) this.removeHeader(`${flat[i]}`);
    for (let i = 0; i < flat.length; i += 2) this.appendHeader(`${flat[i]}`, flat[i + 1]);
  }

  _implicitHeader() {
    this.writeHead(this.statusCode);
  }

  flushHeaders() {
    super.flushHeaders();
    this.#stream();
  }

  #init() {
    const headers = new Headers();
    for (const [name, value] of this._pairs()) headers.append(name, value);
    return { status: this.statusCode, statusText: this.statusMessage, headers };
  }

  // A body that is written from now on.
  #stream() {
    if (this.#controller !== undefined || this.#isWhole) return;
    if (!this._hasBody) return this.#answer(null);
    const body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        this.#wanted?.();
      },
      cancel: () => {
        this.#controller = undefined;
        this.#isWhole = true;
        this.destroy();
      },
    }, { highWaterMark: 1 });
    this.#response.resolve(new Response(body, this.#init()));
  }

  #answer(body) {
    if (this.#isWhole) return;
    this.#isWhole = true;
    this.#response.resolve(new Response(body, this.#init()));
  }

  end(chunk, encoding, callback) {
    if (typeof chunk === "function") [chunk, encoding, callback] = [undefined, undefined, chunk];
    else if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
    if (this.#controller === undefined && !this.#isWhole && this.writableLength === 0 && !this.writableEnded) {
      this.#whole(chunk, encoding);
      chunk = undefined;
    }
    return super.end(chunk, encoding, callback);
  }

  // All there is, at once.
  #whole(chunk, encoding) {
    const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");
    let body = null;
    if (chunk !== undefined && chunk !== null) {
      const isBytes = typeof chunk === "string" || ArrayBuffer.isView(chunk);
      if (!isBytes) throw new errors.ERR_INVALID_ARG_TYPE("chunk", ["string", "Buffer", "Uint8Array"], chunk);
      body = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
    }
    if (this._header === null) this._implicitHeader();
    this.#answer(this._hasBody ? body : null);
  }

  _write(chunk, _encoding, callback) {
    if (this._header === null) this._implicitHeader();
    this.#stream();
    if (this.#controller === undefined) return callback();
    this.#controller.enqueue(new Uint8Array(chunk));
    if (this.#controller.desiredSize > 0) return callback();
    this.#wanted = () => {
      this.#wanted = undefined;
      callback();
    };
  }

  _final(callback) {
    if (this._header === null) this._implicitHeader();
    if (this.#controller !== undefined) this.#controller.close();
    else this.#answer(null);
    callback();
  }

  _destroy(error, callback) {
    if (!this.writableFinished) {
      const reason = error ?? errors.connResetException("aborted");
      this.#response.reject(reason);
      if (this.#controller !== undefined && !this.writableEnded) this.#controller.error(reason);
      const waiting = this.#wanted;
      this.#wanted = undefined;
      waiting?.();
    }
    callback(error !== null && this.listenerCount("error") === 0 ? null : error);
  }

  assignSocket() {
    throw notImplemented("assignSocket");
  }

  detachSocket() {
    throw notImplemented("detachSocket");
  }

  writeContinue() {
    throw notImplemented("writeContinue");
  }

  writeProcessing() {
    throw notImplemented("writeProcessing");
  }

  writeEarlyHints() {
    throw notImplemented("writeEarlyHints");
  }

  static answerOf(response) {
    return response.#response.promise;
  }
}
const { answerOf } = ServerResponse;
delete ServerResponse.answerOf;

// ---- the server

// What programs look at of a connection that there is none of.
function connectionOf(request, port) {
  const address = request.headers.get("cf-connecting-ip") ?? "127.0.0.1";
  const socket = new EventEmitter();
  return Object.assign(socket, {
    encrypted: new URL(request.url).protocol === "https:" || request.headers.get("x-forwarded-proto") === "https",
    remoteAddress: address, remoteFamily: isIPv6(address) ? "IPv6" : "IPv4", remotePort: FIRST_PORT,
    localAddress: "127.0.0.1", localPort: port, readable: true, writable: true, destroyed: false,
    setTimeout: () => socket, setNoDelay: () => socket, setKeepAlive: () => socket, ref: () => socket,
    unref: () => socket, destroy: () => socket, end: () => socket, cork() {}, uncork() {},
  });
}

class Server extends EventEmitter {
  timeout = 0;
  requestTimeout = 300_000;
  headersTimeout = 60_000;
  keepAliveTimeout = 5_000;
  maxHeadersCount = null;
  maxRequestsPerSocket = 0;
  maxConnections = Infinity;
  connections = 0;
  #port = null;
  #options = {};

  constructor(options, listener) {
    super();
    if (typeof options === "function") [options, listener] = [{}, options];
    else if (options !== undefined && options !== null) validateObject(options, "options");
    for (const name of REFUSED) if (options?.[name] !== undefined) throw optionNotImplemented(name);
    this.#options = options ?? {};
    this.joinDuplicateHeaders = Boolean(this.#options.joinDuplicateHeaders);
    if (listener) this.on("request", listener);
  }

  listen(...args) {
    const callback = args.findLast((arg) => typeof arg === "function");
    const [first] = args;
    const given = typeof first === "object" && first !== null ? first.port : first;
    const asked = typeof given === "number" || typeof given === "string"
      ? validatePort(Number(given), "options.port")
      : 0;
    if (this.#port !== null || listeners.has(asked)) throw new errors.ERR_SERVER_ALREADY_LISTEN();
    let port = asked;
    for (let next = FIRST_PORT; port === 0; next++) if (!listeners.has(next)) port = next;
    this.#port = port;
    listeners.set(port, (request, env, ctx) => this.#answer(request, env, ctx));
    if (callback) this.once("listening", callback);
    nextTick(() => this.emit("listening"));
    return this;
  }

  async #answer(request, env, ctx) {
    const { IncomingMessage: Message = IncomingMessage, ServerResponse: Answer = ServerResponse } = this.#options;
    const { pathname, search } = new URL(request.url);
    const incoming = new Message(connectionOf(request, this.#port));
    incoming.joinDuplicateHeaders = this.joinDuplicateHeaders;
    fill(incoming, request.headers, request.body);
    incoming.method = request.method;
    incoming.url = pathname + search;
    incoming.cloudflare = { cf: request.cf, env, ctx };
    const response = new Answer(incoming, { highWaterMark: this.#options.highWaterMark });
    const left = () => {
      if (!response.writableFinished) response.destroy();
      if (!incoming.complete) incoming.destroy();
    };
    request.signal.addEventListener("abort", left, { once: true });
    this.emit("connection", incoming.socket);
    this.emit("request", incoming, response);
    return await answerOf(response);
  }

  get listening() {
    return this.#port !== null;
  }

  address() {
    return this.#port === null ? null : { port: this.#port, family: "IPv4", address: "127.0.0.1" };
  }

  close(callback) {
    if (this.#port === null) {
      const error = new errors.ERR_SERVER_NOT_RUNNING();
      if (callback) nextTick(() => callback(error));
      return this;
    }
    listeners.delete(this.#port);
    this.#port = null;
    if (callback) this.once("close", () => callback());
    nextTick(() => this.emit("close"));
    return this;
  }

  getConnections(callback) {
    validateFunction(callback, "callback");
    nextTick(() => callback(null, 0));
    return this;
  }

  setTimeout(milliseconds, callback) {
    if (typeof milliseconds === "function") callback = milliseconds;
    else if (milliseconds !== undefined) this.timeout = milliseconds;
    if (callback) this.on("timeout", callback);
    return this;
  }

  closeAllConnections() {}
  closeIdleConnections() {}

  ref() {
    return this;
  }

  unref() {
    return this;
  }

  async [Symbol.asyncDispose]() {
    if (this.#port !== null) await new Promise((resolve) => this.close(resolve));
  }
}

function _connectionListener() {
  throw notImplemented("_connectionListener");
}

return {
  _connectionListener, Server, ServerResponse, STATUS_CODES,
  default: { _connectionListener, Server, ServerResponse, STATUS_CODES },
};
})();
