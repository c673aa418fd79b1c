// Ploy's workflow binding: trigger(), getExecution() and cancel().

(function () {
const { core } = __bootstrap;
const { op_workflow_cancel, op_workflow_get, op_workflow_trigger } = core.ops;

const KEY = Symbol("construct");
// The index of the binding of each workflow, by the workflow's name.
const indexes = new Map();

// JSON text, "" for nothing. What JSON cannot hold is refused.
function jsonOf(value, what) {
  if (value === undefined) return "";
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${what} must be a JSON value, not a ${typeof value}.`);
  return text;
}

function idOf(id, method) {
  if (typeof id === "string") return id;
  throw new TypeError(`Workflow ${method}(): the id must be a string.`);
}

class WorkflowBinding {
  #index;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async trigger(input) {
    return { executionId: op_workflow_trigger(this.#index, jsonOf(input, "Workflow trigger(): the input")) };
  }

  async getExecution(id) {
    const { startedAt, completedAt, ...execution } = JSON.parse(
      op_workflow_get(this.#index, idOf(id, "getExecution")),
    );
    if (startedAt !== undefined) execution.startedAt = new Date(startedAt).toISOString();
    if (completedAt !== undefined) execution.completedAt = new Date(completedAt).toISOString();
    return execution;
  }

  async cancel(id) {
    op_workflow_cancel(this.#index, idOf(id, "cancel"));
  }
}

function makeWorkflow(index, name) {
  indexes.set(name, index);
  return new WorkflowBinding(KEY, index);
}

return { indexes, jsonOf, makeWorkflow };
})();
