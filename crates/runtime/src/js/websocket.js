// WebSocket and WebSocketPair: events, states, and what may be called when. The two ends of a pair talk
// to each other here as long as both are in this isolate; an end that leads out of it is a resource.

(function () {
const { core } = __bootstrap;
const {
  op_void_async_deferred, op_websocket_accept, op_websocket_close, op_websocket_receive,
  op_websocket_send, op_websocket_send_bytes,
} = core.ops;
const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { CloseEvent, defineEventHandler, ErrorEvent, Event, EventTarget, MessageEvent } = core
  .loadExtScript("ext:deno_web/02_event.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { Blob } = core.loadExtScript("ext:deno_web/09_file.js");
const { gated } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");
const { closeFrame, copyOf, isBlob, isClose, toData } = core.loadExtScript(
  "ext:cellhouse_runtime/websocket_data.js",
);

const KEY = Symbol("construct");
const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
const NO_CODE = 1005;
const ABNORMAL = 1006;
// Answers of op_websocket_send.
const OVERFLOW = 2;

const NOT_ACCEPTED =
  "You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.";

class WebSocket extends EventTarget {
  #url = null;
  #protocol = "";
  #extensions = "";
  #binaryType = "blob";
  // The other end of a pair, while both are in this isolate.
  #peer = null;
  // What leads out of the isolate: parked until accept(), then open.
  #end = null;
  #rid = null;
  // Messages of the peer that were not dispatched yet.
  #inbox = [];
  #dispatching = false;
  // Runs a function when the gate lets in what is received.
  #comeIn = (run) => run();
  #connecting = false;
  #accepted = false;
  #released = false;
  #halfOpen = false;
  #outgoingClosed = false;
  #incomingClosed = false;
  // The peer is gone without a close frame, or was never reached.
  #aborted = false;
  // accept() was never called: returning the other end in a response did it.
  #acceptedByHost = false;
  // The peer has closed it, and what is sent all the same is dropped without an error. So it is with sockets
  // of the hibernation API in workerd; and with those that the host accepted, whose app cannot know of it.
  #deaf = false;
  #cancel = null;
  // While a Blob is read, what was sent after it waits.
  #reading = null;
  #attachment = undefined;
  // Set where it belongs to a Durable Object that may sleep: what happens to it is done by this.
  #keeper = null;

  constructor(url, protocols = []) {
    super();
    if (url === KEY) return;
    webidl.requiredArguments(arguments.length, 1, "Failed to construct 'WebSocket'");
    const client = core.loadExtScript("ext:cellhouse_runtime/websocket_client.js");
    const target = client.target(url, protocols);
    this.#url = target.href;
    this.#connecting = true;
    this.#accepted = true;
    const { answer, cancel } = client.connect(target);
    this.#cancel = cancel;
    this.#open(answer);
  }

  get url() {
    return this.#url;
  }

  get protocol() {
    return this.#protocol;
  }

  get extensions() {
    return this.#extensions;
  }

  get readyState() {
    if (this.#aborted || (this.#outgoingClosed && this.#incomingClosed)) return STATES.CLOSED;
    if (this.#outgoingClosed || this.#incomingClosed) return STATES.CLOSING;
    return this.#connecting ? STATES.CONNECTING : STATES.OPEN;
  }

  get binaryType() {
    return this.#binaryType;
  }

  set binaryType(type) {
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  // Starts the delivery of messages. `allowHalfOpen`: a close frame of the peer is not answered by
  // itself, so that more can be sent before close().
  accept(options) {
    if (this.#url !== null) {
      throw new TypeError(
        "Websockets obtained from the 'new WebSocket()' constructor cannot call accept",
      );
    }
    if (this.#released) {
      throw new TypeError("Can't accept() WebSocket that was already used in a response.");
    }
    if (this.#keeper !== null) {
      throw new TypeError("Can't accept() WebSocket after enabling hibernation.");
    }
    if (this.#accepted) return;
    this.#halfOpen = options?.allowHalfOpen === true;
    this.#accept();
  }

  send(message) {
    if (arguments.length === 0) {
      throw new TypeError(
        "Failed to execute 'send' on 'WebSocket': parameter 1 is not of type 'ArrayBuffer or ArrayBufferView or string'.",
      );
    }
    const data = toData(message);
    if (this.#connecting) {
      throw new DOMException("The WebSocket is still connecting.", "InvalidStateError");
    }
    if (this.#aborted || this.#deaf) return;
    if (this.#outgoingClosed) throw new TypeError("Can't call WebSocket send() after close().");
    if (!this.#accepted) throw new TypeError(NOT_ACCEPTED);
    this.#transmit(data);
  }

  close(code, reason) {
    if (this.#aborted || this.#outgoingClosed) return;
    if (!this.#accepted) throw new TypeError(NOT_ACCEPTED);
    const frame = closeFrame(code, reason);
    this.#outgoingClosed = true;
    if (this.#deaf) return;
    if (this.#connecting) core.tryClose(this.#cancel);
    else this.#transmit(frame);
  }

  // Part of what is kept with an object's sockets while the object sleeps.
  serializeAttachment(value) {
    if (this.#keeper !== null) return this.#keeper.attach(value);
    this.#attachment = [clone(value)];
  }

  deserializeAttachment() {
    if (this.#keeper !== null) return this.#keeper.attached();
    return this.#attachment === undefined ? null : clone(this.#attachment[0]);
  }

  // ---- opening

  async #open(answer) {
    try {
      const { end, protocol } = await answer;
      if (this.#outgoingClosed) {
        core.tryClose(end);
        throw new Error("The WebSocket was closed before it was open.");
      }
      this.#end = end;
      this.#protocol = protocol;
      this.#connecting = false;
      this.#accept();
      this.dispatchEvent(new Event("open"));
    } catch (error) {
      this.#connecting = false;
      this.#aborted = true;
      this.dispatchEvent(new ErrorEvent("error", { message: `${error?.message ?? error}`, error }));
      this.#dispatchClose(ABNORMAL, "Failed to establish websocket connection", false);
    }
  }

  #accept() {
    this.#accepted = true;
    this.#comeIn = gated(this.#comeIn);
    if (this.#end !== null) {
      this.#leave(op_websocket_accept(this.#end));
      this.#end = null;
    } else {
      this.#dispatchInbox();
    }
  }

  // From now on the other end is outside.
  #leave(rid) {
    this.#peer = null;
    this.#rid = rid;
    this.#receive();
  }

  // ---- sending

  #transmit(data) {
    if (this.#reading === null && !isBlob(data)) {
      this.#pass(data);
      return;
    }
    const turn = this.#passLater(copyOf(data));
    this.#reading = turn;
    turn.then(() => {
      if (this.#reading === turn) this.#reading = null;
    });
  }

  async #passLater(data) {
    await this.#reading;
    try {
      this.#pass(isBlob(data) ? await data.arrayBuffer() : data);
    } catch (error) {
      core.reportUnhandledException(error);
    }
  }

  #pass(data) {
    if (this.#keeper !== null) {
      if (isClose(data)) this.#keeper.close(data[0], data[1]);
      else if (this.#keeper.send(data) === OVERFLOW) this.#overflowed();
    } else if (this.#peer !== null) {
      this.#peer.#arrive(copyOf(data));
    } else if (isClose(data)) {
      op_websocket_close(this.#rid, data[0], data[1]);
      this.#endIfClosed();
    } else {
      const sent = typeof data === "string"
        ? op_websocket_send(this.#rid, data)
        : op_websocket_send_bytes(this.#rid, data);
      if (sent === OVERFLOW) this.#overflowed();
    }
  }

  #overflowed() {
    this.#outgoingClosed = true;
    throw new Error(
      "WebSocket send(): the peer reads too slowly, more than 64 MiB wait for it. The WebSocket was closed with code 1011.",
    );
  }

  // ---- receiving

  #arrive(data) {
    this.#inbox.push(data);
    if (this.#accepted) this.#dispatchInbox();
  }

  // One message in each turn of the event loop, as from a network.
  async #dispatchInbox() {
    if (this.#dispatching) return;
    this.#dispatching = true;
    while (this.#inbox.length > 0) {
      await op_void_async_deferred();
      const data = this.#inbox.shift();
      this.#comeIn(() => this.#dispatch(data));
    }
    this.#dispatching = false;
  }

  async #receive() {
    while (!this.#incomingClosed && !this.#aborted) {
      this.#dispatch(await op_websocket_receive(this.#rid));
    }
  }

  #dispatch(data) {
    if (data === null) {
      this.#lost();
    } else if (isClose(data)) {
      this.#closed(data);
    } else {
      const value = typeof data === "string" || this.#binaryType === "arraybuffer"
        ? data
        : new Blob([data]);
      this.dispatchEvent(new MessageEvent("message", { data: value }));
    }
  }

  #closed([code, reason]) {
    this.#incomingClosed = true;
    if (!this.#outgoingClosed && !this.#halfOpen) {
      this.#outgoingClosed = true;
      this.#deaf = this.#acceptedByHost;
      this.#transmit([code, reason]);
    }
    this.#endIfClosed();
    this.#dispatchClose(code < 0 ? NO_CODE : code, reason, true);
  }

  #lost() {
    this.#aborted = true;
    core.tryClose(this.#rid);
    this.#dispatchClose(ABNORMAL, "WebSocket disconnected without sending Close frame.", false);
  }

  #endIfClosed() {
    if (this.#rid !== null && this.#outgoingClosed && this.#incomingClosed) core.tryClose(this.#rid);
  }

  #dispatchClose(code, reason, wasClean) {
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
  }

  // ---- ends that other scripts make and take

  // Two ends that talk to each other.
  static pair(key) {
    if (key !== KEY) throw new TypeError("Illegal invocation");
    const [a, b] = [new WebSocket(KEY), new WebSocket(KEY)];
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  // The WebSocket of a parked end that another server accepted.
  static ofEnd(key, end, protocol) {
    if (key !== KEY) throw new TypeError("Illegal invocation");
    const socket = new WebSocket(KEY);
    socket.#end = end;
    socket.#protocol = protocol;
    return socket;
  }

  // Gives a WebSocket to a Durable Object that may sleep. `couple` makes two ends, of which one is the
  // object's, `take` makes a parked end the object's; both return the keeper of it.
  static hibernate(key, socket, couple, take) {
    if (key !== KEY) throw new TypeError("Illegal invocation");
    if (socket.#keeper !== null || socket.#accepted) {
      throw new Error(
        "Cannot call `acceptWebSocket()` if the WebSocket was already accepted via `accept()`",
      );
    }
    if (socket.#released || (socket.#peer === null && socket.#end === null)) {
      throw new TypeError("Can't acceptWebSocket() WebSocket that was already used in a response.");
    }
    if (socket.#end !== null) {
      socket.#keeper = take(socket.#end);
      socket.#end = null;
    } else {
      const other = socket.#peer;
      const [keeper, end] = couple();
      socket.#keeper = keeper;
      socket.#peer = null;
      other.#peer = null;
      if (other.#accepted) other.#leave(op_websocket_accept(end));
      else other.#end = end;
    }
    socket.#accepted = true;
    return socket.#keeper;
  }

  // The WebSocket of a keeper, in an instance that has not had it yet.
  static ofKeeper(key, keeper) {
    if (key !== KEY) throw new TypeError("Illegal invocation");
    const socket = new WebSocket(KEY);
    socket.#keeper = keeper;
    socket.#accepted = true;
    return socket;
  }

  // The peer of an object's socket has closed it, or is gone.
  static keeperClosed(key, socket) {
    if (key !== KEY) throw new TypeError("Illegal invocation");
    socket.#incomingClosed = true;
    socket.#deaf = true;
  }

  static isSocket(value) {
    return typeof value === "object" && value !== null && #inbox in value;
  }

  // Takes a WebSocket out of this isolate, with a response or over RPC: the parked end that is joined to
  // the client or is the WebSocket of another isolate. Its peer is accepted if it was not yet: an app that
  // forgets to can only mean that. `couple` makes the two ends, as `op_websocket_couple`.
  static handOver(key, socket, couple) {
    if (key !== KEY) throw new TypeError("Illegal invocation");
    if (!(#inbox in socket)) {
      throw new TypeError("Incorrect type for the 'webSocket' of a response: it is not a 'WebSocket'.");
    }
    if (socket.#accepted) {
      throw new TypeError("Can't return WebSocket in a Response after calling accept().");
    }
    if (socket.#released) {
      throw new TypeError("Can't return WebSocket that was already used in a response.");
    }
    socket.#released = true;
    if (socket.#end !== null) return socket.#end;
    const peer = socket.#peer;
    const [rid, end] = couple();
    if (!peer.#accepted) peer.#acceptedByHost = true;
    peer.#accepted = true;
    peer.#leave(rid);
    for (const data of socket.#inbox.splice(0)) peer.#pass(data);
    return end;
  }
}

const pair = WebSocket.pair.bind(WebSocket, KEY);
const ofEnd = WebSocket.ofEnd.bind(WebSocket, KEY);
const handOver = WebSocket.handOver.bind(WebSocket, KEY);
const hibernate = WebSocket.hibernate.bind(WebSocket, KEY);
const ofKeeper = WebSocket.ofKeeper.bind(WebSocket, KEY);
const keeperClosed = WebSocket.keeperClosed.bind(WebSocket, KEY);
const { isSocket } = WebSocket;
for (
  const name of ["pair", "ofEnd", "handOver", "hibernate", "ofKeeper", "keeperClosed", "isSocket"]
) {
  delete WebSocket[name];
}

for (const name of ["open", "message", "close", "error"]) {
  defineEventHandler(WebSocket.prototype, name);
}
for (const [name, value] of Object.entries(STATES)) {
  for (const target of [WebSocket, WebSocket.prototype]) {
    const descriptor = { value, enumerable: true };
    Object.defineProperty(target, name, descriptor);
    Object.defineProperty(target, `READY_STATE_${name}`, descriptor);
  }
}
webidl.configureInterface(WebSocket);

function clone(value) {
  return core.loadExtScript("ext:cellhouse_runtime/structured_clone.js").structuredClone(value);
}

class WebSocketPair {
  constructor() {
    [this[0], this[1]] = pair();
  }

  *[Symbol.iterator]() {
    yield this[0];
    yield this[1];
  }

  get [Symbol.toStringTag]() {
    return "WebSocketPair";
  }
}

return {
  handOver, hibernate, isSocket, keeperClosed, ofEnd, ofKeeper, WebSocket, WebSocketPair,
};
})();
