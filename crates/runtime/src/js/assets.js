// What an import of a text, data or WebAssembly file yields.

(function () {
const { core } = __bootstrap;
const { op_asset } = core.ops;
const { adopt } = core.loadExtScript("ext:cellhouse_runtime/wasm_references.js");

function asset(index) {
  const it = op_asset(index);
  return Array.isArray(it) ? adopt(it[0], JSON.parse(it[1])) : it;
}

return { asset };
})();
