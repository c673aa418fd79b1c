// Names that the engine puts on the global object, beyond the language's own.

(function () {

// Of the engine's facade and its tests, and a way around the ban on code from strings (ShadowRealm).
const NAMES = [
  "gc", "InternalError", "ShadowRealm", "__v8x_import_source", "__v8xPostForegroundTask",
  "__v8x_snapshot_intrinsics", "__v8xAtomicsNumWaitersForTesting",
  "__v8xAtomicsNumUnresolvedAsyncPromisesForTesting",
];

// Functions of the facade that a method of the language looks up by name: they are there only while
// that method runs.
const BEHIND = [
  [Atomics, "waitAsync", ["__v8xAtomicsRegisterWaiter", "__v8xAtomicsCancelWaiter"]],
  [Atomics, "notify", ["__v8xAtomicsNotifyWaiters"]],
];

function hideBehind(scope, owner, name, hidden) {
  const original = owner[name];
  const values = hidden.map((key) => [key, scope[key]]);
  const method = {
    [name](...args) {
      for (const [key, value] of values) {
        Object.defineProperty(scope, key, { value, configurable: true });
      }
      try {
        return original.apply(this, args);
      } finally {
        for (const [key] of values) delete scope[key];
      }
    },
  }[name];
  Object.defineProperty(method, "length", { value: original.length, configurable: true });
  Object.defineProperty(owner, name, {
    value: method, writable: true, enumerable: false, configurable: true,
  });
}

function removeEngineNames(scope) {
  for (const name of NAMES) delete scope[name];
  for (const [owner, name, hidden] of BEHIND) {
    if (typeof owner[name] === "function") hideBehind(scope, owner, name, hidden);
    for (const key of hidden) delete scope[key];
  }
}

return { removeEngineNames };
})();
