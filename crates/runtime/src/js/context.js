// `ctx`: what keeps an event open after its answer.

(function () {
const { core } = __bootstrap;
const { op_close_event, op_fail } = core.ops;
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");

const KEY = Symbol("construct");
// The event whose handler is being called, for waitUntil() of "cloudflare:workers".
let current;

class ExecutionContext {
  #id;
  // What must settle before the event is over; the handler itself is one.
  #open = 1;

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
    Promise.resolve(promise).then(
      () => ExecutionContext.#settle(this),
      (error) => {
        op_fail(this.#id, ...describeError(error));
        ExecutionContext.#settle(this);
      },
    );
  }

  passThroughOnException() {}

  abort(reason) {
    throw reason ?? new Error("The execution context was aborted.");
  }

  static #settle(context) {
    if (--context.#open === 0) op_close_event(context.#id);
  }

  // Whether nothing but the handler is open.
  static isAlone(key, context) {
    return key === KEY && context.#open === 1;
  }

  // The handler has answered.
  static answered(key, context) {
    if (key === KEY) ExecutionContext.#settle(context);
  }
}

const isAlone = ExecutionContext.isAlone.bind(ExecutionContext, KEY);
const answered = ExecutionContext.answered.bind(ExecutionContext, KEY);
delete ExecutionContext.isAlone;
delete ExecutionContext.answered;

return {
  ExecutionContext,
  newContext: (id) => (current = new ExecutionContext(KEY, id)),
  currentContext: () => current,
  isAlone,
  answered,
};
})();
