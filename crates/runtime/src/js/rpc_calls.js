// What a call does on the side where it arrives, and what becomes of values there.

(function () {
const { core } = __bootstrap;
const { stateOf, STUB } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");
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

// The result of a call of the other side's.
class Answer {
  isSettled = false;
  // Those that came with the arguments, until it is settled; then those of them that it hands on.
  stubs = [];
  #failed = false;
  #value;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers();
    promise.catch(() => {});
    Object.assign(this, { promise, resolve, reject });
  }

  // `outcome`: a promise.
  settle(outcome) {
    outcome.then(
      (value) => this.#set(false, value),
      (error) => this.#set(true, error),
    );
  }

  #set(failed, value) {
    this.isSettled = true;
    this.#failed = failed;
    this.#value = value;
    if (failed) this.reject(value);
    else this.resolve(value);
  }

  // Of one that is settled.
  get() {
    if (this.#failed) throw this.#value;
    return this.#value;
  }

  // Disposes of the stubs, but not of those in `passed`: calls on the result may still need them.
  dispose(passed = new Set()) {
    const { stubs } = this;
    this.stubs = stubs.filter((stub) => passed.has(stub));
    for (const stub of stubs) {
      if (!passed.has(stub)) stub[Symbol.dispose]();
    }
  }

  // The other side has no use for it any more, once it is settled.
  finish() {
    const end = () => this.dispose();
    this.promise.then(passOn, () => {}).then(end);
  }
}

const settled = (needs) => Promise.allSettled([...needs.values()].map(({ promise }) => promise));

function answered(needs, id) {
  const answer = needs.get(id);
  if (answer === undefined) throw new Error("RPC result used after being disposed.");
  return answer.get();
}

return { Answer, answered, disposable, follow, letGo, markRemote, settled, throwable };
})();
