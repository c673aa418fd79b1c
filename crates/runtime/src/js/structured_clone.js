// structuredClone(): a value through the encoding of `src/clone/` and back. Of the platform's objects it
// knows DOMException, Blob, File and keys; shared memory stays shared.

(function () {
const { core } = __bootstrap;
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { Blob, BlobPrototype, File, FilePrototype } = core.loadExtScript("ext:deno_web/09_file.js");
const { exceptionParts, isPlatformObject, refuse } = core.loadExtScript(
  "ext:cellhouse_runtime/clone.js",
);
const { isMovable, NOT_MOVABLE } = core.loadExtScript("ext:cellhouse_runtime/array_buffers.js");
const { op_clone_copy } = core.ops;

const isPrototypeOf = (prototype, value) => Object.prototype.isPrototypeOf.call(prototype, value);

// The copies that do not go through bytes, beside the value that does.
function clone(value) {
  const kind = typeof value;
  if (kind !== "object" && kind !== "function" && kind !== "symbol") return value;
  const beside = [];
  const copy = (object) => {
    const one = copyBeside(object);
    return one === undefined ? exceptionParts(object) : beside.push(one) - 1;
  };
  return op_clone_copy(value, copy, (index) => beside[index]);
}

// Undefined for an instance of an ordinary class, and for what is refused by itself.
function copyBeside(value) {
  if (core.isSharedArrayBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return viewOf(value);
  if (typeof value !== "object" || core.isProxy(value)) return undefined;
  if (isWasmModule(value)) return value;
  return isPlatformObject(value) ? copyPlatformObject(value) : undefined;
}

// `WebAssembly` is not read for others: it is made when it is first read.
function isWasmModule(value) {
  return Object.hasOwn(value, "__wasm_module_id") && value instanceof WebAssembly.Module;
}

// Another view of the same shared memory.
function viewOf(view) {
  const { buffer, byteOffset, byteLength, length = byteLength } = view;
  const make = core.isDataView(view) ? DataView : globalThis[view[Symbol.toStringTag]];
  return new make(buffer, byteOffset, length);
}

function copyPlatformObject(value) {
  if (isPrototypeOf(FilePrototype, value)) {
    const { name, type, lastModified } = value;
    return new File([value], name, { type, lastModified });
  }
  if (isPrototypeOf(BlobPrototype, value)) return new Blob([value], { type: value.type });
  return exceptionParts(value) === undefined ? refuse(value) : undefined;
}

// ---- transfer

// Only buffers can be transferred; a view stands for its buffer.
function checkTransfer(list) {
  const seen = new Set();
  for (const entry of list) {
    const buffer = ArrayBuffer.isView(entry) ? entry.buffer : entry;
    if (core.isSharedArrayBuffer(buffer)) {
      throw new DOMException("Object is not transferable.", "DataCloneError");
    }
    if (!core.isArrayBuffer(buffer)) throw new TypeError("Object is not transferable");
    if (buffer.detached) {
      throw new DOMException(
        "An ArrayBuffer is detached and could not be cloned.",
        "DataCloneError",
      );
    }
    if (!isMovable(buffer)) throw new DOMException(NOT_MOVABLE, "DataCloneError");
    if (seen.has(buffer)) {
      throw new DOMException("An ArrayBuffer is in the transfer list twice.", "DataCloneError");
    }
    seen.add(buffer);
  }
  return seen;
}

// Buffers are copied with the rest, and detached only when all is cloned: views of them and the app's
// getters must see them whole until then.
function cloneWithTransfer(value, list) {
  const transferred = checkTransfer(list);
  const copy = clone(value);
  for (const buffer of transferred) {
    if (!buffer.detached) buffer.transfer(0);
  }
  return copy;
}

function structuredClone(value, options = undefined) {
  if (arguments.length === 0) {
    throw new TypeError(
      "Failed to execute 'structuredClone' on 'ServiceWorkerGlobalScope': parameter 1 is missing.",
    );
  }
  const list = options?.transfer;
  return list === undefined ? clone(value) : cloneWithTransfer(value, list);
}

return { cloneWithTransfer, structuredClone };
})();
