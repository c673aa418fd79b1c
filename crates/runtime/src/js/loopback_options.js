// What the properties of `ctx.exports` are called with: `{ props }`.

(function () {
const { op_clone_write } = __bootstrap.core.ops;

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

// The props of a call, as `op_clone_write` has them; no bytes if there are none. `of` is the class that was called.
function propsOf(options, of) {
  if (!isObject(options)) {
    throw new TypeError(
      `Failed to execute '(called as function)' on '${of}': parameter 1 is not of type 'Options'.`,
    );
  }
  const { props } = options;
  if (props === undefined) return new Uint8Array(0);
  if (!isObject(props)) {
    throw new TypeError(
      "Incorrect type for the 'props' field on 'Options': the provided value is not of type 'JsObject'.",
    );
  }
  return op_clone_write(props, undefined);
}

// A function with nothing of its own, of a class.
function callable(prototype, call) {
  const target = (options) => call(options);
  delete target.name;
  delete target.length;
  return Object.setPrototypeOf(target, prototype);
}

return { callable, propsOf };
})();
