// The events of Workers in the service-worker format: FetchEvent, ScheduledEvent, QueueEvent, TailEvent. Only the
// runtime makes them; an app sees them in its listeners.

(function () {
const { core } = __bootstrap;
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { Event } = core.loadExtScript("ext:deno_web/02_event.js");

const KEY = Symbol("construct");

// Whether a listener has answered a request; and with what, after which it is too late.
let isAnswered;
let answerOf;

class ExtendableEvent extends Event {
  #ctx;

  constructor(key, type, ctx) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    super(type);
    this.#ctx = ctx;
  }

  waitUntil(promise) {
    this.#ctx.waitUntil(promise);
  }
}

class FetchEvent extends ExtendableEvent {
  #request;
  #ctx;
  #answer;
  #isOver = false;

  constructor(key, request, ctx) {
    super(key, "fetch", ctx);
    this.#request = request;
    this.#ctx = ctx;
  }

  get request() {
    return this.#request;
  }

  respondWith(promise) {
    if (typeof promise !== "object" || promise === null) {
      throw new TypeError(
        "Failed to execute 'respondWith' on 'FetchEvent': parameter 1 is not of type 'Promise'.",
      );
    }
    if (this.#isOver) {
      throw new DOMException(
        "Too late to call FetchEvent.respondWith(). It must be called synchronously in the event handler.",
        "InvalidStateError",
      );
    }
    if (this.#answer !== undefined) {
      throw new DOMException(
        "FetchEvent.respondWith() has already been called; it can only be called once.",
        "InvalidStateError",
      );
    }
    this.#answer = promise;
  }

  passThroughOnException() {
    this.#ctx.passThroughOnException();
  }

  static {
    isAnswered = (event) => event.#answer !== undefined;
    answerOf = (event) => {
      event.#isOver = true;
      return event.#answer;
    };
  }
}

// An event that shows the properties of what a module's handler would be given.
function eventClass(name, type, properties, methods) {
  const shown = new WeakMap();
  const made = {
    [name]: class extends ExtendableEvent {
      constructor(key, what, ctx) {
        super(key, type, ctx);
        shown.set(this, what);
      }
    },
  }[name];
  for (const property of properties) {
    Object.defineProperty(made.prototype, property, {
      get() {
        return shown.get(this)[property];
      },
      enumerable: true,
      configurable: true,
    });
  }
  for (const method of methods) {
    made.prototype[method] = function (...args) {
      return shown.get(this)[method](...args);
    };
  }
  return made;
}

const ScheduledEvent = eventClass("ScheduledEvent", "scheduled", ["scheduledTime", "cron"], ["noRetry"]);
const QueueEvent = eventClass("QueueEvent", "queue", ["messages", "queue", "metadata"], ["retryAll", "ackAll"]);
const TailEvent = eventClass("TailEvent", "tail", ["events", "traces"], []);
class TraceEvent extends TailEvent {}

for (const [name, event] of Object.entries({ ExtendableEvent, FetchEvent, ScheduledEvent, QueueEvent, TailEvent, TraceEvent })) {
  Object.defineProperty(event.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

return {
  ExtendableEvent,
  FetchEvent,
  ScheduledEvent,
  TailEvent,
  TraceEvent,
  isAnswered,
  answerOf,
  fetchEvent: (request, ctx) => new FetchEvent(KEY, request, ctx),
  scheduledEvent: (controller, ctx) => new ScheduledEvent(KEY, controller, ctx),
  queueEvent: (batch, ctx) => new QueueEvent(KEY, batch, ctx),
  tailEvent: (traces, ctx) => new TailEvent(KEY, { events: traces, traces }, ctx),
};
})();
