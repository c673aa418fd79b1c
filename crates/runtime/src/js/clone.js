// What Rust asks while it writes and reads values (`src/clone/`): what only the language's own functions
// can tell or make, kept here before any app can replace them.

(function () {
const { core } = __bootstrap;
const { brand } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { DOMException, DOMExceptionPrototype } = core.loadExtScript(
  "ext:deno_web/01_dom_exception.js",
);
const { op_clone_setup } = core.ops;

const ObjectPrototype = Object.prototype;
const call = Function.prototype.call;
const unbound = (method) => call.bind(method);
const descriptorOf = Object.getOwnPropertyDescriptor;
const getter = (prototype, name) => unbound(descriptorOf(prototype, name).get);
const isPrototypeOf = unbound(ObjectPrototype.isPrototypeOf);
const isOwn = unbound(ObjectPrototype.hasOwnProperty);
const push = unbound(Array.prototype.push);
// Keys of WebCrypto have no brand of their own.
const CryptoKeyPrototype = core.ops.CryptoKey.prototype;

// ---- Map and Set

const NativeMap = Map;
const NativeSet = Set;
const forEachOfMap = unbound(Map.prototype.forEach);
const forEachOfSet = unbound(Set.prototype.forEach);
const setInMap = unbound(Map.prototype.set);
const addToSet = unbound(Set.prototype.add);

function map_entries(map) {
  const flat = [];
  forEachOfMap(map, (value, key) => push(flat, key, value));
  return flat;
}

function set_entries(set) {
  const flat = [];
  forEachOfSet(set, (value) => push(flat, value));
  return flat;
}

function fill_map(map, flat) {
  for (let index = 0; index < flat.length; index += 2) setInMap(map, flat[index], flat[index + 1]);
}

function fill_set(set, flat) {
  for (let index = 0; index < flat.length; index++) addToSet(set, flat[index]);
}

// ---- RegExp

const NativeRegExp = RegExp;
const source = getter(RegExp.prototype, "source");
// Each with its letter and its bit; see docs/values.md.
const FLAGS = [
  ["g", 1, "global"], ["i", 2, "ignoreCase"], ["m", 4, "multiline"], ["y", 8, "sticky"],
  ["u", 16, "unicode"], ["s", 32, "dotAll"], ["d", 128, "hasIndices"], ["v", 256, "unicodeSets"],
].map(([letter, bit, name]) => [letter, bit, getter(RegExp.prototype, name)]);

function pattern(regexp) {
  let flags = 0;
  for (let index = 0; index < FLAGS.length; index++) {
    if (FLAGS[index][2](regexp)) flags |= FLAGS[index][1];
  }
  return [source(regexp), flags];
}

function new_regexp(text, flags) {
  let letters = "";
  for (let index = 0; index < FLAGS.length; index++) {
    if (flags & FLAGS[index][1]) letters += FLAGS[index][0];
  }
  return new NativeRegExp(text, letters);
}

// ---- primitives and their boxes

const NativeBigInt = BigInt;
const bigintToString = unbound(BigInt.prototype.toString);
const symbolToString = unbound(Symbol.prototype.toString);
const functionToString = unbound(Function.prototype.toString);
const UNBOXERS = [Boolean, Number, String, BigInt].map((one) => unbound(one.prototype.valueOf));

// Each of them throws for a box of another kind.
function unboxed(box) {
  for (let index = 0; index < UNBOXERS.length; index++) {
    try {
      return UNBOXERS[index](box);
    } catch {
      // The next one.
    }
  }
}

function new_bigint(digits, isNegative) {
  const amount = NativeBigInt(`0x${digits}`);
  return isNegative ? -amount : amount;
}

function source_text(value) {
  return typeof value === "symbol" ? symbolToString(value) : functionToString(value);
}

// ---- buffers

const NativeArrayBuffer = ArrayBuffer;
const NativeDataView = DataView;
const isResizable = getter(ArrayBuffer.prototype, "resizable");
const maxByteLength = getter(ArrayBuffer.prototype, "maxByteLength");
const byteLength = getter(ArrayBuffer.prototype, "byteLength");
const resize = unbound(ArrayBuffer.prototype.resize);
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const lengthOfArray = getter(TypedArrayPrototype, "byteLength");
const VIEW = ["buffer", "byteOffset", "byteLength"].map((name) => getter(DataView.prototype, name));

function buffer_limit(buffer) {
  // Views lie over shared memory too, which never gets here, and detached buffers have no limit.
  return isResizable(buffer) ? maxByteLength(buffer) : -1;
}

function data_view(view) {
  return [VIEW[0](view), VIEW[1](view), VIEW[2](view)];
}

// Whether a view grows with its buffer: it is tried, where there is room for it. Nobody can see that.
function tracks_length(view, buffer) {
  const length = byteLength(buffer);
  if (length + 8 > maxByteLength(buffer)) return 0;
  const lengthOf = core.isTypedArray(view) ? lengthOfArray : VIEW[2];
  const before = lengthOf(view);
  resize(buffer, length + 8);
  const after = lengthOf(view);
  resize(buffer, length);
  return after > before ? 1 : 0;
}

// ---- errors

const ERRORS = {
  __proto__: null,
  Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError,
};
const define = Object.defineProperty;
const ownNames = Object.getOwnPropertyNames;

// What an error is beside its properties. A getter that throws must not hide the error.
function part(error, name) {
  try {
    const value = error[name];
    return value === undefined || typeof value === "symbol" ? undefined : `${value}`;
  } catch {
    return undefined;
  }
}

// [class, name, message, stack, key, value, ...]: the name where it is not that of the class. All own
// properties that show, and those which the language gives to errors.
function error_parts(error) {
  const exception = exceptionParts(error);
  if (exception !== undefined) return exception;
  const name = part(error, "name") ?? "Error";
  const kind = ERRORS[name] === undefined ? classOf(error) : name;
  const parts = [
    kind, name === kind ? undefined : name, part(error, "message"), part(error, "stack"),
  ];
  for (const key of ownNames(error)) {
    if (key === "name" || key === "message" || key === "stack") continue;
    const property = descriptorOf(error, key);
    if (!property.enumerable && key !== "cause" && key !== "errors") continue;
    try {
      const value = error[key];
      push(parts, key, value);
    } catch {
      // A property that cannot be read is left out, as one that has no clone.
    }
  }
  return parts;
}

// The class of the language that an error's own class extends.
function classOf(error) {
  for (const name in ERRORS) {
    if (name !== "Error" && isPrototypeOf(ERRORS[name].prototype, error)) return name;
  }
  return "Error";
}

function new_error(kind) {
  return kind === "AggregateError" ? new AggregateErrorClass([]) : new ERRORS[kind]();
}
const AggregateErrorClass = AggregateError;

function finish_error(error, name, message, stack) {
  if (name !== undefined) hide(error, "name", name);
  if (message !== undefined) hide(error, "message", message);
  if (stack === undefined) {
    stack = error.message === "" ? error.name : `${error.name}: ${error.message}`;
  }
  hide(error, "stack", stack);
}

function hide(object, key, value) {
  define(object, key, { __proto__: null, value, writable: true, configurable: true });
}

function new_exception(name, message, stack) {
  const exception = new DOMException(message, name);
  hide(exception, "stack", stack);
  return exception;
}

// ---- objects of classes

// Name, message and stack of a DOMException; undefined for anything else.
function exceptionParts(value) {
  if (!isPrototypeOf(DOMExceptionPrototype, value)) return undefined;
  return [value.name, value.message, `${value.stack}`];
}

function isPlatformObject(value) {
  return value[brand] === brand || isPrototypeOf(CryptoKeyPrototype, value);
}

function refuse(value) {
  const { constructor } = value;
  const name = typeof constructor === "function" ? constructor.name : "Object";
  throw new DOMException(
    `Could not serialize object of type "${name}". This type does not support serialization.`,
    "DataCloneError",
  );
}

// An instance of an app's class is stored as its properties; the platform's objects are refused.
function stored(value) {
  return isPlatformObject(value) ? exceptionParts(value) ?? refuse(value) : undefined;
}

op_clone_setup({
  object_prototype: ObjectPrototype,
  stored,
  map_entries,
  set_entries,
  new_map: () => new NativeMap(),
  fill_map,
  new_set: () => new NativeSet(),
  fill_set,
  time: unbound(Date.prototype.getTime),
  pattern,
  new_regexp,
  unboxed,
  bigint_text: (value) => bigintToString(value, 16),
  new_bigint,
  buffer_limit,
  new_resizable: (length, max) => new NativeArrayBuffer(length, { maxByteLength: max }),
  data_view,
  new_data_view: (buffer, offset, length) => new NativeDataView(buffer, offset, length),
  tracks_length,
  error_parts,
  new_error,
  finish_error,
  new_exception,
  source_text,
});

return { exceptionParts, isPlatformObject, refuse };
})();
