// MessageChannel: two ports in one isolate. What is posted on one is cloned at once and arrives on the
// other in a microtask, as soon as somebody listens there.

(function () {
const { core } = __bootstrap;
const { defineEventHandler, Event, EventTarget, MessageEvent, setIsTrusted } = core.loadExtScript(
  "ext:deno_web/02_event.js",
);
const { cloneWithTransfer } = core.loadExtScript("ext:cellhouse_runtime/structured_clone.js");

const KEY = Symbol("construct");
const PENDING = 0;
const STARTED = 1;
const CLOSED = 2;

class MessagePort extends EventTarget {
  #other = null;
  #state = PENDING;
  // Messages that arrived before anybody listened.
  #waiting = [];

  constructor(key) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    super();
  }

  static entangle(key, one, other) {
    if (key !== KEY) throw new TypeError("Illegal invocation");
    one.#other = other;
    other.#other = one;
  }

  addEventListener(type, ...rest) {
    super.addEventListener(type, ...rest);
    // Node and Cloudflare start a port here too, not only for `onmessage`.
    if (type === "message") this.start();
  }

  postMessage(message, transferOrOptions = undefined) {
    const isList = transferOrOptions?.[Symbol.iterator] !== undefined;
    const list = isList ? transferOrOptions : transferOrOptions?.transfer ?? [];
    const data = cloneWithTransfer(message, list);
    this.#other?.#deliver(data);
  }

  start() {
    if (this.#state !== PENDING) return;
    this.#state = STARTED;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const data of waiting) this.#deliver(data);
  }

  close() {
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    const other = this.#other;
    this.#other = null;
    other?.close();
    this.dispatchEvent(new Event("close"));
  }

  #deliver(data) {
    if (this.#state === PENDING) this.#waiting.push(data);
    if (this.#state !== STARTED) return;
    queueMicrotask(() => {
      if (this.#state !== STARTED) return;
      const event = new MessageEvent("message", { data });
      setIsTrusted(event, true);
      this.dispatchEvent(event);
    });
  }
}
defineEventHandler(MessagePort.prototype, "message");
defineEventHandler(MessagePort.prototype, "messageerror");
defineEventHandler(MessagePort.prototype, "close");
const entangle = MessagePort.entangle;
delete MessagePort.entangle;

class MessageChannel {
  #port1 = new MessagePort(KEY);
  #port2 = new MessagePort(KEY);

  constructor() {
    entangle(KEY, this.#port1, this.#port2);
  }

  get port1() {
    return this.#port1;
  }

  get port2() {
    return this.#port2;
  }
}

for (const one of [MessagePort, MessageChannel]) {
  Object.defineProperty(one.prototype, Symbol.toStringTag, { value: one.name, configurable: true });
}

return { MessageChannel, MessagePort };
})();
