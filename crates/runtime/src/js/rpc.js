// RPC within one isolate, for stubs that an app makes of its own objects: two sessions, back to back.
// Their messages go through the same encoding as those that leave the isolate.

(function () {
const { core } = __bootstrap;
const { onLocal, RpcPromise, RpcProperty, RpcStub, stateOf } = core.loadExtScript(
  "ext:cellhouse_runtime/rpc_stub.js",
);
const { addBase, RpcTarget } = core.loadExtScript("ext:cellhouse_runtime/rpc_target.js");
const { Session } = core.loadExtScript("ext:cellhouse_runtime/rpc_session.js");

const { op_clone_read, op_clone_write } = core.ops;

// Those of apps are counted from 1.
const NO_EVENT = 0;

// Two sessions whose messages arrive in the other, each in a turn of its own.
function couple() {
  const sides = [];
  const to = (side) => ({
    send(message, ends) {
      const bytes = op_clone_write(message);
      queueMicrotask(() => sides[side].receive(op_clone_read(bytes), ends));
    },
    couple: () => core.ops.op_websocket_couple(NO_EVENT),
  });
  sides.push(new Session(to(1)), new Session(to(0)));
  return sides;
}

let own;

onLocal((target) => {
  const state = stateOf(target);
  if (state !== undefined) return state.use();
  if (target === null || (typeof target !== "object" && typeof target !== "function")) {
    throw new TypeError("Failed to construct 'JsRpcStub': constructor parameter 1 is not of type 'JsObject'.");
  }
  if (typeof target !== "function" && !(target instanceof RpcTarget) && !isPlain(target)) {
    throw new TypeError("RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.");
  }
  own ??= couple();
  return own[0].import(own[1].export(target));
});

function isPlain(value) {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

return { addBase, couple, RpcPromise, RpcProperty, RpcStub, RpcTarget, Session };
})();
