// `env`: one property for each binding of the app.

(function () {
const { core } = __bootstrap;

const env = {};
// What no app sees by name: its default State store and database, for built-in packages.
const hidden = {};

// Stands in for a binding of a kind that this version does not have: reading it says so.
function notYet(name, what) {
  const explain = () => {
    throw new Error(`${what} "${name}" is configured, but this version of Cellhouse does not have ${what} yet.`);
  };
  return new Proxy(function () {}, {
    get(_target, key) {
      // What inspects or awaits a value without using it.
      if (typeof key === "symbol" || key === "then" || key === "toJSON") return undefined;
      return explain();
    },
    apply: explain,
    construct: explain,
  });
}

// Each makes the value of a binding from its index in the app's list, its name, and its description.
const MAKERS = {
  text: (_index, _name, value) => value,
  json: (_index, _name, value) => JSON.parse(value),
  kv: (index) => core.loadExtScript("ext:cellhouse_runtime/kv.js").makeKv(index),
  d1: (index, _name, key) => core.loadExtScript("ext:cellhouse_runtime/d1.js").makeD1(index, key),
  objects: (_index, _name, objectClass) =>
    core.loadExtScript("ext:cellhouse_runtime/durable_object_namespace.js").makeNamespace(objectClass),
  r2: (index) => core.loadExtScript("ext:cellhouse_runtime/r2.js").makeBucket(index),
  assets: (index) => core.loadExtScript("ext:cellhouse_runtime/assets_binding.js").makeAssets(index),
  cache: (index) => core.loadExtScript("ext:cellhouse_runtime/cache.js").makeCache(index),
  group: (_index, _name, members) => make({}, members),
  "not yet": (_index, name, value) => notYet(name, value),
};

// Fills `env` from the description that Rust gives: [[name, kind, value], ...].
function fill(description) {
  make(env, JSON.parse(description));
}

function make(target, entries) {
  entries.forEach(([name, kind, value], index) => {
    const into = name.startsWith("cellhouse:") ? hidden : target;
    into[name] = MAKERS[kind](index, name, value);
  });
  return target;
}

return { env, fill, hidden };
})();
