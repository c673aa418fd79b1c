// What functions tell of their source: those of the runtime are native code to an app, and where a function stands in
// which file is not told at all.

(function () {
const { core } = __bootstrap;
const { toString } = Function.prototype;
const { get: fileName } = Object.getOwnPropertyDescriptor(Function.prototype, "fileName") ?? {};

const PLACES = ["fileName", "lineNumber", "columnNumber"];
// What an app makes of strings is of the file that makes it.
const GENERATOR = "ext:cellhouse_runtime/code_generation.js";
const native = (name) => `function ${name}() { [native code] }`;

function isOurs(callable) {
  const file = fileName?.call(callable);
  if (file === GENERATOR) return core.loadExtScript(GENERATOR).isGuard(callable);
  return typeof file === "string" && (file.startsWith("ext:") || file.startsWith("<"));
}

const methods = {
  toString() {
    const text = toString.call(this);
    if (!text.includes("[native code]") && !isOurs(this)) return text;
    const name = Object.getOwnPropertyDescriptor(this, "name")?.value;
    return native(typeof name === "string" ? name : "");
  },
};

function hideSources() {
  Object.defineProperty(Function.prototype, "toString", {
    value: methods.toString, writable: true, configurable: true, enumerable: false,
  });
  for (const name of PLACES) delete Function.prototype[name];
}

return { hideSources };
})();
