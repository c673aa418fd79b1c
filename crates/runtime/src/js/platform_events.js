// Events that are no requests and come from Rust as JSON: batches of queues, messages, timers, workflows.
// An event is complete when its handler has returned and what it gave to waitUntil() is settled.

(function () {
const { core } = __bootstrap;
const { setAsyncContext } = core;
const { op_complete_event, op_fail, op_report } = core.ops;
const { enterEvent } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { answered, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");

// (event, env, ctx) of the app, by name.
const handlers = {};

const queueEvents = () => core.loadExtScript("ext:cellhouse_runtime/queue_events.js");
const workflows = () => core.loadExtScript("ext:cellhouse_runtime/workflow_events.js");
const instances = () => core.loadExtScript("ext:cellhouse_runtime/instance_events.js");

// Finds the handlers of the entry, and its classes of Workflows; gives the names of those that there are.
function findHandlers(main, handler, namespace) {
  const names = [];
  for (const name of ["queue", "message", "timer"]) {
    handlers[name] = handler(main, name);
    if (handlers[name] !== undefined) names.push(name);
  }
  if (typeof main === "object" && typeof main.workflows === "object" && main.workflows !== null) {
    for (const name of workflows().find(main.workflows)) names.push(`workflow:${name}`);
  }
  const { WorkflowEntrypoint } = core.loadExtScript("ext:cellhouse_runtime/workers.js");
  if (Object.values(namespace).some((value) => value?.prototype instanceof WorkflowEntrypoint)) {
    for (const name of instances().find(namespace)) names.push(`instance:${name}`);
  }
  return names;
}

// `answer(ok)`: what Rust is told in any case; without it a handler that throws fails the event.
function run(id, name, argument, answer) {
  let thrown;
  const failed = (error) => {
    if (answer !== undefined) op_report(...describeError(error));
    thrown ??= { error };
  };
  const over = () => {
    if (answer !== undefined) op_complete_event(id, answer(thrown === undefined));
    else if (thrown !== undefined) op_fail(id, ...describeError(thrown.error));
    else op_complete_event(id, "");
  };
  const ctx = newContext(id, undefined, { failed, over });
  const ended = () => answered(ctx);
  let result;
  const before = enterEvent(ctx, 0);
  try {
    const handler = handlers[name];
    if (handler === undefined) throw new Error(`Handler does not export a ${name}() function.`);
    result = Promise.resolve(handler(argument, env, ctx));
  } catch (error) {
    failed(error);
    return ended();
  } finally {
    setAsyncContext(before);
  }
  result.then(ended, (error) => {
    failed(error);
    ended();
  });
}

function event(id, kind, text, bodies) {
  const data = JSON.parse(text);
  switch (kind) {
    case "queue": {
      const { batch, outcome } = queueEvents().batchOf(data, bodies);
      return run(id, "queue", batch, outcome);
    }
    case "message":
      return run(id, "message", queueEvents().messageOf(data, bodies));
    case "timer":
      return run(id, "timer", data);
    case "instance":
      return instances().run(id, data, bodies);
    default:
      return workflows().run(id, data);
  }
}

return { event, findHandlers };
})();
