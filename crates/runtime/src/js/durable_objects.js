// Durable Objects that live in this isolate: their instances, and the events that reach them. An event
// waits while its object is starting or has asked for that (blockConcurrencyWhile).

(function () {
const { core } = __bootstrap;
const {
  op_fail_object, op_object_alarm_end, op_object_hold, op_object_identity, op_object_release,
  op_object_reset, op_report, op_rpc_end,
} = core.ops;
const { env } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { answered, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { sent } = core.loadExtScript("ext:cellhouse_runtime/remote_error.js");
const { newId } = core.loadExtScript("ext:cellhouse_runtime/durable_object_namespace.js");
const { DurableObjectState, gateOf } = core.loadExtScript(
  "ext:cellhouse_runtime/durable_object_state.js",
);
const { DurableObject } = core.loadExtScript("ext:cellhouse_runtime/workers.js");
const { clearTimeout, setTimeout } = core.loadExtScript("ext:deno_web/02_timers.js");

// The classes that the app exports, by their index.
const classes = [];
// By the number that Rust has given.
const instances = new Map();

// Finds the classes among the exports of the app's module.
function findClasses(names, namespace) {
  for (const name of names) {
    const found = namespace[name];
    if (typeof found !== "function") {
      throw new TypeError(
        `The app has a Durable Object class "${name}", and its entry does not export one: add ` +
          `\`export class ${name} { ... }\`.`,
      );
    }
    classes.push(found);
  }
}

class Instance {
  constructor(number, state) {
    this.number = number;
    this.state = state;
    this.gate = gateOf(state);
    this.object = undefined;
    // RPC sessions, by number.
    this.sessions = new Map();
    // Those of them that keep the object in memory.
    this.held = new Set();
    // Why it can do nothing more.
    this.broken = undefined;
  }
}

function instanceOf(number, byAlarm) {
  return instances.get(number) ?? start(number, byAlarm);
}

function start(number, byAlarm) {
  const [index, hex, name] = op_object_identity(number, byAlarm);
  const id = newId(index, hex, name ?? undefined);
  const state = new DurableObjectState(number, id, typeof classes[index].prototype?.alarm === "function");
  const instance = new Instance(number, state);
  instance.gate.broke = (error, keep) => reset(instance, error, keep);
  instances.set(number, instance);
  try {
    instance.object = construct(classes[index], state);
  } catch (error) {
    reset(instance, error, false);
  }
  return instance;
}

// The document's own style of class has neither a base nor a constructor that keeps what it is given, and
// uses `this.state`, `this.ctx` and `this.env` all the same.
function construct(objectClass, state) {
  if (objectClass.prototype instanceof DurableObject) return new objectClass(state, env);
  const given = { state, ctx: state, env };
  const prototype = objectClass.prototype;
  const lent = Object.keys(given).filter((name) => !(name in prototype));
  for (const name of lent) {
    Object.defineProperty(prototype, name, {
      get: () => given[name],
      set(value) {
        Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
      },
      configurable: true,
    });
  }
  let object;
  try {
    object = new objectClass(state, env);
  } finally {
    for (const name of lent) delete prototype[name];
  }
  for (const [name, value] of Object.entries(given)) {
    if (object[name] === undefined) {
      Object.defineProperty(object, name, { value, writable: true, configurable: true });
    }
  }
  return object;
}

// The instance is gone; the next event makes another one. `keep`: what it wrote stays.
function reset(instance, error, keep) {
  if (instance.broken !== undefined) return;
  instance.broken = { error };
  mark(error);
  // Before anybody is told: what is told is flushed.
  op_object_reset(instance.number, keep);
  for (const session of instance.sessions.values()) session.close(error);
  if (instances.get(instance.number) === instance) objectEvict(instance.number);
  instance.gate.fail(error);
}

// Callers see from it that the object starts anew.
function mark(error) {
  if (error instanceof Error && Object.isExtensible(error)) error.durableObjectReset = true;
}

function failed(id, ctx, error) {
  op_fail_object(id, ...describeError(error), sent(error));
  answered(ctx);
}

// Runs an event of an object, when it is its turn. `run` calls the object; its result goes to `done`, what
// it throws, or the end of the object, to `fail`.
function deliver(number, byAlarm, run, done, fail) {
  const instance = instanceOf(number, byAlarm);
  when(instance, () => begin(instance, run, done, fail));
}

function when(instance, event) {
  const { gate } = instance;
  if (gate.isOpen()) event();
  else gate.wait(event);
}

function begin(instance, run, done, fail) {
  if (instance.broken !== undefined) return fail(instance.broken.error);
  let result;
  try {
    result = run(instance.object);
  } catch (error) {
    return fail(instance.broken === undefined ? error : instance.broken.error);
  }
  // It ended the instance, and went on.
  if (instance.broken !== undefined) {
    Promise.resolve(result).catch(() => {});
    return fail(instance.broken.error);
  }
  if (!(result instanceof Promise)) {
    if (typeof result?.then !== "function") return done(result);
    result = Promise.resolve(result);
  }
  const { gate } = instance;
  gate.pending.add(fail);
  result.then(
    (value) => {
      if (gate.pending.delete(fail)) done(value);
    },
    (error) => {
      if (gate.pending.delete(fail)) fail(error);
    },
  );
}

// ---- events

function objectFetch(id, number, request, respond) {
  const ctx = newContext(id);
  const fail = (error) => failed(id, ctx, error);
  const run = (object) => {
    if (typeof object.fetch !== "function") {
      throw new Error("Handler does not export a fetch() function.");
    }
    return object.fetch(request);
  };
  deliver(number, false, run, (response) => respond(id, ctx, response, fail, true), fail);
}

function objectAlarm(id, number, retryCount, scheduledTime) {
  const ctx = newContext(id);
  const info = { isRetry: retryCount > 0, retryCount, scheduledTime };
  const end = (done) => {
    op_object_alarm_end(id, done);
    answered(ctx);
  };
  const fail = (error) => {
    op_report(...describeError(error));
    end(false);
  };
  deliver(number, true, (object) => object.alarm?.(info), () => end(true), fail);
}

function objectRpc(number, session, bytes, ends) {
  const instance = instanceOf(number, false);
  let known = instance.sessions.get(session);
  if (known === undefined) {
    const { answering } = core.loadExtScript("ext:cellhouse_runtime/object_rpc.js");
    const run = (call) => new Promise((resolve, reject) => {
      when(instance, () => begin(instance, call, resolve, reject));
    });
    known = answering(number, session, instance.object ?? {}, run);
    instance.sessions.set(session, known);
  }
  if (instance.broken === undefined) known.receive(new Uint8Array(bytes), ends);
  else known.close(instance.broken.error);
  keepWhileUsed(instance, session, known);
}

// An object stays in memory while callers have something of its.
function keepWhileUsed(instance, number, session) {
  const closed = session.isClosed();
  const held = !closed && !session.isUnused();
  if (held !== instance.held.has(number)) {
    if (held) {
      instance.held.add(number);
      op_object_hold(instance.number);
    } else {
      instance.held.delete(number);
      op_object_release(instance.number);
    }
  }
  if (closed) {
    instance.sessions.delete(number);
    op_rpc_end(number);
  }
}

// The object is reset if an event of one of its sockets takes longer than it has set itself.
function limited(number, milliseconds) {
  const instance = instances.get(number);
  if (milliseconds === null || instance === undefined) return undefined;
  const error = new Error("Actor exceeded event execution time and was disconnected.");
  return setTimeout(() => reset(instance, error, false), milliseconds);
}

// What happened to a hibernating socket; serve.rs has the same numbers.
const CLOSE = 2;

function objectSocket(id, number, socket, kind, data, code, clean) {
  const { closed, getEventTimeout, gone, socketOf } = core.loadExtScript("ext:cellhouse_runtime/hibernation.js");
  const ctx = newContext(id);
  const isClose = kind === CLOSE;
  let timer;
  const run = (object) => {
    timer = limited(number, getEventTimeout(number));
    const webSocket = socketOf(number, socket);
    if (!isClose) return object.webSocketMessage?.(webSocket, data);
    closed(webSocket, clean);
    return object.webSocketClose?.(webSocket, code, data, clean);
  };
  const end = () => {
    clearTimeout(timer);
    if (isClose) gone(number, socket);
    answered(ctx);
  };
  const fail = (error) => {
    op_report(...describeError(error));
    end();
  };
  deliver(number, false, run, end, fail);
}

function objectEvict(number) {
  // Callers have nothing of its, and find the next instance in the same session.
  for (const session of instances.get(number)?.sessions.keys() ?? []) op_rpc_end(session);
  core.loadExtScript("ext:cellhouse_runtime/hibernation.js").forget(number);
  instances.delete(number);
}

// Somebody deletes the object: what runs of it ends.
function objectDeleted(number) {
  const instance = instances.get(number);
  if (instance === undefined) return;
  reset(instance, new Error("Durable Object reset because it was deleted."), false);
}

return { findClasses, objectAlarm, objectDeleted, objectEvict, objectFetch, objectRpc, objectSocket };
})();
