// scheduler.wait(): a timer as a promise.

(function () {
const { core } = __bootstrap;
const { clearTimeout, setTimeout } = core.loadExtScript("ext:cellhouse_runtime/timers.js");
const { add, AbortSignalPrototype, remove } = core.loadExtScript(
  "ext:deno_web/03_abort_signal.js",
);

const KEY = Symbol("construct");

function readSignal(options) {
  const signal = options?.signal;
  if (signal === undefined || signal === null) return null;
  if (Object.prototype.isPrototypeOf.call(AbortSignalPrototype, signal)) return signal;
  throw new TypeError("The 'signal' option of scheduler.wait() is not of type 'AbortSignal'.");
}

class Scheduler {
  constructor(key) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
  }

  async wait(delay, options = undefined) {
    if (arguments.length === 0) {
      throw new TypeError("Failed to execute 'wait' on 'Scheduler': parameter 1 is not of type 'number'.");
    }
    const signal = readSignal(options);
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers();
    const timer = setTimeout(resolve, delay);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal?.[add](abort);
    try {
      await promise;
    } finally {
      signal?.[remove](abort);
    }
  }
}
Object.defineProperty(Scheduler.prototype.wait, "length", { value: 1, configurable: true });
Object.defineProperty(Scheduler.prototype, Symbol.toStringTag, {
  value: "Scheduler", configurable: true,
});

return { scheduler: new Scheduler(KEY), Scheduler };
})();
