// Ploy's timer binding: set(), get() and delete(). What a timer may be is checked in Rust.

(function () {
const { core } = __bootstrap;
const { op_timer_delete, op_timer_get, op_timer_set } = core.ops;

const KEY = Symbol("construct");

function idOf(id, method) {
  if (typeof id === "string") return id;
  throw new TypeError(`Timer ${method}(): the id must be a string, not ${id === null ? "null" : `a ${typeof id}`}.`);
}

// A Date or a number of milliseconds; anything else is NaN, which Rust refuses.
function timeOf(time) {
  if (time instanceof Date) return time.getTime();
  return typeof time === "number" ? time : NaN;
}

// Options, or a bare payload: an object with neither of the two names is one.
function optionsOf(options) {
  if (options === undefined) return {};
  const isObject = typeof options === "object" && options !== null && !Array.isArray(options);
  if (!isObject || !("payload" in options || "intervalMs" in options)) return { payload: options };
  return options;
}

class TimerBinding {
  #index;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async set(id, scheduledTime, options) {
    const { payload, intervalMs } = optionsOf(options);
    if (intervalMs !== undefined && typeof intervalMs !== "number") {
      throw new TypeError(`Timer set(): intervalMs must be a number, not a ${typeof intervalMs}.`);
    }
    const text = JSON.stringify(payload);
    op_timer_set(this.#index, idOf(id, "set"), timeOf(scheduledTime), text ?? "", intervalMs !== undefined, intervalMs ?? 0);
  }

  async get(id) {
    return JSON.parse(op_timer_get(this.#index, idOf(id, "get")));
  }

  async delete(id) {
    op_timer_delete(this.#index, idOf(id, "delete"));
  }
}

return { makeTimer: (index) => new TimerBinding(KEY, index) };
})();
