// The input gate of a Durable Object: which of the things that happen to it may go on now. Events, and what
// its code waits for outside of it, come in one at a time; while a section runs (blockConcurrencyWhile,
// transaction) only what the section began. Ungated: plain promises, which never leave a turn.
//
// A turn is a call of Rust's into JavaScript with all promise jobs that follow from it. Of two things that
// arrive in one turn, the second waits for the next: between them no promise job of the first is left.

(function () {
const { core } = __bootstrap;
const { op_object_block_limit, op_object_turn, op_turn } = core.ops;
const { getAsyncContext, setAsyncContext } = core;
const { DEPTH, EVENT } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");
// Loaded before anything of it waits at gates.
const timers = () => core.loadExtScript("ext:deno_web/02_timers.js");

// Under this, the engine's asynchronous context has the gate of the object whose code runs.
const GATE = Symbol("gate");

const BLOCKED_TOO_LONG =
  "A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled " +
  "and the Durable Object was reset.";

// A stretch of an object's life that holds off what does not belong to it. The outermost is the object's
// whole life.
class Section {
  isOver = false;
  // The section that runs within it.
  child = undefined;
  // What is under way that lets nothing else in.
  locks = 0;
  // Sections that begin before anything else comes in.
  starting = [];
  waiting = [];

  constructor(parent) {
    this.parent = parent;
  }

  isFree() {
    return this.child === undefined && this.locks === 0 &&
      this.starting.length === 0 && this.waiting.length === 0;
  }

  // Leaves what belongs to it to its parent.
  end() {
    this.isOver = true;
    const { parent } = this;
    parent.child = this.child;
    if (this.child !== undefined) this.child.parent = parent;
    parent.locks += this.locks;
    parent.starting.push(...this.starting);
    parent.waiting.push(...this.waiting);
  }
}

// The section to which what a section began belongs now.
function present(section) {
  while (section.isOver) section = section.parent;
  return section;
}

class GateContext {
  constructor(gate, ctx, depth) {
    this[GATE] = gate;
    this[EVENT] = ctx;
    this[DEPTH] = depth;
  }
}
keepShapes(new GateContext(undefined, undefined, 0));

class InputGate {
  // Events under way, which are told if the object cannot go on.
  pending = new Set();
  // Called when the object can do nothing more: (error, whether what it wrote stays).
  broke = () => {};
  // Nothing comes in any more.
  isShut = false;
  #number;
  #life = new Section(null);
  // The section of the present turn.
  #current = this.#life;
  // The last turn in which something came in.
  #turn = -1;
  #askedForTurn = false;
  // Has the shape of the contexts of Deno's AsyncVariable.
  #context = { __proto__: null, [GATE]: this };

  constructor(number) {
    this.#number = number;
  }

  // ---- events

  // Whether an event may begin at once, in a turn of its own.
  isOpen() {
    return this.#life.isFree();
  }

  // Runs `event` when it is its turn, also if the object is gone by then.
  wait(event) {
    this.#life.waiting.push(event);
    this.#ask();
  }

  // An event begins in this turn.
  begin() {
    this.#current = this.#life;
  }

  // What runs from now on is code of the object's, for the event of `ctx`, to which `depth` calls led; gives the
  // context that there was.
  enterContext(ctx, depth = 0) {
    const before = getAsyncContext();
    // No copy of the other one: this is done for every event.
    setAsyncContext(ctx === undefined ? this.#context : new GateContext(this, ctx, depth));
    return before;
  }

  // Runs code of the object's.
  run(code) {
    return call(this.#context, code, []);
  }

  // ---- what the object's code waits for

  // Calls `code` when something that the present section began may come in.
  later(code) {
    const section = this.#current;
    const context = getAsyncContext();
    return (...args) => this.#enter(section, () => call(context, code, args));
  }

  // The promise of something outside.
  held(promise) {
    const section = this.#current;
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.#enter(section, () => resolve(value)),
        (error) => this.#enter(section, () => reject(error)),
      );
    });
  }

  // The promise of something that is part of the turn that began it: nothing comes in before it is settled.
  locked(promise) {
    const section = present(this.#current);
    section.locks++;
    const settled = (settle) => (value) => {
      const at = present(section);
      at.locks--;
      this.#enterAt(at);
      if (!this.isShut) settle(value);
      this.#ask();
    };
    return new Promise((resolve, reject) => promise.then(settled(resolve), settled(reject)));
  }

  #enter(section, run) {
    if (this.isShut) return;
    const at = present(section);
    if (at.isFree() && this.#turn !== op_turn()) {
      this.#enterAt(at);
      return run();
    }
    at.waiting.push(() => {
      if (!this.isShut) run();
    });
    this.#ask();
  }

  #enterAt(section) {
    this.#turn = op_turn();
    this.#current = section;
  }

  // ---- sections

  // Runs the callback as a section within the present one, in a turn of its own. `isFatal`: the object ends
  // if it fails. Settled as the callback's promise is.
  block(callback, isFatal) {
    const parent = present(this.#current);
    const section = new Section(parent);
    const context = getAsyncContext();
    return new Promise((resolve, reject) => {
      const start = () => this.#start(section, isFatal, () => call(context, callback, []), resolve, reject);
      parent.starting.push(start);
      this.#ask();
    });
  }

  async #start(section, isFatal, callback, resolve, reject) {
    section.parent = this.#current;
    this.#current.child = section;
    this.#current = section;
    const { setTimeout, clearTimeout } = timers();
    const late = () => this.broke(new Error(BLOCKED_TOO_LONG), false);
    const timer = setTimeout(late, op_object_block_limit());
    let settle;
    try {
      const value = await callback();
      settle = () => resolve(value);
    } catch (error) {
      if (isFatal) this.broke(error, true);
      settle = () => reject(error);
    }
    clearTimeout(timer);
    if (this.isShut) return;
    section.end();
    this.#current = present(section);
    settle();
    this.#ask();
  }

  // ---- turns

  #innermost() {
    let section = this.#life;
    while (section.child !== undefined) section = section.child;
    return section;
  }

  // Asks for a turn if anything could come in.
  #ask() {
    if (this.#askedForTurn) return;
    const { locks, starting, waiting } = this.#innermost();
    if (locks > 0 || (starting.length === 0 && waiting.length === 0)) return;
    this.#askedForTurn = true;
    op_object_turn(this.#number);
  }

  // The turn that it has asked for: lets one in.
  turn() {
    this.#askedForTurn = false;
    const section = this.#innermost();
    const next = section.locks > 0 ? undefined : section.starting.shift() ?? section.waiting.shift();
    if (next === undefined) return;
    this.#enterAt(section);
    try {
      next();
    } catch (error) {
      core.reportUnhandledException(error);
    }
    this.#ask();
  }

  // ---- the end

  // The instance has left.
  shut() {
    this.isShut = true;
  }

  // The object is gone: events that wait find that out, and those under way fail.
  fail(error) {
    this.isShut = true;
    const pending = [...this.pending];
    this.pending.clear();
    for (const event of pending) event.fail(error);
    for (const event of this.#life.waiting.splice(0)) event();
  }
}

function call(context, code, args) {
  const before = getAsyncContext();
  setAsyncContext(context);
  try {
    return Reflect.apply(code, globalThis, args);
  } finally {
    setAsyncContext(before);
  }
}

// The gate of the object whose code runs; undefined outside of objects.
function gateHere() {
  return getAsyncContext()?.[GATE];
}

// A function that may be called at any time, for one of the running code's that waits for its turn.
function gated(code) {
  const gate = gateHere();
  return gate === undefined ? code : gate.later(code);
}

return { gated, gateHere, InputGate };
})();
