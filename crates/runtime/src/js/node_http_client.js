// ClientRequest of `node:http`: a request that fetch() sends. A body that is there when the request ends travels
// whole, with its length; a longer one is streamed while it is written. Redirects and encodings are the caller's.

(function () {
const { core } = __bootstrap;
const { OutgoingMessage } = core.loadExtScript("ext:cellhouse_runtime/node_http_outgoing.js");
const { fill, IncomingMessage } = core.loadExtScript("ext:cellhouse_runtime/node_http_incoming.js");
const { globalAgent } = core.loadExtScript("ext:cellhouse_runtime/node_http_agent.js");
const { _checkIsHttpToken, optionNotImplemented } = core.loadExtScript(
  "ext:cellhouse_runtime/node_http_common.js",
);
const errors = core.loadExtScript("ext:deno_node/internal/errors.js");
const { urlToHttpOptions } = core.loadExtScript("ext:deno_node/internal/url.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");
const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");
const { getTimerDuration } = core.loadExtScript("ext:cellhouse_runtime/node_tcp.js");
const { addAbortSignal } = core.loadExtScript("ext:deno_node/internal/streams/add-abort-signal.js");
const { fetch } = core.loadExtScript("ext:cellhouse_runtime/fetch.js");
const { AbortController } = core.loadExtScript("ext:cellhouse_runtime/abort.js");
const { FixedLengthStream } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { TransformStream } = core.loadExtScript("ext:deno_web/06_streams.js");
const { clearTimeout, setTimeout } = core.loadExtScript("ext:cellhouse_runtime/timers.js");
const { nextTick } = core.loadExtScript("ext:cellhouse_runtime/node_next_tick.js");

// A body that is longer is not waited for.
const WHOLE_BYTES = 256 << 10;
const INVALID_PATH = /[^\u0021-\u00ff]/;
// What would name another host.
const WITH_AUTHORITY = /^(?:[/\\]{2}|[^/\\?#]*:)/;
// What fetch() gives no way to.
const REFUSED = ["maxHeaderSize", "createConnection", "lookup", "socketPath"];

function readArguments(input, options, callback) {
  if (typeof input === "string") input = urlToHttpOptions(new URL(input));
  else if (input instanceof URL) input = urlToHttpOptions(input);
  else [input, options, callback] = [null, input, options];
  if (typeof options === "function") [options, callback] = [input ?? {}, options];
  return [{ ...input, ...options }, callback];
}

function hostOf(value, name) {
  if (value !== undefined && value !== null && typeof value !== "string") {
    throw new errors.ERR_INVALID_ARG_TYPE(`options.${name}`, ["string", "undefined", "null"], value);
  }
  return value;
}

function checkPath(path) {
  if (INVALID_PATH.test(path)) throw new errors.ERR_UNESCAPED_CHARACTERS("Request path");
  if (WITH_AUTHORITY.test(path)) {
    throw new errors.ERR_INVALID_ARG_VALUE("options.path", path, "must be a path-only request target");
  }
}

function agentOf({ agent, _defaultAgent = globalAgent }) {
  if (agent === false) return new _defaultAgent.constructor();
  if (agent === undefined || agent === null) return _defaultAgent;
  if (typeof agent.addRequest !== "function") {
    throw new errors.ERR_INVALID_ARG_TYPE("options.agent", ["Agent-like Object", "undefined", "false"], agent);
  }
  return agent;
}

// The error of Node.js for one of fetch().
function described(error, host, port) {
  const reason = `${error?.cause?.message ?? error?.message ?? error}`;
  if (/refused/i.test(reason)) return failed(`connect ECONNREFUSED ${host}:${port}`, "ECONNREFUSED", "connect");
  if (/lookup|resolve|name or service/i.test(reason)) {
    return Object.assign(failed(`getaddrinfo ENOTFOUND ${host}`, "ENOTFOUND", "getaddrinfo"), { hostname: host });
  }
  if (/certificate|tls|UnknownIssuer/i.test(reason)) return failed(reason, "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  const lost = errors.connResetException("socket hang up");
  lost.cause = error;
  return lost;
}

function failed(message, code, syscall) {
  return Object.assign(new Error(message), syscall === undefined ? { code } : { code, syscall });
}

class ClientRequest extends OutgoingMessage {
  aborted = false;
  reusedSocket = false;
  maxHeadersCount = null;
  res = null;
  #controller = new AbortController();
  #chunks = [];
  #length = 0;
  #stream;
  #isSent = false;
  #timer;

  constructor(input, options, callback) {
    [options, callback] = readArguments(input, options, callback);
    // It is there until its answer is.
    super({ autoDestroy: false });
    if (options.path) checkPath(String(options.path));
    for (const name of REFUSED) {
      if (options[name] !== undefined && options[name] !== null) throw optionNotImplemented(`options.${name}`);
    }
    this.agent = agentOf(options);
    const expected = this.agent.protocol ?? "http:";
    this.protocol = options.protocol || expected;
    if (this.protocol !== expected) throw new errors.ERR_INVALID_PROTOCOL(this.protocol, expected);
    const usualPort = options.defaultPort || this.agent.defaultPort || 80;
    this.port = String(options.port || usualPort);
    this.host = hostOf(options.hostname, "hostname") || hostOf(options.host, "host") || "localhost";
    this.path = options.path || "/";
    this.method = this.#methodOf(options.method);
    this.joinDuplicateHeaders = Boolean(options.joinDuplicateHeaders);
    this.#setHeaders(options, usualPort);
    if (options.timeout !== undefined) this.timeout = getTimerDuration(options.timeout, "timeout");
    if (options.signal) addAbortSignal(options.signal, this);
    if (callback) this.once("response", callback);
  }

  #methodOf(method) {
    if (method === undefined || method === null || method === "") return "GET";
    if (typeof method !== "string") throw new errors.ERR_INVALID_ARG_TYPE("options.method", "string", method);
    if (!_checkIsHttpToken(method)) throw new errors.ERR_INVALID_HTTP_TOKEN("Method", method);
    return method.toUpperCase();
  }

  #setHeaders({ headers, auth, setHost, setDefaultHeaders }, usualPort) {
    if (Array.isArray(headers)) {
      const flat = headers.flat();
      if (flat.length % 2 !== 0) throw new errors.ERR_INVALID_ARG_VALUE("headers", headers);
      for (let i = 0; i < flat.length; i += 2) this.appendHeader(flat[i], flat[i + 1]);
      return;
    }
    for (const [name, value] of Object.entries(headers ?? {})) this.setHeader(name, value);
    if (!this.hasHeader("host") && (setHost ?? setDefaultHeaders !== false)) {
      const host = this.host.includes(":") && !this.host.startsWith("[") ? `[${this.host}]` : this.host;
      this.setHeader("Host", Number(this.port) === Number(usualPort) ? host : `${host}:${this.port}`);
    }
    if (auth && !this.hasHeader("authorization")) {
      this.setHeader("Authorization", `Basic ${Buffer.from(auth).toString("base64")}`);
    }
  }

  // ---- sending

  #hasBody() {
    return this.method !== "GET" && this.method !== "HEAD";
  }

  _write(chunk, _encoding, callback) {
    if (!this.#hasBody()) return callback();
    if (this.#stream !== undefined) return this.#give(chunk, callback);
    this.#chunks.push(chunk);
    this.#length += chunk.byteLength;
    if (this.#length <= WHOLE_BYTES) return callback();
    this.#startStream(callback);
  }

  #give(chunk, callback) {
    this.#stream.write(chunk).then(() => callback(), callback);
  }

  #startStream(callback) {
    const length = Number(this.getHeader("content-length"));
    const { readable, writable } = Number.isSafeInteger(length) && this.hasHeader("content-length")
      ? new FixedLengthStream(length)
      : new TransformStream();
    this.#stream = writable.getWriter();
    this.#stream.closed.catch(() => {});
    this.#send(readable);
    const chunk = Buffer.concat(this.#chunks.splice(0));
    if (chunk.byteLength === 0) callback();
    else this.#give(chunk, callback);
  }

  _final(callback) {
    if (this.#stream !== undefined) {
      this.#stream.close().then(() => callback(), callback);
      return;
    }
    this.#send(this.#length > 0 ? Buffer.concat(this.#chunks.splice(0)) : null);
    callback();
  }

  _implicitHeader() {
    if (this.#hasBody()) this.#startStream(() => {});
    else this.#send(null);
  }

  #target() {
    const host = this.host.includes(":") && !this.host.startsWith("[") ? `[${this.host}]` : this.host;
    const base = `${this.protocol}//${host}:${this.port}`;
    checkPath(this.path);
    return new URL(this.path, base);
  }

  async #send(body) {
    if (this.#isSent || this.destroyed) return;
    this.#isSent = true;
    this.#startTimer();
    try {
      const headers = this._pairs();
      this._header = `${this.method} ${this.path} HTTP/1.1\r\n`;
      // Who does not ask for an encoding is not sent one.
      if (!this.hasHeader("accept-encoding")) headers.push(["accept-encoding", "identity"]);
      const response = await fetch(this.#target(), {
        method: this.method, headers, body, signal: this.#controller.signal, redirect: "manual",
        encodeResponseBody: "manual",
      });
      if (!this.destroyed) this.#answer(response);
    } catch (error) {
      if (!this.destroyed) this.destroy(described(error, this.host, this.port));
    }
  }

  #answer(response) {
    const message = new IncomingMessage();
    message.joinDuplicateHeaders = this.joinDuplicateHeaders;
    fill(message, response.headers, response.body);
    message.statusCode = response.status;
    message.statusMessage = response.statusText;
    message.req = this;
    message.client = null;
    this.res = message;
    message.once("close", () => {
      this.#stopTimer();
      if (!this.destroyed) this.destroy();
    });
    if (!this.emit("response", message)) message._dump();
  }

  // ---- the end

  abort() {
    if (this.aborted) return;
    this.aborted = true;
    nextTick(() => this.emit("abort"));
    this.destroy();
  }

  _destroy(error, callback) {
    this.#stopTimer();
    const isAnswered = this.res !== null;
    if (!isAnswered || !this.res.complete) {
      this.#controller.abort();
      this.#stream?.abort().catch(() => {});
      if (isAnswered) this.res.destroy(error);
      else error ??= errors.connResetException("socket hang up");
    }
    callback(isAnswered ? null : error);
  }

  setTimeout(milliseconds, callback) {
    this.timeout = getTimerDuration(milliseconds, "msecs");
    if (callback) this.once("timeout", callback);
    this.#stopTimer();
    if (this.#isSent) this.#startTimer();
    return this;
  }

  clearTimeout(callback) {
    return this.setTimeout(0, callback);
  }

  #startTimer() {
    if (!this.timeout) return;
    this.#timer = setTimeout(() => {
      this.emit("timeout");
      this.res?.emit("timeout");
    }, this.timeout);
  }

  #stopTimer() {
    clearTimeout(this.#timer);
  }

  // ---- of a socket that it does not have

  onSocket() {}
  setNoDelay() {}
  setSocketKeepAlive() {}
}

return { ClientRequest, default: { ClientRequest } };
})();
