// Calls between JavaScript and a module that was rewritten: its functions as objects, through its door, and
// what its numbers mean. The number of a value is good until the call from JavaScript that it was made in
// ends; what a module keeps longer it keeps in tables. The number of a function is good for ever.
//
// An instance's side is what is known of it here: `plan`, `door` and `act` (its hidden exports), `given` (the
// functions it imports), `functions` (objects by number).

(function () {

const { core } = __bootstrap;
const { NativeFunction } = core.loadExtScript("ext:cellhouse_runtime/code_generation.js");
const { outOf } = core.loadExtScript("ext:cellhouse_runtime/wasm_frames.js");

const { construct } = Reflect;

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
  const run = callerOf(plan, params, results)(side, number, kind, tools);
  owners.set(run, { side, number });
  return Object.defineProperties(run, {
    name: { value: String(index), configurable: true },
    length: { value: params.length, configurable: true },
  });
}

// Makers of exported functions, by all that they depend on. Their code is written for a signature, because nothing
// that reads one at each call is half as fast: each argument goes to its place among those of the door.
const callers = new Map();

function callerOf({ references, slots }, params, results) {
  const key = `${references} ${slots} ${params} ${results}`;
  let caller = callers.get(key);
  if (caller === undefined) callers.set(key, caller = makeCaller(references, slots, params, results));
  return caller;
}

// What V8 does with vectors.
function refuseVectors() {
  return () => {
    throw new TypeError("type incompatibility when transforming from/to JS");
  };
}

// By letter: what becomes of an argument.
const ARGUMENTS = {
  __proto__: null,
  i: (it) => `${it} | 0`,
  f: (it) => `+${it}`,
  d: (it) => `+${it}`,
  l: (it) => `lowerOf(${it}), halves[1]`,
  e: (it) => `hold(${it})`,
  r: (it) => `given(side, ${it})`,
};

// What the door leaves as a result.
const RESULTS = {
  __proto__: null,
  "": "result;",
  i: "return result | 0;",
  f: "return result;",
  d: "return result;",
  // What is not exact as a fraction is no number.
  l: 'return result === result ? BigInt(result) : kept(side, 0, "l");',
  e: "return values[result];",
  r: "return functionOf(side, result);",
};

const isFraction = (letter) => letter === "f" || letter === "d";

function makeCaller(references, [whole], params, results) {
  if (/v/.test(params + results)) return refuseVectors;
  const letters = Array.from(params, (letter, i) => [letter, `a${i}`]);
  const first = letters.filter(([letter]) => !isFraction(letter));
  const last = letters.filter(([letter]) => isFraction(letter));
  const missing = whole - first.reduce((sum, [letter]) => sum + (letter === "l" ? 2 : 1), 0);
  const all = ["number", "kind", ...first.map(([letter, it]) => ARGUMENTS[letter](it))];
  if (last.length > 0) all.push(...new Array(missing).fill("0"), ...last.map(([letter, it]) => ARGUMENTS[letter](it)));
  const finish = RESULTS[results] ?? `return several(side, ${JSON.stringify(results)});`;
  return construct(NativeFunction, ["side", "number", "kind", "tools", `
    const { functionOf, given, halves, hold, kept, lowerOf, outOf, several, values } = tools;
    const { door, plan } = side;
    return (${letters.map(([, it]) => it)}) => {
      ${references ? "const mark = values.length;" : ""}
      try {
        const result = door(${all});
        ${finish}
      } catch (error) {
        throw outOf(plan, error);
      }${references ? " finally { values.length = mark; }" : ""}
    };`]);
}

function lowerOf(value) {
  long[0] = value;
  return halves[0];
}

function given(side, value) {
  const number = numberOf(side, value);
  if (number === undefined) throw new TypeError("type incompatibility when transforming from/to JS");
  return number;
}

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

const tools = { functionOf, given, halves, hold, kept, lowerOf, outOf, several, values };

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
