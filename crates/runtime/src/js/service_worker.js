// The module "cellhouse:service-worker", which a bundle in the service-worker format imports before its own code:
// the bindings become names of the global scope, and what listens there for events of Workers becomes a Worker.

(function () {
const { core } = __bootstrap;
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { answerOf, fetchEvent, isAnswered, queueEvent, scheduledEvent, tailEvent } = core.loadExtScript(
  "ext:cellhouse_runtime/extendable_events.js",
);

const scope = globalThis;
const TYPES = ["fetch", "scheduled", "queue", "tail"];
const listeners = new Map(TYPES.map((type) => [type, []]));

for (const [name, value] of Object.entries(env)) {
  Object.defineProperty(scope, name, { value, writable: true, enumerable: true, configurable: true });
}

// Other events, such as `unhandledrejection`, take the scope's own way.
const { addEventListener, removeEventListener } = scope;
const own = {
  addEventListener(type, listener, options) {
    const known = listeners.get(String(type));
    if (known === undefined) return addEventListener.call(scope, type, listener, options);
    if (listener === null || known.some((one) => one.listener === listener)) return;
    known.push({ listener, once: options?.once === true });
  },
  removeEventListener(type, listener, options) {
    const known = listeners.get(String(type));
    if (known === undefined) return removeEventListener.call(scope, type, listener, options);
    const index = known.findIndex((one) => one.listener === listener);
    if (index >= 0) known.splice(index, 1);
  },
};
for (const [name, value] of Object.entries(own)) {
  Object.defineProperty(scope, name, { value, writable: true, enumerable: true, configurable: true });
}

// Calls the listeners one after the other, as long as `goesOn`. What one throws fails the event.
function dispatch(type, event, goesOn = () => true) {
  for (const one of [...listeners.get(type)]) {
    if (one.once) own.removeEventListener(type, one.listener);
    const { listener } = one;
    if (typeof listener === "function") listener.call(scope, event);
    else listener.handleEvent(event);
    if (!goesOn()) break;
  }
}

const handlers = {
  fetch(request, _env, ctx) {
    const event = fetchEvent(request, ctx);
    dispatch("fetch", event, () => !isAnswered(event));
    const answer = answerOf(event);
    if (answer === undefined) {
      throw new Error("No listener for `fetch` called event.respondWith(), and there is no origin to pass the request on to.");
    }
    return answer;
  },
  scheduled: (controller, _env, ctx) => dispatch("scheduled", scheduledEvent(controller, ctx)),
  queue: (batch, _env, ctx) => dispatch("queue", queueEvent(batch, ctx)),
  tail: (traces, _env, ctx) => dispatch("tail", tailEvent(traces, ctx)),
};

// A Worker has the handlers that something listens for, once its code has run.
const worker = {};
for (const type of TYPES) {
  Object.defineProperty(worker, type, {
    get: () => (listeners.get(type).length > 0 ? handlers[type] : undefined),
    enumerable: true,
  });
}

return { worker };
})();
