// The encoding of values, both ways, through structuredClone() and through RPC.

import { RpcStub } from "cloudflare:workers";

const echo = new RpcStub((value) => value);
const ways = [(value) => structuredClone(value), (value) => echo(value)];

// The value comes back the same, by both ways.
async function same(value, see = (one) => one) {
  for (const way of ways) equal(see(await way(value)), see(value));
}

test("numbers and strings", async () => {
  for (const value of [0, -0, 1.5, NaN, -Infinity, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 5e-324]) {
    for (const way of ways) ok(Object.is(await way(value), value));
  }
  const texts = ["", "ascii", "\xe9\xff", "\u20ac", "\u{1f389}", "a\ud800b", "\udc00", "\0", "x".repeat(1000), "\xe9".repeat(1000)];
  await same(texts);
  await same(texts.map((text) => ({ [text]: text })));
  // A rope, and a part of a long string.
  const long = "long string ".repeat(50);
  await same([long + 1 + "\u20ac", long.slice(3, 400)]);
});

test("bigints", async () => {
  const values = [0n, 1n, -1n, 127n, -128n, 2n ** 31n, -(2n ** 31n), 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n, -(2n ** 64n), 3n ** 400n, -(7n ** 99n)];
  await same(values);
  await same(Object(5n), (box) => box.valueOf());
});

test("keys of objects", async () => {
  const object = { b: 1, a: 2, 10: 3, 2: 4, "": 5, "-1": 6, 4294967294: 7, 4294967295: 8, 2147483648: 9, "\u20ac": 10, "\xe9": 11, "1.5": 12 };
  await same(object, (one) => Object.entries(one).flat());
  const proto = JSON.parse('{"__proto__": {"x": 1}}');
  for (const way of ways) equal(Object.getOwnPropertyNames(await way(proto)), ["__proto__"]);
  equal(Object.getOwnPropertySymbols(structuredClone({ [Symbol("s")]: 1 })).length, 0);
  const hidden = Object.defineProperty({ a: 1 }, "b", { value: 2, enumerable: false });
  equal(structuredClone(hidden), { a: 1 });
  equal(structuredClone(Object.create({ inherited: 1 })), {});
});

test("arrays", async () => {
  const named = Object.assign([1, 2], { extra: "e" });
  const sparse = Object.assign([], { 5000: 1, x: 2 });
  const all = [[], [1, , 3], [, ,], named, sparse, new Array(70000), [undefined, null]];
  const see = (list) => list.map((one) => [one.length, Object.keys(one), JSON.stringify(one.slice(0, 5))]);
  await same(all, see);
  const many = Array.from({ length: 20000 }, (_, index) => index * 1.5);
  await same(many, (one) => one.reduce((sum, number) => sum + number, 0));
});

test("getters run, and may do anything", async () => {
  const object = {
    get a() { delete this.b; return 1; },
    b: 2,
    get c() { this.d = 4; return 3; },
  };
  equal(structuredClone(object), { a: 1, c: 3 });
  const list = [1, 2, 3];
  Object.defineProperty(list, 0, { get() { list.length = 1; return "first"; }, enumerable: true });
  equal(structuredClone(list).length, 3);
  class Mine extends Error {}
  const error = await throws(() => structuredClone({ get x() { throw new Mine("from the getter"); } }), "Error", "from the getter");
  ok(error instanceof Mine);
  const map = new Map([["k", { get v() { map.clear(); return 1; } }], ["l", 2]]);
  equal(structuredClone(map).size, 2);
  // What a getter makes and drops is not taken for what comes later.
  const made = structuredClone(Object.defineProperties({}, Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => ["k" + index, { get: () => ({ index }), enumerable: true }]),
  )));
  equal(Object.values(made).map(({ index }) => index), Array.from({ length: 50 }, (_, index) => index));
});

test("types are told by what they are", async () => {
  const fake = { [Symbol.toStringTag]: "Date" };
  equal(structuredClone(fake) instanceof Date, false);
  const date = new Date(5);
  date[Symbol.toStringTag] = "Map";
  date.getTime = () => 7;
  date.valueOf = () => 8;
  equal(structuredClone(date).getTime(), 5);
  const map = new Map([[1, 2]]);
  map.forEach = map[Symbol.iterator] = () => { throw new Error("called"); };
  equal([...structuredClone(map)], [[1, 2]]);
  const { push } = Array.prototype;
  Array.prototype.push = () => { throw new Error("called"); };
  try {
    equal(structuredClone(new Set([1])).has(1), true);
  } finally {
    Array.prototype.push = push;
  }
});

test("dates, expressions, boxes", async () => {
  for (const way of ways) {
    ok(Number.isNaN((await way(new Date(NaN))).getTime()));
    const expression = /a(?<n>\u20ac)/dgimsuy;
    expression.lastIndex = 3;
    const copy = await way(expression);
    equal([String(copy), copy.lastIndex], [String(expression), 0]);
    equal(String(await way(/[x]/v)), "/[x]/v");
    const boxes = await way([Object(true), Object(false), Object(-0), Object("\u20ac"), Object("s")]);
    equal(boxes.map((box) => [typeof box, Object.prototype.toString.call(box)]), Array.from({ length: 5 }, (_, index) => ["object", ["[object Boolean]", "[object Boolean]", "[object Number]", "[object String]", "[object String]"][index]]));
    equal([boxes[0].valueOf(), boxes[1].valueOf(), Object.is(boxes[2].valueOf(), -0), boxes[3].length], [true, false, true, 1]);
  }
});

test("views of all kinds", async () => {
  const classes = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float16Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array];
  const buffer = Uint8Array.from({ length: 32 }, (_, index) => index * 5).buffer;
  for (const way of ways) {
    const copies = await way(classes.map((one) => new one(buffer, 8, 2)));
    copies.forEach((copy, index) => {
      equal([copy.constructor.name, copy.byteOffset, copy.length], [classes[index].name, 8, 2]);
      equal([...copy].join(), [...new classes[index](buffer, 8, 2)].join());
      ok(copy.buffer === copies[0].buffer && copy.buffer !== buffer);
    });
    const view = await way(new DataView(buffer, 3, 4));
    equal([view.byteOffset, view.byteLength, view.getUint8(0), view.buffer.byteLength], [3, 4, 15, 32]);
    equal((await way(new Uint8Array())).length, 0);
  }
});

test("resizable buffers", async () => {
  for (const way of ways) {
    const buffer = new ArrayBuffer(8, { maxByteLength: 32 });
    const source = { tracking: new Uint8Array(buffer, 2), fixed: new Uint8Array(buffer, 2, 3), view: new DataView(buffer) };
    source.tracking[0] = 7;
    const copy = await way(source);
    ok(copy.tracking.buffer === copy.fixed.buffer && copy.tracking[0] === 7);
    copy.fixed.buffer.resize(16);
    equal([copy.tracking.length, copy.fixed.length, copy.view.byteLength, buffer.byteLength], [14, 3, 16, 8]);
  }
});

test("cycles through every container", async () => {
  const object = { list: [], map: new Map(), set: new Set(), error: new Error("e") };
  object.list.push(object);
  object.map.set(object, object.map);
  object.set.add(object);
  object.error.cause = object;
  for (const way of ways) {
    const copy = await way(object);
    ok(copy.list[0] === copy && copy.map.get(copy) === copy.map && copy.set.has(copy) && copy.error.cause === copy && copy !== object);
  }
});

test("errors of all classes", async () => {
  for (const way of ways) {
    for (const make of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
      const copy = await way(new make("m\u20ac"));
      ok(copy instanceof make && Object.getPrototypeOf(copy) === make.prototype);
      equal([copy.name, copy.message, Object.keys(copy), "cause" in copy], [make.name, "m\u20ac", [], false]);
    }
    class Http extends TypeError {
      name = "HttpError";
      status = 404;
      #secret = 1;
    }
    const source = new Http("no", { cause: new RangeError("inner") });
    source.skipped = new WeakMap();
    const copy = await way(source);
    equal([copy.name, copy.status, copy instanceof TypeError, copy.cause instanceof RangeError, copy.cause.message, "skipped" in copy], ["HttpError", 404, true, true, "inner", false]);
    equal(copy.stack, source.stack);
    equal(Object.getOwnPropertyDescriptor(copy, "cause").enumerable, false);
    const many = await way(new AggregateError([new TypeError("t"), 1], "all"));
    equal([many instanceof AggregateError, many.message, many.errors[0] instanceof TypeError, many.errors[1]], [true, "all", true, 1]);
    const exception = await way(new DOMException("m", "AbortError"));
    equal([exception instanceof DOMException, exception.name, exception.code, exception.message], [true, "AbortError", 20, "m"]);
  }
});

test("what is left out of an error leaves no trace", async () => {
  const shared = { shared: true };
  const error = Object.assign(new Error("e"), { bad: { shared, fn: new WeakSet() }, good: shared });
  const copy = structuredClone([error, shared]);
  equal([copy[0].bad, copy[0].good === copy[1], copy[1].shared], [undefined, true, true]);
});

test("what has no clone", async () => {
  const values = [[new WeakMap(), "#<WeakMap>"], [new WeakSet(), "#<WeakSet>"], [Promise.resolve(), "#<Promise>"], [new WeakRef({}), "#<WeakRef>"], [(function* () {})(), "#<Generator>"], [new Map().keys(), "#<Map Iterator>"], [Symbol("s"), "Symbol(s)"], [new Proxy({}, {}), "#<Object>"]];
  for (const [value, text] of values) {
    for (const way of ways) await throws(async () => way({ deep: [value] }), "DataCloneError", `${text} could not be cloned.`);
  }
  await throws(() => structuredClone(() => 1), "DataCloneError", "() => 1 could not be cloned.");
  const detached = new ArrayBuffer(4);
  detached.transfer();
  for (const way of ways) await throws(async () => way(detached), "DataCloneError");
});

test("depth has a limit, and the app goes on", async () => {
  const nested = (depth) => {
    let value = null;
    for (let index = 0; index < depth; index++) value = { value };
    return value;
  };
  equal(JSON.stringify(structuredClone(nested(1900))).length, JSON.stringify(nested(1900)).length);
  await throws(() => structuredClone(nested(5000)), "RangeError", "Maximum call stack size exceeded");
  equal(structuredClone(1), 1);
});

test("shared memory stays shared", async () => {
  const shared = new SharedArrayBuffer(8);
  const view = new Uint8Array(shared, 2, 3);
  const copy = structuredClone({ shared, view });
  view[0] = 9;
  equal([copy.shared === shared, copy.view[0], copy.view.length, copy.view.byteOffset], [true, 9, 3, 2]);
});
