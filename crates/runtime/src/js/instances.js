// The binding of a Workflow of Cloudflare's: making instances, finding them, and what may be done to one.

(function () {
const { core } = __bootstrap;
core.loadExtScript("ext:cellhouse_runtime/clone.js");
const {
  op_clone_write, op_instances_change, op_instances_create, op_instances_get, op_instances_send,
} = core.ops;
const { durationOf, KINDS } = core.loadExtScript("ext:cellhouse_runtime/instance_config.js");

const KEY = Symbol("construct");
// The names of types of events: Cloudflare's.
const EVENT_TYPE = /^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,99}$/;

function retentionOf(retention, name) {
  const given = retention?.[name];
  if (given === undefined || given === null) return null;
  const millis = durationOf(given);
  if (millis >= 0 && Number.isFinite(millis)) return millis;
  throw new Error(`Workflow instance has invalid retention: ${name} must be a duration such as "3 days"`);
}

// What Rust takes of an instance, and the bytes of its params.
function created(options) {
  if (options === null || (typeof options !== "object" && typeof options !== "function")) {
    throw new TypeError("Workflow create(): the options must be an object such as { id, params }");
  }
  const { id = crypto.randomUUID(), params = {}, retention } = options;
  if (typeof id !== "string") throw new Error("Workflow instance has invalid id");
  return {
    id,
    params: op_clone_write(params, undefined),
    success: retentionOf(retention, "successRetention"),
    error: retentionOf(retention, "errorRetention"),
  };
}

function create(index, instances, isBatch) {
  let length = 0;
  for (const { params } of instances) length += params.byteLength;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const { params } of instances) {
    bytes.set(params, at);
    at += params.byteLength;
  }
  const parts = instances.map(({ id, params, success, error }) => [id, params.byteLength, success, error]);
  return op_instances_create(index, bytes, parts, isBatch).map((place) => new WorkflowInstance(KEY, index, instances[place].id));
}

// Of restart(): [kind, name, nth], or null for from the beginning.
function stepOf(from) {
  if (from === undefined || from === null) return null;
  const { name, count = 1, type = "do" } = from;
  const kind = { do: KINDS.do, sleep: KINDS.sleep, waitForEvent: KINDS.wait }[type];
  if (kind === undefined) throw new TypeError(`Workflow restart(): there is no type of steps "${type}"`);
  return [kind, `${name}`, Number(count)];
}

class WorkflowInstance {
  #index;

  constructor(key, index, id) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
    this.id = id;
  }

  async status() {
    const { status, output, error } = JSON.parse(op_instances_get(this.#index, this.id));
    return { status, output, error: error ?? undefined };
  }

  async pause() {
    op_instances_change(this.#index, this.id, "pause", null);
  }

  async resume() {
    op_instances_change(this.#index, this.id, "resume", null);
  }

  async terminate() {
    op_instances_change(this.#index, this.id, "terminate", null);
  }

  async restart(options) {
    op_instances_change(this.#index, this.id, "restart", stepOf(options?.from));
  }

  async sendEvent(event) {
    if (event === null || typeof event !== "object") {
      throw new TypeError("Workflow sendEvent(): the event must be an object such as { type, payload }");
    }
    const { payload, type } = event;
    if (typeof type !== "string" || !EVENT_TYPE.test(type)) {
      throw new Error(
        "Workflow sendEvent(): the type of an event has 1 to 100 letters, digits, _ and -, and does not start with -",
      );
    }
    const value = op_clone_write({ payload, type, timestamp: new Date() }, undefined);
    op_instances_send(this.#index, this.id, type, value);
  }
}

class Workflow {
  #index;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async create(options = {}) {
    return create(this.#index, [created(options)], false)[0];
  }

  async createBatch(batch) {
    if (!Array.isArray(batch)) {
      throw new TypeError("Workflow createBatch(): the batch must be an array such as [{ id, params }]");
    }
    return create(this.#index, batch.map((options) => created(options ?? {})), true);
  }

  async get(id) {
    op_instances_get(this.#index, `${id}`);
    return new WorkflowInstance(KEY, this.#index, `${id}`);
  }
}

return { EVENT_TYPE, makeInstances: (index) => new Workflow(KEY, index) };
})();
