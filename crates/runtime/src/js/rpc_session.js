// A session: all that two sides of RPC know of each other. Messages (rpc_messages.js) go through a transport that keeps
// their order, with the ends of WebSockets that each hands over.

(function () {
const { core } = __bootstrap;
const { nextDepth } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { Answer, answered, disposable, follow, letGo, markRemote, settled, throwable } = core.loadExtScript(
  "ext:cellhouse_runtime/rpc_calls.js",
);
const { Exports } = core.loadExtScript("ext:cellhouse_runtime/rpc_exports.js");
const { Import, Question } = core.loadExtScript("ext:cellhouse_runtime/rpc_hooks.js");
const {
  CALL, CLOSE, FAILURE, FINISH, isSmall, letIn, RELEASE, RESULT, SMALL, VALUE,
} = core.loadExtScript("ext:cellhouse_runtime/rpc_messages.js");
const { answersIn, decode, encode, takeBack } = core.loadExtScript("ext:cellhouse_runtime/rpc_values.js");
const { getAsyncContext, setAsyncContext } = core;

const NONE = [];
const NO_NEEDS = new Map();

class Session {
  #transport;
  #main;
  #around;
  #exports = new Exports();
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

  // `transport`: { send(message, ends, call), finish(id), couple() }: `call` is the number of a call that this asks for,
  // or 0; the second, which may be missing, brings it to the other side in its own time that a result is of no use
  // any more; the last is as `op_websocket_couple`. `main`: what the other side's stub stands for, if it has one.
  // `around` is called for each call that comes in, with a function that runs the app's code and returns what the
  // call returns: for gates and contexts. Where what is called came out of an object, a second function
  // lets such a call in, when it is its turn. The third argument is how many calls led to it, the fourth whether
  // it is one of the main object: then the first function may be given another to call in its place. The fifth is
  // the path, the sixth is to be called with (whether it failed, the value or error) once that is known.
  constructor(transport, main = undefined, around = letIn) {
    this.#transport = transport;
    this.#main = main;
    this.#around = around;
  }

  // The hook of the other side's main object.
  remote() {
    return this.import(0);
  }

  #send(message, ends = NONE, call = 0) {
    if (this.#closed === undefined) this.#transport.send(message, ends, call);
  }

  // Two ends of a WebSocket, of which one is to be handed over.
  couple() {
    return this.#transport.couple();
  }

  // ---- asking

  call(hook, path, args) {
    if (this.#closed !== undefined) throw this.#closed;
    const depth = nextDepth();
    const isSimple = args === undefined || args.every(isSmall);
    const ends = isSimple ? NONE : [];
    const { sent, needed, kept } = isSimple ? { sent: args ?? null, needed: NONE, kept: NONE } : this.#encode(args, ends);
    const needs = hook.isAnswer ? [hook, ...needed] : needed;
    const question = new Question(this, this.#nextQuestion++, needs, sent?.beside ?? NONE);
    this.#questions.set(question.id, question);
    this.#unfinished++;
    const way = path.length === 1 ? path[0] : path;
    try {
      this.#send([CALL, question.id, hook.isAnswer, hook.id, way, depth, sent], ends, question.id);
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

  // What is plain there is told in the transport's own time.
  finish(question) {
    this.#unfinished--;
    const { finish } = this.#transport;
    if (!question.isPlain || finish === undefined) this.#send([FINISH, question.id]);
    else if (this.#closed === undefined) finish(question.id);
  }

  #settle(id, sent, isFailure, ends) {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.delete(id);
    question.isPlain = sent.beside.length === 0 && sent.bytes.byteLength <= SMALL;
    const refusal = isFailure ? question.refusalOfNeeds() : undefined;
    if (refusal !== undefined) return question.refuse(refusal);
    const needs = this.#needs(false, 0, sent);
    const run = () => this.#decodeFor(question, sent, isFailure, needs, ends);
    if (needs.size === 0) run();
    else settled(needs).then(run);
  }

  #decodeFor(question, sent, isFailure, needs, ends) {
    try {
      const stubs = [];
      const value = decode(this, sent, (id) => answered(needs, id), stubs, ends);
      question.stubs = stubs;
      if (isFailure) question.reject(markRemote(value));
      else question.resolve(disposable(value, stubs));
    } catch (error) {
      question.reject(error);
    }
  }

  #settleValue(id, value) {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.delete(id);
    question.isPlain = true;
    question.resolve(value);
  }

  // ---- answering

  #answer(id, isAnswer, on, path, depth, sent, ends) {
    const answer = new Answer();
    this.#answers.set(id, answer);
    // Taken now: the other side may say that it has no further use for them right after this call.
    const needs = this.#needs(isAnswer, on, sent);
    const way = typeof path === "string" ? [path] : path;
    const context = getAsyncContext();
    // As what this session does, whoever's code was the last one to run.
    const settle = (failed, value) => {
      const before = getAsyncContext();
      setAsyncContext(context);
      try {
        this.#settled(id, answer, failed, value);
      } finally {
        setAsyncContext(before);
      }
    };
    const run = () => this.#perform(answer, isAnswer, on, way, depth, sent, needs, ends, settle);
    // Calls begin in the order in which they came, also if one has to wait for its arguments.
    if (this.#waiting === undefined && (needs.size === 0 || [...needs.values()].every((need) => need.isSettled))) run();
    else this.#wait(needs, run);
  }

  // The results that a call refers to, by their numbers.
  #needs(isAnswer, on, sent) {
    const isSimple = !isAnswer && (sent === null || sent.beside === undefined || sent.beside.length === 0);
    if (isSimple) return NO_NEEDS;
    const ids = sent === null || sent.beside === undefined ? [] : answersIn(sent);
    if (isAnswer) ids.push(on);
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
  #perform(answer, isAnswer, on, path, depth, sent, needs, ends, settle) {
    try {
      const list = this.#argumentsOf(answer, sent, needs, ends);
      const base = isAnswer ? answered(needs, on) : this.exported(on);
      const isMain = !isAnswer && on === 0;
      const come = isAnswer || isMain ? undefined : this.#exports.entry(on)?.come;
      this.#around((main = base) => follow(main, path, list, isMain), come, depth, isMain, path, settle);
    } catch (error) {
      settle(true, error);
    }
  }

  #argumentsOf(answer, sent, needs, ends) {
    if (sent === null) return undefined;
    if (Array.isArray(sent)) return sent;
    answer.stubs = [];
    return decode(this, sent, (id) => answered(needs, id), answer.stubs, ends);
  }

  #settled(id, answer, failed, value) {
    answer.settle(failed, value);
    if (this.#closed !== undefined) return answer.dispose();
    if (failed || !isSmall(value)) {
      this.#reply(id, answer, failed, value);
    } else {
      answer.dispose();
      this.#send([VALUE, id, value]);
    }
    if (answer.isFinished) answer.end();
  }

  #reply(id, answer, failed, value) {
    const ends = [];
    const passed = new Set();
    let kind = failed ? FAILURE : RESULT;
    let encoded;
    try {
      encoded = this.#encode(failed ? throwable(value) : value, ends, passed);
    } catch (error) {
      kind = FAILURE;
      passed.clear();
      encoded = this.#encode(throwable(error), ends);
    }
    // What came with the arguments is the call's; whoever wants to keep it makes a dup().
    answer.dispose(passed);
    this.#send([kind, id, encoded.sent], ends);
    // By then it has arrived.
    for (const one of encoded.kept) one.dropAfter(one);
  }

  // Calls on the result that came before this may still wait for it.
  #finished(id) {
    const answer = this.#answers.get(id);
    if (answer === undefined) return;
    this.#answers.delete(id);
    if (this.#waiting === undefined) answer.finish();
    else this.#waiting.then(() => answer.finish());
  }

  // ---- what is under way

  // Whether results are outstanding.
  expects() {
    return this.#questions.size > 0;
  }

  // Whether neither side has anything of the other's.
  isUnused() {
    return this.#imports.size === (this.#imports.has(0) ? 1 : 0) && this.#questions.size === 0 &&
      this.#answers.size === 0 && this.#exports.size === 0 && this.#watchers.size === 0;
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
    return this.#exports.add(value);
  }

  exported(id) {
    if (id === 0 && this.#main !== undefined) return this.#main;
    const entry = this.#exports.entry(id);
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
    this.#exports.remove(id, 1);
  }

  release(hook) {
    this.#watchers.delete(hook);
    if (this.#imports.get(hook.id) === hook) this.#imports.delete(hook.id);
    this.#send([RELEASE, hook.id, hook.count]);
  }

  #released(id, count) {
    const value = this.#exports.remove(id, count);
    if (value !== undefined) letGo(value);
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
  receive(message, ends = NONE) {
    if (this.#closed !== undefined) return;
    const id = message[1];
    switch (message[0]) {
      case CALL:
        return this.#answer(id, message[2], message[3], message[4], message[5], message[6], ends);
      case VALUE:
        return this.#settleValue(id, message[2]);
      case RESULT:
        return this.#settle(id, message[2], false, ends);
      case FAILURE:
        return this.#settle(id, message[2], true, ends);
      case FINISH:
        return this.#finished(id);
      case RELEASE:
        return this.#released(id, message[2]);
      case CLOSE:
        return this.close(id, false);
    }
  }

  // What the transport brought in its own time.
  finished(ids) {
    if (this.#closed !== undefined) return;
    for (const id of ids) this.#finished(id);
  }

  // Ends it: all calls without a result fail with the error, and stubs are of no use any more.
  close(error = new Error("The RPC session was closed."), isOurs = true) {
    if (this.#closed !== undefined) return;
    if (isOurs) this.#send([CLOSE, error]);
    this.#closed = error;
    const watchers = [...this.#watchers.values()].flat();
    this.#watchers.clear();
    for (const told of watchers) queueMicrotask(() => told(error));
    for (const question of this.#questions.values()) question.reject(error);
    this.#exports.empty().forEach(letGo);
    this.#questions.clear();
    this.#answers.clear();
    this.#imports.clear();
  }
}

return { Session };
})();
