// structuredClone(): values are copied directly, without an encoding between. Knows every type that
// the engine has; of the platform's objects, DOMException, Blob and File.

(function () {
const { core } = __bootstrap;
const { brand } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { DOMException, DOMExceptionPrototype } = core.loadExtScript(
  "ext:deno_web/01_dom_exception.js",
);
const { Blob, BlobPrototype, File, FilePrototype } = core.loadExtScript("ext:deno_web/09_file.js");

const ObjectPrototype = Object.prototype;
const define = Object.defineProperty;
const descriptorOf = Object.getOwnPropertyDescriptor;
const isPrototypeOf = (prototype, value) => ObjectPrototype.isPrototypeOf.call(prototype, value);
// Keys have no brand of their own.
const CryptoKeyPrototype = core.ops.CryptoKey.prototype;
const TypedArray = Object.getPrototypeOf(Uint8Array);
const typedArrayTag = descriptorOf(TypedArray.prototype, Symbol.toStringTag).get;
const TYPED_ARRAYS = {
  __proto__: null,
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  BigInt64Array, BigUint64Array, Float16Array: globalThis.Float16Array, Float32Array, Float64Array,
};
const ERRORS = {
  __proto__: null,
  Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError,
};
// What the engine can tell apart and no clone can be made of.
const UNCLONEABLE = [
  [core.isPromise, "Promise"], [core.isWeakMap, "WeakMap"], [core.isWeakSet, "WeakSet"],
  [core.isGeneratorObject, "Generator"], [core.isMapIterator, "Map Iterator"],
  [core.isSetIterator, "Set Iterator"], [(value) => value instanceof WeakRef, "WeakRef"],
  [(value) => value instanceof FinalizationRegistry, "FinalizationRegistry"],
];

function refuse(what) {
  throw new DOMException(`${what} could not be cloned.`, "DataCloneError");
}

function refuseObject(value) {
  const name = typeof value.constructor === "function" ? value.constructor.name : "Object";
  throw new DOMException(
    `Could not serialize object of type "${name}". This type does not support serialization.`,
    "DataCloneError",
  );
}

function clone(value, memory) {
  switch (typeof value) {
    case "symbol":
      return refuse(String(value));
    case "function":
      return refuse(Function.prototype.toString.call(value));
    case "object":
      return value === null ? null : cloneObject(value, memory);
    default:
      return value;
  }
}

function cloneObject(value, memory) {
  const known = memory.get(value);
  if (known !== undefined) return known;
  if (core.isProxy(value)) return refuse("#<Object>");
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return cloneArray(value, memory);
  if (prototype !== ObjectPrototype && prototype !== null) {
    const copy = cloneSpecial(value, memory);
    if (copy !== undefined) return copy;
  }
  const copy = {};
  memory.set(value, copy);
  copyProperties(value, copy, memory);
  return copy;
}

function copyProperties(value, copy, memory) {
  for (const key of Object.keys(value)) {
    // A getter that ran before may have removed it.
    if (!ObjectPrototype.hasOwnProperty.call(value, key)) continue;
    setProperty(copy, key, clone(value[key], memory));
  }
}

function setProperty(object, key, value) {
  if (key === "__proto__") {
    define(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

function cloneArray(value, memory) {
  const copy = [];
  copy.length = value.length;
  memory.set(value, copy);
  copyProperties(value, copy, memory);
  return copy;
}

// A value of a type with a state of its own; undefined for an instance of an ordinary class.
function cloneSpecial(value, memory) {
  if (value[brand] === brand || isPrototypeOf(CryptoKeyPrototype, value)) {
    return clonePlatformObject(value, memory);
  }
  if (ArrayBuffer.isView(value)) return cloneView(value, memory);
  if (core.isAnyArrayBuffer(value)) return cloneBuffer(value, memory);
  if (core.isMap(value)) return cloneMap(value, memory);
  if (core.isSet(value)) return cloneSet(value, memory);
  if (core.isDate(value)) return remember(value, new Date(Date.prototype.getTime.call(value)), memory);
  if (core.isRegExp(value)) return remember(value, new RegExp(value.source, value.flags), memory);
  if (core.isNativeError(value)) return cloneError(value, memory);
  if (core.isBoxedPrimitive(value)) return cloneBoxed(value, memory);
  for (const [is, name] of UNCLONEABLE) {
    if (is(value)) refuse(`#<${name}>`);
  }
  if (typeof WebAssembly === "object" && value instanceof WebAssembly.Module) return value;
  return undefined;
}

function remember(value, copy, memory) {
  memory.set(value, copy);
  return copy;
}

function cloneBoxed(value, memory) {
  if (core.isSymbolObject(value)) refuse("#<Symbol>");
  return remember(value, Object(value.valueOf()), memory);
}

function cloneBuffer(value, memory) {
  // Shared memory stays shared.
  if (core.isSharedArrayBuffer(value)) return value;
  if (value.detached) refuse("An ArrayBuffer is detached and");
  if (!value.resizable) return remember(value, value.slice(0), memory);
  const copy = new ArrayBuffer(value.byteLength, { maxByteLength: value.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(value));
  return remember(value, copy, memory);
}

function cloneView(value, memory) {
  const buffer = cloneObject(value.buffer, memory);
  const tag = typedArrayTag.call(value);
  const make = tag === undefined ? DataView : TYPED_ARRAYS[tag];
  const length = tag === undefined ? value.byteLength : value.length;
  return remember(value, new make(buffer, value.byteOffset, length), memory);
}

function cloneMap(value, memory) {
  const copy = remember(value, new Map(), memory);
  // The entries of the moment: cloning may run getters that change the map.
  for (const [key, entry] of [...Map.prototype.entries.call(value)]) {
    copy.set(clone(key, memory), clone(entry, memory));
  }
  return copy;
}

function cloneSet(value, memory) {
  const copy = remember(value, new Set(), memory);
  for (const entry of [...Set.prototype.values.call(value)]) copy.add(clone(entry, memory));
  return copy;
}

// Class by name, message, and all own properties: stack, cause, and what the app added.
function cloneError(value, memory) {
  const name = String(value.name);
  const error = remember(value, makeError(ERRORS[name] ?? Error, value), memory);
  if (ERRORS[name] === undefined) hide(error, "name", name);
  for (const key of Object.getOwnPropertyNames(value)) {
    if (key === "name" || key === "message") continue;
    const { enumerable } = descriptorOf(value, key);
    const property = clone(value[key], memory);
    define(error, key, { value: property, writable: true, configurable: true, enumerable });
  }
  return error;
}

function makeError(make, value) {
  const message = value.message === undefined ? undefined : String(value.message);
  return make === AggregateError ? new make([], message) : new make(message);
}

function hide(object, key, value) {
  define(object, key, { value, writable: true, configurable: true, enumerable: false });
}

function clonePlatformObject(value, memory) {
  if (isPrototypeOf(DOMExceptionPrototype, value)) {
    const copy = new DOMException(value.message, value.name);
    hide(copy, "stack", value.stack);
    return remember(value, copy, memory);
  }
  if (isPrototypeOf(FilePrototype, value)) {
    const { name, type, lastModified } = value;
    return remember(value, new File([value], name, { type, lastModified }), memory);
  }
  if (isPrototypeOf(BlobPrototype, value)) {
    return remember(value, new Blob([value], { type: value.type }), memory);
  }
  return refuseObject(value);
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
    if (buffer.detached) refuse("An ArrayBuffer is detached and");
    if (seen.has(buffer)) {
      throw new DOMException("An ArrayBuffer is in the transfer list twice.", "DataCloneError");
    }
    seen.add(buffer);
  }
  return seen;
}

function emptyBuffer({ byteLength, resizable, maxByteLength }) {
  return resizable ? new ArrayBuffer(byteLength, { maxByteLength }) : new ArrayBuffer(byteLength);
}

// A buffer's bytes move only after everything is cloned, because views of it (and the app's getters)
// must see it whole until then.
function moveBytes(from, to) {
  const source = new Uint8Array(from);
  new Uint8Array(to).set(source.length > to.byteLength ? source.subarray(0, to.byteLength) : source);
  if (!from.detached) from.transfer(0);
}

function cloneWithTransfer(value, list) {
  const transferred = checkTransfer(list);
  const memory = new Map();
  for (const buffer of transferred) memory.set(buffer, emptyBuffer(buffer));
  const copy = clone(value, memory);
  for (const buffer of transferred) moveBytes(buffer, memory.get(buffer));
  return copy;
}

function structuredClone(value, options = undefined) {
  if (arguments.length === 0) {
    throw new TypeError(
      "Failed to execute 'structuredClone' on 'ServiceWorkerGlobalScope': parameter 1 is missing.",
    );
  }
  const list = options?.transfer;
  return list === undefined ? clone(value, new Map()) : cloneWithTransfer(value, list);
}

return { cloneWithTransfer, structuredClone };
})();
