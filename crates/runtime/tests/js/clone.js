// structuredClone().

test("values", () => {
  for (const value of [1, -0, NaN, "s", true, null, undefined, 10n]) equal(Object.is(structuredClone(value), value), true);
  equal(structuredClone({ a: [1, { b: 2 }], c: undefined }), { a: [1, { b: 2 }], c: undefined });
});

test("types of the language", () => {
  const source = {
    date: new Date(5), pattern: /a/gi, map: new Map([[1, new Set([2])]]), boxed: Object(false), text: Object("s"), big: Object(1n),
  };
  const copy = structuredClone(source);
  equal([copy.date.getTime(), String(copy.pattern), copy.map.get(1).has(2)], [5, "/a/gi", true]);
  equal([copy.boxed.valueOf(), copy.text.valueOf(), copy.big.valueOf(), typeof copy.boxed], [false, "s", 1n, "object"]);
  ok(copy.date !== source.date && copy.map !== source.map);
});

test("cycles, identity, holes, prototypes", () => {
  const source = { list: [1, , 3] };
  source.self = source;
  source.again = source.list;
  const copy = structuredClone(source);
  ok(copy.self === copy && copy.list === copy.again && copy !== source);
  equal([1 in copy.list, copy.list.length], [false, 3]);
  class Mine {
    #hidden = 1;
    shown = 2;
    get getter() {
      return this.#hidden;
    }
  }
  const plain = structuredClone(new Mine());
  equal([plain instanceof Mine, plain], [false, { shown: 2 }]);
  const proto = structuredClone(JSON.parse('{"__proto__": 1}'));
  equal([Object.hasOwn(proto, "__proto__"), Object.getPrototypeOf(proto) === Object.prototype], [true, true]);
});

test("buffers and views", () => {
  const buffer = new ArrayBuffer(4);
  const copy = structuredClone({ a: new Uint8Array(buffer), b: new Uint16Array(buffer, 2, 1), c: new DataView(buffer, 1) });
  ok(copy.a.buffer === copy.b.buffer && copy.a.buffer === copy.c.buffer && copy.a.buffer !== buffer);
  equal([copy.b.byteOffset, copy.b.length, copy.c.byteLength], [2, 1, 3]);
  const resizable = structuredClone(new ArrayBuffer(2, { maxByteLength: 8 }));
  equal([resizable.resizable, resizable.byteLength, resizable.maxByteLength], [true, 2, 8]);
  const shared = new SharedArrayBuffer(2);
  equal(structuredClone(shared) === shared, true);
});

test("errors", () => {
  const source = Object.assign(new RangeError("m", { cause: { a: 1 } }), { code: 5 });
  const copy = structuredClone(source);
  ok(copy instanceof RangeError && copy !== source);
  equal([copy.name, copy.message, copy.cause, copy.code, copy.stack], ["RangeError", "m", { a: 1 }, 5, source.stack]);
  class Mine extends Error {
    name = "Mine";
  }
  const custom = structuredClone(new Mine("x"));
  equal([custom.name, custom instanceof Error, custom instanceof Mine], ["Mine", true, false]);
  const many = structuredClone(new AggregateError([new TypeError("t")], "all"));
  equal([many.name, many.errors[0] instanceof TypeError], ["AggregateError", true]);
});

test("the platform's objects", async () => {
  const exception = structuredClone(new DOMException("m", "AbortError"));
  equal([exception instanceof DOMException, exception.name, exception.message, exception.code], [true, "AbortError", "m", 20]);
  const file = structuredClone(new File(["x"], "n", { type: "a/b", lastModified: 5 }));
  equal([file instanceof File, file.name, file.type, file.lastModified, await file.text()], [true, "n", "a/b", 5, "x"]);
  equal(await structuredClone(new Blob(["y"])).text(), "y");
  for (const value of [new Headers(), new Response(), new Request("http://h"), new URL("http://h"), new AbortController(), new ReadableStream(), new EventTarget()]) {
    const error = await throws(() => structuredClone(value), "DataCloneError");
    ok(error.message.includes(value.constructor.name));
  }
});

test("what has no clone", async () => {
  await throws(() => structuredClone(() => 1), "DataCloneError", "() => 1 could not be cloned.");
  await throws(() => structuredClone(Symbol("s")), "DataCloneError", "Symbol(s) could not be cloned.");
  for (const value of [new WeakMap(), new WeakSet(), Promise.resolve(), new WeakRef({}), (function* () {})(), new Proxy({}, {}), new Map().keys()]) {
    await throws(() => structuredClone({ value }), "DataCloneError");
  }
  await throws(() => structuredClone(), "TypeError");
});

test("transfer", async () => {
  const array = new Uint8Array([1, 2, 3, 4]);
  const copy = structuredClone({ part: array.subarray(1, 3), whole: array.buffer }, { transfer: [array.buffer] });
  equal([array.byteLength, [...copy.part], copy.part.buffer === copy.whole], [0, [2, 3], true]);
  const alone = new ArrayBuffer(8);
  equal([structuredClone(null, { transfer: [alone] }), alone.byteLength], [null, 0]);
  await throws(() => structuredClone(alone), "DataCloneError");
  const twice = new ArrayBuffer(1);
  await throws(() => structuredClone(1, { transfer: [twice, twice] }), "DataCloneError");
  await throws(() => structuredClone(1, { transfer: [{}] }), "TypeError", "Object is not transferable");
  await throws(() => structuredClone(1, { transfer: [new SharedArrayBuffer(1)] }), "DataCloneError");
  const kept = new ArrayBuffer(1);
  await throws(() => structuredClone(() => {}, { transfer: [kept] }), "DataCloneError");
  equal(kept.byteLength, 1);
});
