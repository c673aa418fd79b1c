// RPC with entrypoints. A session belongs to one call of a binding, and lives as long as anything of it is used: the
// call's result, the stubs that came with it, and what was passed to it. As the caller, and as the entrypoint.

(function () {
const { core } = __bootstrap;
const { op_rpc_end, op_service_open, op_websocket_couple } = core.ops;
const { setAsyncContext } = core;
const { Answering, beginCall, Calling } = core.loadExtScript("ext:cellhouse_runtime/object_rpc.js");
const { enterEvent } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { answered, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { handle, mainOf } = core.loadExtScript("ext:cellhouse_runtime/service_entrypoint.js");
const { isEvent, receive } = core.loadExtScript("ext:cellhouse_runtime/service_events.js");
const { settleBy } = core.loadExtScript("ext:cellhouse_runtime/rpc_messages.js");
const { NumberMap } = core.loadExtScript("ext:cellhouse_runtime/number_map.js");

// Events of apps are counted from 1, and so are objects.
const NONE = 0;

// ---- as the caller

class ServiceCalling extends Calling {
  constructor(address, props) {
    super(op_service_open(address, props));
  }

  // Its end tells.
  get finish() {
    return undefined;
  }

  isOver() {
    return !this.closing && this.session.isFinished();
  }

  rested() {
    if (this.isOver()) this.end(new Error("The RPC session was closed."));
  }
}

// What a stub's properties stand for: each call has a session of its own.
class ServiceHook {
  isAnswer = false;
  id = 0;

  constructor(address, props) {
    this.address = address;
    this.props = props;
  }

  call(path, args) {
    const calling = new ServiceCalling(this.address, this.props);
    try {
      return calling.main.call(path, args);
    } catch (error) {
      calling.end(error);
      throw error;
    }
  }

  // Each call finds the app anew: there is nothing that could break.
  watch() {}

  hold() {}

  drop() {}
}

// ---- as the entrypoint

// By number.
const sessions = new NumberMap();

function answering(number, entrypoint, props) {
  const handlerOf = (event, argument, ctx) => handle(entrypoint, event, argument, ctx);
  // Every call of the entrypoint itself is an event with an instance of its own.
  const around = (run, _come, depth, isMain, path, settle) => {
    if (isMain && isEvent(path)) {
      const done = receive(number, entrypoint, props, depth, path, handlerOf, run);
      return done.then((value) => settle(false, value), (error) => settle(true, error));
    }
    const ctx = newContext(beginCall(NONE, number, entrypoint, path.join(".")), props);
    const end = (failed, value) => {
      settle(failed, value);
      answered(ctx);
    };
    const before = enterEvent(ctx, depth);
    try {
      settleBy(() => isMain ? run(mainOf(entrypoint, ctx)) : run(), end);
    } finally {
      setAsyncContext(before);
    }
  };
  return new Answering(number, () => op_websocket_couple(NONE), {}, around);
}

function serviceRpc(number, entrypoint, props, ends) {
  let session = sessions.get(number);
  if (session === undefined) {
    session = answering(number, entrypoint, props);
    sessions.set(number, session);
  }
  session.receive(ends);
}

// The caller is gone, or needs nothing more.
function sessionOver(number) {
  const session = sessions.get(number);
  if (session === undefined) return;
  sessions.delete(number);
  session.close(new Error("Network connection lost."), false);
  op_rpc_end(number);
}

return { ServiceHook, serviceRpc, sessionOver };
})();
