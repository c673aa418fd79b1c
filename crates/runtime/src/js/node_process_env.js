// `process.env`: the app's variables as text. What is assigned becomes a string, as everywhere in Node.js.

(function () {
const { core } = __bootstrap;
const { variables } = core.loadExtScript("ext:cellhouse_runtime/node.js");
const { codes } = core.loadExtScript("ext:deno_node/internal/error_codes.js");
core.loadExtScript("ext:deno_node/internal/errors.js");
const { validateObject } = core.loadExtScript("ext:deno_node/internal/validators.js");

const WHAT = "process.env value must";

function text(name, value) {
  if (typeof name === "symbol" || typeof value === "symbol") {
    throw new TypeError("Cannot convert a symbol value to a string");
  }
  return `${value}`;
}

function checkProperty(property) {
  validateObject(property, "descriptor");
  const fail = (name, value, why) => new codes.ERR_INVALID_ARG_VALUE(name, value, `${WHAT} ${why}`);
  if ("get" in property || "set" in property) throw fail("descriptor", property, "not have getter/setter");
  for (const name of ["configurable", "enumerable", "writable"]) {
    if (!property[name]) throw fail(`descriptor.${name}`, property, `be ${name}`);
  }
  if (!("value" in property)) throw fail("descriptor.value", property, "be specified explicitly");
}

const env = new Proxy({ ...variables() }, {
  set: (target, name, value) => Reflect.set(target, name, text(name, value)),
  defineProperty(target, name, property) {
    checkProperty(property);
    return Reflect.defineProperty(target, name, { ...property, value: text(name, property.value) });
  },
});

return { env };
})();
