// `ctx` of a Durable Object.

(function () {
const { core } = __bootstrap;
const { op_object_wait_begin, op_object_wait_end, op_report } = core.ops;
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { DurableObjectStorage } = core.loadExtScript(
  "ext:cellhouse_runtime/durable_object_storage.js",
);
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");

const { InputGate } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");

// Errors of abort() after which an alarm does not run again.
const withoutRetry = new WeakSet();

// Loaded when an app first asks for facets.
let facets;
const facetsIfUsed = () => facets;

class DurableObjectState {
  #number;
  #gate;
  #props;
  #facets;

  // `checkAlarm` throws where the object has no alarms. A facet has a gate already, and may have props.
  constructor(number, id, checkAlarm, gate = new InputGate(number), props = undefined) {
    this.#number = number;
    this.#gate = gate;
    this.#props = props;
    const storage = new DurableObjectStorage(number, gate, checkAlarm, () => {
      facets?.endOf(number, new Error("Facet was deleted."));
    });
    const fixed = { id, storage };
    for (const [name, value] of Object.entries(fixed)) {
      Object.defineProperty(this, name, { value, enumerable: true });
    }
  }

  get props() {
    return this.#props ??= {};
  }

  get facets() {
    facets ??= core.loadExtScript("ext:cellhouse_runtime/facets.js");
    return this.#facets ??= new facets.DurableObjectFacets(this.#number, this.id);
  }

  get exports() {
    return core.loadExtScript("ext:cellhouse_runtime/exports.js").contextExports;
  }

  get env() {
    return env;
  }

  // The object stays in memory, and its isolate goes on, until the promise is settled.
  waitUntil(promise) {
    const event = op_object_wait_begin(this.#number);
    Promise.resolve(promise).then(
      () => op_object_wait_end(event),
      (error) => {
        op_report(...describeError(error));
        op_object_wait_end(event);
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
    return await this.#gate.block(callback, true);
  }

  // Ends the instance: what it wrote since the last effect is undone, and everything under way fails.
  // `retryAlarm: false`: an alarm among it does not run again.
  abort(reason, options) {
    const isWrong = options !== undefined && options !== null && typeof options !== "object";
    if (isWrong) {
      throw new TypeError(
        "Failed to execute 'abort' on 'DurableObjectState': parameter 2 is not of type 'AbortOptions'.",
      );
    }
    const error = reason instanceof Error
      ? reason
      : new Error(reason === undefined ? "Application called abort() to reset Durable Object." : `${reason}`);
    if (options?.retryAlarm === false) withoutRetry.add(error);
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

return { DurableObjectState, facetsIfUsed, gateOf, numberOf, retriesAlarm: (error) => !withoutRetry.has(error) };
})();
