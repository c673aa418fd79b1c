// `ctx`: what keeps an event open after its answer.

(function () {
const { core } = __bootstrap;
const { op_close_event, op_fail } = core.ops;
const { eventHere } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { contextExports } = core.loadExtScript("ext:cellhouse_runtime/exports.js");

const KEY = Symbol("construct");
// The event that was begun last, for waitUntil() of "cloudflare:workers" where nothing else is known.
let current;

// Something that keeps an event open has ended: the handler has answered, for one.
let answered;
// Whether nothing but the handler is open.
let isAlone;
let idOf;
// Whether a promise of waitUntil() is open, and what is called each time that the last one has settled, or at
// once if there is none.
let isAwaited;
let whenNothingIsAwaited;

class ExecutionContext {
  #id;
  // What must settle before the event is over; the handler itself is one.
  #open = 1;
  // As the caller sent them, until they are read.
  #encoded;
  #props;
  // Who hears, in place of Rust, of promises that fail and of the end.
  #watch;
  // Promises of waitUntil() among it.
  #awaited = 0;
  #afterAwaited;

  constructor(key, id, encoded, watch) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#id = id;
    this.#encoded = encoded;
    this.#watch = watch;
  }

  get props() {
    return this.#props ??= readProps(this.#encoded);
  }

  get exports() {
    return contextExports;
  }

  waitUntil(promise) {
    this.#open++;
    this.#awaited++;
    const settled = () => {
      if (--this.#awaited === 0) this.#afterAwaited?.();
      answered(this);
    };
    Promise.resolve(promise).then(
      settled,
      (error) => {
        if (this.#watch === undefined) op_fail(this.#id, ...describeError(error));
        else this.#watch.failed(error);
        settled();
      },
    );
  }

  passThroughOnException() {}

  abort(reason) {
    throw reason ?? new Error("The execution context was aborted.");
  }

  static {
    answered = (context) => {
      if (--context.#open > 0) return;
      context.#watch?.over();
      op_close_event(context.#id);
    };
    isAlone = (context) => context.#open === 1;
    idOf = (context) => context.#id;
    isAwaited = (context) => context.#awaited > 0;
    whenNothingIsAwaited = (context, callback) => {
      context.#afterAwaited = callback;
      if (context.#awaited === 0) callback();
    };
  }
}

// `encoded`: bytes of `op_clone_write`, of which none are an empty object.
function readProps(encoded) {
  if (encoded === undefined || encoded.byteLength === 0) return {};
  core.loadExtScript("ext:cellhouse_runtime/clone.js");
  return core.ops.op_clone_read(new Uint8Array(encoded), undefined);
}

return {
  ExecutionContext,
  newContext: (id, encoded = undefined, watch = undefined) =>
    (current = new ExecutionContext(KEY, id, encoded, watch)),
  currentContext: () => eventHere() ?? current,
  // The number of the event whose code runs, if that is known.
  eventId() {
    const context = eventHere();
    return context === undefined ? undefined : idOf(context);
  },
  // That of the event which was begun last.
  lastEventId: () => (current === undefined ? undefined : idOf(current)),
  isAlone,
  answered,
  isAwaited,
  whenNothingIsAwaited,
};
})();
