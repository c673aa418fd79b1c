// A session: all that two sides of RPC know of each other. Messages go through a transport that keeps
// their order, with the ends of WebSockets that each hands over; each is the encoding of a list:
//
//   ["call", id, on, path, args, depth]   a call (or a read, if args is null) of `path` on something of the
//                                  receiver's; `id`, chosen by the sender, names the result; `depth` calls led to it
//   ["result", id, value], ["failure", id, value]
//   ["finish", id]                 the caller uses the result `id` no more
//   ["release", id, count]         the sender holds its import `id` so many times less
//   ["close", value]               the sender gives up
//
// `on` is ["object", id] of the receiver's table (0 is its main object), or ["answer", id] of a call that the
// sender has made before: what is called on a result needs not wait for it.

(function () {
const { core } = __bootstrap;
const { nextDepth } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { Answer, answered, disposable, follow, letGo, markRemote, settled, throwable } = core.loadExtScript(
  "ext:cellhouse_runtime/rpc_calls.js",
);
const { gated, gateHere } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");
const { Import, Question } = core.loadExtScript("ext:cellhouse_runtime/rpc_hooks.js");
const { answersIn, decode, encode, takeBack } = core.loadExtScript("ext:cellhouse_runtime/rpc_values.js");
const { op_clone_read, op_clone_write } = core.ops;

// A read has no arguments.
const NOTHING = { sent: null, needed: [], kept: [] };

function letIn(run, come) {
  if (come === undefined) return run();
  return new Promise((resolve) => come(() => resolve(new Promise((done) => done(run())))));
}

class Session {
  #transport;
  #main;
  #around;
  // What the other side may use, by number: { value, count, come }; see `around`.
  #exports = new Map();
  #numbers = new Map();
  #nextExport = 1;
  #imports = new Map();
  // Calls of ours without a result yet.
  #questions = new Map();
  #nextQuestion = 1;
  // Calls of ours whose results somebody here may still refer to.
  #unfinished = 0;
  // Of the message that is being encoded: the results that it refers to, and those of them that were asked for
  // only for that.
  #encoding = undefined;
  // Results of the other side's calls, until it has no use for them.
  #answers = new Map();
  // The calls that came before, where one of them waits for what it needs.
  #waiting = undefined;
  #closed = undefined;

  // What waits to be told of the end, by the hook that it was asked of.
  #watchers = new Map();

  // `transport`: { send(bytes, ends, call), couple() }: `call` is the number of a call that this asks for, or 0;
  // the latter is as `op_websocket_couple`. `main`: what the other side's stub stands for, if it has one. `around`
  // is called for each call that comes in, with a function that runs the app's code and returns what the
  // call returns: for gates and contexts. Where what is called came out of an object, a second function
  // lets such a call in, when it is its turn. The third argument is how many calls led to it, the fourth whether
  // it is one of the main object: then the first function may be given another to call in its place. The fifth is
  // the path.
  constructor(transport, main = undefined, around = letIn) {
    this.#transport = transport;
    this.#main = main;
    this.#around = around;
  }

  // The hook of the other side's main object.
  remote() {
    return this.import(0);
  }

  #send(message, ends = [], call = 0) {
    if (this.#closed === undefined) this.#transport.send(op_clone_write(message), ends, call);
  }

  // Two ends of a WebSocket, of which one is to be handed over.
  couple() {
    return this.#transport.couple();
  }

  // ---- asking

  call(hook, path, args) {
    if (this.#closed !== undefined) throw this.#closed;
    const depth = nextDepth();
    const ends = [];
    const { sent, needed, kept } = args === undefined ? NOTHING : this.#encode(args, ends);
    const needs = hook.kind === "answer" ? [hook, ...needed] : needed;
    const question = new Question(this, this.#nextQuestion++, needs, sent?.beside);
    this.#questions.set(question.id, question);
    this.#unfinished++;
    try {
      this.#send(["call", question.id, [hook.kind, hook.id], path, sent, depth], ends, question.id);
    } catch (error) {
      this.refused(question.id, error);
    }
    for (const one of kept) one.dropAfter(question);
    return question;
  }

  #encode(value, ends, passed) {
    // Reading a property, for its value to be sent, is a call of its own.
    const outer = this.#encoding;
    const encoding = { needed: [], kept: [] };
    this.#encoding = encoding;
    try {
      return { sent: encode(this, value, ends, passed), ...encoding };
    } catch (error) {
      for (const one of encoding.kept) one.drop();
      throw error;
    } finally {
      this.#encoding = outer;
    }
  }

  // The number of a result that the message refers to that is being encoded.
  refer(question) {
    this.#encoding.needed.push(question);
    return question.id;
  }

  // The same, of a result that nothing else uses.
  keep(question) {
    question.hold();
    this.#encoding.kept.push(question);
    return this.refer(question);
  }

  // A call did not reach the other side. Those that need its result fail there, and are told the same.
  refused(id, error) {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.delete(id);
    for (const entry of question.beside) takeBack(entry, (id) => this.#released(id, 1));
    question.refuse(error);
  }

  finish(id) {
    this.#unfinished--;
    this.#send(["finish", id]);
  }

  async #settle(id, value, isFailure, ends) {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.delete(id);
    const refusal = isFailure ? question.refusalOfNeeds() : undefined;
    if (refusal !== undefined) return question.refuse(refusal);
    try {
      const needs = this.#needs(["object", 0], value);
      if (needs.size > 0) await settled(needs);
      const decoded = decode(this, value, (id) => answered(needs, id), question.stubs, ends);
      if (isFailure) question.reject(markRemote(decoded));
      else question.resolve(disposable(decoded, question.stubs));
    } catch (error) {
      question.reject(error);
    }
  }

  // ---- answering

  #answer(id, on, path, args, depth, ends) {
    const answer = new Answer();
    this.#answers.set(id, answer);
    // Taken now: the other side may say that it has no further use for them right after this call.
    const needs = this.#needs(on, args);
    const run = () => answer.settle(this.#perform(on, path, args, depth, needs, answer.stubs, ends));
    // Calls begin in the order in which they came, also if one has to wait for its arguments.
    if (this.#waiting === undefined && [...needs.values()].every((need) => need.isSettled)) run();
    else this.#wait(needs, run);
    answer.promise.then(
      (value) => this.#reply("result", id, value, answer),
      (error) => this.#reply("failure", id, error, answer),
    );
  }

  // The results that a call refers to, by their numbers.
  #needs(on, args) {
    const ids = args === null ? [] : answersIn(args);
    if (on[0] === "answer") ids.push(on[1]);
    const known = ids.filter((id) => this.#answers.has(id));
    return new Map(known.map((id) => [id, this.#answers.get(id)]));
  }

  #wait(needs, run) {
    const before = this.#waiting;
    const turn = (async () => {
      await before;
      await settled(needs);
      run();
    })();
    this.#waiting = turn;
    turn.then(() => {
      if (this.#waiting === turn) this.#waiting = undefined;
    });
  }

  // Runs up to the app's own code at once: what it needs is there.
  async #perform(on, path, args, depth, needs, stubs, ends) {
    const known = (id) => answered(needs, id);
    const list = args === null ? undefined : decode(this, args, known, stubs, ends);
    const base = on[0] === "answer" ? answered(needs, on[1]) : this.exported(on[1]);
    const isMain = on[0] === "object" && on[1] === 0;
    const come = on[0] === "object" ? this.#exports.get(on[1])?.come : undefined;
    return await this.#around((main = base) => follow(main, path, list, isMain), come, depth, isMain, path);
  }

  #reply(kind, id, value, answer) {
    if (this.#closed !== undefined) return answer.dispose();
    const ends = [];
    const passed = new Set();
    let encoded;
    try {
      encoded = this.#encode(kind === "failure" ? throwable(value) : value, ends, passed);
    } catch (error) {
      kind = "failure";
      passed.clear();
      encoded = this.#encode(throwable(error), ends);
    }
    // What came with the arguments is the call's; whoever wants to keep it makes a dup().
    answer.dispose(passed);
    this.#send([kind, id, encoded.sent], ends);
    // By then it has arrived.
    for (const one of encoded.kept) one.dropAfter(one);
  }

  async #finished(id) {
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    // Calls on the result that came before this still wait for it.
    await this.#waiting;
    answer?.finish();
  }

  // ---- what is under way

  // Whether results are outstanding.
  expects() {
    return this.#questions.size > 0;
  }

  // Whether neither side has anything of the other's.
  isUnused() {
    const held = [...this.#imports.keys()].some((id) => id !== 0);
    const tables = [this.#questions, this.#answers, this.#exports, this.#watchers];
    return !held && tables.every(({ size }) => size === 0);
  }

  // The same, and nobody here can refer to any result of a call.
  isFinished() {
    return this.#unfinished === 0 && this.isUnused();
  }

  isClosed() {
    return this.#closed !== undefined;
  }

  // ---- tables

  // The number under which the other side uses a value of ours from now on.
  export(value) {
    let id = this.#numbers.get(value);
    if (id === undefined) {
      id = this.#nextExport++;
      this.#numbers.set(value, id);
      const come = gateHere() === undefined ? undefined : gated((run) => run());
      this.#exports.set(id, { value, count: 0, come });
    }
    this.#exports.get(id).count++;
    return id;
  }

  exported(id) {
    if (id === 0 && this.#main !== undefined) return this.#main;
    const entry = this.#exports.get(id);
    if (entry === undefined) throw new Error("RPC stub used after being disposed.");
    return entry.value;
  }

  // The hook of something of the other side's that was received once more.
  import(id) {
    let hook = this.#imports.get(id);
    if (hook === undefined) {
      hook = new Import(this, id);
      this.#imports.set(id, hook);
    }
    hook.count++;
    return hook;
  }

  // Takes back what was not sent after all.
  unexport(id) {
    this.#forget(id, 1);
  }

  release(hook) {
    this.#watchers.delete(hook);
    if (this.#imports.get(hook.id) === hook) this.#imports.delete(hook.id);
    this.#send(["release", hook.id, hook.count]);
  }

  #released(id, count) {
    const entry = this.#forget(id, count);
    if (entry !== undefined) letGo(entry.value);
  }

  // The entry, if nothing refers to it any more.
  #forget(id, count) {
    const entry = this.#exports.get(id);
    if (entry === undefined || (entry.count -= count) > 0) return undefined;
    this.#exports.delete(id);
    this.#numbers.delete(entry.value);
    return entry;
  }

  // Calls `told` with the error that ends the session, while the hook is held.
  watch(hook, told) {
    if (this.#closed !== undefined) return queueMicrotask(() => told(this.#closed));
    const known = this.#watchers.get(hook);
    if (known === undefined) this.#watchers.set(hook, [told]);
    else known.push(told);
  }

  // ---- the transport's side

  // Takes a message of the other side's.
  receive(bytes, ends = []) {
    if (this.#closed !== undefined) return;
    const [kind, id, ...rest] = op_clone_read(bytes);
    switch (kind) {
      case "call":
        return this.#answer(id, ...rest, ends);
      case "result":
        return this.#settle(id, rest[0], false, ends);
      case "failure":
        return this.#settle(id, rest[0], true, ends);
      case "finish":
        return this.#finished(id);
      case "release":
        return this.#released(id, rest[0]);
      case "close":
        return this.close(id, false);
    }
  }

  // Ends it: all calls without a result fail with the error, and stubs are of no use any more.
  close(error = new Error("The RPC session was closed."), isOurs = true) {
    if (this.#closed !== undefined) return;
    if (isOurs) this.#send(["close", error]);
    this.#closed = error;
    const watchers = [...this.#watchers.values()].flat();
    this.#watchers.clear();
    for (const told of watchers) queueMicrotask(() => told(error));
    for (const { reject } of this.#questions.values()) reject(error);
    for (const { value } of this.#exports.values()) letGo(value);
    this.#questions.clear();
    this.#answers.clear();
    this.#exports.clear();
    this.#numbers.clear();
    this.#imports.clear();
  }
}

return { Session };
})();
