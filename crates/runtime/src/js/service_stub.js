// Stubs of services: `fetch`, and every other name a method or property of the entrypoint. Those of `ctx.exports` can
// be called with `{ props }` for one that finds these in its `ctx.props`.

(function () {
const { core } = __bootstrap;
const { op_clone_write, op_service_fetch } = core.ops;
core.loadExtScript("ext:cellhouse_runtime/clone.js");
const { fetchBy } = core.loadExtScript("ext:cellhouse_runtime/object_fetch.js");
const { propertyOf } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");
const { addPortable } = core.loadExtScript("ext:cellhouse_runtime/rpc_values.js");

const NO_PROPS = new Uint8Array(0);

// Proxy -> what it stands for.
const services = new WeakMap();
// Target of a proxy -> the same.
const targets = new WeakMap();

class Service {
  #hook;

  // `address` as the ops take it; `props` as `op_clone_write` has them.
  constructor(address, props) {
    this.address = address;
    this.props = props;
  }

  fetch(args) {
    const ask = (line, headers, bytes, rid, length, leaver) =>
      op_service_fetch(this.address, this.props, line, headers, bytes, rid, length, leaver);
    return fetchBy(ask, args[0], args[1], args.length);
  }

  get hook() {
    const { ServiceHook } = core.loadExtScript("ext:cellhouse_runtime/service_rpc.js");
    return this.#hook ??= new ServiceHook(this.address, this.props);
  }
}

function serviceOf(stub) {
  const service = services.get(stub);
  if (service === undefined) throw new TypeError("Illegal invocation");
  return service;
}

class Fetcher {
  constructor() {
    throw new TypeError("Illegal constructor");
  }

  fetch(_input, _init) {
    return serviceOf(this).fetch(arguments);
  }

  connect() {
    throw new Error("TCP connections to other apps (connect()) are not supported.");
  }
}

class LoopbackServiceStub extends Fetcher {}

for (const stub of [Fetcher, LoopbackServiceStub]) {
  Object.defineProperty(stub.prototype, Symbol.toStringTag, { value: stub.name, configurable: true });
}

const HANDLER = {
  get(target, name) {
    const service = targets.get(target);
    if (name === "fetch") return (...args) => service.fetch(args);
    // A stub is no promise, for those who await it.
    if (name === "then" || name === "toJSON") return undefined;
    const prototype = Object.getPrototypeOf(target);
    if (typeof name === "symbol" || name in prototype) return prototype[name];
    return propertyOf(service.hook, name);
  },
  apply(target, _self, [options]) {
    return specialized(targets.get(target), options);
  },
};

function wrap(target, stub, service) {
  Object.setPrototypeOf(target, stub.prototype);
  targets.set(target, service);
  const proxy = new Proxy(target, HANDLER);
  services.set(proxy, service);
  return proxy;
}

const newStub = (address, props) => wrap({}, Fetcher, new Service(address, props));

// The stub that a loopback stub gives for its options.
function specialized({ address }, options) {
  if (options === undefined || (typeof options !== "object" && typeof options !== "function")) {
    throw new TypeError(
      "Failed to execute '(called as function)' on 'LoopbackServiceStub': parameter 1 is not of type 'Options'.",
    );
  }
  const props = options?.props;
  if (props === undefined) return newStub(address, NO_PROPS);
  if (typeof props !== "object" || props === null) {
    throw new TypeError(
      "Incorrect type for the 'props' field on 'Options': the provided value is not of type 'JsObject'.",
    );
  }
  return newStub(address, op_clone_write(props, undefined));
}

// A service binding: `props` are JSON, or null.
function makeService(app, entrypoint, props) {
  const encoded = props === null ? NO_PROPS : op_clone_write(JSON.parse(props), undefined);
  return newStub(addressOf(app, entrypoint ?? ""), encoded);
}

// The stub of one of the app's own exports.
function makeLoopback(app, name) {
  const target = () => {};
  delete target.name;
  delete target.length;
  return wrap(target, LoopbackServiceStub, new Service(addressOf(app, name), NO_PROPS));
}

function addressOf(app, entrypoint) {
  return `${app}:${entrypoint === "default" ? "" : entrypoint}`;
}

addPortable({
  name: "service",
  is: (value) => services.has(value),
  write(stub) {
    const { address, props } = services.get(stub);
    return [address, props];
  },
  read: ([address, props]) => newStub(address, props),
});

return { Fetcher, makeLoopback, makeService };
})();
