// OutgoingMessage of `node:http`: the headers of what a client or a server sends. How its body travels is said by
// the classes that extend it.

(function () {
const { core } = __bootstrap;
const { Writable } = core.loadExtScript("ext:node_compat/stream.js");
const { ERR_HTTP_HEADERS_SENT, ERR_INVALID_ARG_TYPE } = core.loadExtScript("ext:deno_node/internal/errors.js");
const { validateString } = core.loadExtScript("ext:deno_node/internal/validators.js");
const { notImplemented, validateHeaderName, validateHeaderValue } = core.loadExtScript(
  "ext:cellhouse_runtime/node_http_common.js",
);

class OutgoingMessage extends Writable {
  sendDate = false;
  shouldKeepAlive = true;
  chunkedEncoding = false;
  useChunkedEncodingByDefault = true;
  strictContentLength = false;
  _hasBody = true;
  // Something once the headers are on their way.
  _header = null;
  // By the name in lower case: [the name as it was given, value].
  #headers = new Map();

  constructor(options = {}) {
    super({ autoDestroy: options.autoDestroy, highWaterMark: options.highWaterMark, decodeStrings: true });
    this.socket = null;
  }

  get connection() {
    return this.socket;
  }

  set connection(socket) {
    this.socket = socket;
  }

  get headersSent() {
    return this._header !== null;
  }

  get finished() {
    return this.writableEnded;
  }

  // ---- headers

  #change(what) {
    if (this._header !== null) throw new ERR_HTTP_HEADERS_SENT(what);
  }

  setHeader(name, value) {
    this.#change("set");
    validateHeaderName(name);
    validateHeaderValue(name, value);
    this.#headers.set(name.toLowerCase(), [name, value]);
    return this;
  }

  setHeaders(headers) {
    this.#change("set");
    const isMap = typeof headers === "object" && headers !== null && !Array.isArray(headers) &&
      typeof headers.keys === "function" && typeof headers.get === "function";
    if (!isMap) throw new ERR_INVALID_ARG_TYPE("headers", ["Headers", "Map"], headers);
    const cookies = [];
    for (const [name, value] of headers) {
      if (name === "set-cookie") cookies.push(...[value].flat());
      else this.setHeader(name, value);
    }
    if (cookies.length > 0) this.setHeader("set-cookie", cookies);
    return this;
  }

  appendHeader(name, value) {
    this.#change("append");
    validateHeaderName(name);
    validateHeaderValue(name, value);
    const entry = this.#headers.get(name.toLowerCase());
    if (entry === undefined) return this.setHeader(name, value);
    entry[1] = [entry[1], value].flat();
    return this;
  }

  getHeader(name) {
    validateString(name, "name");
    return this.#headers.get(name.toLowerCase())?.[1];
  }

  hasHeader(name) {
    validateString(name, "name");
    return this.#headers.has(name.toLowerCase());
  }

  removeHeader(name) {
    validateString(name, "name");
    this.#change("remove");
    this.#headers.delete(name.toLowerCase());
  }

  getHeaderNames() {
    return [...this.#headers.keys()];
  }

  getRawHeaderNames() {
    return Array.from(this.#headers.values(), ([name]) => name);
  }

  getHeaders() {
    const headers = { __proto__: null };
    for (const [name, [, value]] of this.#headers) headers[name] = value;
    return headers;
  }

  // Pairs of text, one for each value.
  _pairs() {
    const pairs = [];
    for (const [name, value] of this.#headers.values()) {
      for (const one of [value].flat()) pairs.push([name, `${one}`]);
    }
    return pairs;
  }

  // ---- what there is no place for in a Request or Response

  addTrailers() {
    throw notImplemented("addTrailers");
  }

  setTimeout(milliseconds, callback) {
    if (callback) this.on("timeout", callback);
    return this;
  }

  flushHeaders() {
    if (this._header === null) this._implicitHeader();
  }

  _implicitHeader() {
    throw notImplemented("_implicitHeader()");
  }
}

return { OutgoingMessage, default: { OutgoingMessage } };
})();
