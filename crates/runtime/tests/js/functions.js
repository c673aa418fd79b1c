// What JavaScript and modules (functions.wat, function_values.wat, memory.wat) do with tables of functions, with
// functions as values, and with a memory that is imported. functions.json holds workerd's answers.

function said(run) {
  try {
    return told(run());
  } catch (error) {
    return [error.constructor.name, error.message];
  }
}

function told(value) {
  if (typeof value === "function") return `function ${value.name}/${value.length}`;
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return value.map(told);
  return value === undefined ? "undefined" : value;
}

// The same numbers everywhere.
function numbers(seed) {
  return (below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
}

function functions(module) {
  const noted = [];
  const note = (value) => { noted.push(value); };
  const { exports } = new WebAssembly.Instance(module, { m: { base: 5, note } });
  const { table, sub } = exports;
  const all = () => Array.from({ length: table.length }, (_, i) => told(table.get(i)));
  const answers = { begin: [noted, exports.state(), table.length, all(), told(Object.values(exports).slice(1))] };
  answers.same = [table.get(2) === sub, table.get(1) === table.get(9), table.get(1) === table.get(1), table.get(6) === note,
    table.get(3) === table.get(4), exports.table === table, table instanceof WebAssembly.Table];
  answers.calls = [table.get(1)(40, 2), sub("7", true), sub(), sub(1.9, -1.9, 5), sub(2 ** 32 + 3, 1), said(() => table.get(3)(1.1, 2n, 0.25, 4)),
    said(() => table.get(3)(NaN, -1n, 1, 1)), said(() => table.get(3)(1, 2, 3, 4))[0], said(() => table.get(5)(2n ** 62n - 1n)),
    said(() => table.get(5)(-(2n ** 63n))), said(() => table.get(7)(2n ** 53n)), said(() => table.get(7)(-(2n ** 53n) - 2n)),
    said(() => table.get(7)(2n ** 64n + 4n)), said(() => table.get(7)(-1n)), said(() => table.get(8)()), exports.state(), table.get(6)(12), exports.single(1.1),
    Object.is(exports.single(-0), -0), exports.single(1e300), exports.many(1, 2, 3, 4, 5, 6, 7), exports.many(1), noted];
  answers.given = [said(() => sub({ valueOf: () => 8 }, { valueOf() { throw new RangeError("mine"); } })), said(() => sub(Symbol("s")))[0],
    said(() => sub(1n))[0], said(() => table.get(7)("12")), said(() => table.get(7)("x"))[0], said(() => new sub())[0]];
  answers.set = [said(() => table.set(0, sub)), exports.call(0, 9, 4), said(() => exports.call(10, 1, 1)), said(() => exports.call(3, 1, 1)),
    said(() => exports.call(20, 1, 1)), said(() => table.set(2, null)), said(() => exports.call(2, 1, 1)), table.get(2), said(() => table.set(2)),
    said(() => table.set(10, table.get(3))), exports.callMixed(10), said(() => exports.callMixed(0)), said(() => exports.trap()), exports.callPrivate(0),
    table.get(10) === table.get(3)];
  answers.refused = [said(() => table.set(0, note)), said(() => table.set(0, {})), said(() => table.set(0, undefined)), said(() => table.set(12, null)),
    said(() => table.get(12)), said(() => table.get(-1)), said(() => table.get("a")), said(() => table.grow(9)), said(() => table.grow(1, note)), said(() => table.grow())];
  answers.grow = [table.grow(1), table.get(12), table.grow(2, sub), table.length, exports.call(14, 5, 2), said(() => exports.call(12, 1, 1)), table.grow(5),
    said(() => table.grow(1)), table.length, table.grow(0), all()];
  const other = new WebAssembly.Instance(module, { m: { base: 0, note: table.get(6) } }).exports;
  answers.other = [other.table.get(1) === table.get(6), other.table.get(0) === table.get(5), other.table.get(9), said(() => other.table.get(4)(1, 2)), other.sub === sub, noted,
    said(() => new WebAssembly.Instance(module, { m: { base: 0, note: sub } })).at(0)];
  const { memory } = exports;
  const first = memory.buffer;
  answers.ownMemory = [first.byteLength, memory.grow(1), first.byteLength, memory.buffer.byteLength, memory.buffer === memory.buffer, said(() => memory.grow(2)),
    memory.grow(1), memory.buffer.byteLength, memory === other.memory, memory instanceof WebAssembly.Memory, Object.keys(memory)];
  answers.deep = [exports.deep(6_000), said(() => exports.deep(1e9)), exports.deep(10)];
  const random = numbers(7);
  answers.random = [];
  for (let i = 0; i < 150; i++) {
    const [a, b] = [random(22), random(22)];
    answers.random.push([
      () => said(() => table.get(a)), () => said(() => table.set(a, random(3) ? table.get(b % 20) : null)), () => said(() => exports.call(a, i, b)),
    ][random(3)]());
  }
  return answers;
}

function functionValues(module) {
  const shared = new WebAssembly.Table({ element: "anyfunc", initial: 5, maximum: 8 });
  const passed = [];
  const { exports } = new WebAssembly.Instance(module, {
    m: {
      table: shared,
      pass(value, other) {
        passed.push(told(value), typeof other);
        return typeof other === "function" ? other(value) : value;
      },
    },
  });
  const { own, one } = exports;
  const all = (table) => Array.from({ length: table.length }, (_, i) => told(table.get(i)));
  const answers = { values: [all(own), all(shared), exports.shared === shared, exports.size(), told(exports.hidden())] };
  const hidden = exports.hidden();
  answers.identity = [exports.get(0) === one, exports.get(0) === own.get(0), exports.hidden() === hidden, hidden(38), said(() => exports.set(3, hidden)),
    own.get(3) === hidden, exports.call(3, 1), exports.isNull(null), exports.isNull(hidden), exports.isNullValue(null), exports.isNullValue(one),
    told(exports.keep(one)), exports.keep(null) === one, exports.keep(hidden), told(exports.choose(one, 1)), told(exports.choose(one, 0))];
  answers.values_refused = [said(() => exports.set(0, () => 1)), said(() => exports.set(0)), said(() => exports.set(9, one)), said(() => exports.get(9)),
    said(() => exports.through(one, () => 5)), said(() => exports.keep({}))].map((it) => Array.isArray(it) ? it[0] : it);
  answers.values_through = [exports.through(one, 1) === one, exports.through(null, null), exports.through(one, () => hidden) === hidden,
    exports.through(one, (it) => it) === one, said(() => exports.through(one, () => { throw new RangeError("mine"); })), passed];
  answers.values_grow = [exports.grow(hidden, 2), own.length, own.get(6) === hidden, exports.call(6, 2), own.grow(1, one), exports.size(), exports.grow(one, 100),
    exports.growShared(one, 3), shared.length, exports.callShared(7, 1), exports.growShared(null, 0)];
  answers.values_shared = [exports.callShared(1, 1), said(() => shared.set(2, one)), exports.callShared(2, 1), exports.copyShared(0, 0, 2), all(shared)];
  answers.values_segments = [said(() => exports.init(4, 1, 3)), all(own), said(() => exports.init(0, 2, 9))[0], said(() => exports.drop()), said(() => exports.init(0, 0, 1))[0], all(own)];
  const random = numbers(11);
  answers.values_random = [];
  for (let i = 0; i < 200; i++) {
    const [a, b, c] = [random(10), random(10), random(5)];
    const value = [one, hidden, null][random(3)];
    answers.values_random.push([
      () => said(() => own.get(a)), () => said(() => exports.get(a))?.[0], () => said(() => own.set(a, value)), () => said(() => exports.set(a, value))?.[0],
      () => said(() => exports.fill(a, value, c))?.[0], () => said(() => exports.copy(a, b, c))?.[0], () => said(() => exports.copyShared(a, b, c))?.[0],
      () => said(() => exports.call(a, i)), () => said(() => exports.callShared(b, i)),
    ][random(9)]());
  }
  answers.values_end = [all(own), all(shared)];
  return answers;
}

function memories(module) {
  const { Instance, Memory } = WebAssembly;
  const memory = new Memory({ initial: 3, maximum: 4 });
  const before = new Uint8Array(memory.buffer);
  before[7] = 42;
  const noted = [];
  const note = (...args) => { noted.push(args); return 5n; };
  const first = [before.length, before[100], before[7]];
  const { exports } = new Instance(module, { m: { memory, note } });
  const answers = { memory: [first, before[7], String.fromCharCode(...before.subarray(100, 105)), exports.read(7), exports.read(101), exports.memory === memory, exports.size(), memory.buffer === before.buffer] };
  exports.write(200_000 - 10_000, 9);
  before[8] = 77;
  exports.init(300);
  answers.memory_both = [before[190_000], exports.read(8), String.fromCharCode(...before.subarray(300, 305)), said(() => exports.note(3)), noted, said(() => exports.read(196_608)), memory instanceof Memory];
  answers.memory_grow = [memory.grow(1), before.length, memory.buffer.byteLength, exports.size(), new Uint8Array(memory.buffer)[8], said(() => memory.grow(1)), exports.grow(1), memory.grow(0), said(() => memory.grow(-1))];
  const later = new Memory({ initial: 2, maximum: 4 });
  const second = new Instance(module, { m: { memory: later, note } }).exports;
  const view = new Uint8Array(later.buffer);
  answers.memory_second = [second.read(100), view[100], exports.read(8), view[8], second.grow(1), view.length, later.buffer.byteLength, new Uint8Array(later.buffer)[100]];
  const plain = new Memory({ initial: 1 });
  const bytes = new Uint8Array(plain.buffer);
  answers.memory_plain = [bytes.length, bytes[100], plain.grow(1), plain.buffer.byteLength, bytes.length, String(plain)];
  answers.memory_refused = [{}, { memory: new Memory({ initial: 1, maximum: 4 }) }, { memory: new Memory({ initial: 2 }) }, { memory: new Memory({ initial: 2, maximum: 9 }) }]
    .map((given) => said(() => new Instance(module, { m: { note, ...given } })));
  return answers;
}
