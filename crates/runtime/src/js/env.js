// `env`: one property for each binding of the app.

(function () {
const { core } = __bootstrap;

const env = {};
// What no app sees by name: its default State store and database, for built-in packages.
const hidden = {};

const notYet = (name, what) =>
  absent(`${what} "${name}" is configured, but this version of Cellhouse does not have ${what} yet.`);

// Stands in for a binding that is not to be had: reading it says why.
function absent(why) {
  const explain = () => {
    throw new Error(why);
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

const small = () => core.loadExtScript("ext:cellhouse_runtime/small_bindings.js");

// Each makes the value of a binding from its index in the app's list, its name, and its description.
const MAKERS = {
  text: (_index, _name, value) => value,
  json: (_index, _name, value) => JSON.parse(value),
  kv: (index) => core.loadExtScript("ext:cellhouse_runtime/kv.js").makeKv(index),
  d1: (index, _name, key) => core.loadExtScript("ext:cellhouse_runtime/d1.js").makeD1(index, key),
  objects: (_index, _name, objectClass) =>
    core.loadExtScript("ext:cellhouse_runtime/durable_object_namespace.js").makeNamespace(objectClass),
  service: (_index, _name, [app, entrypoint, props]) =>
    core.loadExtScript("ext:cellhouse_runtime/service_stub.js").makeService(app, entrypoint, props),
  r2: (index) => core.loadExtScript("ext:cellhouse_runtime/r2.js").makeBucket(index),
  assets: (index) => core.loadExtScript("ext:cellhouse_runtime/assets_binding.js").makeAssets(index),
  cache: (index) => core.loadExtScript("ext:cellhouse_runtime/cache.js").makeCache(index),
  queue: (index) => core.loadExtScript("ext:cellhouse_runtime/queue.js").makeQueue(index),
  "ploy queue": (index) => core.loadExtScript("ext:cellhouse_runtime/queue.js").makePloyQueue(index),
  timer: (index) => core.loadExtScript("ext:cellhouse_runtime/timer.js").makeTimer(index),
  workflow: (index, _name, workflow) =>
    core.loadExtScript("ext:cellhouse_runtime/workflow.js").makeWorkflow(index, workflow),
  instances: (index) => core.loadExtScript("ext:cellhouse_runtime/instances.js").makeInstances(index),
  "runs instances": (index) => index,
  files: (index) => core.loadExtScript("ext:cellhouse_runtime/files.js").makeFiles(index),
  "rate limit": (index) => core.loadExtScript("ext:cellhouse_runtime/rate_limit.js").makeRateLimit(index),
  "analytics engine": () => small().makeAnalyticsEngine(),
  hyperdrive: (_index, _name, connectionString) => small().makeHyperdrive(connectionString),
  "stored secret": (_index, _name, secret) => small().makeStoredSecret(secret),
  group: (_index, _name, members) => make({}, members),
  absent: (_index, name, why) => absent(`env.${name} cannot be used: ${why}.`),
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
