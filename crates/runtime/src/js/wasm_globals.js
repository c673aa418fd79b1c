// `WebAssembly.Global`: which objects are one, and those of references, which the engine has not.

(function () {

const { Global } = WebAssembly;

const globals = new WeakSet();

// The engine goes by a property that holds an address: it must be the one that the engine has put there.
const ADDRESS = "__wasm_global_ptr";

// A global that the engine has made.
function genuine(it) {
  Object.defineProperty(it, ADDRESS, { enumerable: false, writable: false, configurable: false });
  globals.add(it);
  return it;
}

// One whose value is a property of something else.
function referenceGlobal(holder, key, mutable) {
  const accessors = {
    get value() {
      return holder[key];
    },
    set value(value) {
      if (!mutable) throw new TypeError("set WebAssembly.Global.value): Can't set the value of an immutable global.");
      holder[key] = value;
    },
  };
  const descriptor = Object.getOwnPropertyDescriptor(accessors, "value");
  const it = Object.create(Global.prototype, { value: { ...descriptor, enumerable: false } });
  globals.add(it);
  return it;
}

return { genuine, isGlobal: (it) => globals.has(it), referenceGlobal };
})();
