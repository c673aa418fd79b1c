// What stands for something on the other side: RpcStub for what was passed by reference, RpcPromise for
// the result of a call that may still be under way, RpcProperty for a member of either. All can be called,
// and have any property: only what is called or awaited is sent.

(function () {

// Proxy -> what it stands for.
const states = new WeakMap();

const STUB = 0;
const PROMISE = 1;
const PROPERTY = 2;

// What a proxy stands for: a path from something that a session knows.
//
// `hook` is that something:
//   call(path, args)  sends a call (args is a list) or a read (args is undefined), and returns the hook of
//                     its result, which has `result`, a promise
//   watch(told)       calls `told` with an error once it is of no use any more, while somebody uses it
//   hold(), drop()    one proxy more, or less, uses it
//   session, id, kind what messages say of it; see rpc_values.js
class State {
  constructor(kind, hook, path) {
    this.kind = kind;
    this.hook = hook;
    this.path = path;
    this.read = undefined;
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
    if (this.read === undefined) {
      this.read = this.use().call(this.path, undefined);
      this.read.hold();
      // Nothing refers to it by its number once it is here.
      this.read.dropAfter(this.read);
    }
    return this.read.result;
  }

  dispose() {
    if (this.disposed || this.kind === PROPERTY) return;
    this.disposed = true;
    abandoned.unregister(this);
    if (this.kind === PROMISE) this.hook.disposeResult();
    this.hook.drop();
  }
}

// Proxies that nobody holds any more are as good as disposed.
const abandoned = new FinalizationRegistry((hook) => hook.drop());

// The hook of a call that could not be sent.
class Failed {
  kind = "answer";
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

// The target of every proxy: callable, and without properties that could not be hidden.
function wrap(kind, hook, path) {
  const target = () => {};
  delete target.name;
  delete target.length;
  const state = new State(kind, hook, path);
  const proxy = new Proxy(target, HANDLER);
  states.set(proxy, state);
  targets.set(target, state);
  if (kind !== PROPERTY) {
    hook.hold();
    abandoned.register(proxy, hook, state);
  }
  return proxy;
}
const targets = new WeakMap();

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

function get(state, name) {
  if (typeof name === "symbol") return symbolMember(state, name);
  if (state.kind !== STUB && (name === "then" || name === "catch" || name === "finally")) {
    return promiseMethod(state, name);
  }
  // A stub must not look like a promise, or `await` would take it for one.
  if (name === "then") return undefined;
  if (name === "dup" && state.kind !== PROPERTY) return () => wrap(state.kind, state.use(), []);
  if (name === "onRpcBroken" && state.kind !== PROPERTY) return (callback) => watch(state.use(), callback);
  // What every object has is a stub's own.
  if (name in Object.prototype) return CLASSES[state.kind].prototype[name];
  return wrap(PROPERTY, state.target(), [...state.path, name]);
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

const HANDLER = {
  get(target, name) {
    return get(targets.get(target), name);
  },
  apply(target, _self, args) {
    return wrap(PROMISE, targets.get(target).call(args), []);
  },
  has(target, name) {
    const state = targets.get(target);
    if (typeof name === "symbol") return name === Symbol.dispose && state.kind !== PROPERTY;
    return name !== "then" || state.kind !== STUB;
  },
  getPrototypeOf(target) {
    return CLASSES[targets.get(target).kind].prototype;
  },
  construct() {
    throw new TypeError("An RPC stub is not a constructor.");
  },
  set() {
    throw new TypeError("Properties of an RPC stub cannot be set: only methods can change what it stands for.");
  },
  defineProperty() {
    throw new TypeError("Properties of an RPC stub cannot be defined.");
  },
  deleteProperty() {
    throw new TypeError("Properties of an RPC stub cannot be deleted.");
  },
};

// ---- the classes

// Makes the hook of a stub of something on this side; given by rpc.js.
let local;
const onLocal = (make) => {
  local = make;
};

// `new RpcStub(target)` is a stub of something on this side.
class RpcStub {
  constructor(target) {
    return wrap(STUB, local(target), []);
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
const stubOf = (hook) => wrap(STUB, hook, []);
const propertyOf = (hook, name) => wrap(PROPERTY, hook, [name]);

return {
  onLocal, PROMISE, PROPERTY, propertyOf, RpcPromise, RpcProperty, RpcStub, stateOf, STUB, stubOf,
  watch,
};
})();
