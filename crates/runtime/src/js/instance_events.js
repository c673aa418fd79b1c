// Runs the class of a Workflow for an instance, from its beginning, until it returns, throws, or waits for so long
// that it may leave. Rust writes down how it ended.

(function () {
const { core } = __bootstrap;
const { setAsyncContext } = core;
core.loadExtScript("ext:cellhouse_runtime/clone.js");
const { op_clone_read, op_complete_event, op_instance_open, op_report } = core.ops;
const { enterEvent } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { env, hidden } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { answered, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { WorkflowEntrypoint } = core.loadExtScript("ext:cellhouse_runtime/workers.js");
const { final } = core.loadExtScript("ext:cellhouse_runtime/instance_errors.js");
const { Run } = core.loadExtScript("ext:cellhouse_runtime/instance_run.js");
const { WorkflowStep } = core.loadExtScript("ext:cellhouse_runtime/instance_steps.js");

let classes = {};

// Gives the names of the classes that a Workflow may have.
function find(namespace) {
  classes = namespace;
  return Object.keys(namespace).filter((name) => namespace[name]?.prototype instanceof WorkflowEntrypoint);
}

// What JSON makes of a result; bytes are told by their number.
function outputOf(value) {
  const text = JSON.stringify(value, (_key, part) => {
    if (typeof part === "bigint") throw new TypeError("Do not know how to serialize a BigInt");
    if (part instanceof ArrayBuffer) return `[ArrayBuffer(${part.byteLength} bytes)]`;
    if (ArrayBuffer.isView(part) && !(part instanceof DataView)) {
      return `[${part.constructor.name}(${part.byteLength} bytes)]`;
    }
    return part;
  });
  return text ?? "null";
}

function call({ workflow, instance, created, className }, params, ctx, step) {
  const object = new classes[className](ctx, env);
  if (typeof object.run !== "function") {
    throw new TypeError('The RPC receiver does not implement the method "run".');
  }
  const payload = op_clone_read(new Uint8Array(params), undefined);
  return object.run({ timestamp: new Date(created), payload, instanceId: instance, workflowName: workflow }, step);
}

function run(id, data, [params]) {
  const { workflow, instance, run: number, steps, keeps } = data;
  const report = (error) => op_report(...describeError(error));
  const ctx = newContext(id, undefined, { failed: report, over() {} });
  const end = (answer) => {
    op_complete_event(id, JSON.stringify(answer));
    answered(ctx);
  };
  const handle = op_instance_open(hidden[`cellhouse:workflow:${workflow}`], instance, number);
  const running = new Run(handle, steps, end);
  const step = new WorkflowStep(running);
  const failed = async (error) => {
    if (running.isOver) return;
    report(error);
    await running.undo(error, step);
    running.end({ status: "errored", error: JSON.stringify(final(error, keeps)) });
  };
  const before = enterEvent(ctx, 0);
  try {
    // What the class throws before its first await, too.
    new Promise((resolve) => resolve(call(data, params, ctx, step))).then((value) => {
      if (running.isOver) return;
      const output = outputOf(value);
      running.end({ status: "complete", output });
    }).catch(failed);
    running.listen();
  } finally {
    setAsyncContext(before);
  }
}

return { find, run };
})();
