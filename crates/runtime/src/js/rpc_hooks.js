// What a session has of the other side, under the stubs; see `State` in rpc_stub.js.

(function () {
const { core } = __bootstrap;
const { stateOf } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");
const { gated } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");

// The hook of something in the other side's table. `count`: how often it was received.
class Import {
  kind = "object";
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

// The hook of the result of a call. `result` is a promise; once it is settled, `stubs` came with it.
class Question {
  kind = "answer";
  stubs = [];
  // Why it never reached the other side.
  refusal = undefined;
  #needs;
  #users = 0;
  #isFinished = false;

  // `needs`: the results that it refers to. `beside`: what goes with its arguments, see rpc_values.js.
  constructor(session, id, needs, beside = []) {
    this.session = session;
    this.id = id;
    this.#needs = needs;
    this.beside = beside;
    const { promise, resolve, reject } = Promise.withResolvers();
    // Whoever awaits it is told; a call whose result nobody wants fails silently.
    promise.catch(() => {});
    this.result = promise;
    this.resolve = gated(resolve);
    this.reject = gated(reject);
    const end = () => {
      this.#needs = [];
      this.beside = [];
    };
    promise.then(end, end);
  }

  refuse(error) {
    this.refusal = error;
    this.reject(error);
  }

  // Why it could not run, if that is because something it needs was refused.
  refusalOfNeeds() {
    return this.#needs.find(({ refusal }) => refusal !== undefined)?.refusal;
  }

  call(path, args) {
    return this.session.call(this, path, args);
  }

  // A call that fails has nothing that could be used; what comes of another is watched in its place.
  watch(told) {
    this.result.then((value) => stateOf(value)?.hook.watch(told), told);
  }

  hold() {
    this.#users++;
  }

  drop() {
    if (--this.#users > 0 || this.#isFinished) return;
    this.#isFinished = true;
    this.session.finish(this.id);
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

return { Import, Question };
})();
