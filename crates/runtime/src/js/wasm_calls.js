// Calls between JavaScript and a module that was rewritten: its functions as objects, through its door, and
// what its numbers mean. The number of a value is good until the call from JavaScript that it was made in
// ends; what a module keeps longer it keeps in tables. The number of a function is good for ever.
//
// An instance's side is what is known of it here: `plan`, `door` and `act` (its hidden exports), `given` (the
// functions it imports), `functions` (objects by number).

(function () {

// ---- values

const values = [null];

function hold(value) {
  return value === null ? 0 : values.push(value) - 1;
}

const valueOf = (number) => values[number];

// Calls a function of a module; the numbers that it made are free afterwards.
function call(run, args) {
  const mark = values.length;
  try {
    return run(...args);
  } finally {
    values.length = mark;
  }
}

// ---- numbers of 64 bits in halves

const long = new BigInt64Array(1);
const double = new Float64Array(long.buffer);
const single = new Float32Array(long.buffer);
const halves = new Int32Array(long.buffer);

// ---- exported functions

// What `act` does.
const TELL = 0;

// For each function object its side and its number.
const owners = new WeakMap();

const NOT_A_FUNCTION = "function-typed object must be null (if nullable) or a Wasm function object";

// The number of a function in an instance; undefined for what is none of its functions.
function numberOf(side, value) {
  if (value === null) return 0;
  const owner = owners.get(value);
  if (owner?.side === side) return owner.number;
  const index = side.given.indexOf(value);
  const at = owner === undefined || index < 0 ? -1 : side.plan.functions.indexOf(index);
  return at < 0 ? undefined : at + 1;
}

function functionOf(side, number) {
  if (number === 0) return null;
  return side.functions[number] ??= makeFunction(side, number);
}

function makeFunction(side, number) {
  const { plan } = side;
  const index = plan.functions[number - 1];
  const imported = side.given[index];
  if (imported !== undefined && owners.has(imported)) return imported;
  const kind = plan.kinds[number - 1];
  const [params, results] = plan.signatures[kind];
  const simple = !plan.references && params.length < WHOLE.length &&
    /^i*$/.test(params) && (results === "" || results === "i");
  const run = simple
    ? WHOLE[params.length](side.door, number, kind, results === "i")
    : general(side, number, kind);
  owners.set(run, { side, number });
  return Object.defineProperties(run, {
    name: { value: String(index), configurable: true },
    length: { value: params.length, configurable: true },
  });
}

// Functions of 32-bit numbers, by how many: most are.
const WHOLE = [
  (door, f, k, gives) => gives ? () => door(f, k) | 0 : () => { door(f, k); },
  (door, f, k, gives) => gives ? (a) => door(f, k, a | 0) | 0 : (a) => { door(f, k, a | 0); },
  (door, f, k, gives) => gives
    ? (a, b) => door(f, k, a | 0, b | 0) | 0
    : (a, b) => { door(f, k, a | 0, b | 0); },
  (door, f, k, gives) => gives
    ? (a, b, c) => door(f, k, a | 0, b | 0, c | 0) | 0
    : (a, b, c) => { door(f, k, a | 0, b | 0, c | 0); },
  (door, f, k, gives) => gives
    ? (a, b, c, d) => door(f, k, a | 0, b | 0, c | 0, d | 0) | 0
    : (a, b, c, d) => { door(f, k, a | 0, b | 0, c | 0, d | 0); },
  (door, f, k, gives) => gives
    ? (a, b, c, d, e) => door(f, k, a | 0, b | 0, c | 0, d | 0, e | 0) | 0
    : (a, b, c, d, e) => { door(f, k, a | 0, b | 0, c | 0, d | 0, e | 0); },
];

const { apply } = Reflect;
const { slice } = Array.prototype;

// Any other: its arguments go to their places among those of the door.
function general(side, number, kind) {
  const { door, plan } = side;
  const [params, results] = plan.signatures[kind];
  if (/v/.test(params + results)) {
    return () => {
      throw new TypeError("type incompatibility when transforming from/to JS");
    };
  }
  const first = plan.slots[0] + 2;
  const last = first + plan.slots[1];
  const template = [number, kind, ...new Array(last - 2).fill(0)];
  const codes = Array.from(params, (letter) => CODES[letter]);
  const places = placesOf(params, first);
  const count = params.length;
  const finish = FINISH[results];
  const run = (...args) => {
    const slots = apply(slice, template, NOTHING);
    for (let i = 0; i < count; i++) {
      const at = places[i];
      switch (codes[i]) {
        case 0: slots[at] = args[i] | 0; break;
        case 1: slots[at] = +args[i]; break;
        case 2:
          long[0] = args[i];
          slots[at] = halves[0];
          slots[at + 1] = halves[1];
          break;
        case 3: slots[at] = hold(args[i]); break;
        default: slots[at] = given(side, args[i]);
      }
    }
    const result = apply(door, undefined, slots);
    return finish === undefined ? several(side, results) : finish(result, side);
  };
  return plan.references ? (...args) => call(run, args) : run;
}

const NOTHING = [];
const CODES = { __proto__: null, i: 0, f: 1, d: 1, l: 2, e: 3, r: 4 };

function placesOf(params, first) {
  let [whole, fraction] = [2, first];
  return Array.from(params, (letter) => {
    if (CODES[letter] === 1) return fraction++;
    const at = whole;
    whole += letter === "l" ? 2 : 1;
    return at;
  });
}

function given(side, value) {
  const number = numberOf(side, value);
  if (number === undefined) throw new TypeError("type incompatibility when transforming from/to JS");
  return number;
}

// What the door left, as a result.
const FINISH = {
  __proto__: null,
  "": () => undefined,
  i: (result) => result | 0,
  f: (result) => result,
  d: (result) => result,
  // What is not exact as a fraction is no number.
  l: (result, side) => result === result ? BigInt(result) : kept(side, 0, "l"),
  e: (result) => values[result],
  r: (result, side) => functionOf(side, result),
};

function several(side, results) {
  let at = 0;
  return Array.from(results, (kind) => {
    const value = kept(side, at, kind);
    at += kind === "l" || kind === "d" ? 2 : 1;
    return value;
  });
}

function kept(side, at, kind) {
  const { act } = side;
  const number = act(TELL, at);
  if (kind === "i") return number;
  if (kind === "e") return values[number];
  if (kind === "r") return functionOf(side, number);
  const higher = kind === "f" ? 0 : act(TELL, at + 1);
  [halves[0], halves[1]] = [number, higher];
  return kind === "l" ? long[0] : kind === "f" ? single[0] : double[0];
}

// ---- imported functions

// What the engine calls in place of a function that takes or gives references.
function importer(side, run, [params, results]) {
  if (!/[er]/.test(params + results)) return run;
  const single = results.length === 1;
  const from = (kind, value) =>
    kind === "e" ? values[value] : kind === "r" ? functionOf(side, value) : value;
  const to = (kind, value) =>
    kind === "e" ? hold(value) : kind === "r" ? given(side, value) : value;
  return (...args) => {
    for (let i = 0; i < params.length; i++) args[i] = from(params[i], args[i]);
    const result = run(...args);
    if (single) return to(results, result);
    return results === "" ? result : [...result].map((it, i) => to(results[i], it));
  };
}

const isExported = (value) => owners.has(value);

// Whether a function can be imported as one of a signature: those of other modules have one already.
function takes(value, [params, results]) {
  const owner = owners.get(value);
  if (owner === undefined) return true;
  const { kinds, signatures } = owner.side.plan;
  const [given, gives] = signatures[kinds[owner.number - 1]];
  return given === params && gives === results;
}

return { call, functionOf, hold, importer, isExported, NOT_A_FUNCTION, numberOf, takes, valueOf };
})();
