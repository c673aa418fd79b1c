// What an import of a text, data or WebAssembly file yields.

(function () {
const { core } = __bootstrap;
const { op_asset } = core.ops;

function asset(index) {
  const it = op_asset(index);
  return Array.isArray(it) ? moduleOf(index, ...it) : it;
}

// A module of WebAssembly that was rewritten, with its plan, or the bytes of none, or why it cannot be had.
function moduleOf(index, it, plan) {
  // What is read here is complete from now on, whatever the app has put in its place.
  void globalThis.WebAssembly;
  const { adopt, refuse } = core.loadExtScript("ext:cellhouse_runtime/wasm_instances.js");
  return plan === undefined ? refuse(it) : adopt(it, { ...JSON.parse(plan), asset: index });
}

return { asset };
})();
