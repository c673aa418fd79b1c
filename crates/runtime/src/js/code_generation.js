// Code from strings: only while an app is loaded, and only if the app's flags say so; what runs later was
// deployed. As in Workers, the constructors of functions stay where they are and refuse.

(function () {
const { construct } = Reflect;
const nativeEval = globalThis.eval;
// For scripts of the runtime, which make code of nothing that an app says.
const NativeFunction = globalThis.Function;

const MESSAGE = "Code generation from strings disallowed for this context";

let allowed = false;
const guards = new Set();

// A function constructor that can refuse, with the prototype of the one it takes the place of.
function guardConstruction(prototype, name) {
  const native = Object.getOwnPropertyDescriptor(prototype, "constructor").value;
  const refuse = {
    [name]: function (...args) {
      if (!allowed) throw new EvalError(MESSAGE);
      return construct(native, args, new.target ?? refuse);
    },
  }[name];
  Object.defineProperty(refuse, "length", { value: 1, configurable: true });
  Object.defineProperty(refuse, "prototype", { value: prototype, writable: false });
  const property = Object.getOwnPropertyDescriptor(prototype, "constructor");
  Object.setPrototypeOf(refuse, Object.getPrototypeOf(property.value));
  Object.defineProperty(prototype, "constructor", { ...property, value: refuse });
  guards.add(refuse);
  return refuse;
}

// Whether a function of this file is one that takes an engine's place; others were made of strings.
const isGuard = (callable) => callable === eval_ || guards.has(callable);

function eval_(code) {
  if (typeof code !== "string") return code;
  throw new EvalError(MESSAGE);
}
Object.defineProperty(eval_, "name", { value: "eval", configurable: true });

// Whether code from strings may be made. Direct calls of `eval` see the scope they are in only if it is the
// engine's own function that is called, so that one stands there meanwhile.
function allowCode(scope, allow) {
  const [from, to] = allow ? [eval_, nativeEval] : [nativeEval, eval_];
  if (scope.eval === from) scope.eval = to;
  allowed = allow;
}

// Replaces `eval`, `Function` and the constructors of the other kinds of functions.
function forbidCode(scope) {
  const define = (name, value) =>
    Object.defineProperty(scope, name, {
      value, writable: true, enumerable: false, configurable: true,
    });
  define("Function", guardConstruction(Function.prototype, "Function"));
  define("eval", eval_);
  for (const [name, sample] of [
    ["AsyncFunction", async function () {}],
    ["GeneratorFunction", function* () {}],
    ["AsyncGeneratorFunction", async function* () {}],
  ]) {
    const constructor = guardConstruction(Object.getPrototypeOf(sample), name);
    Object.setPrototypeOf(constructor, scope.Function);
  }
}

return { allowCode, forbidCode, isGuard, NativeFunction };
})();
