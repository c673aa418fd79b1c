// What a session has of the other side, under the stubs; see `State` in rpc_stub.js.

(function () {
const { core } = __bootstrap;
const { stateOf } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");
const { gated, gateHere } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");

const NONE = [];

// The hook of something in the other side's table. `count`: how often it was received.
class Import {
  count = 0;
  #users = 0;

  constructor(session, id) {
    this.session = session;
    this.id = id;
  }

  call(path, args) {
    return this.session.call(this, path, args);
  }

  watch(told) {
    this.session.watch(this, told);
  }

  hold() {
    this.#users++;
  }

  drop() {
    if (--this.#users === 0 && this.id !== 0) this.session.release(this);
  }
}
Import.prototype.isAnswer = false;

const PENDING = 0;
const RESOLVED = 1;
const REJECTED = 2;

// The hook of the result of a call; once it is settled, `stubs` came with it.
class Question {
  // `needs`: the results that it refers to. `beside`: what goes with its arguments, see rpc_values.js.
  constructor(session, id, needs, beside) {
    this.session = session;
    this.id = id;
    this.needs = needs;
    this.beside = beside;
    this.state = PENDING;
    this.value = undefined;
    // Its promise, with what settles that, once somebody asks for it.
    this.deferred = undefined;
    this.stubs = undefined;
    // Why it never reached the other side.
    this.refusal = undefined;
    // Whether the other side keeps nothing for it but a value that is small.
    this.isPlain = false;
    this.users = 0;
    this.isFinished = false;
    // How it comes in where an object's code waits for it.
    this.come = gateHere() === undefined ? undefined : gated((state, value) => this.#settle(state, value));
  }

  // Whoever asks handles it: a call whose result nobody wants fails silently.
  get result() {
    const known = this.deferred;
    if (known !== undefined) return known.promise;
    const deferred = this.deferred = Promise.withResolvers();
    if (this.state === RESOLVED) deferred.resolve(this.value);
    else if (this.state === REJECTED) deferred.reject(this.value);
    return deferred.promise;
  }

  resolve(value) {
    if (this.come === undefined) this.#settle(RESOLVED, value);
    else this.come(RESOLVED, value);
  }

  reject(error) {
    if (this.come === undefined) this.#settle(REJECTED, error);
    else this.come(REJECTED, error);
  }

  #settle(state, value) {
    if (this.state !== PENDING) return;
    this.state = state;
    this.value = value;
    this.needs = this.beside = NONE;
    if (this.deferred === undefined) return;
    if (state === RESOLVED) this.deferred.resolve(value);
    else this.deferred.reject(value);
  }

  refuse(error) {
    this.refusal = error;
    this.reject(error);
  }

  // Why it could not run, if that is because something it needs was refused.
  refusalOfNeeds() {
    return this.needs.find(({ refusal }) => refusal !== undefined)?.refusal;
  }

  call(path, args) {
    return this.session.call(this, path, args);
  }

  // A call that fails has nothing that could be used; what comes of another is watched in its place.
  watch(told) {
    this.result.then((value) => stateOf(value)?.hook.watch(told), told);
  }

  hold() {
    this.users++;
  }

  drop() {
    if (--this.users > 0 || this.isFinished) return;
    this.isFinished = true;
    this.session.finish(this);
  }

  // Drops it when another is answered.
  dropAfter({ result }) {
    const drop = () => this.drop();
    result.then(drop, drop);
  }

  // Lets go of what comes, or came.
  disposeResult() {
    this.result.then((value) => value?.[Symbol.dispose]?.(), () => {});
  }
}
Question.prototype.isAnswer = true;
keepShapes(new Question(undefined, 0, NONE, NONE));

return { Import, Question };
})();
