// Buffers that are moved. The engine moves the memory behind a buffer as if it were always its own: that of a
// `WebAssembly.Memory` is not, and must stay where it is; and what comes from Rust may not be resized by the engine,
// so what changes its length is copied here.

(function () {
const { prototype } = ArrayBuffer;
const { get: byteLengthOf } = Object.getOwnPropertyDescriptor(prototype, "byteLength");

// A property that the engine gives to the buffers of a `WebAssembly.Memory`, and nobody can take away.
const FIXED = "__v8x_nondetach";
const NOT_MOVABLE = "ArrayBuffer is not detachable and could not be cloned.";

const isMovable = (buffer) => !Object.hasOwn(buffer, FIXED);

function checkMovable(buffer, method) {
  if (!isMovable(buffer)) {
    throw new TypeError(`Cannot perform ${method} on an ArrayBuffer that cannot be detached`);
  }
}

// As the language converts a length; throws for what is none.
function toIndex(length) {
  const index = Math.trunc(Number(length)) || 0;
  if (index < 0 || index > Number.MAX_SAFE_INTEGER) throw new RangeError("Invalid array buffer length");
  return index;
}

// Replaces a method that moves a buffer.
function replace(name) {
  const original = prototype[name];
  if (original === undefined) return;
  const methods = {
    [name](newLength = undefined) {
      const length = byteLengthOf.call(this);
      const index = newLength === undefined ? length : toIndex(newLength);
      checkMovable(this, `ArrayBuffer.prototype.${name}`);
      if (this.detached || index === length) return original.call(this, index);
      const copy = name === "transfer" && this.resizable
        ? new ArrayBuffer(index, { maxByteLength: this.maxByteLength })
        : new ArrayBuffer(index);
      new Uint8Array(copy).set(new Uint8Array(this, 0, Math.min(length, index)));
      original.call(this, 0);
      return name === "transferToImmutable" ? original.call(copy) : copy;
    },
  };
  Object.defineProperty(methods[name], "length", { value: 0, configurable: true });
  Object.defineProperty(prototype, name, {
    value: methods[name], writable: true, enumerable: false, configurable: true,
  });
}
replace("transfer");
replace("transferToFixedLength");
replace("transferToImmutable");

// Makes a method of byte streams, which take the buffer of a view, refuse one that must stay.
function guard(prototype, name) {
  const original = prototype[name];
  const methods = {
    [name](view) {
      if (ArrayBuffer.isView(view)) checkMovable(view.buffer, name);
      return original.apply(this, arguments);
    },
  };
  Object.defineProperty(methods[name], "length", { value: original.length, configurable: true });
  Object.defineProperty(prototype, name, {
    value: methods[name], writable: true, enumerable: true, configurable: true,
  });
}

return { FIXED, guard, isMovable, NOT_MOVABLE };
})();
