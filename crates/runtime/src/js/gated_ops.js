// Lets what asynchronous ops answer wait at the gate of the object that called them. Must be loaded before
// any script that takes ops from `core`.

(function () {
const { core } = __bootstrap;
const { gateHere } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");

// What other runtimes do at once: an object's turn goes on after it.
const PARTS_OF_A_TURN = ["op_blob_read_part"];
// No code of an app's waits for these, or who calls them sees to it.
const FREE = ["op_facet_fetch", "op_object_fetch", "op_service_fetch", "op_void_async_deferred"];

function holding(op) {
  return (...args) => {
    const gate = gateHere();
    return gate === undefined ? op(...args) : gate.held(op(...args));
  };
}

function locking(op) {
  return function (...args) {
    const gate = gateHere();
    const result = Reflect.apply(op, this, args);
    return gate === undefined ? result : gate.locked(result);
  };
}

// Asynchronous ops are functions of deno_core's JavaScript around those of Rust, all of one family.
function isAsynchronous(op) {
  return Function.prototype.toString.call(op).startsWith("function async_op_");
}

function wrapperOf(name) {
  return PARTS_OF_A_TURN.includes(name) ? locking : holding;
}

const { ops } = core;
for (const name of Object.keys(ops)) {
  if (isAsynchronous(ops[name]) && !FREE.includes(name)) ops[name] = wrapperOf(name)(ops[name]);
}
for (const name of ["read", "readAll", "write", "writeAll"]) core[name] = holding(core[name]);

return { locking };
})();
