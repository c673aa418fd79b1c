// Stubs of Durable Objects: `fetch`, and every other name a method or property of the object.

(function () {
const { core } = __bootstrap;
const { addressOf, classOf, fetchObject, newId } = core.loadExtScript(
  "ext:cellhouse_runtime/durable_object_namespace.js",
);
const { op_object_class, op_object_class_name } = core.ops;
const { addPortable, ObjectHook } = core.loadExtScript("ext:cellhouse_runtime/object_rpc.js");
const { propertyOf, watch } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");

class DurableObject {
  #id;

  constructor(id) {
    this.#id = id;
  }

  get id() {
    return this.#id;
  }

  get name() {
    return this.#id.name;
  }

  fetch(input, init) {
    return fetchObject(this.#id, input, init, arguments.length);
  }

  static idOf(stub) {
    return stub.#id;
  }
}
const { idOf } = DurableObject;
delete DurableObject.idOf;
delete DurableObject.prototype.constructor;
Object.defineProperty(DurableObject.prototype, Symbol.toStringTag, {
  value: "DurableObject", configurable: true,
});

// Proxy -> the stub behind it, and what its other properties stand for.
const stubs = new WeakMap();

const HANDLER = {
  get(target, name) {
    const { stub } = target;
    if (name === "fetch") return (...args) => fetchObject(stub.id, args[0], args[1], args.length);
    if (typeof name === "symbol") return stub[name];
    if (name === "id" || name === "name") return stub[name];
    if (name === "toString") return Object.prototype.toString;
    // A stub is no promise, for those who await it.
    if (name === "then") return undefined;
    if (name === "toJSON") return undefined;
    target.hook ??= new ObjectHook(classOf(stub.id), addressOf(stub.id));
    if (name === "onRpcBroken") return (callback) => watch(target.hook, callback);
    return propertyOf(target.hook, name);
  },
  has(target, name) {
    return typeof name === "symbol" ? name in target.stub : name !== "then";
  },
  ownKeys() {
    return [];
  },
  getOwnPropertyDescriptor() {
    return undefined;
  },
  getPrototypeOf() {
    return DurableObject.prototype;
  },
  set() {
    throw new TypeError("Properties of a Durable Object stub cannot be set.");
  },
};

function newStub(id) {
  const stub = new DurableObject(id);
  const proxy = new Proxy({ stub, hook: undefined }, HANDLER);
  stubs.set(proxy, stub);
  return proxy;
}

addPortable({
  name: "object",
  is: (value) => stubs.has(value),
  write(proxy) {
    const id = idOf(stubs.get(proxy));
    return [...op_object_class_name(classOf(id)), id.toString(), id.name];
  },
  read([app, className, hex, name]) {
    return newStub(newId(op_object_class(app, className), hex, name));
  },
});

return { newStub };
})();
