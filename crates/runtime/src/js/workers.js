// The module "cloudflare:workers".

(function () {
const { core } = __bootstrap;
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { currentContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");

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

class RpcTarget {}

function waitUntil(promise) {
  const context = currentContext();
  if (context === undefined) {
    throw new Error("waitUntil() can only be called while an event is handled.");
  }
  context.waitUntil(promise);
}

// What other objects hand out over RPC; there is no RPC in this version yet.
function handedOut(name) {
  const made = {
    [name]: class {
      constructor() {
        throw new TypeError(`Cellhouse has no RPC yet, so there is no ${name}.`);
      }
    },
  };
  return made[name];
}

function withEnv() {
  throw new Error("Cellhouse has no withEnv() yet.");
}

return {
  env,
  exports: {},
  waitUntil,
  withEnv,
  WorkerEntrypoint,
  DurableObject,
  WorkflowEntrypoint,
  RpcTarget,
  RpcStub: handedOut("RpcStub"),
  RpcPromise: handedOut("RpcPromise"),
  RpcProperty: handedOut("RpcProperty"),
  ServiceStub: handedOut("ServiceStub"),
};
})();
