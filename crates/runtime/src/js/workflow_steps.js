// `ctx.step` of a workflow's handler: run() and sleep(). A step that is done gives what it gave; one that is
// not runs, is tried again, and is written down. Before a long sleep the handler leaves, when nothing else
// of it runs, and begins anew when the sleep is over.

(function () {
const { core } = __bootstrap;
const {
  op_workflow_sleep, op_workflow_step, op_workflow_step_done, op_workflow_step_failed,
} = core.ops;
const { clearTimeout, setTimeout } = core.loadExtScript("ext:deno_web/02_timers.js");
const { jsonOf } = core.loadExtScript("ext:cellhouse_runtime/workflow.js");

// A sleep of at most so many milliseconds is waited for.
const SHORT = 5_000;
// Milliseconds before a step is tried again: doubling from the first to the longest.
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const LONGEST_TIMEOUT = 0x7fffffff;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, LONGEST_TIMEOUT)));

function parsed(text) {
  return text === null || text === "" ? undefined : JSON.parse(text);
}

// The result of `promise`, or an error with that text after so many milliseconds.
function within(promise, ms, text) {
  const { promise: late, reject } = Promise.withResolvers();
  const timer = setTimeout(() => reject(new Error(text)), Math.min(ms, LONGEST_TIMEOUT));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function retriesOf(options, usual) {
  const retries = options?.retries;
  if (retries === undefined || retries === null) return usual;
  if (Number.isInteger(retries) && retries >= 0) return retries;
  throw new TypeError(`step.run(): retries must be a whole number of at least 0, not ${retries}.`);
}

function failure({ name, message }) {
  const error = new Error(message);
  if (name !== "Error") Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return error;
}

function described(error) {
  const isError = typeof error === "object" && error !== null && "message" in error;
  return isError ? [`${error.name ?? "Error"}`, `${error.message}`] : ["Error", `${error}`];
}

class Steps {
  #of;
  #prefix;
  #leave;
  // How many steps of each name, and sleeps, the handler has come to.
  #counts = new Map();
  #sleeps;
  #running = 0;
  #wakes = [];
  isOver = false;

  // `of`: the workflow's index, the execution, and the settings of its steps. `leave(until)` ends the event.
  constructor(of, prefix, firstSleep, leave) {
    this.#of = of;
    this.#prefix = prefix;
    this.#sleeps = firstSleep;
    this.#leave = leave;
  }

  async run(given, body, options) {
    if (typeof given !== "string" || given === "") throw new TypeError("step.run(): the name must be a string that is not empty.");
    if (typeof body !== "function") throw new TypeError(`step.run(): "${given}" needs a function.`);
    await this.#mayGoOn();
    const { index, execution, settings } = this.#of;
    const retries = retriesOf(options, settings.retries);
    const name = this.#prefix + given;
    const nth = this.#counts.get(name) ?? 0;
    this.#counts.set(name, nth + 1);
    const input = jsonOf(options?.input, "step.run(): the input");
    const [state, value, failures] = JSON.parse(op_workflow_step(index, execution, name, nth, input));
    if (state === "done") return parsed(value);
    if (state === "failed") throw failure(value);
    return this.#busy(() => this.#tries(name, nth, body, failures, retries));
  }

  async #tries(name, nth, body, failures, retries) {
    const { index, execution, settings } = this.#of;
    for (;;) {
      try {
        const text = `the step "${name}" took longer than ${settings.stepTimeout / 1000} s`;
        const value = jsonOf(await within(Promise.resolve(body()), settings.stepTimeout, text), `the result of the step "${name}"`);
        await this.#mayGoOn();
        op_workflow_step_done(index, execution, name, nth, value);
        // As it will be when it is read.
        return parsed(value);
      } catch (error) {
        await this.#mayGoOn();
        failures++;
        const isLast = failures > retries;
        op_workflow_step_failed(index, execution, name, nth, isLast, ...described(error));
        if (isLast) throw error;
        await wait(Math.min(FIRST_PAUSE * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE));
        await this.#mayGoOn();
      }
    }
  }

  async sleep(ms) {
    if (typeof ms !== "number" || !(ms >= 0)) throw new TypeError(`step.sleep(): ${ms} is not a number of milliseconds.`);
    await this.#mayGoOn();
    const { index, execution } = this.#of;
    const wake = op_workflow_sleep(index, execution, this.#sleeps++, ms);
    const left = wake - Date.now();
    if (left <= 0) return;
    if (left <= SHORT) {
      await this.#busy(() => wait(left));
      return this.#mayGoOn();
    }
    this.#wakes.push(wake);
    this.#look();
    return new Promise(() => {});
  }

  // What is left of a handler whose event is over stands still.
  #mayGoOn() {
    return this.isOver ? new Promise(() => {}) : undefined;
  }

  async #busy(work) {
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#look();
    }
  }

  // Leaves if all that the handler waits for are long sleeps; what it does at once comes first.
  #look() {
    if (this.#wakes.length === 0) return;
    setTimeout(() => {
      if (this.#running === 0 && !this.isOver) this.#leave(Math.min(...this.#wakes));
    }, 0);
  }
}

return { Steps, within };
})();
