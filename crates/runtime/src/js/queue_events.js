// A batch of messages as a consumer gets it: QueueController and QueueMessage as Cloudflare's runtime has them,
// and what the consumer has decided. The first call about a message, and about the batch, counts; which of
// them wins is Rust's.

(function () {
const { core } = __bootstrap;
const { op_clone_read } = core.ops;
const { CONTENT } = core.loadExtScript("ext:cellhouse_runtime/queue.js");

const KEY = Symbol("construct");

// The value of a body that Rust gives as an ArrayBuffer.
function bodyOf(buffer, content) {
  switch (content) {
    case CONTENT.text:
      return core.decode(new Uint8Array(buffer));
    case CONTENT.bytes:
      return buffer;
    case CONTENT.json:
      return JSON.parse(core.decode(new Uint8Array(buffer)));
    default:
      return op_clone_read(new Uint8Array(buffer), undefined);
  }
}

function retryOf(options) {
  if (options !== undefined && options !== null && typeof options !== "object") {
    throw new TypeError("Incorrect type: the provided value is not of type 'QueueRetryOptions'.");
  }
  const delay = options?.delaySeconds;
  if (delay === undefined || delay === null) return {};
  const seconds = Math.trunc(Number(delay)) || 0;
  if (seconds >= 0 && seconds <= 86400) return { delaySeconds: seconds };
  throw new RangeError(`retry(): delaySeconds must be from 0 to 86400, not ${delay}.`);
}

function ignored(call, after) {
  globalThis.console.warn(
    `Received a call to ${call} after ${after} was already called. ` +
      `Calling ${call.replace(/ on message .*/, " on a message")} after calling ${after} has no effect.`,
  );
}

class QueueMessage {
  #decided;

  constructor(key, decided, { id, timestamp, attempts, content }, buffer) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#decided = decided;
    this.attempts = attempts;
    this.body = bodyOf(buffer, content);
    this.timestamp = new Date(timestamp);
    this.id = id;
  }

  retry(options) {
    const retry = retryOf(options);
    const { acks, retries, batch } = this.#decided;
    if (batch.retry !== null) return;
    if (batch.ack) return ignored(`retry() on message ${this.id}`, "ackAll()");
    if (acks.has(this.id)) return ignored(`retry() on message ${this.id}`, "ack()");
    if (!retries.has(this.id)) retries.set(this.id, retry);
  }

  ack() {
    const { acks, retries, batch } = this.#decided;
    if (batch.ack) return;
    if (batch.retry !== null) return ignored(`ack() on message ${this.id}`, "retryAll()");
    if (retries.has(this.id)) return ignored(`ack() on message ${this.id}`, "retry()");
    acks.add(this.id);
  }
}

class QueueController {
  #decided;

  constructor(key, decided, { queue, metadata }, messages) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#decided = decided;
    this.metadata = metadata;
    this.queue = queue;
    this.messages = messages;
  }

  retryAll(options) {
    const retry = retryOf(options);
    const { batch } = this.#decided;
    if (batch.ack) return ignored("retryAll()", "ackAll()");
    batch.retry = retry;
  }

  ackAll() {
    const { batch } = this.#decided;
    if (batch.retry !== null) return ignored("ackAll()", "retryAll()");
    batch.ack = true;
  }
}

for (const one of [QueueMessage, QueueController]) {
  Object.defineProperty(one.prototype, Symbol.toStringTag, { value: one.name, configurable: true });
}

// The argument of queue(), what is decided, and a function that tells Rust of it.
function batchOf(data, bodies) {
  const decided = { acks: new Set(), retries: new Map(), batch: { ack: false, retry: null } };
  const messages = data.messages.map((one, index) => new QueueMessage(KEY, decided, one, bodies[index]));
  const { count, bytes, oldest } = data.backlog;
  const metrics = { backlogCount: count, backlogBytes: bytes };
  if (oldest !== null) metrics.oldestMessageTimestamp = new Date(oldest);
  const batch = new QueueController(KEY, decided, { queue: data.queue, metadata: { metrics } }, messages);
  const outcome = (ok) => JSON.stringify({
    ok,
    ackAll: decided.batch.ack,
    retryAll: decided.batch.retry,
    acks: [...decided.acks],
    retries: Object.fromEntries(decided.retries),
  });
  return { batch, decided, outcome };
}

// The argument of Ploy's message().
function messageOf({ queue, messages: [{ id, timestamp, attempts, content }] }, [body]) {
  return {
    id,
    queueName: queue,
    payload: bodyOf(body, content),
    attempt: attempts,
    timestamp: new Date(timestamp),
  };
}

return { batchOf, messageOf };
})();
