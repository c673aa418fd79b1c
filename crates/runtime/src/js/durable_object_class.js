// Classes of Durable Objects in `ctx.exports`. One that has a namespace is that namespace, and one that has none is
// the class alone; called with `{ props }`, both give the class with these props.

(function () {
const { core } = __bootstrap;
const { addPortable } = core.loadExtScript("ext:cellhouse_runtime/rpc_values.js");
const { refuse } = core.loadExtScript("ext:cellhouse_runtime/clone.js");
const { callable, propsOf } = core.loadExtScript("ext:cellhouse_runtime/loopback_options.js");
const { DurableObjectNamespace, setUp } = core.loadExtScript("ext:cellhouse_runtime/durable_object_namespace.js");

// What is a class: its app, its name, the encoded props, and whether it may be sent.
const classes = new WeakMap();

class DurableObjectClass {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}

class LoopbackDurableObjectClass extends DurableObjectClass {}

class LoopbackDurableObjectNamespace extends DurableObjectNamespace {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}

for (const one of [DurableObjectClass, LoopbackDurableObjectClass, LoopbackDurableObjectNamespace]) {
  Object.defineProperty(one.prototype, Symbol.toStringTag, { value: one.name, configurable: true });
}

const NO_PROPS = new Uint8Array(0);

function newClass(app, name, props) {
  const made = Object.create(DurableObjectClass.prototype);
  classes.set(made, { app, name, props, isLoopback: false });
  return made;
}

function loopback(of, app, name) {
  const made = callable(of.prototype, (options) => newClass(app, name, propsOf(options, of.name)));
  classes.set(made, { app, name, props: NO_PROPS, isLoopback: true });
  return made;
}

const makeLoopbackClass = (app, name) => loopback(LoopbackDurableObjectClass, app, name);

// `index`: of the class in the app's list.
const makeLoopbackNamespace = (index, app, name) =>
  setUp(loopback(LoopbackDurableObjectNamespace, app, name), index, "");

addPortable({
  name: "class",
  is: (value) => classes.has(value),
  write(made) {
    const { app, name, props, isLoopback } = classes.get(made);
    return isLoopback ? refuse(made) : [app, name, props];
  },
  read: (parts) => newClass(...parts),
});

return { classOf: (value) => classes.get(value), makeLoopbackClass, makeLoopbackNamespace };
})();
