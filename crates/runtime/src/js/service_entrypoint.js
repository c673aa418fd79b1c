// The entrypoints of this app, as those see them who call it as a service: classes that extend WorkerEntrypoint, of
// which every event gets an instance of its own, and objects with handlers.

(function () {
const { core } = __bootstrap;
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { missing } = core.loadExtScript("ext:cellhouse_runtime/rpc_target.js");

// The app's name, and the exports of its module.
let app;
let namespace = {};

function setModule(name, exports) {
  app = name;
  namespace = exports;
}

function entrypointOf(name) {
  const found = namespace[name === "" ? "default" : name];
  if (typeof found === "function" ? !isObjectClass(found) : typeof found === "object" && found !== null) return found;
  const wanted = name === "" ? "no default export" : `no entrypoint "${name}"`;
  throw new TypeError(`The app "${app}" has ${wanted}.`);
}

const bases = () => core.loadExtScript("ext:cellhouse_runtime/workers.js");

const isObjectClass = (found) => found.prototype instanceof bases().DurableObject;

// ---- requests

function serviceFetch(name, request, ctx) {
  const found = entrypointOf(name);
  const handler = typeof found === "function" ? new found(ctx, env) : found;
  if (typeof handler.fetch !== "function") throw new Error("Handler does not export a fetch() function.");
  return typeof found === "function" ? handler.fetch(request) : handler.fetch(request, env, ctx);
}

// ---- other events

// Calls the handler of an event: `{ result }`, or undefined if the entrypoint has none.
function handle(name, event, argument, ctx) {
  const found = entrypointOf(name);
  const isClass = typeof found === "function";
  const handler = isClass ? new found(ctx, env) : found;
  if (typeof handler[event] !== "function") return undefined;
  return { result: isClass ? handler[event](argument) : handler[event](argument, env, ctx) };
}

// ---- RPC

const NO_RPC =
  "The receiver does not support RPC, because its class was not declared with `extends WorkerEntrypoint`. In order " +
  "to enable RPC, make sure your class extends the special class `WorkerEntrypoint`, which can be imported from the " +
  'module "cloudflare:workers".';

// What a call of the entrypoint is made on.
function mainOf(name, ctx) {
  const found = entrypointOf(name);
  if (typeof found !== "function") return new Proxy({}, { getPrototypeOf: () => methodsOf(found, ctx) });
  if (!(found.prototype instanceof bases().WorkerEntrypoint)) throw new TypeError(NO_RPC);
  return new found(ctx, env);
}

// The handlers of an object, as methods of a class: they take one argument, and get `env` and `ctx` too.
function methodsOf(handlers, ctx) {
  return new Proxy(Object.create(Object.prototype), {
    getOwnPropertyDescriptor(_target, name) {
      const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
      if (typeof handler !== "function") throw missing(name);
      const value = (...args) => {
        if (args.length !== 1) throw wrongCount(name);
        return Reflect.apply(handler, handlers, [args[0], env, ctx]);
      };
      return { value, writable: true, enumerable: true, configurable: true };
    },
  });
}

function wrongCount(name) {
  return new TypeError(
    `Attempted to call RPC function "${name}" with the wrong number of arguments. When calling a top-level handler ` +
      "function that is not declared as part of a class, you must always send exactly one argument. In order to " +
      "support variable numbers of arguments, the server must use class-based syntax (extending WorkerEntrypoint) " +
      "instead.",
  );
}

return { handle, mainOf, serviceFetch, setModule };
})();
