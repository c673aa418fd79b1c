// `ctx` of a Durable Object, and the gate through which its events come in.

(function () {
const { core } = __bootstrap;
const { op_object_hold, op_object_release, op_report } = core.ops;
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { DurableObjectStorage } = core.loadExtScript(
  "ext:cellhouse_runtime/durable_object_storage.js",
);
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");

const { setTimeout, clearTimeout } = core.loadExtScript("ext:deno_web/02_timers.js");

// Cloudflare's limit, and what it says.
const BLOCKED_AT_MOST_MS = 30_000;
const BLOCKED_TOO_LONG =
  "A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled " +
  "and the Durable Object was reset.";

// What holds events back while an object does something that none of them may see half done.
class InputGate {
  #blocks = 0;
  #waiting = [];
  // What each event under way is told if the object cannot go on.
  pending = new Set();
  // Called when the object can do nothing more: (error, whether what it wrote stays).
  broke = () => {};

  isOpen() {
    return this.#blocks === 0 && this.#waiting.length === 0;
  }

  // Runs `event` when it is its turn.
  wait(event) {
    this.#waiting.push(event);
  }

  close() {
    this.#blocks++;
  }

  open() {
    this.#blocks--;
    while (this.#blocks === 0 && this.#waiting.length > 0) this.#waiting.shift()();
  }

  // The object is gone: events that wait find that out, and those under way fail.
  fail(error) {
    const pending = [...this.pending];
    this.pending.clear();
    for (const fail of pending) fail(error);
    for (const event of this.#waiting.splice(0)) event();
  }
}

class DurableObjectState {
  #number;
  #gate = new InputGate();

  constructor(number, id, hasAlarm) {
    this.#number = number;
    const block = (callback) => this.#block(callback);
    const fixed = { id, storage: new DurableObjectStorage(number, block, hasAlarm) };
    for (const [name, value] of Object.entries(fixed)) {
      Object.defineProperty(this, name, { value, enumerable: true });
    }
  }

  get props() {
    return {};
  }

  get exports() {
    return core.loadExtScript("ext:cellhouse_runtime/workers.js").exports;
  }

  get env() {
    return env;
  }

  // The object stays in memory until the promise is settled.
  waitUntil(promise) {
    op_object_hold(this.#number);
    Promise.resolve(promise).then(
      () => op_object_release(this.#number),
      (error) => {
        op_report(...describeError(error));
        op_object_release(this.#number);
      },
    );
  }

  // No other event of the object begins before the promise of the callback is settled. If it is rejected,
  // or takes too long, the object is reset.
  async blockConcurrencyWhile(callback) {
    if (typeof callback !== "function") {
      throw new TypeError(
        "Failed to execute 'blockConcurrencyWhile' on 'DurableObjectState': parameter 1 is not of type 'function'.",
      );
    }
    try {
      return await this.#block(callback);
    } catch (error) {
      this.#gate.broke(error, true);
      throw error;
    }
  }

  // Ends the instance: what it wrote since the last effect is undone, and everything under way fails.
  abort(reason) {
    const error = reason instanceof Error
      ? reason
      : new Error(reason === undefined ? "Application called abort() to reset Durable Object." : `${reason}`);
    this.#gate.broke(error, false);
    throw error;
  }

  acceptWebSocket(socket, tags) {
    sockets().accept(this.#number, socket, tags);
  }

  getWebSockets(tag) {
    return sockets().list(this.#number, tag);
  }

  getTags(socket) {
    return sockets().tagsOf(socket);
  }

  setWebSocketAutoResponse(pair) {
    sockets().setAutoResponse(this.#number, pair);
  }

  getWebSocketAutoResponse() {
    return sockets().getAutoResponse(this.#number);
  }

  getWebSocketAutoResponseTimestamp(socket) {
    return sockets().autoResponseTime(socket);
  }

  setHibernatableWebSocketEventTimeout(milliseconds) {
    sockets().setEventTimeout(this.#number, milliseconds);
  }

  getHibernatableWebSocketEventTimeout() {
    return sockets().getEventTimeout(this.#number);
  }

  async #block(callback) {
    this.#gate.close();
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => {
        const error = new Error(BLOCKED_TOO_LONG);
        this.#gate.broke(error, false);
        reject(error);
      }, BLOCKED_AT_MOST_MS);
    });
    try {
      return await Promise.race([Promise.resolve(callback()), late]);
    } finally {
      clearTimeout(timer);
      this.#gate.open();
    }
  }

  static gateOf(state) {
    return state.#gate;
  }

  static numberOf(state) {
    return state.#number;
  }
}
const { gateOf, numberOf } = DurableObjectState;
delete DurableObjectState.gateOf;
delete DurableObjectState.numberOf;
Object.defineProperty(DurableObjectState.prototype, Symbol.toStringTag, {
  value: "DurableObjectState", configurable: true,
});

function sockets() {
  return core.loadExtScript("ext:cellhouse_runtime/hibernation.js");
}

return { DurableObjectState, gateOf, numberOf };
})();
