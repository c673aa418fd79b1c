// Queues: Cloudflare's Queue binding with send(), sendBatch() and metrics(), and Ploy's, which takes payloads
// and gives ids. Turns bodies into bytes; what a queue takes is checked in Rust.

(function () {
const { core } = __bootstrap;
const { op_clone_write, op_queue_metrics, op_queue_send } = core.ops;

const KEY = Symbol("construct");
// The numbers that Rust has for them.
const CONTENT = { v8: 0, text: 1, bytes: 2, json: 3 };

// ---- bodies

// `type` as the app gives it; undefined is JSON, as it is since 2024-03-18.
function contentOf(type) {
  if (type === undefined || type === null) return CONTENT.json;
  const content = CONTENT[`${type}`.toLowerCase()];
  if (content === undefined) throw new TypeError(`Unsupported queue message content type: ${type}`);
  return content;
}

function requires(type, kind, body) {
  return new TypeError(
    `Content Type "${type}" requires a value of type ${kind}, but received: ${typeof body}`,
  );
}

function bytesOf(body, content) {
  switch (content) {
    case CONTENT.text:
      if (typeof body !== "string") throw requires("text", "string", body);
      return core.encode(body);
    case CONTENT.bytes:
      if (!ArrayBuffer.isView(body)) throw requires("bytes", "ArrayBufferView", body);
      return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
    case CONTENT.json: {
      const text = JSON.stringify(body);
      if (text === undefined) throw new TypeError("Message body cannot be undefined");
      return core.encode(text);
    }
    default:
      return op_clone_write(body, undefined);
  }
}

function delayOf(options) {
  const delay = options?.delaySeconds;
  return delay === undefined || delay === null ? null : Number(delay);
}

function message(body, options, delay = null) {
  if (body === undefined) throw new TypeError("Message body cannot be undefined");
  const content = contentOf(options?.contentType);
  return { bytes: bytesOf(body, content), content, delay: delayOf(options) ?? delay };
}

// All bodies as one buffer, and what each is. `isBatch`: the limits and the messages of sendBatch().
function send(index, messages, isBatch) {
  let length = 0;
  for (const { bytes } of messages) length += bytes.byteLength;
  const all = messages.length === 1 ? messages[0].bytes : new Uint8Array(length);
  if (messages.length > 1) {
    let at = 0;
    for (const { bytes } of messages) {
      all.set(bytes, at);
      at += bytes.byteLength;
    }
  }
  const parts = messages.map(({ bytes, content, delay }) => [content, bytes.byteLength, delay]);
  return JSON.parse(op_queue_send(index, all, parts, isBatch));
}

function metricsOf({ count, bytes, oldest }) {
  const metrics = { backlogCount: count, backlogBytes: bytes };
  if (oldest !== null) metrics.oldestMessageTimestamp = new Date(oldest);
  return metrics;
}

// ---- Cloudflare's

function wrongArgument(method, number, type) {
  return new TypeError(
    `Failed to execute '${method}' on 'WorkerQueue': parameter ${number} is not of type '${type}'.`,
  );
}

function checkOptions(options, method, type) {
  if (options === undefined || options === null) return;
  if (typeof options !== "object" && typeof options !== "function") throw wrongArgument(method, 2, type);
}

class WorkerQueue {
  #index;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async metrics() {
    return metricsOf(JSON.parse(op_queue_metrics(this.#index)));
  }

  async send(body, options) {
    if (arguments.length === 0) throw wrongArgument("send", 1, "JsValue");
    checkOptions(options, "send", "SendOptions");
    const { backlog } = send(this.#index, [message(body, options)], false);
    return { metadata: { metrics: metricsOf(backlog) } };
  }

  async sendBatch(batch, options) {
    if (batch === null || typeof batch !== "object" || typeof batch[Symbol.iterator] !== "function") {
      throw wrongArgument("sendBatch", 1, "Sequence");
    }
    checkOptions(options, "sendBatch", "SendBatchOptions");
    const requests = [...batch];
    for (const request of requests) {
      if (request === null || (typeof request !== "object" && typeof request !== "function")) {
        throw new TypeError("Incorrect type: the provided value is not of type 'MessageSendRequest'.");
      }
    }
    if (requests.length === 0) throw new TypeError("sendBatch() requires at least one message");
    const delay = delayOf(options);
    const messages = requests.map((request) => message(request.body, request, delay));
    const { backlog } = send(this.#index, messages, true);
    return { metadata: { metrics: metricsOf(backlog) } };
  }
}
Object.defineProperty(WorkerQueue.prototype, Symbol.toStringTag, { value: "WorkerQueue", configurable: true });

// ---- Ploy's

function payload(value, options) {
  if (value === undefined) throw new TypeError("Queue send(): the payload must not be undefined.");
  return { bytes: bytesOf(value, CONTENT.json), content: CONTENT.json, delay: delayOf(options) };
}

class QueueBinding {
  #index;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async send(value, options) {
    const { ids } = send(this.#index, [payload(value, options)], false);
    return { messageId: ids[0] };
  }

  async sendBatch(messages) {
    if (!Array.isArray(messages)) {
      throw new TypeError("Queue sendBatch(): the messages must be an array such as [{ payload: 1 }].");
    }
    if (messages.length === 0) return { messageIds: [] };
    const { ids } = send(this.#index, messages.map((one) => payload(one?.payload, one)), true);
    return { messageIds: ids };
  }
}

return {
  CONTENT,
  makeQueue: (index) => new WorkerQueue(KEY, index),
  makePloyQueue: (index) => new QueueBinding(KEY, index),
};
})();
