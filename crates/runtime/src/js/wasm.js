// WebAssembly as Workers have it: modules come from imports alone, never from bytes. Also the
// constructors of Table and Global, which the engine has in part: the object is taken out of a small
// module that exports it.

(function () {

const { core } = __bootstrap;
const references = core.loadExtScript("ext:cellhouse_runtime/wasm_references.js");
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
        throw new TypeError(`WebAssembly.${name} must be invoked with 'new'`);
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

// Modules that were rewritten are told of and instantiated as they were.
function completeModules() {
  replace("Instance", (module, imports = undefined) => references.instantiate(module, imports));
  for (const what of ["exports", "imports"]) {
    const original = Module[what];
    Object.defineProperty(Module, what, {
      value: { [what]: (module) => references.describe(module, what) ?? original(module) }[what],
      writable: true, enumerable: true, configurable: true,
    });
  }
}

function forbidBytes() {
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
      if (!(module instanceof Module)) throw refuse("instantiate");
      return references.instantiate(module, imports);
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

const REFERENCES = { __proto__: null, anyfunc: 0x70, funcref: 0x70, externref: 0x6f };

function limit(value, name) {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 0xffffffff) {
    throw new TypeError(`WebAssembly.Table(): Property '${name}' must be an unsigned 32-bit integer`);
  }
  return number;
}

function makeTable(descriptor, value = undefined) {
  if (typeof descriptor !== "object" || descriptor === null) {
    throw new TypeError("WebAssembly.Table(): Argument 0 must be a table descriptor");
  }
  const type = REFERENCES[descriptor.element];
  if (type === undefined) {
    throw new TypeError("WebAssembly.Table(): Descriptor property 'element' must be a WebAssembly reference type");
  }
  const initial = limit(descriptor.initial ?? descriptor.minimum, "initial");
  const bounded = descriptor.maximum !== undefined;
  const maximum = bounded ? limit(descriptor.maximum, "maximum") : undefined;
  if (bounded && maximum < initial) {
    throw new RangeError("WebAssembly.Table(): Property 'maximum' is below 'initial'");
  }
  if (type === REFERENCES.externref) {
    return references.makeTable(initial, maximum, value);
  }
  const limits = bounded ? [1, ...leb(initial), ...leb(maximum)] : [0, ...leb(initial)];
  const table = exported("table", [type, ...limits]);
  // The engine has undefined for an empty element.
  const { get } = table;
  table.get = (index) => get(index) ?? null;
  if (value !== undefined) {
    for (let i = 0; i < initial; i++) table.set(i, value);
  }
  return table;
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
  let rest = name === "i64" ? BigInt.asIntN(64, BigInt(value)) : BigInt(Number(value) | 0);
  const bytes = [];
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

function makeGlobal(descriptor, value = undefined) {
  if (typeof descriptor !== "object" || descriptor === null) {
    throw new TypeError("WebAssembly.Global(): Argument 0 must be a global descriptor");
  }
  const type = descriptor.value;
  if (VALUES[type] === undefined) {
    throw new TypeError("WebAssembly.Global(): Descriptor property 'value' must be a WebAssembly type");
  }
  const initial = value ?? (type === "i64" ? 0n : 0);
  const [code, ...instruction] = constant(type, initial);
  return exported("global", [code, descriptor.mutable ? 1 : 0, ...instruction, 0x0b]);
}

function completeWebAssembly() {
  replace("Table", makeTable);
  replace("Global", makeGlobal);
  completeModules();
  forbidBytes();
}

return { completeWebAssembly };
})();
