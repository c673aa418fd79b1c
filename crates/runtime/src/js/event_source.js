// EventSource: server-sent events over fetch(), or out of a stream with EventSource.from().

(function () {
const { core } = __bootstrap;
const { defineEventHandler, ErrorEvent, Event, EventTarget, MessageEvent } = core.loadExtScript(
  "ext:deno_web/02_event.js",
);
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");
const { isReadableStreamDisturbed, ReadableStreamPrototype } = core.loadExtScript(
  "ext:deno_web/06_streams.js",
);
const { TextDecoderStream } = core.loadExtScript("ext:deno_web/08_text_encoding.js");
const { clearTimeout, setTimeout } = core.loadExtScript("ext:cellhouse_runtime/timers.js");
const { fetch } = core.loadExtScript("ext:cellhouse_runtime/fetch.js");

const KEY = Symbol("construct");
const STATES = { CONNECTING: 0, OPEN: 1, CLOSED: 2 };
// Milliseconds until a new attempt; a server's wish is kept within the bounds. Cloudflare's.
const RECONNECT = { default: 2000, least: 1000, most: 10000 };

// Lines of an event stream to events: calls `dispatch` for each, and `retry` for a wish of the server.
class Parser {
  lastEventId = "";
  #rest = "";
  #afterReturn = false;
  #data = "";
  #type = "";
  #id = "";
  #dispatch;
  #retry;

  constructor(dispatch, retry) {
    this.#dispatch = dispatch;
    this.#retry = retry;
  }

  feed(text) {
    if (this.#afterReturn && text.startsWith("\n")) text = text.slice(1);
    this.#afterReturn = text === "" ? this.#afterReturn : text.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line);
  }

  // What was begun before a connection broke is forgotten.
  reset() {
    this.#rest = this.#data = this.#type = "";
    this.#afterReturn = false;
    this.#id = this.lastEventId;
  }

  #line(line) {
    if (line === "") return this.#end();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    return this.#field(field, value);
  }

  #field(field, value) {
    if (field === "data") this.#data += `${value}\n`;
    else if (field === "event") this.#type = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.#retry(Number(value));
  }

  #end() {
    this.lastEventId = this.#id;
    const [data, type] = [this.#data, this.#type];
    this.#data = this.#type = "";
    if (data !== "") this.#dispatch(type || "message", data.slice(0, -1), this.lastEventId);
  }
}

class EventSource extends EventTarget {
  #url = "";
  #readyState = STATES.CONNECTING;
  #origin = "";
  #fetch = null;
  #abort = null;
  #reader = null;
  #timer = null;
  #wait = RECONNECT.default;
  #parser = new Parser(
    (type, data, lastEventId) => this.#message(type, data, lastEventId),
    (wait) => this.#wait = Math.min(Math.max(wait, RECONNECT.least), RECONNECT.most),
  );

  constructor(url, init = undefined) {
    super();
    if (url === KEY) return;
    if (init?.withCredentials) {
      throw new DOMException("The init.withCredentials option is not supported.", "NotSupportedError");
    }
    const parsed = URL.parse(`${url}`);
    if (parsed === null) throw new DOMException("Cannot open an EventSource to an invalid URL.", "SyntaxError");
    this.#url = parsed.href;
    const { fetcher } = init ?? {};
    this.#fetch = fetcher ? (...args) => fetcher.fetch(...args) : fetch;
    this.#connect();
  }

  static from(stream) {
    if (!Object.prototype.isPrototypeOf.call(ReadableStreamPrototype, stream)) {
      throw new TypeError("EventSource.from() needs a ReadableStream.");
    }
    if (stream.locked) throw new TypeError("This ReadableStream is locked.");
    if (isReadableStreamDisturbed(stream)) {
      throw new TypeError("This ReadableStream has already been read from.");
    }
    const source = new EventSource(KEY);
    source.#read(stream);
    return source;
  }

  get url() {
    return this.#url;
  }

  get readyState() {
    return this.#readyState;
  }

  get withCredentials() {
    return false;
  }

  close() {
    this.#readyState = STATES.CLOSED;
    clearTimeout(this.#timer ?? undefined);
    this.#abort?.abort();
    this.#reader?.cancel().catch(() => {});
  }

  [Symbol.dispose]() {
    this.close();
  }

  async #connect() {
    this.#abort = new AbortController();
    const headers = { accept: "text/event-stream", "cache-control": "no-cache" };
    if (this.#parser.lastEventId !== "") headers["last-event-id"] = this.#parser.lastEventId;
    let response;
    try {
      response = await this.#fetch(this.#url, { headers, signal: this.#abort.signal });
    } catch (error) {
      return this.#lost(error);
    }
    const type = response.headers.get("content-type") ?? "";
    if (response.status !== 200 || !/^text\/event-stream\s*(;|$)/i.test(type)) {
      response.body?.cancel().catch(() => {});
      return this.#failed(new DOMException(
        `The server answered with status ${response.status} and content type "${type}".`,
        "InvalidStateError",
      ));
    }
    this.#origin = new URL(response.url || this.#url).origin;
    return this.#read(response.body);
  }

  async #read(stream) {
    this.#readyState = STATES.OPEN;
    this.dispatchEvent(new Event("open"));
    let failure;
    try {
      this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done || this.#readyState === STATES.CLOSED) break;
        this.#parser.feed(value);
      }
    } catch (error) {
      failure = error;
    }
    this.#reader = null;
    if (this.#fetch === null) this.#failed(failure);
    else this.#lost(failure);
  }

  // The connection is gone: another one, unless nobody wants it any more.
  #lost(error) {
    if (this.#readyState === STATES.CLOSED) return;
    this.#readyState = STATES.CONNECTING;
    this.#parser.reset();
    this.dispatchEvent(new ErrorEvent("error", { error }));
    if (this.#readyState === STATES.CLOSED) return;
    this.#timer = setTimeout(() => this.#connect(), this.#wait);
  }

  #failed(error) {
    if (this.#readyState === STATES.CLOSED) return;
    this.#readyState = STATES.CLOSED;
    this.dispatchEvent(new ErrorEvent("error", { error }));
  }

  #message(type, data, lastEventId) {
    if (this.#readyState === STATES.CLOSED) return;
    this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin: this.#origin }));
  }
}

for (const [name, value] of Object.entries(STATES)) {
  Object.defineProperty(EventSource, name, { value, enumerable: true });
  Object.defineProperty(EventSource.prototype, name, { value, enumerable: true });
}
for (const name of ["open", "message", "error"]) defineEventHandler(EventSource.prototype, name);
Object.defineProperty(EventSource, "length", { value: 1, configurable: true });
Object.defineProperty(EventSource.prototype, Symbol.toStringTag, {
  value: "EventSource", configurable: true,
});

return { EventSource };
})();
