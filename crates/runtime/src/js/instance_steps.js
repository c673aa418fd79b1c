// `step` of a Workflow: do(), sleep(), sleepUntil() and waitForEvent(). A step that is done gives what it gave, and its
// function is not called again; one that is not runs, is tried again, and is written down.

(function () {
const { core } = __bootstrap;
core.loadExtScript("ext:cellhouse_runtime/clone.js");
const {
  op_clone_read, op_clone_write, op_instance_attempt, op_instance_done, op_instance_failed, op_instance_sleep,
  op_instance_step, op_instance_streamed, op_instance_value, op_instance_wait,
} = core.ops;
const { DYNAMIC, durationOf, isConfig, KINDS, pauseOf, resolved, shown } = core.loadExtScript(
  "ext:cellhouse_runtime/instance_config.js",
);
const { described, isNonRetryable, ours, rebuilt } = core.loadExtScript("ext:cellhouse_runtime/instance_errors.js");
const { EVENT_TYPE } = core.loadExtScript("ext:cellhouse_runtime/instances.js");
const { isStream, read, store } = core.loadExtScript("ext:cellhouse_runtime/instance_streams.js");

const LONGEST_NAME = 256;
// Cloudflare's longest sleep: a year.
const LONGEST_SLEEP = 365 * 86_400_000;
const DELAY_TIMEOUT = 5_000;
const CONTROL = /[\x00-\x1f]/;
const HELP = "See https://developers.cloudflare.com/workflows/build/sleeping-and-retrying/";

function nameOf(name) {
  if (name === undefined || name === null || typeof name === "symbol") {
    throw new TypeError(`The name of a step must be a string, not ${String(name)}.`);
  }
  return `${name}`;
}

// ---- what do() is given

function rollbackOf(name, options) {
  if (options === undefined) return undefined;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw ours(`Rollback options for "${name}" must be an object`);
  }
  const { rollback, rollbackConfig = {} } = options;
  if (typeof rollback !== "function") throw ours(`Rollback for "${name}" must be a function`);
  if (!isConfig(rollbackConfig)) throw ours(`Rollback config for "${name}" is in a invalid format. ${HELP}`);
  return { rollback, config: rollbackConfig };
}

function argumentsOf(given, rest) {
  const name = nameOf(given);
  const [config, body, options] = typeof rest[0] === "function" ? [{}, ...rest] : [rest[0] ?? {}, ...rest.slice(1)];
  if (typeof body !== "function") throw ours(`Step "${name}" requires a callback function`);
  return { name, config, body, rollback: rollbackOf(name, options) };
}

function check(name, config) {
  if (name.length > LONGEST_NAME || CONTROL.test(name)) {
    throw ours(`Step name "${name}" exceeds max length (${LONGEST_NAME} chars) or invalid characters found`);
  }
  if (!isConfig(config)) throw ours(`Step config for "${name}" is in a invalid format. ${HELP}`);
}

// ---- attempts

// The result of some work, or an error when it takes too long. The work may look whether it does.
async function within(run, millis, work) {
  const { promise: late, reject } = Promise.withResolvers();
  const state = { isLate: false };
  const stop = run.timer(millis, () => {
    state.isLate = true;
    reject(ours(`Execution timed out after ${millis}ms`));
  });
  try {
    return await Promise.race([work(state), late]);
  } finally {
    stop();
  }
}

// Milliseconds before the next attempt. A function that fails is an error that ends the step.
async function delayOf(step, error, context) {
  const { live, config, name, nth } = step;
  let delay = config.retries.delay;
  if (delay === DYNAMIC) {
    if (typeof live !== "function") return 1_000;
    const because = (reason) => ours(`The delay function for step "${name}-${nth}" ${reason}`);
    try {
      delay = await within(step.run, DELAY_TIMEOUT, async () => await live({ ctx: context, error }));
    } catch (other) {
      const { message } = described(other);
      throw because(message.startsWith("Execution timed out") ? "did not return within 5 seconds" : `threw an error: ${message}`);
    }
    if (!(durationOf(delay) >= 0) || !Number.isFinite(durationOf(delay))) {
      throw because('returned an invalid delay value (expected a number of ms or a duration string like "30 seconds")');
    }
  }
  return Math.min(pauseOf(config.retries, durationOf(delay), context.attempt), LONGEST_SLEEP);
}

const keyOf = ({ run, kind, name, nth }) => [run.handle, kind, name, nth];

// One attempt: { value }, { error } for good, or { pause } until the next, in milliseconds since 1970.
async function attempt(step, body) {
  const { run, config } = step;
  const number = op_instance_attempt(...keyOf(step));
  if (number === 0) return run.superseded();
  const context = contextOf(step, number);
  const timeout = durationOf(config.timeout);
  try {
    const given = await within(run, timeout, () => body(context));
    if (run.isOver) return run.never();
    const value = isStream(given)
      ? await within(run, timeout, (state) => storeStream(step, given, state))
      : await keep(step, given);
    return { value, attempt: number };
  } catch (error) {
    if (run.isOver) return run.never();
    return await failed(step, error, context);
  }
}

// Writes down what a step gave; gives what it gives to the app, which is a copy.
function keep(step, value) {
  const { run, name, nth } = step;
  let bytes;
  try {
    bytes = op_clone_write(value, undefined);
  } catch {
    return refuse(run, `the step "${name}" returned a value which is not serialisable`);
  }
  switch (op_instance_done(...keyOf(step), bytes)) {
    case 0:
      return run.superseded();
    case 1:
      return op_clone_read(bytes, undefined);
    default:
      throw ours(`Step ${name}-${nth} output is too large. Maximum allowed size is 1MiB.`);
  }
}

// The instance ends: nothing that a later attempt gave would be of use.
function refuse(run, why) {
  const error = {
    name: "WorkflowFatalError",
    message: `The execution of the Workflow instance was terminated, as ${why}`,
  };
  run.end({ status: "errored", error: JSON.stringify(error) });
  return run.never();
}

async function storeStream(step, stream, state) {
  const { run, name, nth } = step;
  const pieces = await store(run.handle, name, nth, stream, () => run.isOver || state.isLate);
  if (run.isOver || state.isLate) return run.never();
  if (pieces === undefined || !op_instance_streamed(...keyOf(step), pieces)) return run.superseded();
  return read(run.handle, name, nth, pieces);
}

async function failed(step, error, context) {
  const { run, config } = step;
  const mayRetry = !isNonRetryable(error) && context.attempt <= config.retries.limit;
  let [told, at] = [described(error), -1];
  if (mayRetry) {
    try {
      at = Date.now() + await delayOf(step, error, context);
    } catch (other) {
      told = described(other);
    }
    if (run.isOver) return run.never();
  }
  if (!op_instance_failed(...keyOf(step), JSON.stringify(told), at)) return run.superseded();
  return at < 0 ? { error: rebuilt(told) } : { pause: at };
}

const contextOf = ({ name, nth, config }, number) => ({
  step: { name, count: nth },
  attempt: number,
  config: shown(config),
});

// Attempts until one is done: { value, attempt }.
async function attempts(step, found, body) {
  const { run } = step;
  let pause = found.at;
  for (;;) {
    if (pause !== null && pause > Date.now()) await run.until(pause);
    await run.mayBegin();
    const ended = await run.busy(() => attempt(step, body));
    if ("error" in ended) throw ended.error;
    if (!("pause" in ended)) return ended;
    pause = ended.pause;
  }
}

// Runs a step, or gives what it gave: { value, attempt }.
async function perform(step, given, body) {
  const { run } = step;
  const stored = op_instance_step(...keyOf(step), JSON.stringify(resolved(given)));
  if (stored === "") return run.superseded();
  const found = JSON.parse(stored);
  step.config = JSON.parse(found.config);
  step.live = given.retries?.delay;
  step.begun?.(contextOf(step, Math.max(found.attempts, 1)));
  if (found.error !== null) throw rebuilt(JSON.parse(found.error));
  if (found.chunks !== null) return { value: read(run.handle, step.name, step.nth, found.chunks), attempt: found.attempts };
  if (found.value) return { value: op_clone_read(op_instance_value(...keyOf(step)), undefined), attempt: found.attempts };
  return await attempts(step, found, body);
}

class WorkflowStep {
  #run;

  constructor(run) {
    this.#run = run;
  }

  async do(given, ...rest) {
    const { name, config, body, rollback } = argumentsOf(given, rest);
    const run = this.#run;
    await run.mayBegin();
    if (run.isUndoing) throw ours("Cannot execute steps during rollback phase");
    if (!run.countStep()) {
      throw ours(
        `The limit of ${run.maxSteps} steps has been reached. This limit can be changed in your worker configuration.`,
      );
    }
    check(name, config);
    const step = { run, kind: KINDS.do, name, nth: run.next("do", name) };
    const entry = { step, ...rollback };
    if (rollback !== undefined) {
      step.begun = (context) => {
        entry.context = context;
        run.rollbacks.set(`${step.nth} ${name}`, entry);
      };
    }
    const { value, attempt } = await perform(step, config, body);
    if (rollback !== undefined) Object.assign(entry, { output: value, context: contextOf(step, attempt) });
    return value;
  }

  // What a step's rollback does: see Run.undo(). No step of the app's.
  async undo({ step, rollback, config, output, context }, error) {
    const { run, name, nth } = step;
    const undoing = { run, kind: KINDS.rollback, name, nth };
    const argument = { ctx: context, error: rebuilt(described(error)), output, stepName: `${name}-${nth}` };
    await perform(undoing, config, async () => void await rollback(argument));
  }

  async sleep(given, duration) {
    const name = nameOf(given);
    const millis = durationOf(duration);
    if (!(millis >= 0)) throw ours(`Sleep duration for "${name}" is in a invalid format. ${HELP}`);
    if (millis > LONGEST_SLEEP) throw ours(`Sleep duration for "${name}" exceeds the max duration of 365 days`);
    await this.#sleep(name, Date.now() + millis, false);
  }

  async sleepUntil(given, timestamp) {
    const name = nameOf(given);
    const time = timestamp instanceof Date ? timestamp.getTime() : timestamp;
    if (typeof time !== "number" || Number.isNaN(time)) {
      throw ours(`Sleep timestamp for "${name}" must be a Date or a number of milliseconds since 1970`);
    }
    if (time - Date.now() > LONGEST_SLEEP) {
      throw ours(`Sleep duration for "${name}" exceeds the max duration of 365 days`);
    }
    await this.#sleep(name, time, true);
  }

  async #sleep(name, until, mustCome) {
    const run = this.#run;
    await run.mayBegin();
    const wake = op_instance_sleep(run.handle, name, run.next("sleep", name), until, mustCome);
    if (wake === -1) throw ours("You can't sleep until a time in the past, time-traveler");
    if (wake === -2) return run.superseded();
    if (wake > Date.now()) await run.until(wake);
    await run.mayBegin();
  }

  async waitForEvent(given, options) {
    const name = nameOf(given);
    if (typeof options !== "object" || options === null) {
      throw new TypeError(`waitForEvent() of "${name}" needs options such as { type: "approval" }.`);
    }
    const { type, timeout } = options;
    if (typeof type !== "string" || !EVENT_TYPE.test(type)) {
      throw ours(
        `Event type for "${name}" is invalid: it has 1 to 100 letters, digits, _ and -, and does not start with -`,
      );
    }
    const millis = durationOf(timeout || "24 hours");
    if (!(millis >= 0) || millis > LONGEST_SLEEP) {
      throw ours(`Timeout for "${name}" is in a invalid format. ${HELP}`);
    }
    return await this.#wait(name, type, millis);
  }

  async #wait(name, type, millis) {
    const run = this.#run;
    await run.mayBegin();
    const nth = run.next("wait", name);
    for (;;) {
      const until = op_instance_wait(run.handle, name, nth, type, millis);
      if (until === -2) return run.superseded();
      if (until === -1) throw ours(`Execution timed out after ${millis}ms`);
      if (until === 0) return op_clone_read(op_instance_value(run.handle, KINDS.wait, name, nth), undefined);
      await run.until(until, true);
      if (run.isOver) return run.never();
    }
  }
}
Object.defineProperty(WorkflowStep.prototype, Symbol.toStringTag, { value: "WorkflowStep", configurable: true });

return { WorkflowStep };
})();
