// What stands for something on the other side: RpcStub for what was passed by reference, RpcPromise for
// the result of a call that may still be under way, RpcProperty for a member of either. All can be called,
// and have any property: only what is called or awaited is sent.

(function () {
const { core } = __bootstrap;
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");

// Proxy -> what it stands for.
const states = new WeakMap();

const STUB = 0;
const PROMISE = 1;
const PROPERTY = 2;

// What a proxy stands for: a path from something that a session knows. It is the proxy's handler too.
//
// `hook` is that something:
//   call(path, args)  sends a call (args is a list) or a read (args is undefined), and returns the hook of
//                     its result, which has `result`, a promise
//   watch(told)       calls `told` with an error once it is of no use any more, while somebody uses it
//   hold(), drop()    one proxy more, or less, uses it
//   session, id, isAnswer   what messages say of it; see rpc_session.js
class State {
  constructor(kind, hook, path) {
    this.kind = kind;
    this.hook = hook;
    this.path = path;
    this.question = undefined;
    this.disposed = false;
  }

  use() {
    if (this.disposed) {
      const name = this.kind === PROMISE ? "promise" : "stub";
      throw new Error(`RPC ${name} used after being disposed.`);
    }
    return this.hook;
  }

  // What a call goes to: it never throws at once.
  target() {
    try {
      return this.use();
    } catch (error) {
      return new Failed(error);
    }
  }

  call(args) {
    try {
      return this.use().call(this.path, args);
    } catch (error) {
      return new Failed(error);
    }
  }

  // The value, asked for once. That of a call comes also if what it brings is disposed of already.
  value() {
    if (this.kind === PROMISE) return this.hook.result;
    if (this.question === undefined) {
      this.question = this.use().call(this.path, undefined);
      this.question.hold();
      // Nothing refers to it by its number once it is here.
      this.question.dropAfter(this.question);
    }
    return this.question.result;
  }

  dispose() {
    if (this.disposed || this.kind === PROPERTY) return;
    this.disposed = true;
    abandoned.unregister(this);
    if (this.kind === PROMISE) this.hook.disposeResult();
    this.hook.drop();
  }

  // ---- as the handler

  get(_target, name) {
    if (typeof name === "symbol") return symbolMember(this, name);
    const { kind } = this;
    if (kind !== STUB && (name === "then" || name === "catch" || name === "finally")) return promiseMethod(this, name);
    // A stub must not look like a promise, or `await` would take it for one.
    if (name === "then") return undefined;
    if (name === "dup" && kind !== PROPERTY) return () => wrap(kind, this.use(), NO_PATH);
    if (name === "onRpcBroken" && kind !== PROPERTY) return (callback) => watch(this.use(), callback);
    // What every object has is a stub's own.
    if (name in Object.prototype) return CLASSES[kind].prototype[name];
    return wrap(PROPERTY, this.target(), [...this.path, name]);
  }

  apply(_target, _self, args) {
    return wrap(PROMISE, this.call(args), NO_PATH);
  }

  has(_target, name) {
    if (typeof name === "symbol") return name === Symbol.dispose && this.kind !== PROPERTY;
    return name !== "then" || this.kind !== STUB;
  }

  getPrototypeOf() {
    return CLASSES[this.kind].prototype;
  }

  construct() {
    throw new TypeError("An RPC stub is not a constructor.");
  }

  set() {
    throw new TypeError("Properties of an RPC stub cannot be set: only methods can change what it stands for.");
  }

  defineProperty() {
    throw new TypeError("Properties of an RPC stub cannot be defined.");
  }

  deleteProperty() {
    throw new TypeError("Properties of an RPC stub cannot be deleted.");
  }

  // All of them have one target.
  preventExtensions() {
    throw new TypeError("An RPC stub cannot be frozen.");
  }

  setPrototypeOf() {
    throw new TypeError("The prototype of an RPC stub cannot be set.");
  }
}
keepShapes(new State(STUB, undefined, undefined));

// Proxies that nobody holds any more are as good as disposed.
const abandoned = new FinalizationRegistry((hook) => hook.drop());

// The hook of a call that could not be sent.
class Failed {
  isAnswer = true;
  session = undefined;
  id = undefined;

  constructor(error) {
    this.result = Promise.reject(error);
    // Whoever awaits it is told.
    this.result.catch(() => {});
  }

  call() {
    return this;
  }

  watch(told) {
    this.result.catch(told);
  }

  hold() {}

  drop() {}

  dropAfter() {}

  disposeResult() {}
}

// ---- the proxies

const NAMES = ["RpcStub", "RpcPromise", "RpcProperty"];

// The target of all proxies: callable, and without properties that could not be hidden.
const TARGET = () => {};
delete TARGET.name;
delete TARGET.length;

const NO_PATH = [];

function wrap(kind, hook, path) {
  const state = new State(kind, hook, path);
  const proxy = new Proxy(TARGET, state);
  states.set(proxy, state);
  if (kind !== PROPERTY) {
    hook.hold();
    abandoned.register(proxy, hook, state);
  }
  return proxy;
}

function promiseMethod(state, name) {
  return (...handlers) => {
    let value;
    try {
      value = state.value();
    } catch (error) {
      value = Promise.reject(error);
    }
    return value[name](...handlers);
  };
}

// Calls `callback` once with the error, when what a stub stands for is of no use any more: the other side was
// reset, or is gone. Not if the stub is disposed of before.
function watch(hook, callback) {
  if (typeof callback !== "function") {
    throw new TypeError("Failed to execute 'onRpcBroken': parameter 1 is not of type 'function'.");
  }
  hook.watch((error) => {
    try {
      callback(error);
    } catch (thrown) {
      reportError(thrown);
    }
  });
}

function symbolMember(state, name) {
  if (name === Symbol.dispose && state.kind !== PROPERTY) return () => state.dispose();
  if (name === Symbol.toStringTag) return NAMES[state.kind];
  return undefined;
}

// ---- the classes

// Makes the hook of a stub of something on this side; given by rpc.js.
let local;
const onLocal = (make) => {
  local = make;
};

// `new RpcStub(target)` is a stub of something on this side.
class RpcStub {
  constructor(target) {
    return wrap(STUB, local(target), NO_PATH);
  }
}

class RpcPromise {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}

class RpcProperty {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}
const CLASSES = [RpcStub, RpcPromise, RpcProperty];

const stateOf = (value) => states.get(value);
const stubOf = (hook) => wrap(STUB, hook, NO_PATH);
const propertyOf = (hook, name) => wrap(PROPERTY, hook, [name]);

return {
  onLocal, PROMISE, PROPERTY, propertyOf, RpcPromise, RpcProperty, RpcStub, stateOf, STUB, stubOf,
  watch,
};
})();
