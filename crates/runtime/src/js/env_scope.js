// `env` and `exports` of "cloudflare:workers", and what replaces them while a callback runs and whatever that waits
// for: withEnv(), withExports(), withEnvAndExports(). The `env` that handlers get stays what it is.

(function () {
const { core } = __bootstrap;
const { getAsyncContext, setAsyncContext } = core;
const { op_has_compatibility_flag } = core.ops;
const { env: ownEnv } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { exports: ownExports } = core.loadExtScript("ext:cellhouse_runtime/exports.js");

const ENV = Symbol("env");
const EXPORTS = Symbol("exports");

// Known when the app is loaded, which is after this script.
const flags = new Map();
function has(flag) {
  let is = flags.get(flag);
  if (is === undefined) flags.set(flag, is = op_has_compatibility_flag(flag));
  return is;
}

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

// What counts now, or undefined if there is nothing.
function current(key, own) {
  const context = getAsyncContext();
  if (context && key in context) {
    const replaced = context[key];
    if (isObject(replaced)) return replaced;
    if ((replaced === null || replaced === undefined) && has("env_module_nullable_support")) return undefined;
  }
  return has("disallow_importable_env") ? undefined : own;
}

const currentEnv = () => current(ENV, ownEnv);
const currentExports = () => current(EXPORTS, ownExports);

// What reads of an object: all that code may do with `exports`.
const reading = (now) => ({
  get: (_target, name) => now()?.[name],
  has(_target, name) {
    const object = now();
    return object !== undefined && name in object;
  },
  ownKeys() {
    const object = now();
    return object === undefined ? [] : Reflect.ownKeys(object);
  },
  getOwnPropertyDescriptor(_target, name) {
    const object = now();
    return object === undefined ? undefined : Reflect.getOwnPropertyDescriptor(object, name);
  },
});

// Changes what counts now. Where nothing does, they are lost.
const changing = (now) => {
  const change = (how) => (_target, ...args) => {
    const object = now();
    return object === undefined || how(object, ...args);
  };
  return {
    set: change((object, name, value) => Reflect.set(object, name, value)),
    deleteProperty: change(Reflect.deleteProperty),
    defineProperty: change(Reflect.defineProperty),
  };
};

const env = new Proxy({}, { ...reading(currentEnv), ...changing(currentEnv) });
const exports = new Proxy({}, reading(currentExports));

function run(method, replaced, place, callback) {
  if (typeof callback !== "function") {
    throw new TypeError(`Failed to execute '${method}' on 'EnvModule': parameter ${place} is not of type 'function'.`);
  }
  const before = getAsyncContext();
  setAsyncContext({ __proto__: null, ...before, ...replaced });
  try {
    return Reflect.apply(callback, globalThis, []);
  } finally {
    setAsyncContext(before);
  }
}

function withEnv(newEnv, fn) {
  return run("withEnv", { [ENV]: newEnv }, 2, fn);
}

function withExports(newExports, fn) {
  return run("withExports", { [EXPORTS]: newExports }, 2, fn);
}

function withEnvAndExports(newEnv, newExports, fn) {
  return run("withEnvAndExports", { [ENV]: newEnv, [EXPORTS]: newExports }, 3, fn);
}

return { env, exports, withEnv, withEnvAndExports, withExports };
})();
