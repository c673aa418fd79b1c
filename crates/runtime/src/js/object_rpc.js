// RPC with Durable Objects: the sessions in which this isolate calls objects, and those in which the
// objects that live here are called. One for each object and calling isolate. With entrypoints: service_rpc.js.

(function () {
const { core } = __bootstrap;
const {
  op_rpc_arrived, op_rpc_begin, op_rpc_close, op_rpc_enclose, op_rpc_expect, op_rpc_finish, op_rpc_open, op_rpc_reply,
  op_rpc_send, op_rpc_trace, op_websocket_couple, op_websocket_couple_of,
} = core.ops;
const { Session } = core.loadExtScript("ext:cellhouse_runtime/rpc.js");
const { addPortable } = core.loadExtScript("ext:cellhouse_runtime/rpc_values.js");
const { NumberMap } = core.loadExtScript("ext:cellhouse_runtime/number_map.js");
const { remoteError } = core.loadExtScript("ext:cellhouse_runtime/remote_error.js");
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");
const { answered, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");

// The events of apps are counted from 1.
const NO_EVENT = 0;
// Sessions without anything under way that are kept for the next call.
const IDLE_SESSIONS = 256;

// ---- as the caller

// A session of the caller's. What becomes of it when nothing is expected any more is `rested()`.
class Calling {
  constructor(number) {
    this.number = number;
    this.expecting = false;
    this.closing = false;
    this.session = new Session({
      send: (message, ends, call) => this.#send(message, ends, call),
      finish: this.finish,
      couple: () => op_websocket_couple(NO_EVENT),
    });
    this.main = this.session.remote();
    byNumber.set(number, this);
  }

  #send(message, ends, call) {
    // The other side is told by the end of the session.
    if (this.isOver()) return this.end(new Error("The RPC session was closed."));
    ends.forEach(op_rpc_enclose);
    if (!op_rpc_send(this.number, message, call)) return this.end(new Error("Network connection lost."));
    if (!this.session.expects()) return this.rest();
    if (this.expecting) return;
    this.#expect(true);
    this.begun();
  }

  // Whoever waits for an answer is not taken for one who waits for nothing.
  #expect(more) {
    if (this.expecting === more) return;
    this.expecting = more;
    op_rpc_expect(more);
  }

  receive(message, ends) {
    this.session.receive(message, ends);
    if (this.session.isClosed()) this.end(new Error("The RPC session was closed."));
    else this.rest();
  }

  // A call was not taken, or the session is over.
  failed(call, error) {
    if (call === 0) return this.end(error);
    this.session.refused(call, error);
    this.rest();
  }

  // Called when something may be over.
  rest() {
    if (this.session.expects()) return;
    this.#expect(false);
    if (!this.closing) this.rested();
  }

  begun() {}

  // Tells the other side in the end that a result is of no use any more; undefined if it has to know at once.
  get finish() {
    return (id) => op_rpc_finish(this.number, id);
  }

  // Whether all that is left to say is that nothing is used any more.
  isOver() {
    return false;
  }

  end(error) {
    this.closing = true;
    byNumber.delete(this.number);
    this.session.close(error, false);
    this.#expect(false);
    op_rpc_close(this.number);
  }
}

class ObjectCalling extends Calling {
  constructor(key, objectClass, address) {
    super(op_rpc_open(objectClass, address));
    this.key = key;
    byObject.set(key, this);
  }

  begun() {
    idle.delete(this);
  }

  rested() {
    if (this.session.isUnused()) keep(this);
  }

  end(error) {
    if (byObject.get(this.key) === this) byObject.delete(this.key);
    idle.delete(this);
    super.end(error);
  }
}

const byNumber = new NumberMap();
const byObject = new Map();
// Oldest first.
const idle = new Set();

function keep(calling) {
  idle.add(calling);
  if (idle.size <= IDLE_SESSIONS) return;
  const [oldest] = idle;
  const error = new Error("The RPC session was closed.");
  oldest.closing = true;
  oldest.session.close(error);
  oldest.end(error);
}

function callingOf(objectClass, address) {
  const key = `${objectClass}:${address}`;
  return byObject.get(key) ?? new ObjectCalling(key, objectClass, address);
}

// What a stub's properties stand for: calls go through the session of the moment.
class ObjectHook {
  isAnswer = false;
  id = 0;

  constructor(objectClass, address) {
    this.objectClass = objectClass;
    this.address = address;
  }

  call(path, args) {
    const calling = callingOf(this.objectClass, this.address);
    return calling.main.call(path, args);
  }

  // Of the instance that the next call reaches.
  watch(told) {
    const { main, session } = callingOf(this.objectClass, this.address);
    session.watch(main, told);
  }

  hold() {}

  drop() {}
}

// A message of an object has arrived; or why a call was refused, or, if `call` is 0, why nothing will come any more.
// `failure`: as `remoteError` takes it.
function rpcMessage(number, isMessage, ends, call, failure) {
  const calling = byNumber.get(number);
  if (calling === undefined) return;
  if (isMessage) return calling.receive(op_rpc_arrived(), ends ?? undefined);
  calling.failed(call, remoteError(failure));
}

// ---- as the object

// A session of the side that is called. It may call its caller too, and waits for that then.
class Answering {
  #number;
  #session;
  #waits = false;

  constructor(number, couple, main, around) {
    this.#number = number;
    this.#session = new Session({ send: (message, ends) => this.#send(message, ends), couple }, main, around);
  }

  #send(message, ends) {
    ends.forEach(op_rpc_enclose);
    if (!op_rpc_reply(this.#number, message)) this.#session.close(new Error("Network connection lost."), false);
    this.#look();
  }

  // What has arrived: a message, or none, and the results that the caller needs no more, if any.
  receive(ends, finished = null) {
    if (finished !== null) this.#session.finished(finished);
    const message = op_rpc_arrived();
    if (message !== undefined) this.#session.receive(message, ends ?? undefined);
    this.#look();
  }

  #look() {
    const waits = this.#session.expects();
    if (waits === this.#waits) return;
    this.#waits = waits;
    op_rpc_expect(waits);
  }

  // `tells`: the caller does not know yet.
  close(error, tells = true) {
    this.#session.close(error, tells);
    this.#look();
  }

  isClosed() {
    return this.#session.isClosed();
  }

  isUnused() {
    return this.#session.isUnused();
  }
}

// A call of a session, as an event of the object's.
class CallEvent {
  constructor(instance, ctx, depth, code, isMain, settle) {
    this.instance = instance;
    this.ctx = ctx;
    this.depth = depth;
    this.code = code;
    this.isMain = isMain;
    this.settle = settle;
  }

  // The object may have been made only now.
  run() {
    return this.isMain ? this.code(this.instance.object ?? {}) : this.code();
  }

  done(value) {
    this.settle(false, value);
    answered(this.ctx);
  }

  fail(error) {
    this.settle(true, error);
    answered(this.ctx);
  }
}
keepShapes(new CallEvent(undefined, undefined, 0, undefined, true, undefined));

// The number of the event that a call of a session is; object 0 is none.
function beginCall(object, session, entrypoint, method) {
  const event = op_rpc_begin(object, session);
  if (event >= 0) return event;
  // Somebody follows the app.
  op_rpc_trace(-event, object, entrypoint, method);
  return -event;
}

// A session of an instance. `deliver(event, come)` lets an event in when it is its turn.
function answering(object, number, instance, deliver) {
  const around = (run, come, depth, isMain, path, settle) => {
    const ctx = newContext(beginCall(object, number, instance.className, path.join(".")));
    deliver(new CallEvent(instance, ctx, depth, run, isMain, settle), come);
  };
  return new Answering(number, () => op_websocket_couple_of(object), instance.object ?? {}, around);
}

return { addPortable, Answering, answering, beginCall, Calling, ObjectHook, rpcMessage };
})();
