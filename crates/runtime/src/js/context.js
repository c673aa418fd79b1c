// `ctx`: what keeps an event open after its answer.

(function () {
const { core } = __bootstrap;
const { op_close_event, op_fail } = core.ops;
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");

const KEY = Symbol("construct");
// The event whose handler is being called, for waitUntil() of "cloudflare:workers".
let current;

// Something that keeps an event open has ended: the handler has answered, for one.
let answered;
// Whether nothing but the handler is open.
let isAlone;
// Whether a promise of waitUntil() is open, and what is called each time that the last one has settled, or at
// once if there is none.
let isAwaited;
let whenNothingIsAwaited;

class ExecutionContext {
  #id;
  // What must settle before the event is over; the handler itself is one.
  #open = 1;
  // Promises of waitUntil() among it.
  #awaited = 0;
  #afterAwaited;

  constructor(key, id) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#id = id;
  }

  get props() {
    return {};
  }

  get exports() {
    return {};
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
        op_fail(this.#id, ...describeError(error));
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
      if (--context.#open === 0) op_close_event(context.#id);
    };
    isAlone = (context) => context.#open === 1;
    isAwaited = (context) => context.#awaited > 0;
    whenNothingIsAwaited = (context, callback) => {
      context.#afterAwaited = callback;
      if (context.#awaited === 0) callback();
    };
  }
}

return {
  ExecutionContext,
  newContext: (id) => (current = new ExecutionContext(KEY, id)),
  currentContext: () => current,
  isAlone,
  answered,
  isAwaited,
  whenNothingIsAwaited,
};
})();
