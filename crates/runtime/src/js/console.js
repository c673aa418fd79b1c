// `console`: formats as Deno's does and hands the text to Rust.

(function () {
const { core } = __bootstrap;
const { op_console, op_is_tracing, op_trace_log } = core.ops;

let formatter;
function format(args) {
  if (args.length === 1 && typeof args[0] === "string") return args[0];
  formatter ??= core.loadExtScript("ext:deno_web/01_console.js").inspectArgs;
  return formatter(args, { colors: false });
}

const LEVELS = { debug: 0, log: 1, info: 2, warn: 3, error: 4 };
const counters = new Map();
const timers = new Map();
let indent = "";

function print(level, args) {
  if (op_is_tracing()) trace(level, args);
  const text = format(args);
  op_console(level, indent === "" ? text : indent + text.replaceAll("\n", "\n" + indent));
}

// Tells those who follow the app what an event printed.
function trace(level, args) {
  const { eventId } = core.loadExtScript("ext:cellhouse_runtime/context.js");
  const id = eventId();
  if (id !== undefined) op_trace_log(id, level, `[${args.map(jsonOf).join(",")}]`);
}

// What a tail event has for a value.
function jsonOf(value) {
  if (typeof value === "symbol" || typeof value === "function") return "{}";
  const plain = (_key, part) => typeof part === "bigint" ? `${part}` : part;
  try {
    return JSON.stringify(value, plain) ?? "null";
  } catch {
    return "{}";
  }
}

// Deno's tables, printed by ours.
let tables;
let printTable;
function makeTable(data, properties, write) {
  if (tables === undefined) {
    const { Console, setNoColorFns } = core.loadExtScript("ext:deno_web/01_console.js");
    setNoColorFns(() => true, () => true);
    tables = new Console((text) => printTable(text));
  }
  printTable = write;
  tables.table(data, properties);
}

// An object between `console` and Object.prototype, as the standard has it.
const console = Object.create(Object.create(Object.prototype), {
  [Symbol.toStringTag]: { value: "console", configurable: true },
});
for (const [name, level] of Object.entries(LEVELS)) {
  console[name] = { [name]: (...args) => print(level, args) }[name];
}

Object.assign(console, {
  trace(...args) {
    const stack = new Error().stack.split("\n").slice(1).join("\n");
    print(LEVELS.log, [`Trace${args.length ? ": " + format(args) : ""}\n${stack}`]);
  },
  dir(value) {
    print(LEVELS.log, [value]);
  },
  dirxml(...args) {
    print(LEVELS.log, args);
  },
  table(data = undefined, properties = undefined) {
    makeTable(data, properties, (text) => print(LEVELS.log, [text.replace(/\n$/, "")]));
  },
  assert(condition = false, ...args) {
    if (condition) return;
    print(LEVELS.error, args.length ? ["Assertion failed:", ...args] : ["Assertion failed"]);
  },
  count(label = "default") {
    const count = (counters.get(`${label}`) ?? 0) + 1;
    counters.set(`${label}`, count);
    print(LEVELS.info, [`${label}: ${count}`]);
  },
  countReset(label = "default") {
    counters.delete(`${label}`);
  },
  time(label = "default") {
    timers.set(`${label}`, Date.now());
  },
  timeLog(label = "default", ...args) {
    const start = timers.get(`${label}`);
    if (start === undefined) return;
    print(LEVELS.info, [`${label}: ${Date.now() - start}ms`, ...args]);
  },
  timeEnd(label = "default") {
    console.timeLog(label);
    timers.delete(`${label}`);
  },
  timeStamp() {},
  group(...args) {
    if (args.length) print(LEVELS.log, args);
    indent += "  ";
  },
  groupCollapsed(...args) {
    console.group(...args);
  },
  groupEnd() {
    indent = indent.slice(2);
  },
  clear() {},
});

return { console };
})();
