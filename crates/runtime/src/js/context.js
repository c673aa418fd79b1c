// `ctx`: what keeps an event open after its answer.

(function () {
const { core } = __bootstrap;
const { op_close_event, op_fail } = core.ops;
const { eventHere } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");
const { contextExports } = core.loadExtScript("ext:cellhouse_runtime/exports.js");

const KEY = Symbol("construct");
// The event that was begun last, for waitUntil() of "cloudflare:workers" where nothing else is known.
let current;

let stateOf;

// What is known of an event.
class State {
  constructor(id) {
    this.id = id;
    // What must settle before the event is over; the handler itself is one.
    this.open = 1;
  }
}
Object.assign(State.prototype, {
  // As the caller sent them, until they are read.
  encoded: undefined,
  props: undefined,
  // Who hears, in place of Rust, of promises that fail and of the end.
  watch: undefined,
  // Promises of waitUntil() among what is open.
  awaited: 0,
  afterAwaited: undefined,
});

class ExecutionContext {
  #state;

  constructor(key, id) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#state = new State(id);
  }

  get props() {
    const state = this.#state;
    return state.props ??= readProps(state.encoded);
  }

  get exports() {
    return contextExports;
  }

  waitUntil(promise) {
    const state = this.#state;
    state.open++;
    state.awaited++;
    const settled = () => {
      if (--state.awaited === 0) state.afterAwaited?.();
      answered(this);
    };
    Promise.resolve(promise).then(
      settled,
      (error) => {
        if (state.watch === undefined) op_fail(state.id, ...describeError(error));
        else state.watch.failed(error);
        settled();
      },
    );
  }

  passThroughOnException() {}

  abort(reason) {
    throw reason ?? new Error("The execution context was aborted.");
  }

  static {
    stateOf = (context) => context.#state;
  }
}
keepShapes(new State(0));
keepShapes(new ExecutionContext(KEY, 0));

function newContext(id, encoded = undefined, watch = undefined) {
  current = new ExecutionContext(KEY, id);
  if (encoded !== undefined || watch !== undefined) Object.assign(stateOf(current), { encoded, watch });
  return current;
}

// Something that keeps an event open has ended: the handler has answered, for one.
function answered(context) {
  const state = stateOf(context);
  if (--state.open > 0) return;
  state.watch?.over();
  op_close_event(state.id);
}

// Whether nothing but the handler is open.
const isAlone = (context) => stateOf(context).open === 1;

// Whether a promise of waitUntil() is open.
const isAwaited = (context) => stateOf(context).awaited > 0;

// Calls back each time that the last such promise has settled, or at once if there is none.
function whenNothingIsAwaited(context, callback) {
  stateOf(context).afterAwaited = callback;
  if (!isAwaited(context)) callback();
}

const idOf = (context) => stateOf(context).id;

// `encoded`: bytes of `op_clone_write`, of which none are an empty object.
function readProps(encoded) {
  if (encoded === undefined || encoded.byteLength === 0) return {};
  core.loadExtScript("ext:cellhouse_runtime/clone.js");
  return core.ops.op_clone_read(new Uint8Array(encoded), undefined);
}

return {
  ExecutionContext,
  newContext,
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
