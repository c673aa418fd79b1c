// What tables hold: values as they are; functions of an instance by their numbers, and in the instance's own
// table as well, which its code calls.

(function () {

const { core } = __bootstrap;
const { functionOf, hold, isExported, NOT_A_FUNCTION, numberOf, valueOf } =
  core.loadExtScript("ext:cellhouse_runtime/wasm_calls.js");
const { RuntimeError } = WebAssembly;

// V8's limit.
const MAX_SIZE = 10_000_000;

// What `act` does.
const PUT = 1;
const ENLARGE = 2;
const OFFSET = 3;

class Values {
  type = "externref";
  constructor(size, maximum, value) {
    this.list = new Array(size).fill(value);
    this.maximum = maximum;
  }
  get size() {
    return this.list.length;
  }
  at(index) {
    return this.list[index];
  }
  put(index, value) {
    this.list[index] = value;
  }
  check(_value) {}
  // Whether it could.
  grow(delta, value) {
    if (this.size + delta > Math.min(this.maximum ?? MAX_SIZE, MAX_SIZE)) return false;
    for (let i = 0; i < delta; i++) this.list.push(value);
    return true;
  }
  // Numbers, as code has them.
  told(index) {
    return hold(this.list[index]);
  }
  of(number) {
    return valueOf(number);
  }
}

// Of functions. Before an instance has it, its list holds the functions.
class Functions {
  type = "funcref";
  side = null;
  constructor(size, maximum, value) {
    this.first = size;
    this.maximum = maximum;
    this.list = new Array(size).fill(value);
  }
  get size() {
    return this.list?.length ?? this.first;
  }
  at(index) {
    const it = this.numbers()[index];
    return this.side === null ? it : functionOf(this.side, it);
  }
  put(index, value) {
    const list = this.numbers();
    const number = this.numberOf(value);
    if (this.side !== null) this.side.act(PUT, this.number, index, number);
    list[index] = number;
  }
  check(value) {
    if (value !== null && !isExported(value)) throw new TypeError(NOT_A_FUNCTION);
  }
  grow(delta, value) {
    const list = this.numbers();
    const number = this.numberOf(value);
    if (list.length + delta > Math.min(this.maximum ?? MAX_SIZE, MAX_SIZE)) return false;
    if (this.side !== null && this.side.act(ENLARGE, this.number, delta, number) < 0) return false;
    for (let i = 0; i < delta; i++) list.push(number);
    return true;
  }
  told(index) {
    return this.numbers()[index];
  }
  of(number) {
    return number;
  }
  numberOf(value) {
    if (this.side === null) return value;
    const number = numberOf(this.side, value);
    if (number !== undefined) return number;
    throw new RuntimeError("a table of this engine holds functions of one instance: this function is of another");
  }
  // Makes it the table of an instance, where it has this number.
  bind(side, number, from) {
    const given = this.list;
    [this.side, this.number, this.list] = [side, number, null];
    if (given.length > from) side.act(ENLARGE, number, given.length - from, 0);
    this.first = given.length;
    given.forEach((value, index) => {
      // The module's own segments come last.
      if (value !== null && this.told(index) === 0) this.put(index, value);
    });
  }
  // The list of numbers, which is as the module's segments say until somebody asks.
  numbers() {
    if (this.list !== null) return this.list;
    this.list = new Array(this.first).fill(0);
    const { act, plan } = this.side;
    for (const [table, at, asked, numbers] of plan.elements) {
      if (table !== this.number) continue;
      const start = at ?? act(OFFSET, asked) >>> 0;
      for (let i = 0; i < numbers.length; i++) this.list[start + i] = numbers[i];
    }
    return this.list;
  }
}

return { Functions, MAX_SIZE, Values };
})();
