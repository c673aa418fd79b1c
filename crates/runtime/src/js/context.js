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

class ExecutionContext {
  #id;
  // What must settle before the event is over; the handler itself is one.
  #open = 1;
  // Who hears, in place of Rust, of promises that fail and of the end.
  #watch;

  constructor(key, id, watch) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#id = id;
    this.#watch = watch;
  }

  get props() {
    return {};
  }

  get exports() {
    return {};
  }

  waitUntil(promise) {
    this.#open++;
    Promise.resolve(promise).then(
      () => answered(this),
      (error) => {
        if (this.#watch === undefined) op_fail(this.#id, ...describeError(error));
        else this.#watch.failed(error);
        answered(this);
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
  }
}

return {
  ExecutionContext,
  newContext: (id, watch = undefined) => (current = new ExecutionContext(KEY, id, watch)),
  currentContext: () => current,
  isAlone,
  answered,
};
})();
