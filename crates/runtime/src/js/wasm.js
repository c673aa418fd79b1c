// WebAssembly as Workers have it: modules come from imports alone, never from bytes. Also the
// constructors of Table and Global, which the engine has in part: the object is taken out of a small
// module that exports it.

(function () {

const { core } = __bootstrap;
const { makeMemory, MAX_PAGES } = core.loadExtScript("ext:cellhouse_runtime/wasm_memories.js");
const { makeTable, MAX_SIZE, unsigned } = core.loadExtScript("ext:cellhouse_runtime/wasm_tables.js");
const { isExported, NOT_A_FUNCTION } = core.loadExtScript("ext:cellhouse_runtime/wasm_calls.js");
const { genuine, referenceGlobal } = core.loadExtScript("ext:cellhouse_runtime/wasm_globals.js");
const { describe, instantiate, isModule, sections } = core.loadExtScript("ext:cellhouse_runtime/wasm_instances.js");
const { makeRuntimeError } = core.loadExtScript("ext:cellhouse_runtime/wasm_traps.js");
const { CompileError, Instance, Module } = WebAssembly;

function define(name, value) {
  Object.defineProperty(WebAssembly, name, {
    value, writable: true, enumerable: false, configurable: true,
  });
}

// A constructor that takes the place of the engine's, for the same instances.
function replace(name, construct) {
  const original = WebAssembly[name];
  const replacement = {
    [name]: function (...args) {
      if (new.target === undefined) {
        throw new TypeError(`WebAssembly.${name}(): WebAssembly.${name} must be invoked with 'new'`);
      }
      return construct(...args);
    },
  }[name];
  for (const key of Reflect.ownKeys(original)) {
    if (key === "name" || key === "prototype") continue;
    Object.defineProperty(replacement, key, Object.getOwnPropertyDescriptor(original, key));
  }
  Object.defineProperty(replacement, "length", { value: 1, configurable: true });
  Object.defineProperty(replacement, "prototype", { value: original.prototype, writable: false });
  Object.defineProperty(original.prototype, "constructor", {
    value: replacement, writable: true, enumerable: false, configurable: true,
  });
  define(name, replacement);
}

// ---- code

function refuse(method) {
  return new CompileError(
    `WebAssembly.${method}(): Wasm code generation disallowed by embedder`,
  );
}

function checkModule(module, method) {
  if (isModule(module)) return;
  throw new TypeError(`WebAssembly.${method}(): Argument 0 must be a WebAssembly.Module`);
}

// Modules that were rewritten are told of and instantiated as they were.
function completeModules() {
  replace("Instance", (module, imports = undefined) => {
    checkModule(module, "Instance");
    return instantiate(module, imports, "Instance");
  });
  const methods = {
    imports(module) {
      checkModule(module, "Module.imports");
      return describe(module, "imports");
    },
    exports(module) {
      checkModule(module, "Module.exports");
      return describe(module, "exports");
    },
    customSections(module, name) {
      checkModule(module, "Module.customSections");
      if (name === undefined) {
        throw new TypeError("WebAssembly.Module.customSections(): Argument 1 is required");
      }
      return sections(module, name);
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(Module, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

const isBytes = (it) => it instanceof ArrayBuffer || ArrayBuffer.isView(it);

function forbidBytes() {
  const { validate } = WebAssembly;
  define("validate", {
    validate(bytes) {
      if (isBytes(bytes)) return validate(bytes);
      throw new TypeError("WebAssembly.validate(): Argument 0 must be a buffer source");
    },
  }.validate);
  replace("Module", () => {
    throw refuse("Module");
  });
  define("compile", {
    async compile(_bytes) {
      throw refuse("compile");
    },
  }.compile);
  define("instantiate", {
    async instantiate(module, imports = undefined) {
      if (isModule(module)) return instantiate(module, imports, "instantiate");
      if (isBytes(module)) throw refuse("instantiate");
      throw new TypeError(
        "WebAssembly.instantiate(): Argument 0 must be a buffer source or a WebAssembly.Module object",
      );
    },
  }.instantiate);
  delete WebAssembly.compileStreaming;
  delete WebAssembly.instantiateStreaming;
}

// ---- objects

const HEADER = [0, 97, 115, 109, 1, 0, 0, 0];
const SECTIONS = { table: 4, global: 6, export: 7 };
const KINDS = { table: 1, global: 3 };

function leb(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
}

function section(id, content) {
  return [id, ...leb(content.length), ...content];
}

// The object that a module with this one definition exports.
function exported(kind, definition) {
  const bytes = Uint8Array.from([
    ...HEADER,
    ...section(SECTIONS[kind], [1, ...definition]),
    ...section(SECTIONS.export, [1, 1, 0x78, KINDS[kind], 0]),
  ]);
  return new Instance(new Module(bytes)).exports.x;
}

// The limits of a memory or table, in V8's words.
function limits(descriptor, name, most) {
  const method = `${name}()`;
  const read = (key) => {
    const value = descriptor[key];
    return value === undefined ? undefined : unsigned(value, name, `Property '${key}'`);
  };
  const initial = read("initial") ?? read("minimum");
  if (initial === undefined) throw new TypeError(`WebAssembly.${method}: Property 'initial' is required`);
  if (initial > most) {
    throw new RangeError(
      `WebAssembly.${method}: Property 'initial': value ${initial} is above the upper bound ${most}`,
    );
  }
  const maximum = read("maximum");
  if (maximum < initial) {
    throw new RangeError(
      `WebAssembly.${method}: Property 'maximum': value ${maximum} is below the lower bound ${initial}`,
    );
  }
  return { initial, maximum };
}

const ELEMENTS = ["anyfunc", "funcref", "externref"];

function constructTable(descriptor, value = undefined) {
  if (typeof descriptor !== "object" || descriptor === null) {
    throw new TypeError("WebAssembly.Table(): Argument 0 must be a table descriptor");
  }
  const { element } = descriptor;
  if (!ELEMENTS.includes(element)) {
    throw new TypeError("WebAssembly.Table(): Descriptor property 'element' must be a WebAssembly reference type");
  }
  const { initial, maximum } = limits(descriptor, "Table", MAX_SIZE);
  const ofValues = element === "externref";
  if (ofValues || value === undefined) return makeTable(ofValues, initial, maximum, ofValues ? value : null);
  if (value === null || isExported(value)) return makeTable(false, initial, maximum, value);
  throw new TypeError(
    "WebAssembly.Table(): Argument 2 must be undefined or a value of type compatible with the type of the " +
      `new table: ${NOT_A_FUNCTION}.`,
  );
}

function constructMemory(descriptor) {
  if (typeof descriptor !== "object" || descriptor === null) {
    throw new TypeError("WebAssembly.Memory(): Argument 0 must be a memory descriptor");
  }
  const { shared } = descriptor;
  return makeMemory({ ...limits(descriptor, "Memory", MAX_PAGES), shared: Boolean(shared) });
}

// Value types: the code, and the instruction of a constant zero.
const VALUES = {
  __proto__: null,
  i32: [0x7f, 0x41, 0], i64: [0x7e, 0x42, 0],
  f32: [0x7d, 0x43, 0, 0, 0, 0], f64: [0x7c, 0x44, 0, 0, 0, 0, 0, 0, 0, 0],
};

// A constant's bytes with the value in place of the zero.
function constant(name, value) {
  const [type, instruction, ...zero] = VALUES[name];
  const bytes = new DataView(new ArrayBuffer(zero.length));
  if (name === "f32") bytes.setFloat32(0, Number(value), true);
  else if (name === "f64") bytes.setFloat64(0, Number(value), true);
  else return [type, instruction, ...signedLeb(name, value)];
  return [type, instruction, ...new Uint8Array(bytes.buffer)];
}

function signedLeb(name, value) {
  // A number is none of 64 bits: it throws.
  let rest = name === "i64" ? new BigInt64Array([value])[0] : BigInt(Number(value) | 0);
  const bytes = [];
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

function makeReference({ mutable }, type, value) {
  const isOfFunctions = type !== "externref";
  const holder = { value: isOfFunctions && value === undefined ? null : value };
  if (isOfFunctions && holder.value !== null && !isExported(holder.value)) {
    throw new TypeError(
      `WebAssembly.Global(): The value of funcref globals must be null or an exported function`,
    );
  }
  return referenceGlobal(holder, "value", Boolean(mutable));
}

function makeGlobal(descriptor, value = undefined) {
  if (typeof descriptor !== "object" || descriptor === null) {
    throw new TypeError("WebAssembly.Global(): Argument 0 must be a global descriptor");
  }
  const type = descriptor.value;
  if (ELEMENTS.includes(type)) return makeReference(descriptor, type, value);
  if (VALUES[type] === undefined) {
    throw new TypeError("WebAssembly.Global(): Descriptor property 'value' must be a WebAssembly type");
  }
  const initial = value ?? (type === "i64" ? 0n : 0);
  const [code, ...instruction] = constant(type, initial);
  return genuine(exported("global", [code, descriptor.mutable ? 1 : 0, ...instruction, 0x0b]));
}

function completeWebAssembly() {
  Object.defineProperty(WebAssembly, Symbol.toStringTag, { value: "WebAssembly", configurable: true });
  replace("Table", constructTable);
  replace("Memory", constructMemory);
  replace("Global", makeGlobal);
  completeModules();
  define("RuntimeError", makeRuntimeError());
  forbidBytes();
}

return { completeWebAssembly };
})();
