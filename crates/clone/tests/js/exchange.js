// The other side of `node.rs`: `write SEED` prints one value per line as V8 writes it, in hexadecimal;
// `compare SEED` reads such lines from standard input and compares each with the value it should be.

const v8 = require("node:v8");
const assert = require("node:assert");

function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const buffer = () => Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1).buffer;

function views() {
  const classes = [
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array,
    Float64Array, BigInt64Array, BigUint64Array, globalThis.Float16Array,
  ].filter((one) => one !== undefined);
  const shared = buffer();
  return [
    ...classes.map((one) => new one(buffer(), 8, 2)),
    classes.map((one) => new one(shared, 8, 1)),
    new DataView(shared, 3, 5),
  ];
}

function resizable() {
  const bytes = new ArrayBuffer(8, { maxByteLength: 24 });
  new Uint8Array(bytes).fill(9);
  return { bytes, tracking: new Uint16Array(bytes, 2), fixed: new Uint8Array(bytes, 2, 3) };
}

function errors() {
  const classes = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
  const all = classes.map((one) => new one("a message \u20ac"));
  const bare = new Error();
  delete bare.stack;
  return [...all, bare];
}

function graph() {
  const object = { name: "o", list: [1, , 3] };
  object.self = object;
  object.map = new Map([[object, object.list], ["k", new Set([object, 1])]]);
  object.again = object.list;
  return object;
}

function arrays() {
  const named = [1, 2];
  named.extra = "e";
  const sparse = [];
  sparse[5000] = 1;
  sparse.x = 2;
  return [[], [undefined, null], [1, , 3], named, sparse, new Array(7), [[[]]]];
}

const fixed = [
  undefined, null, true, false, 0, -0, 1, -1, 2 ** 30, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 1.5, NaN, Infinity, 5e-324,
  0n, 1n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n, 12345678901234567890123456789n, "", "ascii", "\xe9\xff", "\u20ac\u{1f389}",
  "lone \ud800 and \udc00", "x".repeat(300), "\u0416".repeat(100),
  new Date(5), new Date(NaN), new Date(-1.5e12), Object(true), Object(false), Object(1.5), Object("s"), Object("\u20ac"), Object(-5n),
  /a/, /[\u20ac]+/dgimsuy, /x/v, {}, { a: 1, "": 2, 5: "index", "-1": 3, "4294967295": 4, "\u20ac": 5, ["__proto__"]: 6 },
  new Map([[NaN, -0], [{}, []]]), new Set(["a", 1n]), buffer(), new ArrayBuffer(0), ...views(), resizable(), ...errors(), graph(), ...arrays(),
];

// Values without end of their kind: nested, shared, of all types above.
function arbitrary(next, seen, depth) {
  const kind = next(depth > 4 ? 8 : 14);
  const many = () => Array.from({ length: next(5) }, () => arbitrary(next, seen, depth + 1));
  const remember = (value) => (seen.push(value), value);
  switch (kind) {
    case 0: return next(2 ** 32) - 2 ** 31;
    case 1: return next(2 ** 32) / (1 + next(1000));
    case 2: return BigInt(next(2 ** 32)) ** BigInt(next(9)) * (next(2) ? 1n : -1n);
    case 3: return String.fromCharCode(...Array.from({ length: next(9) }, () => next(65536)));
    case 4: return Array.from({ length: next(9) }, () => "abc\xe9"[next(4)]).join("");
    case 5: return [undefined, null, true, false][next(4)];
    case 6: return seen.length ? seen[next(seen.length)] : "nothing";
    case 7: return new Date(next(2 ** 32) * 1000);
    case 8: return remember(many());
    case 9: return remember(new Set(many()));
    case 10: return remember(new Map(many().map((one) => [one, next(9)])));
    case 11: return new Uint8Array(buffer(), next(8), next(8));
    default: {
      const object = remember({});
      for (const one of many()) object["k" + next(20)] = one;
      if (next(3) === 0) object.self = object;
      return object;
    }
  }
}

const [, , action, seed] = process.argv;
const next = random(Number(seed));
const values = [...fixed, ...Array.from({ length: 300 }, () => arbitrary(next, [], 0))];

function write(value) {
  const serializer = new v8.Serializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

function read(bytes) {
  const deserializer = new v8.Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

if (action === "write") {
  console.log(values.map((value) => write(value).toString("hex")).join("\n"));
} else {
  const lines = require("node:fs").readFileSync(0, "utf8").trim().split("\n");
  assert.strictEqual(lines.length, values.length);
  lines.forEach((line, index) => {
    const value = read(Buffer.from(line, "hex"));
    // Node 20 finds two invalid dates different.
    if (String(value) !== "Invalid Date") assert.deepStrictEqual(value, values[index], `value ${index}`);
    // What V8 writes of it tells what a comparison does not: identity, stacks, tracking views. A trip
    // through V8 itself may change how an array is kept, so both have made one.
    const expected = write(read(write(values[index])));
    assert.strictEqual(write(value).toString("hex"), expected.toString("hex"), `value ${index}`);
  });
  console.log(`${lines.length} equal`);
}
