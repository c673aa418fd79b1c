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

// The class of the objects that no config names; Rust has the same word.
const AUTOMATIC = "sdk.do";

// The classes that the app exports, by their index; undefined for the automatic one.
const classes = [];
// What they are called; "" for the automatic one.
let names = [];
// By the number that Rust has given.
const instances = new Map();

// What built-in packages do for the objects of an app that imports them.
let platform;

// Finds the classes among the exports of the app's module.
function findClasses(given, namespace) {
  names = given.map((name) => name === AUTOMATIC ? "" : name);
  if (given.includes(AUTOMATIC)) {
    platform = core.loadExtScript("ext:cellhouse_runtime/platform.js").loaded(given, namespace);
  }
  for (const name of given) {
    if (name === AUTOMATIC) {
      classes.push(undefined);
      continue;
    }
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
  const [index, hex, name] = op_object_identity(number, byAlarm || platform !== undefined);
  const id = newId(index, hex, name ?? undefined);
  const [objectClass, unknown] = classFor(index, name);
  const { alarm, onAlarm } = objectClass?.prototype ?? {};
  const hasAlarm = typeof (platform === undefined ? alarm : alarm ?? onAlarm) === "function";
  const state = new DurableObjectState(number, id, hasAlarm);
  const instance = new Instance(number, state);
  instance.gate.broke = (error, keep) => reset(instance, error, keep);
  instances.set(number, instance);
  try {
    if (unknown !== undefined) throw unknown;
    instance.object = construct(objectClass, state);
    platform?.made(instance.object, state, names[index]);
  } catch (error) {
    reset(instance, error, false);
  }
  return instance;
}

// An automatic object's class goes by its name: the class, or why there is none.
function classFor(index, name) {
  if (classes[index] !== undefined) return [classes[index], undefined];
  try {
    return [platform.resolve(name ?? ""), undefined];
  } catch (error) {
    return [undefined, error];
  }
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
  for (const session of instance.sessions.values()) session.close(error);
  if (instances.get(instance.number) === instance) objectEvict(instance.number);
  op_object_reset(instance.number, keep);
  instance.gate.fail(error);
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
    return fail(error);
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

function objectRpc(number, session, bytes) {
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
  if (instance.broken === undefined) known.receive(new Uint8Array(bytes));
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

// What happened to a hibernating socket; serve.rs has the same numbers.
const CLOSE = 2;

function objectSocket(id, number, socket, kind, data, code, clean) {
  const { closed, gone, socketOf } = core.loadExtScript("ext:cellhouse_runtime/hibernation.js");
  const ctx = newContext(id);
  const isClose = kind === CLOSE;
  const run = (object) => {
    const webSocket = socketOf(number, socket);
    if (!isClose) return object.webSocketMessage?.(webSocket, data);
    closed(webSocket, clean);
    return object.webSocketClose?.(webSocket, code, data, clean);
  };
  const end = () => {
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
