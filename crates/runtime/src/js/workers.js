// The module "cloudflare:workers".

(function () {
const { core } = __bootstrap;
const { env, exports, withEnv, withEnvAndExports, withExports } = core.loadExtScript(
  "ext:cellhouse_runtime/env_scope.js",
);
const { onClasses } = core.loadExtScript("ext:cellhouse_runtime/exports.js");
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
  ({ prototype }) => prototype instanceof WorkflowEntrypoint,
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

return {
  env,
  exports,
  waitUntil,
  withEnv,
  withEnvAndExports,
  withExports,
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
