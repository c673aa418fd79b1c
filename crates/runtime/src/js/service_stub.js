// Stubs of services: `fetch`, and every other name a method or property of the entrypoint. Those of `ctx.exports` can
// be called with `{ props }` for one that finds these in its `ctx.props`.

(function () {
const { core } = __bootstrap;
const { op_clone_write, op_has_compatibility_flag, op_service_fetch } = core.ops;
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { refuse } = core.loadExtScript("ext:cellhouse_runtime/clone.js");
const { fetchBy } = core.loadExtScript("ext:cellhouse_runtime/object_fetch.js");
const { propertyOf } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");
const { callable, propsOf } = core.loadExtScript("ext:cellhouse_runtime/loopback_options.js");
const { addPortable } = core.loadExtScript("ext:cellhouse_runtime/rpc_values.js");

const NO_PROPS = new Uint8Array(0);

// Proxy -> what it stands for.
const services = new WeakMap();
// Target of a proxy -> the same.
const targets = new WeakMap();

class Service {
  #hook;

  // `address` as the ops take it; `props` as `op_clone_write` has them.
  constructor(address, props, isLoopback) {
    this.address = address;
    this.props = props;
    this.isLoopback = isLoopback;
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

// Further events of entrypoints, where the flag says so: otherwise these are names of methods.
const serviceEvents = () => core.loadExtScript("ext:cellhouse_runtime/service_events.js");
const FURTHER = {
  queue(_queueName, _messages) {
    return serviceEvents().queue(serviceOf(this).hook, [...arguments]);
  },
  scheduled() {
    return serviceEvents().scheduled(serviceOf(this).hook, [...arguments]);
  },
};
let isComplete = false;
function complete() {
  if (isComplete) return;
  isComplete = true;
  if (op_has_compatibility_flag("service_binding_extra_handlers")) Object.assign(Fetcher.prototype, FURTHER);
}

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
  apply: (target, _self, [options]) => target(options),
};

function wrap(target, stub, service) {
  complete();
  Object.setPrototypeOf(target, stub.prototype);
  targets.set(target, service);
  const proxy = new Proxy(target, HANDLER);
  services.set(proxy, service);
  return proxy;
}

// A stub of something else: `service` has fetch(args), a hook for all other names, and why it cannot be sent, `refusal`.
const makeStub = (service) => wrap({}, Fetcher, service);

const newStub = (address, props) => wrap({}, Fetcher, new Service(address, props, false));

// A service binding: `props` are JSON, or null.
function makeService(app, entrypoint, props) {
  const encoded = props === null ? NO_PROPS : op_clone_write(JSON.parse(props), undefined);
  return newStub(`${app}:${entrypoint === "default" ? "" : entrypoint ?? ""}`, encoded);
}

// The stub of one of the app's own exports.
function makeLoopback(app, name) {
  const service = new Service(`${app}:${name}`, NO_PROPS, true);
  const specialized = (options) => newStub(service.address, propsOf(options, LoopbackServiceStub.name));
  return wrap(callable(LoopbackServiceStub.prototype, specialized), LoopbackServiceStub, service);
}

addPortable({
  name: "service",
  is: (value) => services.has(value),
  write(stub) {
    const { address, props, isLoopback, refusal } = services.get(stub);
    if (refusal !== undefined) throw new DOMException(refusal, "DataCloneError");
    return isLoopback ? refuse(stub) : [address, props];
  },
  read: ([address, props]) => newStub(address, props),
});

return { Fetcher, makeLoopback, makeService, makeStub };
})();
