// Timers as Node.js has them, over those of the web: objects that can be refreshed, immediates, promises.
// `ref()` and `unref()` change nothing: what keeps an event open is its handler and waitUntil().

(function () {
const { core } = __bootstrap;
const {
  clearInterval: stopInterval, clearTimeout: stopTimeout, setInterval: startInterval,
  setTimeout: startTimeout,
} = core.loadExtScript("ext:cellhouse_runtime/timers.js");
const custom = Symbol.for("nodejs.util.promisify.custom");

function check(callback) {
  if (typeof callback === "function") return;
  core.loadExtScript("ext:deno_node/internal/validators.js").validateFunction(callback, "callback");
}

class Timer {
  #hasRef = true;

  ref() {
    this.#hasRef = true;
    return this;
  }

  unref() {
    this.#hasRef = false;
    return this;
  }

  hasRef() {
    return this.#hasRef;
  }
}

class Timeout extends Timer {
  #start;
  #stop;
  #id;

  constructor(start, stop) {
    super();
    this.#start = start;
    this.#stop = stop;
    this.#id = start();
  }

  refresh() {
    this.close();
    const start = this.#start;
    this.#id = start();
    return this;
  }

  close() {
    const stop = this.#stop;
    stop(this.#id);
    return this;
  }

  [Symbol.toPrimitive]() {
    return this.#id;
  }

  [Symbol.dispose]() {
    this.close();
  }
}

class Immediate extends Timer {
  #id;

  constructor(callback, args) {
    super();
    this.#id = startTimeout(callback, 0, ...args);
  }

  close() {
    stopTimeout(this.#id);
  }

  [Symbol.dispose]() {
    this.close();
  }
}

function setTimeout(callback, delay = 1, ...args) {
  check(callback);
  return new Timeout(() => startTimeout(callback, delay, ...args), stopTimeout);
}

function setInterval(callback, delay = 1, ...args) {
  check(callback);
  return new Timeout(() => startInterval(callback, delay, ...args), stopInterval);
}

function setImmediate(callback, ...args) {
  check(callback);
  return new Immediate(callback, args);
}

function clearTimeout(timer) {
  if (timer instanceof Timeout) timer.close();
  else if (typeof timer === "number" || typeof timer === "string") stopTimeout(Number(timer));
}

function clearImmediate(immediate) {
  if (immediate instanceof Immediate) immediate.close();
}

// ---- promises

function aborted(signal) {
  const { AbortError } = core.loadExtScript("ext:deno_node/internal/errors.js");
  return new AbortError(undefined, { cause: signal.reason });
}

function until(begin, end, value, { signal } = {}) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal));
    const timer = begin(() => {
      signal?.removeEventListener("abort", stop);
      resolve(value);
    });
    function stop() {
      end(timer);
      reject(aborted(signal));
    }
    signal?.addEventListener("abort", stop, { once: true });
  });
}

const promises = {
  setTimeout: (delay, value, options) =>
    until((done) => startTimeout(done, delay), stopTimeout, value, options),
  setImmediate: (value, options) => until((done) => setImmediate(done), clearImmediate, value, options),
  async *setInterval(delay, value, options) {
    for (;;) yield await promises.setTimeout(delay, value, options);
  },
  scheduler: {
    wait: (delay, options) => promises.setTimeout(delay, undefined, options),
    yield: () => promises.setImmediate(),
  },
};
setTimeout[custom] = promises.setTimeout;
setImmediate[custom] = promises.setImmediate;

const timers = {
  promises, setTimeout, clearTimeout, setImmediate, clearImmediate, setInterval,
  clearInterval: clearTimeout,
  active() {},
  unenroll() {},
  enroll() {},
};
return { Timeout, Immediate, ...timers, default: timers };
})();
