// What a call does on the side where it arrives, and what becomes of values there.

(function () {
const { core } = __bootstrap;
const { stateOf, STUB } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");
const { member, RpcTarget } = core.loadExtScript("ext:cellhouse_runtime/rpc_target.js");

// ---- what a call does

// Goes along a path from a value; where it meets a stub, the rest goes on over there.
function follow(value, path, args, isMain) {
  let owner;
  for (let place = 0; place < path.length; place++) {
    if (stateOf(value) !== undefined) return forwarded(value, path.slice(place), args);
    if (typeof value?.then === "function") {
      const rest = path.slice(place);
      return value.then((settled) => follow(settled, rest, args, false));
    }
    owner = value;
    value = member(value, path[place], isMain && place === 0);
  }
  if (args === undefined) return typeof value === "function" && owner !== undefined ? value.bind(owner) : value;
  if (stateOf(value) !== undefined) return value(...args);
  if (typeof value?.then === "function") return value.then((settled) => apply(settled, undefined, args, path));
  return apply(value, owner, args, path);
}

function apply(value, owner, args, path) {
  if (typeof value === "function") return Reflect.apply(value, owner, args);
  const name = path.join(".");
  throw new TypeError(name === "" ? "The RPC receiver is not a function." : `"${name}" is not a function.`);
}

function forwarded(stub, path, args) {
  const end = path.reduce((value, name) => value[name], stub);
  return args === undefined ? end : end(...args);
}

// ---- values that leave or arrive

// What is thrown and no object arrives as an error.
function throwable(value) {
  return typeof value === "object" && value !== null ? value : new Error(String(value));
}

// An error that was thrown over there says so, and so does any object that was thrown. Stubs cannot.
function markRemote(error) {
  if (typeof error === "object" && error !== null && !core.isProxy(error)) error.remote = true;
  return error;
}

// A result that came with stubs can be disposed of as a whole.
function disposable(value, stubs) {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (stateOf(value) !== undefined || Symbol.dispose in value) return value;
  const dispose = () => {
    for (const stub of stubs.splice(0)) stub[Symbol.dispose]();
  };
  Object.defineProperty(value, Symbol.dispose, { value: dispose, writable: true, configurable: true });
  return value;
}

// A stub that was returned was given away.
function passOn(value) {
  const state = stateOf(value);
  if (state !== undefined && state.kind === STUB) state.dispose();
}

// Nobody over there uses it any more.
function letGo(value) {
  if (stateOf(value) !== undefined) stateOf(value).dispose();
  else if (value instanceof RpcTarget && typeof value[Symbol.dispose] === "function") {
    try {
      value[Symbol.dispose]();
    } catch (error) {
      reportError(error);
    }
  }
}

// ---- results

const PENDING = 0;
const RETURNED = 1;
const FAILED = 2;
const NONE = [];

// The result of a call of the other side's.
class Answer {
  constructor() {
    this.state = PENDING;
    this.value = undefined;
    // Those that came with the arguments, until it is settled; then those of them that it hands on.
    this.stubs = NONE;
    // Its promise, with what resolves that, once somebody waits for it.
    this.deferred = undefined;
    // The other side has no use for it any more.
    this.isFinished = false;
  }

  get isSettled() {
    return this.state !== PENDING;
  }

  // Resolved when it is settled.
  get promise() {
    this.deferred ??= Promise.withResolvers();
    if (this.isSettled) this.deferred.resolve();
    return this.deferred.promise;
  }

  settle(failed, value) {
    this.state = failed ? FAILED : RETURNED;
    this.value = value;
    this.deferred?.resolve();
  }

  // Of one that is settled.
  get() {
    if (this.state === FAILED) throw this.value;
    return this.value;
  }

  // Disposes of the stubs, but not of those in `passed`: calls on the result may still need them.
  dispose(passed = undefined) {
    const { stubs } = this;
    if (stubs.length === 0) return;
    const isKept = (stub) => passed?.has(stub);
    this.stubs = stubs.filter(isKept);
    for (const stub of stubs) {
      if (!isKept(stub)) stub[Symbol.dispose]();
    }
  }

  // The other side has no use for it any more, once it is settled and told.
  finish() {
    this.isFinished = true;
    if (this.isSettled) this.end();
  }

  // What is left of one that is settled, told and of no use any more.
  end() {
    if (this.state === RETURNED) passOn(this.value);
    this.dispose();
  }
}
keepShapes(new Answer());

const settled = (needs) => Promise.all([...needs.values()].map(({ promise }) => promise));

function answered(needs, id) {
  const answer = needs.get(id);
  if (answer === undefined) throw new Error("RPC result used after being disposed.");
  return answer.get();
}

return { Answer, answered, disposable, follow, letGo, markRemote, settled, throwable };
})();
