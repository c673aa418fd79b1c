// No code from strings: what runs was deployed. As in Workers, the constructors of functions stay where
// they are and refuse.

(function () {

const MESSAGE = "Code generation from strings disallowed for this context";

// A function constructor that refuses, with the prototype of the one it takes the place of.
function refuseConstruction(prototype, name) {
  const refuse = {
    [name]: function (..._args) {
      throw new EvalError(MESSAGE);
    },
  }[name];
  Object.defineProperty(refuse, "length", { value: 1, configurable: true });
  Object.defineProperty(refuse, "prototype", { value: prototype, writable: false });
  const property = Object.getOwnPropertyDescriptor(prototype, "constructor");
  Object.setPrototypeOf(refuse, Object.getPrototypeOf(property.value));
  Object.defineProperty(prototype, "constructor", { ...property, value: refuse });
  return refuse;
}

function eval_(code) {
  if (typeof code !== "string") return code;
  throw new EvalError(MESSAGE);
}
Object.defineProperty(eval_, "name", { value: "eval", configurable: true });

// Replaces `eval`, `Function` and the constructors of the other kinds of functions.
function forbidCode(scope) {
  const define = (name, value) =>
    Object.defineProperty(scope, name, {
      value, writable: true, enumerable: false, configurable: true,
    });
  define("Function", refuseConstruction(Function.prototype, "Function"));
  define("eval", eval_);
  for (const [name, sample] of [
    ["AsyncFunction", async function () {}],
    ["GeneratorFunction", function* () {}],
    ["AsyncGeneratorFunction", async function* () {}],
  ]) {
    const constructor = refuseConstruction(Object.getPrototypeOf(sample), name);
    Object.setPrototypeOf(constructor, scope.Function);
  }
}

return { forbidCode };
})();
