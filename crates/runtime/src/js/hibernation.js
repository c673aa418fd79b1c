// The hibernating WebSockets of Durable Objects: `ctx.acceptWebSocket()` and what goes with it. A socket
// lives in Rust; the WebSocket that the object's code sees is made anew when the object wakes.

(function () {
const { core } = __bootstrap;
core.loadExtScript("ext:cellhouse_runtime/clone.js");
const {
  op_clone_read, op_clone_write, op_hibernate_attach, op_hibernate_attached,
  op_hibernate_auto_response, op_hibernate_auto_response_get, op_hibernate_auto_response_time,
  op_hibernate_close, op_hibernate_couple, op_hibernate_end, op_hibernate_event_timeout,
  op_hibernate_event_timeout_set, op_hibernate_gone, op_hibernate_list,
  op_hibernate_send, op_hibernate_tags,
} = core.ops;
const { hibernate, isSocket, keeperClosed, ofKeeper } = core.loadExtScript(
  "ext:cellhouse_runtime/websocket.js",
);
const { NumberMap } = core.loadExtScript("ext:cellhouse_runtime/number_map.js");

// Cloudflare's limits.
const MAX_TAGS = 10;
const MAX_TAG_LENGTH = 256;
const MAX_ATTACHMENT_BYTES = 16_384;
const MAX_AUTO_RESPONSE_LENGTH = 2_048;
const MAX_EVENT_TIMEOUT_MS = 604_800_000;

// What a WebSocket does that is an object's.
class Keeper {
  constructor(object, number) {
    this.object = object;
    this.number = number;
  }

  send(data) {
    return typeof data === "string"
      ? op_hibernate_send(this.object, this.number, data, null)
      : op_hibernate_send(this.object, this.number, null, data instanceof ArrayBuffer ? new Uint8Array(data) : data);
  }

  close(code, reason) {
    op_hibernate_close(this.object, this.number, code, reason);
  }

  attach(value) {
    const bytes = op_clone_write(value, undefined);
    if (bytes.byteLength > MAX_ATTACHMENT_BYTES) {
      throw new Error(
        `A WebSocket 'attachment' cannot be larger than ${MAX_ATTACHMENT_BYTES} bytes.` +
          `'attachment' was ${bytes.byteLength} bytes.`,
      );
    }
    op_hibernate_attach(this.object, this.number, bytes);
  }

  attached() {
    const bytes = op_hibernate_attached(this.object, this.number);
    return bytes === null ? null : op_clone_read(bytes, undefined);
  }
}

// The WebSockets that instances have seen and still hold: object -> number -> WeakRef; and their keepers.
const seen = new NumberMap();
const keepers = new WeakMap();

function remember(keeper, socket) {
  keepers.set(socket, keeper);
  let sockets = seen.get(keeper.object);
  if (sockets === undefined) seen.set(keeper.object, sockets = new NumberMap());
  sockets.set(keeper.number, new WeakRef(socket));
  return socket;
}

function socketOf(object, number) {
  const known = seen.get(object)?.get(number)?.deref();
  if (known !== undefined) return known;
  const keeper = new Keeper(object, number);
  return remember(keeper, ofKeeper(keeper));
}

function keeperOf(socket, method) {
  if (!isSocket(socket)) {
    throw new TypeError(
      `Failed to execute '${method}' on 'DurableObjectState': parameter 1 is not of type 'WebSocket'.`,
    );
  }
  return keepers.get(socket);
}

function checkTags(tags) {
  if (tags === undefined || tags === null) return [];
  const distinct = [...new Set(Array.from(tags, (tag) => `${tag}`))];
  if (distinct.length > MAX_TAGS) {
    throw new Error(`a Hibernatable WebSocket cannot have more than ${MAX_TAGS} tags`);
  }
  for (const tag of distinct) {
    if (tag.length > MAX_TAG_LENGTH) {
      throw new Error(
        `"${tag}" is longer than the max tag length (${MAX_TAG_LENGTH} characters).`,
      );
    }
  }
  return distinct;
}

function accept(object, socket, tags) {
  keeperOf(socket, "acceptWebSocket");
  const checked = checkTags(tags);
  const couple = () => {
    const [number, end] = op_hibernate_couple(object, checked);
    return [new Keeper(object, number), end];
  };
  const take = (end) => new Keeper(object, op_hibernate_end(object, end, checked));
  const before = socket.deserializeAttachment();
  const keeper = hibernate(socket, couple, take);
  remember(keeper, socket);
  if (before !== null) keeper.attach(before);
}

function list(object, tag) {
  const numbers = op_hibernate_list(object, tag === undefined ? null : `${tag}`);
  return numbers.map((number) => socketOf(object, number));
}

function tagsOf(socket) {
  const keeper = keeperOf(socket, "getTags");
  if (keeper === undefined) {
    throw new Error("only hibernatable websockets can have tags.");
  }
  return op_hibernate_tags(keeper.object, keeper.number);
}

// ---- the end

// The peer has closed a socket, or is gone.
function closed(socket) {
  keeperClosed(socket);
}

// The object has seen the end of a socket.
function gone(object, number) {
  seen.get(object)?.delete(number);
  op_hibernate_gone(object, number);
}

// The instance is gone.
function forget(object) {
  seen.delete(object);
}

// ---- answers without waking

class WebSocketRequestResponsePair {
  #request;
  #response;

  constructor(request, response) {
    if (arguments.length < 2) {
      throw new TypeError(
        `Failed to construct 'WebSocketRequestResponsePair': constructor parameter ${arguments.length + 1} is not of type 'string'.`,
      );
    }
    this.#request = `${request}`;
    this.#response = `${response}`;
  }

  get request() {
    return this.#request;
  }

  get response() {
    return this.#response;
  }
}
Object.defineProperty(WebSocketRequestResponsePair.prototype, Symbol.toStringTag, {
  value: "WebSocketRequestResponsePair", configurable: true,
});

function setAutoResponse(object, pair) {
  if (pair === undefined || pair === null) return op_hibernate_auto_response(object, null, null);
  if (!(pair instanceof WebSocketRequestResponsePair)) {
    throw new TypeError(
      "Failed to execute 'setWebSocketAutoResponse' on 'DurableObjectState': parameter 1 is not of type 'WebSocketRequestResponsePair'.",
    );
  }
  for (const [what, text] of [["Request", pair.request], ["Response", pair.response]]) {
    if (text.length > MAX_AUTO_RESPONSE_LENGTH) {
      throw new RangeError(
        `${what} cannot be larger than ${MAX_AUTO_RESPONSE_LENGTH} bytes. A ${what.toLowerCase()} of size ${text.length} was provided.`,
      );
    }
  }
  op_hibernate_auto_response(object, pair.request, pair.response);
}

function getAutoResponse(object) {
  const pair = op_hibernate_auto_response_get(object);
  return pair === null ? null : new WebSocketRequestResponsePair(...pair);
}

function autoResponseTime(socket) {
  const keeper = keeperOf(socket, "getWebSocketAutoResponseTimestamp");
  if (keeper === undefined) return null;
  const time = op_hibernate_auto_response_time(keeper.object, keeper.number);
  return Number.isNaN(time) ? null : new Date(time);
}

// ---- the time that an event may take

function setEventTimeout(object, milliseconds) {
  const time = Math.trunc(Number(milliseconds ?? 0)) || 0;
  if (time < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive number.",
    );
  }
  if (time > MAX_EVENT_TIMEOUT_MS) {
    throw new Error("Event timeout should not exceed 604800000 ms.");
  }
  op_hibernate_event_timeout_set(object, time);
}

function getEventTimeout(object) {
  return op_hibernate_event_timeout(object) || null;
}

return {
  accept, autoResponseTime, closed, forget, getAutoResponse, getEventTimeout, gone, list, setAutoResponse,
  setEventTimeout, socketOf, tagsOf, WebSocketRequestResponsePair,
};
})();
