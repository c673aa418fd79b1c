// IncomingMessage of `node:http`: a request that a server gets, or the response to a client's. Its body is that of
// the Request or Response behind it, read as fast as somebody reads the message.

(function () {
const { core } = __bootstrap;
const { Readable } = core.loadExtScript("ext:node_compat/stream.js");
const { EventEmitter } = core.loadExtScript("ext:node_compat/events.js");
const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");
const { connResetException } = core.loadExtScript("ext:deno_node/internal/errors.js");

// Of several, Node.js keeps the first.
const ONLY_ONE = new Set([
  "age", "authorization", "content-length", "content-type", "etag", "expires", "from", "host", "if-modified-since",
  "if-unmodified-since", "last-modified", "location", "max-forwards", "proxy-authorization", "referer", "retry-after",
  "server", "user-agent",
]);

class IncomingMessage extends Readable {
  httpVersion = "1.1";
  httpVersionMajor = 1;
  httpVersionMinor = 1;
  url = "";
  method = null;
  statusCode = null;
  statusMessage = null;
  complete = false;
  aborted = false;
  upgrade = false;
  rawHeaders = [];
  rawTrailers = [];
  trailers = {};
  trailersDistinct = {};
  joinDuplicateHeaders = false;
  cloudflare = { cf: undefined, env: undefined, ctx: undefined };
  #headers;
  #distinct;
  #body = null;
  #reader;
  #isReading = false;

  constructor(socket) {
    super({ autoDestroy: true, highWaterMark: socket?.readableHighWaterMark });
    this.socket = socket ?? new EventEmitter();
  }

  get connection() {
    return this.socket;
  }

  set connection(socket) {
    this.socket = socket;
  }

  get headers() {
    return this.#headers ??= this.#joined();
  }

  set headers(value) {
    this.#headers = value;
  }

  get headersDistinct() {
    return this.#distinct ??= this.#lists();
  }

  set headersDistinct(value) {
    this.#distinct = value;
  }

  #joined() {
    const headers = {};
    for (const [name, value] of this.#pairs()) {
      if (name === "set-cookie") (headers[name] ??= []).push(value);
      else if (!Object.hasOwn(headers, name)) headers[name] = value;
      else if (this.joinDuplicateHeaders || !ONLY_ONE.has(name)) {
        headers[name] += `${name === "cookie" ? "; " : ", "}${value}`;
      }
    }
    return headers;
  }

  #lists() {
    const headers = { __proto__: null };
    for (const [name, value] of this.#pairs()) (headers[name] ??= []).push(value);
    return headers;
  }

  *#pairs() {
    for (let i = 0; i < this.rawHeaders.length; i += 2) {
      yield [this.rawHeaders[i].toLowerCase(), this.rawHeaders[i + 1]];
    }
  }

  setTimeout(milliseconds, callback) {
    if (callback) this.on("timeout", callback);
    this.socket?.setTimeout?.(milliseconds);
    return this;
  }

  _read() {
    if (this.#isReading) return;
    if (this.#body === null) {
      this.complete = true;
      this.push(null);
      return;
    }
    this.#pump();
  }

  async #pump() {
    this.#isReading = true;
    try {
      this.#reader ??= this.#body.getReader();
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (this.destroyed) return;
        if (done) {
          this.complete = true;
          this.push(null);
          return;
        }
        if (!this.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))) return;
      }
    } catch (error) {
      this.#abort();
      this.destroy(connResetException("aborted", { cause: error }));
    } finally {
      this.#isReading = false;
    }
  }

  #abort() {
    if (this.aborted) return;
    this.aborted = true;
    this.emit("aborted");
  }

  _destroy(error, callback) {
    if (!this.readableEnded || !this.complete) {
      this.#abort();
      const left = this.#reader === undefined ? this.#body?.cancel(error) : this.#reader.cancel(error);
      left?.catch(() => {});
    }
    // Who does not listen for errors of a message is not told of any.
    if (error && this.listenerCount("error") === 0) error = null;
    callback(error);
  }

  // Nobody will read it.
  _dump() {
    this.resume();
  }

  // Of a Request or Response: its headers as they came, and its body.
  static fill(message, headers, body) {
    for (const [name, value] of headers) message.rawHeaders.push(name, value);
    message.#body = body;
  }
}
const { fill } = IncomingMessage;
delete IncomingMessage.fill;

return { fill, IncomingMessage, default: { IncomingMessage } };
})();
