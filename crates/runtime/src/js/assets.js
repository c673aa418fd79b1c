// What an import of a text, data or WebAssembly file yields.

(function () {
const { core } = __bootstrap;
const { op_asset } = core.ops;

function asset(index) {
  const it = op_asset(index);
  return Array.isArray(it) ? adopt(...it) : it;
}

// A module of WebAssembly that was rewritten.
function adopt(module, plan) {
  // What is read here is complete from now on, whatever the app has put in its place.
  void globalThis.WebAssembly;
  return core.loadExtScript("ext:cellhouse_runtime/wasm_instances.js").adopt(module, JSON.parse(plan));
}

return { asset };
})();
