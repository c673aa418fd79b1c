// The module "cloudflare:workers".

(function () {
const { core } = __bootstrap;
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { exports, onClasses } = core.loadExtScript("ext:cellhouse_runtime/exports.js");
const { currentContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { addBase, RpcPromise, RpcProperty, RpcStub, RpcTarget } = core.loadExtScript(
  "ext:cellhouse_runtime/rpc.js",
);

// Base classes: what an app extends. The runtime constructs them with (ctx, env).
class WorkerEntrypoint {
  constructor(ctx, env) {
    Object.defineProperty(this, "ctx", { value: ctx, configurable: true, writable: true });
    Object.defineProperty(this, "env", { value: env, configurable: true, writable: true });
  }
}

class DurableObject {
  constructor(ctx, env) {
    Object.defineProperty(this, "ctx", { value: ctx, configurable: true, writable: true });
    Object.defineProperty(this, "env", { value: env, configurable: true, writable: true });
  }
}

class WorkflowEntrypoint {
  constructor(ctx, env) {
    Object.defineProperty(this, "ctx", { value: ctx, configurable: true, writable: true });
    Object.defineProperty(this, "env", { value: env, configurable: true, writable: true });
  }
}

const bases = [WorkerEntrypoint, DurableObject, WorkflowEntrypoint];
onClasses(
  ({ prototype }) => prototype instanceof WorkerEntrypoint,
  ({ prototype }) => bases.some((base) => prototype instanceof base),
);
for (const base of bases) addBase(base);

function waitUntil(promise) {
  const context = currentContext();
  if (context === undefined) {
    throw new Error("waitUntil() can only be called while an event is handled.");
  }
  context.waitUntil(promise);
}

// The class of service bindings.
const { Fetcher: ServiceStub } = core.loadExtScript("ext:cellhouse_runtime/service_stub.js");

function withEnv() {
  throw new Error("Cellhouse has no withEnv() yet.");
}

return {
  env,
  exports,
  waitUntil,
  withEnv,
  WorkerEntrypoint,
  DurableObject,
  WorkflowEntrypoint,
  RpcTarget,
  RpcStub,
  RpcPromise,
  RpcProperty,
  ServiceStub,
};
})();
