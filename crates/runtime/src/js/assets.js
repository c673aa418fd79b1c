// What an import of a text, data or WebAssembly file yields.

(function () {
const { op_asset } = __bootstrap.core.ops;
return { asset: (index) => op_asset(index) };
})();
