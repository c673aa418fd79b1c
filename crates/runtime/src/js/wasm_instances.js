// Instances of modules. One that was rewritten comes with its plan:
//
// - `imports` as [module, name, kind, about]: about is the letters of parameters and results of a function
//   (those of `wasm_calls.js`), that of a global, [number, size, maximum] of a table, [size, maximum] of a memory;
// - `exports` as [name, kind, about]: about is the number of a function or table; of a global that is a reference its
//   letter, its place in the last table if it is a value, and whether it changes;
// - `functions`, by number from 1: the place of each in the module; `kinds`: its signature's;
//   `signatures`: letters of parameters and results; `slots`: how many the door has for whole numbers and for others;
// - `tables` that are held here, as [whether of values, size, maximum]; `elements` as [table, where, what to
//   ask for otherwise, numbers]; `memory`, its [size, maximum];
// - `start`, the number of a function or 0; `references`, whether numbers of values are made;
// - `own`: how many functions the module imports, how many it has with those, and how many imports were added
//   behind its own; `asset`: what Rust knows the module by.

(function () {

const { core } = __bootstrap;
const { op_wasm_custom_sections } = core.ops;
const { genuine, isGlobal, referenceGlobal } = core.loadExtScript("ext:cellhouse_runtime/wasm_globals.js");
const { call, functionOf, importer, isExported, NOT_A_FUNCTION, numberOf, takes } = core.loadExtScript("ext:cellhouse_runtime/wasm_calls.js");
const { bindTables, instructions, isTable, objectOf, tablesOf } =
  core.loadExtScript("ext:cellhouse_runtime/wasm_tables.js");
const { back, importOf, memoryOf, sideOf, want } = core.loadExtScript("ext:cellhouse_runtime/wasm_memories.js");
const { CompileError, Global, Instance, LinkError, Memory, Module, RuntimeError } = WebAssembly;
const { customSections, exports: exportsIn, imports: importsIn } = Module;

const BEGIN = 4;
const DOOR = "cellhouse:door";
const ACT = "cellhouse:act";
const MEMORY = "cellhouse:memory";
const TOLD = "cellhouse:references";

// The modules that were imported, and the plans of those that were rewritten. The engine goes by a property that
// holds a number: it must stay the one that the engine has put there.
const modules = new WeakSet();
const plans = new WeakMap();
const NUMBER = "__wasm_module_id";

// ---- imports

// What is imported, each of it read once: what was looked at is what the engine gets. In V8's words, and in its order.
function readImports(planned, imports, what) {
  const read = { __proto__: null };
  const from = { __proto__: null };
  if (planned.length > 0 && (imports === undefined || imports === null)) {
    throw new TypeError(`WebAssembly.${what}(): Imports argument must be present and must be an object`);
  }
  planned.forEach(([module], index) => {
    if (module in from) return;
    const it = from[module] = imports[module];
    read[module] = { __proto__: null };
    if ((typeof it === "object" && it !== null) || typeof it === "function") return;
    throw new TypeError(
      `WebAssembly.${what}(): Import #${index} "${module}": module is not an object or function`,
    );
  });
  for (const [module, name] of planned) {
    if (!(name in read[module])) read[module][name] = from[module][name];
  }
  planned.forEach((it, index) => {
    const [module, name, kind] = it;
    if (kind === "memory" && !(read[module][name] instanceof Memory)) {
      throw refused(it, index, what, "memory import must be a WebAssembly.Memory object");
    }
  });
  planned.forEach((it, index) => {
    const [module, name, kind, about] = it;
    const value = read[module][name];
    if (kind === "function" && typeof value !== "function") {
      throw refused(it, index, what, "function import requires a callable");
    }
    if (kind === "function" && about !== undefined && !takes(value, about)) {
      throw refused(it, index, what, "imported function does not match the expected type");
    }
    if (kind === "global" && !canBeGlobal(value, about)) {
      throw refused(
        it,
        index,
        what,
        "global import must be a number, valid Wasm reference, or WebAssembly.Global object",
      );
    }
    if (kind === "table" && !isTable(value)) {
      throw refused(it, index, what, "table import requires a WebAssembly.Table");
    }
  });
  return read;
}

function refused([module, name], index, what, why) {
  return new LinkError(`WebAssembly.${what}(): Import #${index} "${module}" "${name}": ${why}`);
}

function canBeGlobal(value, letter) {
  if (isGlobal(value)) return true;
  return (letter !== "l" && typeof value === "number") ||
    ((letter === "l" || letter === undefined) && typeof value === "bigint");
}

// What the engine is given. Functions that are not known yet are called when they are.
function importsFor(side, imports) {
  const given = { __proto__: null };
  for (const [module, name, kind, about] of side.plan.imports) {
    let value = imports?.[module][name];
    if (kind === "function") {
      const index = side.given.length;
      side.given.push(value);
      value = value === undefined
        ? (...args) => side.late[index](...args)
        : importer(side, value, about);
    }
    (given[module] ??= { __proto__: null })[name] = value;
  }
  if (side.plan.references) given[TOLD] = instructions(side);
  return given;
}

// ---- instances

// The engine tells nothing of what went wrong, and imports have been looked at.
function make(module, imports) {
  try {
    return new Instance(module, imports);
  } catch (cause) {
    const what = "a segment is out of bounds, or there is no room for the memory";
    throw new RuntimeError(`WebAssembly.Instance(): ${what}`, { cause });
  }
}

// An instance whose code has not run, nor has its memory been filled if that is imported.
function prepare(module, plan, imports) {
  const side = { plan, functions: [], given: [], tables: null, waits: true };
  const given = importsFor(side, imports);
  const { exports } = side.inner = call(make, [module, given]);
  side.door = exports[DOOR];
  side.act = exports[ACT];
  side.memory = exports[MEMORY];
  return side;
}

// The side of a new instance: one that waits for it if its memory is known already.
function sideFor(module, plan, imports) {
  const index = plan.imports.findIndex(([, , kind]) => kind === "memory");
  if (index < 0) return prepare(module, plan, imports);
  const [from, name] = plan.imports[index];
  const { it, side } = sideOf(plan, index, imports[from][name]);
  if (side === null) {
    const own = prepare(module, plan, imports);
    back(it, own);
    return own;
  }
  side.given = [];
  side.late = [];
  for (const [from, name, kind, about] of plan.imports) {
    if (kind !== "function") continue;
    side.given.push(imports[from][name]);
    side.late.push(importer(side, imports[from][name], about));
  }
  return side;
}

function instantiate(module, imports, what) {
  const plan = plans.get(module);
  if (imports !== undefined && (typeof imports !== "object" && typeof imports !== "function" || imports === null)) {
    throw new TypeError(`WebAssembly.${what}(): Argument 1 must be an object`);
  }
  if (plan === undefined) return plain(module, imports, what);
  const read = readImports(plan.imports, imports, what);
  const tables = tablesOf(plan, read);
  const side = sideFor(module, plan, read);
  side.waits = false;
  side.tables = tables;
  if (side.memory !== undefined) side.act(BEGIN, 0);
  bindTables(side, tables);
  const instance = complete(side.inner, exportsOf(side, read));
  if (plan.start !== 0) functionOf(side, plan.start)();
  return instance;
}

function plain(module, imports, what) {
  const planned = importsIn(module).map((it) => [it.module, it.name, it.kind]);
  const instance = make(module, readImports(planned, imports, what));
  const exports = Object.entries(instance.exports).map(([name, it]) => [name, exported(it)]);
  return complete(instance, Object.assign({ __proto__: null }, Object.fromEntries(exports)));
}

const exportsByInstance = new WeakMap();

function complete(instance, exports) {
  exportsByInstance.set(instance, Object.freeze(exports));
  delete instance.exports;
  return instance;
}

const accessors = {
  get exports() {
    const exports = exportsByInstance.get(this);
    if (exports !== undefined) return exports;
    throw new TypeError("WebAssembly.Instance.exports: Receiver is not a WebAssembly.Instance");
  },
};
Object.defineProperty(Instance.prototype, "exports", Object.getOwnPropertyDescriptor(accessors, "exports"));

function exportsOf(side, imports) {
  const { plan } = side;
  const exports = { __proto__: null };
  for (const [name, kind, about] of plan.exports) {
    if (kind === "function") exports[name] = functionOf(side, about);
    else if (kind === "table" && about !== null) exports[name] = objectOf(side.tables[about]);
    else if (kind === "memory" && side.memory !== undefined) {
      const [from, name_] = importOf(plan);
      exports[name] = imports[from][name_];
    } else if (kind === "memory") exports[name] = memoryOf(side, side.inner.exports[name]);
    else if (kind === "global" && about !== null) exports[name] = globalOf(side, name, about);
    else exports[name] = exported(side.inner.exports[name]);
  }
  return exports;
}

// What the engine has made.
function exported(it) {
  return it instanceof Global ? genuine(it) : it;
}

// A global that is a reference. One of a function has its number.
function globalOf(side, name, [letter, place, mutable]) {
  if (letter === "e") return referenceGlobal(side.tables.at(-1).list, place, mutable);
  const inner = side.inner.exports[name];
  const numbers = {
    get number() {
      return functionOf(side, inner.value);
    },
    set number(value) {
      const number = value === null || isExported(value) ? numberOf(side, value) : undefined;
      if (number === undefined) throw new TypeError(`set WebAssembly.Global.value): ${NOT_A_FUNCTION}`);
      inner.value = number;
    },
  };
  return referenceGlobal(numbers, "number", mutable);
}

// ---- modules

// What `WebAssembly.Module` tells of a module.
function describe(module, what) {
  const plan = plans.get(module);
  if (plan === undefined) return (what === "exports" ? exportsIn : importsIn)(module);
  if (what === "exports") return plan.exports.map(([name, kind]) => ({ name, kind }));
  return plan.imports.map(([from, name, kind]) => ({ module: from, name, kind }));
}

function sections(module, name) {
  const plan = plans.get(module);
  return plan === undefined ? customSections(module, name) : op_wasm_custom_sections(plan.asset, `${name}`);
}

const isModule = (it) => modules.has(it);

// A module that was imported, with its plan or null.
function adopt(module, plan) {
  Object.defineProperty(module, NUMBER, { enumerable: false, writable: false, configurable: false });
  modules.add(module);
  if (plan === null) return module;
  plans.set(module, plan);
  const memory = importOf(plan);
  // What else must be known when an instance is made cannot come later.
  if (memory !== undefined && !plan.imports.some(([, , kind]) => kind === "global")) {
    want(memory[3], () => prepare(module, plan, undefined));
  }
  return module;
}

// Throws the engine's error for bytes that are no module or one that the interpreter cannot have, and ours for what
// cannot be rewritten.
function refuse(it) {
  if (typeof it === "string") throw new CompileError(`WebAssembly.Module(): this engine cannot have ${it}`);
  new Module(it);
}

return { adopt, describe, instantiate, isModule, refuse, sections };
})();
