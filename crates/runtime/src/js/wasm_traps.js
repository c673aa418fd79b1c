// `WebAssembly.RuntimeError`: traps of the interpreter in V8's words.

(function () {

// What the interpreter says of a trap, and what V8 says.
const TRAPS = {
  __proto__: null,
  "uninitialized element": "null function",
  "undefined element": "table index is out of bounds",
  "out of bounds table access": "table index is out of bounds",
  "indirect call type mismatch": "function signature mismatch",
  "out of bounds memory access": "memory access out of bounds",
  "integer divide by zero": "divide by zero",
  "integer overflow": "float unrepresentable in integer range",
  "invalid conversion to integer": "float unrepresentable in integer range",
};
const TOO_DEEP = ["wasm operand stack overflow", "native stack overflow"];

// The engine makes the errors of traps by the name that is found in `WebAssembly`.
function makeRuntimeError() {
  const Original = WebAssembly.RuntimeError;
  const { prototype } = Original;
  const RuntimeError = function (message = undefined, options = undefined) {
    if (TOO_DEEP.includes(message)) return new RangeError("Maximum call stack size exceeded");
    const args = message === undefined ? [] : [TRAPS[message] ?? message];
    if (options !== undefined) args.push(options);
    return Reflect.construct(Original, args, new.target ?? RuntimeError);
  };
  Object.defineProperty(RuntimeError, "name", { value: "RuntimeError", configurable: true });
  Object.defineProperty(RuntimeError, "length", { value: 1, configurable: true });
  Object.defineProperty(RuntimeError, "prototype", { value: prototype, writable: false });
  Object.defineProperty(prototype, "constructor", {
    value: RuntimeError, writable: true, enumerable: false, configurable: true,
  });
  return RuntimeError;
}

return { makeRuntimeError };
})();
