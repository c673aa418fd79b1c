// The other side of a rewritten WebAssembly module: knows what its numbers mean while a call runs, and
// holds its tables of values. A number is good until the call from JavaScript that it was made in ends;
// what a module keeps longer it keeps in tables.
//
// The plan of a module: `imports` as [module, name, kind, about], `exports` as [name, kind, about], where about
// is [params, results] of a function (whether each is a reference) and the number of a table of
// references; `tables` as [size, maximum], null for imported ones; `imported`, how many functions
// are imported, and `added`, how many were put behind them.

(function () {

const { Instance, LinkError, RuntimeError } = WebAssembly;
const TablePrototype = WebAssembly.Table.prototype;

// V8's limit.
const MAX_SIZE = 10_000_000;

const plans = new WeakMap();

// ---- numbers

const NULL = 0;
const values = [null];

function hold(value) {
  return value === null ? NULL : values.push(value) - 1;
}

// Calls a function of a module; the numbers that it made are free afterwards.
function call(run, args) {
  const mark = values.length;
  try {
    return run(...args);
  } finally {
    values.length = mark;
  }
}

function exporter(run, [params, results]) {
  const single = results.length === 1 && results[0];
  const several = results.length > 1 && results.includes(true);
  const given = (args) => params.map((isReference, i) => isReference ? hold(args[i]) : args[i]);
  const refers = params.includes(true);
  const taken = (...args) => {
    const result = run(...refers ? given(args) : args);
    if (single) return values[result];
    return several ? result.map((it, i) => results[i] ? values[it] : it) : result;
  };
  return (...args) => call(taken, args);
}

function importer(run, [params, results]) {
  const single = results.length === 1 && results[0];
  const several = results.length > 1;
  return (...args) => {
    for (let i = 0; i < params.length; i++) {
      if (params[i]) args[i] = values[args[i]];
    }
    const result = run(...args);
    if (single) return hold(result);
    return several ? [...result].map((it, i) => results[i] ? hold(it) : it) : result;
  };
}

// ---- tables

class Elements {
  constructor(size, maximum, value) {
    this.list = new Array(size).fill(value);
    this.maximum = Math.min(maximum ?? MAX_SIZE, MAX_SIZE);
  }

  // The size before, or -1.
  grow(delta, value) {
    const { length } = this.list;
    if (length + delta > this.maximum) return -1;
    for (let i = 0; i < delta; i++) this.list.push(value);
    return length;
  }
}

const elementsOf = new WeakMap();

function tableOf(elements) {
  const { table } = elements;
  if (table !== undefined) return table;
  elements.table = Object.create(TablePrototype);
  elementsOf.set(elements.table, elements);
  return elements.table;
}

function makeTable(size, maximum, value) {
  return tableOf(new Elements(size, maximum, value));
}

function ofThis(table, method) {
  const elements = elementsOf.get(table);
  if (elements === undefined) {
    throw new TypeError(`WebAssembly.Table.${method}(): Receiver is not a WebAssembly.Table`);
  }
  return elements;
}

function unsigned(value, method, name) {
  const number = Math.trunc(Number(value));
  if (number >= 0 && number <= 0xffffffff) return number;
  const wrong = number < 0
    ? "non-negative"
    : Number.isFinite(number) ? "in the unsigned long range" : "convertible to a valid number";
  throw new TypeError(`WebAssembly.Table.${method}(): ${name} must be ${wrong}`);
}

function addressOf(elements, value, method) {
  const index = unsigned(value, method, "Argument 0");
  if (index >= elements.list.length) {
    throw new RangeError(
      `WebAssembly.Table.${method}(): invalid address ${index} in externref table of size ${elements.list.length}`,
    );
  }
  return index;
}

// Tables of functions are the engine's, with methods of their own.
const methods = {
  get(index) {
    const elements = ofThis(this, "get");
    return elements.list[addressOf(elements, index, "get")];
  },
  set(index, value = undefined) {
    const elements = ofThis(this, "set");
    elements.list[addressOf(elements, index, "set")] = value;
  },
  grow(delta, value = undefined) {
    const by = unsigned(delta, "grow", "Argument 0");
    const before = ofThis(this, "grow").grow(by, value);
    if (before < 0) throw new RangeError(`WebAssembly.Table.grow(): failed to grow table by ${by}`);
    return before;
  },
  get length() {
    return ofThis(this, "length").list.length;
  },
};

function inBounds(elements, ...ends) {
  if (ends.some((end) => end > elements.list.length)) {
    throw new RuntimeError("table index is out of bounds");
  }
  return elements.list;
}

// What instructions on tables call. Numbers of the module's are unsigned.
function instructions(tables) {
  return {
    get: (index, table) => hold(inBounds(tables[table], (index >>> 0) + 1)[index >>> 0]),
    set: (index, value, table) => {
      inBounds(tables[table], (index >>> 0) + 1)[index >>> 0] = values[value];
    },
    size: (table) => tables[table].list.length,
    grow: (value, delta, table) => tables[table].grow(delta >>> 0, values[value]),
    fill: (index, value, count, table) => {
      const end = (index >>> 0) + (count >>> 0);
      inBounds(tables[table], end).fill(values[value], index >>> 0, end);
    },
    copy: (to, from, count, target, source) => {
      const [start, begin, size] = [to >>> 0, from >>> 0, count >>> 0];
      const part = inBounds(tables[source], begin + size).slice(begin, begin + size);
      inBounds(tables[target], start + size).splice(start, size, ...part);
    },
  };
}

// ---- instances

function importsOf(plan, tables, imports) {
  const given = { __proto__: null };
  for (const [module, name, kind, about] of plan.imports) {
    let value = imports?.[module]?.[name];
    if (kind === "table" && about !== null) {
      tables[about] = elementsOf.get(value);
      if (tables[about] !== undefined) continue;
      throw new LinkError(
        `WebAssembly.Instance(): Import "${module}" "${name}": table import requires a WebAssembly.Table`,
      );
    }
    if (kind === "function" && typeof value === "function" && about.flat().includes(true)) {
      value = importer(value, about);
    }
    (given[module] ??= { __proto__: null })[name] = value;
  }
  given["cellhouse:references"] = instructions(tables);
  return given;
}

// An exported function has its number in the module as its name.
function nameOf(run, { imported, added }) {
  const number = Number(run.name);
  return String(number >= imported + added ? number - added : number);
}

function instantiate(module, imports) {
  const plan = plans.get(module);
  if (plan === undefined) return new Instance(module, imports);
  const tables = plan.tables.map((it) => it && new Elements(it[0], it[1] ?? undefined, null));
  const given = importsOf(plan, tables, imports);
  const instance = call(() => new Instance(module, given), []);
  const exports = { __proto__: null };
  for (const [name, kind, about] of plan.exports) {
    const inner = instance.exports[name];
    exports[name] = inner;
    if (kind === "table" && about !== null) exports[name] = tableOf(tables[about]);
    if (kind === "function") {
      exports[name] = Object.defineProperties(exporter(inner, about), {
        name: { value: nameOf(inner, plan), configurable: true },
        length: { value: about[0].length, configurable: true },
      });
    }
  }
  Object.defineProperty(instance, "exports", { value: Object.freeze(exports) });
  return instance;
}

// What `WebAssembly.Module` tells of a module that was rewritten; undefined for others.
function describe(module, what) {
  const plan = plans.get(module);
  if (plan === undefined) return undefined;
  if (what === "exports") return plan.exports.map(([name, kind]) => ({ name, kind }));
  return plan.imports.map(([from, name, kind]) => ({ module: from, name, kind }));
}

function adopt(module, plan) {
  plans.set(module, plan);
  return module;
}

for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(methods))) {
  Object.defineProperty(TablePrototype, name, { ...descriptor, enumerable: true });
}

return { adopt, describe, instantiate, makeTable };
})();
