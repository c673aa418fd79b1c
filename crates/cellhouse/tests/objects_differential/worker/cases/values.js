// Values that storage keeps: each type as it comes back from put/get, storage.kv and an attachment.

import { inside } from "../inside.js";

const back = (make) => inside(async ({ storage }, h) => {
  const results = [await h.attempt(async () => {
    await storage.put("a", make());
    return await storage.get("a");
  })];
  results.push(h.attemptNow(() => {
    storage.kv.put("b", make());
    return storage.kv.get("b");
  }));
  return results;
});

const cyclic = () => {
  const value = { list: [] };
  value.list.push(value);
  return value;
};

export default {
  "numbers": back(() => [0, -0, 1.5, -1, 2 ** 31, 2 ** 53, 1e300, NaN, Infinity, -Infinity]),
  "strings": back(() => ["", "a", "é", "日本", "\u{1f389}", "a\u0000b", "x".repeat(300), "\ud800"]),
  "other primitives": back(() => [true, false, null, undefined, 0n, -1n, 2n ** 64n, -(2n ** 100n)]),
  "an undefined on its own": back(() => undefined),
  "null": back(() => null),
  "dates and expressions": back(() => [new Date(0), new Date(NaN), new Date(-1.5e12), /a+/gi, /[/]\u2028/su]),
  "maps and sets": back(() => [new Map([[{ a: 1 }, new Set([1, "1"])], [NaN, -0]]), new Set([[], []]), new Map()]),
  "arrays": back(() => [[], [undefined, null], [[[1]]], Array.from({ length: 3 })]),
  "a sparse array": back(() => Object.keys(Object.assign([1], { 5: 2 }))),
  "objects": back(() => ({ b: 1, a: { "": 2, "__proto__x": 3, 5: 4 } })),
  "boxed primitives": back(() => [new Number(5), new String("s"), new Boolean(false), Object(5n)].map(Object.prototype.toString.call, Object.prototype.toString)),
  "buffers": back(() => [Uint8Array.of(1, 2).buffer, new ArrayBuffer(0)]),
  "views": back(() => [
    Uint8Array.of(1, 255), Int8Array.of(-1), Uint16Array.of(65535), Int32Array.of(-5), Float32Array.of(1.5), Float64Array.of(NaN),
    BigInt64Array.of(-1n), BigUint64Array.of(5n), new DataView(Uint8Array.of(9, 8).buffer, 1), Uint8ClampedArray.of(300),
  ]),
  "part of a buffer": back(() => new Uint16Array(Uint8Array.of(1, 2, 3, 4, 5, 6).buffer, 2, 1)),
  "errors": back(() => [new Error("e"), new TypeError("t"), new RangeError(""), new SyntaxError("s")]),
  "an error with a cause": back(() => new Error("outer", { cause: new TypeError("inner") })),
  "an error with a name of its own": back(() => Object.assign(new Error("m"), { name: "Mine" })),
  "a cycle": back(cyclic),
  "one thing in two places": inside(async ({ storage }) => {
    const shared = { n: 1 };
    await storage.put("a", [shared, shared]);
    const [first, second] = await storage.get("a");
    return first === second;
  }),
  "two views of one buffer": inside(async ({ storage }) => {
    const bytes = new Uint8Array(8);
    await storage.put("a", [bytes, new Uint8Array(bytes.buffer, 4, 2)]);
    const [first, second] = await storage.get("a");
    return [first.buffer === second.buffer, second.byteOffset, second.length];
  }),
  "instances of classes": back(() => new (class Point { x = 1; get y() { return 2; } })()),
  "getters and symbols": back(() => ({ get a() { return 1; }, [Symbol("s")]: 2 })),
  "a getter that throws": back(() => ({ get a() { throw new RangeError("no value"); } })),
  "a function": back(() => () => 1),
  "a function inside": back(() => ({ f() {} })),
  "a symbol": back(() => Symbol("s")),
  "a promise": back(() => Promise.resolve(1)),
  "a weak map": back(() => new WeakMap()),
  "a URL": back(() => new URL("http://example.com/")),
  "no prototype": back(() => Object.assign(Object.create(null), { a: 1 })),
  "many": back(() => Array.from({ length: 1000 }, (_, n) => ({ n, text: `number ${n}` }))),
  "deep": inside(async ({ storage }) => {
    let value = null;
    for (let depth = 0; depth < 200; depth++) value = { value };
    await storage.put("a", value);
    let depth = 0;
    for (let at = await storage.get("a"); at !== null; at = at.value) depth++;
    return depth;
  }),
};
