// `WebAssembly.Table`, the tables of instances, and what code tells of its instructions on them.

(function () {

const { core } = __bootstrap;
const { Functions, MAX_SIZE, Values } = core.loadExtScript("ext:cellhouse_runtime/wasm_elements.js");
const { LinkError, RuntimeError } = WebAssembly;
const TablePrototype = WebAssembly.Table.prototype;

// ---- objects

const elementsOf = new WeakMap();

function objectOf(elements) {
  if (elements.table === undefined) {
    elements.table = Object.create(TablePrototype);
    elementsOf.set(elements.table, elements);
  }
  return elements.table;
}

function makeTable(isOfValues, size, maximum, value) {
  return objectOf(new (isOfValues ? Values : Functions)(size, maximum, value));
}

function ofThis(table, method) {
  const elements = elementsOf.get(table);
  if (elements === undefined) {
    throw new TypeError(`WebAssembly.Table.${method}(): Receiver is not a WebAssembly.Table`);
  }
  return elements;
}

function unsigned(value, method, name = "Argument 0") {
  const number = Math.trunc(Number(value));
  if (number >= 0 && number <= 0xffffffff) return number;
  const wrong = number < 0
    ? "non-negative"
    : Number.isFinite(number) ? "in the unsigned long range" : "convertible to a valid number";
  throw new TypeError(`WebAssembly.${method}(): ${name} must be ${wrong}`);
}

function addressOf(elements, value, method) {
  const index = unsigned(value, `Table.${method}`);
  if (index < elements.size) return index;
  throw new RangeError(
    `WebAssembly.Table.${method}(): invalid address ${index} in ${elements.type} table of size ${elements.size}`,
  );
}

// The element that is meant: a table of functions has null where nothing is given.
function elementIn(elements, args, at, refuse) {
  const value = args[at];
  if (args.length <= at) return elements.type === "funcref" ? null : undefined;
  try {
    elements.check(value);
  } catch (error) {
    throw new TypeError(`${refuse}: ${error.message}`);
  }
  return value;
}

const methods = {
  get length() {
    return ofThis(this, "length").size;
  },
  grow(delta) {
    const elements = ofThis(this, "grow");
    const by = unsigned(delta, "Table.grow");
    const before = elements.size;
    const value = elementIn(elements, arguments, 1, "WebAssembly.Table.grow(): Argument 1 is invalid");
    if (elements.grow(by, value)) return before;
    throw new RangeError(`WebAssembly.Table.grow(): failed to grow table by ${by}`);
  },
  set(index) {
    const elements = ofThis(this, "set");
    const at = addressOf(elements, index, "set");
    elements.put(at, elementIn(elements, arguments, 1, "WebAssembly.Table.set(): Argument 1 is invalid for table"));
  },
  get(index) {
    const elements = ofThis(this, "get");
    return elements.at(addressOf(elements, index, "get"));
  },
};

// ---- instances

// The tables of a new instance, by their numbers; imported ones are those that were given.
function tablesOf(plan, imports) {
  const tables = plan.tables.map((it) =>
    it && new (it[0] ? Values : Functions)(it[1], it[2] ?? undefined, null));
  plan.imports.forEach(([module, name, kind, about], index) => {
    if (kind !== "table" || plan.tables[about[0]] === null) return;
    tables[about[0]] = importedTable(imports[module][name], index, plan, about);
  });
  return tables;
}

function importedTable(table, index, { imports, tables }, [number, initial, maximum]) {
  const elements = elementsOf.get(table);
  const [module, name] = imports[index];
  const refuse = (what) => new LinkError(`WebAssembly.Instance(): ${what}`);
  if (elements === undefined) {
    throw refuse(`Import #${index} "${module}" "${name}": table import requires a WebAssembly.Table`);
  }
  if (elements.size < initial) {
    throw refuse(`table import ${index} is smaller than initial ${initial}, got ${elements.size}`);
  }
  if (maximum !== null && elements.maximum === undefined) {
    throw refuse(`table import ${index} has no maximum length; required: ${maximum}`);
  }
  if (maximum !== null && elements.maximum > maximum) {
    throw refuse(`table import ${index} has a larger maximum size ${
      elements.maximum} than the module's declared maximum ${maximum}`);
  }
  if ((elements.type === "externref") !== tables[number][0]) {
    throw refuse(`Import #${index} "${module}" "${name}": imported table does not match the expected type`);
  }
  if (elements.side) {
    throw refuse(`Import #${index} "${module}" "${name}": a table of functions cannot be shared between instances`);
  }
  return elements;
}

// Makes tables of functions those of the instance, which has its own with the same numbers.
function bindTables(side, tables) {
  tables.forEach((elements, number) => {
    if (elements?.type === "funcref") elements.bind(side, number, side.plan.tables[number][1]);
  });
}

function inBounds(elements, ...ends) {
  if (ends.some((end) => end > elements.size)) throw new RuntimeError("table index is out of bounds");
  return elements;
}

// What instructions on tables call; those on tables of functions are done before. Numbers of the module's
// are unsigned.
function instructions(side) {
  const of = (table) => side.tables[table];
  const list = (elements) => elements.type === "funcref" ? elements.numbers() : elements.list;
  return {
    get: (index, table) => inBounds(of(table), (index >>> 0) + 1).told(index >>> 0),
    set: (index, number, table) => {
      const elements = inBounds(of(table), (index >>> 0) + 1);
      list(elements)[index >>> 0] = elements.of(number);
    },
    keep: (number, index, table) => {
      list(of(table))[index] = of(table).of(number);
    },
    size: (table) => of(table).size,
    grow: (number, delta, table) => {
      const elements = of(table);
      const before = elements.size;
      if (elements.type === "externref") {
        return elements.grow(delta >>> 0, elements.of(number)) ? before : -1;
      }
      for (let i = 0; i < delta >>> 0; i++) elements.numbers().push(number);
      return before;
    },
    fill: (index, number, count, table) => {
      const end = (index >>> 0) + (count >>> 0);
      const elements = inBounds(of(table), end);
      list(elements).fill(elements.of(number), index >>> 0, end);
    },
    copy: (to, from, count, target, source) => {
      const [start, begin, size] = [to >>> 0, from >>> 0, count >>> 0];
      const part = list(inBounds(of(source), begin + size)).slice(begin, begin + size);
      list(inBounds(of(target), start + size)).splice(start, size, ...part);
    },
    init: (to, from, count, segment, table) => {
      const [start, begin, size] = [to >>> 0, from >>> 0, count >>> 0];
      const part = side.plan.elements[segment][3].slice(begin, begin + size);
      of(table).numbers().splice(start, size, ...part);
    },
  };
}

for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(methods))) {
  Object.defineProperty(TablePrototype, name, { ...descriptor, enumerable: true });
}

return { bindTables, instructions, isTable: (it) => elementsOf.has(it), makeTable, MAX_SIZE, objectOf, tablesOf, unsigned };
})();
