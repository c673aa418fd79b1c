// Runs the handler of a workflow for an execution, from its beginning, until it returns, throws, takes too
// long, or sleeps for long. Rust writes down how it ended.

(function () {
const { core } = __bootstrap;
const { setAsyncContext } = core;
const { op_complete_event, op_report, op_workflow_get } = core.ops;
const { clearTimeout, setTimeout } = core.loadExtScript("ext:deno_web/02_timers.js");
const { enterEvent } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { answered, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { indexes, jsonOf } = core.loadExtScript("ext:cellhouse_runtime/workflow.js");
const { Steps, within } = core.loadExtScript("ext:cellhouse_runtime/workflow_steps.js");

// Sleeps of onError are counted from here.
const ON_ERROR_SLEEPS = 1_000_000;

let handlers = {};

// Gives the names of the workflows that have handlers.
function find(workflows) {
  handlers = workflows;
  return Object.keys(workflows).filter((name) => typeof workflows[name]?.handler === "function");
}

// What has been cancelled ends with an error at its next step, which is no failure; Rust does not write it down.
function isCancelled({ index, execution }) {
  return JSON.parse(op_workflow_get(index, execution)).status === "cancelled";
}

function messageOf(error) {
  const isError = typeof error === "object" && error !== null && typeof error.message === "string";
  return isError ? error.message : `${describeError(error)[0]}`;
}

function run(id, data) {
  const { workflow, execution, input, started, timeout, stepTimeout, retries } = data;
  const ctx = newContext(id);
  const of = { index: indexes.get(workflow), execution, settings: { stepTimeout, retries } };
  let isOver = false;
  const end = (steps, result) => {
    steps.isOver = true;
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    op_complete_event(id, JSON.stringify(result));
    answered(ctx);
  };
  const asleep = (steps) => (until) => end(steps, { status: "asleep", until });
  const steps = new Steps(of, "", 0, (until) => asleep(steps)(Math.min(until, started + timeout)));
  const context = (step) => ({ input: input === null ? undefined : JSON.parse(input), env, step });
  const failed = async (error) => {
    if (steps.isOver) return;
    steps.isOver = true;
    clearTimeout(timer);
    if (isCancelled(of)) return end(steps, { status: "failed", error: messageOf(error) });
    op_report(...describeError(error));
    const more = new Steps(of, "onError/", ON_ERROR_SLEEPS, (until) => asleep(more)(until));
    try {
      const { onError } = handlers[workflow] ?? {};
      if (typeof onError === "function") {
        const text = `onError of the workflow "${workflow}" took longer than ${stepTimeout / 1000} s`;
        await within(Promise.resolve(onError.call(handlers[workflow], error, context(guarded(more)))), stepTimeout, text);
      }
    } catch (other) {
      op_report(...describeError(other));
    }
    end(more, { status: "failed", error: messageOf(error) });
  };
  const tooLong = () => failed(new Error(`the workflow "${workflow}" took longer than ${timeout / 1000} s`));
  const timer = setTimeout(tooLong, Math.max(0, started + timeout - Date.now()));
  const { handler } = handlers[workflow] ?? {};
  if (typeof handler !== "function") return failed(new Error(`the app exports no handler workflows.${workflow}`));
  if (started + timeout <= Date.now()) return tooLong();
  let result;
  const before = enterEvent(ctx, 0);
  try {
    result = Promise.resolve(handler.call(handlers[workflow], context(guarded(steps))));
  } catch (error) {
    return failed(error);
  } finally {
    setAsyncContext(before);
  }
  result.then((value) => {
    try {
      if (!steps.isOver) end(steps, { status: "completed", output: jsonOf(value, "the result of a workflow") });
    } catch (error) {
      failed(error);
    }
  }, failed);
}

// What the app sees of them.
function guarded(steps) {
  return {
    run: (name, body, options) => steps.run(name, body, options),
    sleep: (ms) => steps.sleep(ms),
  };
}

return { find, run };
})();
