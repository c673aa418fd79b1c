// What an import of a text, data or WebAssembly file yields.

(function () {
const { core } = __bootstrap;
const { op_asset } = core.ops;

function asset(index) {
  const it = op_asset(index);
  return Array.isArray(it) ? moduleOf(index, ...it) : it;
}

// A module of WebAssembly with its plan, which is null for one that is as it was, or the bytes of none, or why it
// cannot be had.
function moduleOf(index, it, plan) {
  // What is read here is complete from now on, whatever the app has put in its place.
  void globalThis.WebAssembly;
  const { adopt, refuse } = core.loadExtScript("ext:cellhouse_runtime/wasm_instances.js");
  if (plan === undefined) return refuse(it);
  return adopt(it, plan === null ? null : { ...JSON.parse(plan), asset: index });
}

return { asset };
})();
