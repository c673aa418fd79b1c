// RPC with Durable Objects: the sessions in which this isolate calls objects, and those in which the
// objects that live here are called. One for each object and calling isolate.

(function () {
const { core } = __bootstrap;
const {
  op_rpc_begin, op_rpc_close, op_rpc_enclose, op_rpc_expect, op_rpc_idle, op_rpc_open, op_rpc_reply,
  op_rpc_send, op_websocket_couple, op_websocket_couple_of,
} = core.ops;
const { Session } = core.loadExtScript("ext:cellhouse_runtime/rpc.js");
const { addPortable } = core.loadExtScript("ext:cellhouse_runtime/rpc_values.js");
const { NumberMap } = core.loadExtScript("ext:cellhouse_runtime/number_map.js");
const { remoteError } = core.loadExtScript("ext:cellhouse_runtime/remote_error.js");
const { answered, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");

// The events of apps are counted from 1.
const NO_EVENT = 0;
// Sessions without anything under way that are kept for the next call.
const IDLE_SESSIONS = 256;

// ---- as the caller

class Calling {
  constructor(key, objectClass, address) {
    this.key = key;
    this.number = op_rpc_open(objectClass, address);
    this.expecting = false;
    this.closing = false;
    this.session = new Session({
      send: (bytes, ends, call) => this.#send(bytes, ends, call),
      couple: () => op_websocket_couple(NO_EVENT),
    });
    this.main = this.session.remote();
  }

  #send(bytes, ends, call) {
    ends.forEach(op_rpc_enclose);
    if (!op_rpc_send(this.number, bytes, call)) return this.end(new Error("Network connection lost."));
    if (!this.session.expects()) return this.rest();
    if (this.expecting) return;
    this.expecting = true;
    idle.delete(this);
    op_rpc_expect(this.number);
  }

  receive(bytes, ends) {
    this.session.receive(bytes, ends);
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
    if (this.expecting) {
      this.expecting = false;
      op_rpc_idle(this.number);
    }
    if (this.session.isUnused() && !this.closing) keep(this);
  }

  end(error) {
    byNumber.delete(this.number);
    if (byObject.get(this.key) === this) byObject.delete(this.key);
    idle.delete(this);
    this.session.close(error, false);
    op_rpc_idle(this.number);
    op_rpc_close(this.number);
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
  let calling = byObject.get(key);
  if (calling === undefined) {
    calling = new Calling(key, objectClass, address);
    byObject.set(key, calling);
    byNumber.set(calling.number, calling);
  }
  return calling;
}

// What a stub's properties stand for: calls go through the session of the moment.
class ObjectHook {
  kind = "object";
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

// A message of an object; or why a call was refused, or, if `call` is 0, why nothing will come any more.
// `failure`: as `remoteError` takes it.
function rpcMessage(number, bytes, ends, call, failure) {
  const calling = byNumber.get(number);
  if (calling === undefined) return;
  if (bytes !== null) return calling.receive(new Uint8Array(bytes), ends);
  calling.failed(call, remoteError(failure));
}

// ---- as the object

// A session of an instance. `deliver(run, come)` calls its code when it is its turn.
function answering(object, number, main, deliver) {
  const around = (run, come) => {
    const ctx = newContext(op_rpc_begin(object, number));
    const done = deliver(run, come);
    const end = () => answered(ctx);
    done.then(end, end);
    return done;
  };
  const transport = {
    send(bytes, ends) {
      ends.forEach(op_rpc_enclose);
      op_rpc_reply(number, bytes);
    },
    couple: () => op_websocket_couple_of(object),
  };
  return new Session(transport, main, around);
}

return { addPortable, answering, ObjectHook, rpcMessage };
})();
