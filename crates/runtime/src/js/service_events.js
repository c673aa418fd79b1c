// queue() and scheduled() of services: events that are no requests, and what became of them. They go through the RPC
// session of a call, under names that no method has. On the side of the caller, and of the entrypoint.

(function () {
const { core } = __bootstrap;
const { op_clone_write, op_rpc_event, op_rpc_event_failed } = core.ops;
const { setAsyncContext } = core;
core.loadExtScript("ext:cellhouse_runtime/clone.js");
const { enterEvent } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { answered, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { asBytes } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { RpcTarget } = core.loadExtScript("ext:cellhouse_runtime/rpc_target.js");
const { propertyOf } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");

// What stands before V8's format in ours; docs/values.md.
const OURS = 1;

const QUEUE = "cellhouse:queue";
const SCHEDULED = "cellhouse:scheduled";

// ---- as the caller

const wrongField = (field, of) => new TypeError(
  `Incorrect type for the '${field}' field on '${of}': the provided value is not of type 'date'.`,
);

const wrongArgument = (method, place, type) => new TypeError(
  `Failed to execute '${method}' on 'Fetcher': parameter ${place} is not of type '${type}'.`,
);

const isRecord = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

// Milliseconds since 1970.
function timeOf(value, field, of) {
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time !== "number" || Number.isNaN(time)) throw wrongField(field, of);
  return time;
}

function attemptsOf(value) {
  const number = Math.trunc(Number(value));
  if (!Number.isSafeInteger(number)) throw new TypeError("The value cannot be converted because it is not an integer.");
  if (number < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive number.",
    );
  }
  if (number > 65535) throw new TypeError("Value out of range. Must be less than or equal to 65535.");
  return number;
}

function serialized({ body, serializedBody }) {
  if ((body === undefined) === (serializedBody === undefined)) {
    throw new TypeError("Expected one of body or serializedBody for each message");
  }
  if (serializedBody === undefined) return op_clone_write(body, undefined);
  const bytes = asBytes(serializedBody);
  if (bytes !== undefined) return Uint8Array.of(OURS, ...bytes);
  throw new TypeError(
    "Incorrect type for the 'serializedBody' field on 'ServiceBindingQueueMessage': the provided value is not of " +
      "type 'ArrayBuffer or ArrayBufferView'.",
  );
}

function messageOf(message, index) {
  if (!isRecord(message)) {
    throw new TypeError(
      `Incorrect type for array element ${index}: the provided value is not of type 'ServiceBindingQueueMessage'.`,
    );
  }
  return {
    id: `${message.id}`,
    timestamp: timeOf(message.timestamp, "timestamp", "ServiceBindingQueueMessage"),
    attempts: attemptsOf(message.attempts),
    bytes: serialized(message),
  };
}

function backlogOf(metadata) {
  if (metadata === undefined) return { count: 0, bytes: 0, oldest: null };
  const metrics = metadata?.metrics;
  if (!isRecord(metrics)) {
    throw new TypeError("Cannot initialize MessageBatchMetrics with required members from an undefined or null value.");
  }
  const { backlogCount, backlogBytes, oldestMessageTimestamp: oldest } = metrics;
  return {
    count: Number(backlogCount),
    bytes: Number(backlogBytes),
    oldest: oldest === undefined ? null : timeOf(oldest, "oldestMessageTimestamp", "MessageBatchMetrics"),
  };
}

// Limits of the one who is called are outcomes too.
const OUTCOMES = {
  __proto__: null,
  "Worker exceeded CPU time limit.": "exceededCpu",
  "Worker exceeded memory limit.": "exceededMemory",
};

async function send(hook, name, argument, nothing) {
  try {
    return await propertyOf(hook, name)(argument);
  } catch (error) {
    const outcome = error?.remote === true ? OUTCOMES[error.message] : undefined;
    if (outcome === undefined) throw error;
    return { outcome, ...nothing };
  }
}

const NOTHING_DECIDED = { ackAll: false, retryBatch: { retry: false }, explicitAcks: [], retryMessages: [] };

async function queue(hook, args) {
  const [name, messages, metadata] = args;
  if (args.length === 0) throw wrongArgument("queue", 1, "string");
  if (!Array.isArray(messages)) throw wrongArgument("queue", 2, "Array");
  const batch = { queue: `${name}`, messages: messages.map(messageOf), backlog: backlogOf(metadata) };
  return await send(hook, QUEUE, batch, NOTHING_DECIDED);
}

async function scheduled(hook, [options]) {
  if (options !== undefined && options !== null && !isRecord(options)) {
    throw wrongArgument("scheduled", 1, "ScheduledOptions");
  }
  const { cron = "", scheduledTime } = options ?? {};
  const time = scheduledTime === undefined ? Date.now() : timeOf(scheduledTime, "scheduledTime", "ScheduledOptions");
  return await send(hook, SCHEDULED, { cron: `${cron}`, time }, { noRetry: false });
}

// ---- as the entrypoint

const isEvent = ([name]) => name === QUEUE || name === SCHEDULED;

// `handle(event, argument, ctx)` calls the handler of that event, if the entrypoint has it: whether it has.
class Receiver extends RpcTarget {
  #entrypoint;
  #event;
  #props;
  #depth;
  #handle;

  constructor(entrypoint, event, props, depth, handle) {
    super();
    this.#entrypoint = entrypoint;
    this.#event = event;
    this.#props = props;
    this.#depth = depth;
    this.#handle = handle;
  }

  async [QUEUE]({ queue, messages, backlog }) {
    const content = core.loadExtScript("ext:cellhouse_runtime/queue.js").CONTENT.v8;
    const { batchOf } = core.loadExtScript("ext:cellhouse_runtime/queue_events.js");
    const parts = messages.map(({ id, timestamp, attempts }) => ({ id, timestamp, attempts, content }));
    const { batch, decided } = batchOf({ queue, messages: parts, backlog }, messages.map(({ bytes }) => bytes));
    this.#trace({ queue, batchSize: messages.length });
    const { outcome } = await this.#run("queue", batch);
    return {
      outcome,
      ackAll: decided.batch.ack,
      retryBatch: { retry: decided.batch.retry !== null, ...decided.batch.retry },
      explicitAcks: [...decided.acks],
      retryMessages: [...decided.retries].map(([msgId, retry]) => ({ msgId, ...retry })),
    };
  }

  async [SCHEDULED]({ cron, time }) {
    const { ScheduledController } = core.loadExtScript("ext:cellhouse_runtime/scheduled.js");
    let noRetry = false;
    const controller = new ScheduledController(cron, time, () => {
      noRetry = true;
    });
    this.#trace({ cron, scheduledTime: time });
    const { outcome, isMissing } = await this.#run("scheduled", controller);
    return { outcome, noRetry: noRetry || isMissing };
  }

  #trace(what) {
    op_rpc_event(this.#event, this.#entrypoint, JSON.stringify(what));
  }

  // Until the handler has returned and what it gave to waitUntil() is settled.
  #run(name, argument) {
    return new Promise((done) => {
      let outcome = "ok";
      let isMissing = false;
      const failed = (error) => {
        outcome = "exception";
        op_rpc_event_failed(this.#event, ...describeError(error));
      };
      const ctx = newContext(this.#event, this.#props, { failed, over: () => done({ outcome, isMissing }) });
      const ended = () => answered(ctx);
      const before = enterEvent(ctx, this.#depth);
      try {
        const called = this.#handle(name, argument, ctx);
        isMissing = called === undefined;
        if (isMissing) throw new Error(`Handler does not export a ${name}() function.`);
        Promise.resolve(called.result).catch(failed).then(ended);
      } catch (error) {
        failed(error);
        ended();
      } finally {
        setAsyncContext(before);
      }
    });
  }
}

// Answers a call of a session that is an event. Object 0 is none.
function receive(session, entrypoint, props, depth, [name], handle, run) {
  const { beginCall } = core.loadExtScript("ext:cellhouse_runtime/object_rpc.js");
  const event = beginCall(0, session, entrypoint, name.slice(name.indexOf(":") + 1));
  return Promise.resolve(run(new Receiver(entrypoint, event, props, depth, handle)));
}

return { isEvent, queue, receive, scheduled };
})();
