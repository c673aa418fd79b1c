// performance: the time since the isolate started. Marks and measures are not in Workers.

(function () {
const { core } = __bootstrap;
const { op_now, op_time_origin } = core.ops;
const { EventTarget } = core.loadExtScript("ext:deno_web/02_event.js");

const KEY = Symbol("construct");
const time = new Uint32Array(2);
const bytes = new Uint8Array(time.buffer);

// Seconds and nanoseconds, as the ops write them, in milliseconds.
function read(op) {
  op(bytes);
  return time[0] * 1000 + time[1] / 1e6;
}
const timeOrigin = read(op_time_origin);

class Performance extends EventTarget {
  constructor(key) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    super();
  }

  get timeOrigin() {
    return timeOrigin;
  }

  now() {
    return read(op_now);
  }

  toJSON() {
    return { timeOrigin };
  }
}
Object.defineProperty(Performance.prototype, Symbol.toStringTag, {
  value: "Performance", configurable: true,
});

return { performance: new Performance(KEY), Performance };
})();
