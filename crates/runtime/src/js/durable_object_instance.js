// An instance of a Durable Object or of a facet: what is known of it, and how the object itself is made of its class.
// When that happens, and what runs in it, is durable_objects.js.

(function () {
const { core } = __bootstrap;
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { DurableObject } = core.loadExtScript("ext:cellhouse_runtime/workers.js");

class Instance {
  // The facet that it is of, if it is of one.
  facet = undefined;

  // `broke(instance, error, keep)` is called when it can do nothing more; `keep`: what it wrote stays.
  constructor(number, gate, className, broke) {
    this.number = number;
    this.className = className;
    this.gate = gate;
    gate.broke = (error, keep) => broke(this, error, keep);
    this.object = undefined;
    // RPC sessions, by number.
    this.sessions = new Map();
    // Those of them that keep the object in memory.
    this.held = new Set();
    // Why it can do nothing more.
    this.broken = undefined;
  }
}

// The document's own style of class has neither a base nor a constructor that keeps what it is given, and
// uses `this.state`, `this.ctx` and `this.env` all the same.
function construct(objectClass, state) {
  if (objectClass.prototype instanceof DurableObject) return new objectClass(state, env);
  const given = { state, ctx: state, env };
  const prototype = objectClass.prototype;
  const lent = Object.keys(given).filter((name) => !(name in prototype));
  for (const name of lent) {
    Object.defineProperty(prototype, name, {
      get: () => given[name],
      set(value) {
        Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
      },
      configurable: true,
    });
  }
  let object;
  try {
    object = new objectClass(state, env);
  } finally {
    for (const name of lent) delete prototype[name];
  }
  for (const [name, value] of Object.entries(given)) {
    if (object[name] === undefined) {
      Object.defineProperty(object, name, { value, writable: true, configurable: true });
    }
  }
  return object;
}

return { construct, Instance };
})();
