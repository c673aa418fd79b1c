// Durable Objects that live in this isolate: their instances, and the events that reach them. An event
// waits while its object is starting or has asked for that (blockConcurrencyWhile).

(function () {
const { core } = __bootstrap;
const { setAsyncContext } = core;
const {
  op_fail_object, op_object_alarm_end, op_object_hold, op_object_identity, op_object_release,
  op_object_reset, op_report, op_rpc_end,
} = core.ops;
const { answered, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { sent } = core.loadExtScript("ext:cellhouse_runtime/remote_error.js");
const { newId } = core.loadExtScript("ext:cellhouse_runtime/durable_object_namespace.js");
const { DurableObjectState, facetsIfUsed, gateOf, retriesAlarm } = core.loadExtScript(
  "ext:cellhouse_runtime/durable_object_state.js",
);
const { construct, Instance } = core.loadExtScript("ext:cellhouse_runtime/durable_object_instance.js");
const { InputGate } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");
const { NumberMap } = core.loadExtScript("ext:cellhouse_runtime/number_map.js");
const { clearTimeout, setTimeout } = core.loadExtScript("ext:deno_web/02_timers.js");

const NO_ALARM_HANDLER =
  "Your Durable Object class must have an alarm() handler in order to call setAlarm()";

// The class of the objects that no config names; Rust has the same word.
const AUTOMATIC = "sdk.do";

// The classes that the app exports, by their index; undefined for the automatic one.
const classes = [];
// What they are called; "" for the automatic one.
let names = [];
// By the number that Rust has given.
const instances = new NumberMap();

// What built-in packages do for the objects of an app that imports them.
let platform;

// Finds the classes among the exports of the app's module: `[name, app, optional]` of each. Those of other apps are
// not there, and of the app's own nobody misses an optional one.
function findClasses(list, namespace) {
  const own = list.map(([name, app]) => app === null ? name : undefined);
  names = own.map((name) => name === AUTOMATIC ? "" : name);
  if (own.includes(AUTOMATIC)) {
    platform = core.loadExtScript("ext:cellhouse_runtime/platform.js").loaded(own, namespace);
  }
  for (const [name, app, optional] of list) {
    if (name === AUTOMATIC) {
      classes.push(undefined);
      continue;
    }
    const found = app === null ? namespace[name] : undefined;
    if (typeof found !== "function" && app === null && !optional) {
      throw new TypeError(
        `The app has a Durable Object class "${name}", and its entry does not export one: add ` +
          `\`export class ${name} { ... }\`.`,
      );
    }
    classes.push(found);
  }
}

function instanceOf(number, byAlarm) {
  return instances.get(number) ?? start(number, byAlarm);
}

function start(number, byAlarm) {
  const [index, hex, name, facet] = op_object_identity(number, byAlarm || platform !== undefined);
  if (facet !== null) return startFacet(number, facet);
  facetsIfUsed()?.tidy(number);
  const id = newId(index, hex, name ?? undefined);
  const [objectClass, unknown] = classFor(index, name);
  const { alarm, onAlarm } = objectClass?.prototype ?? {};
  const hasAlarm = typeof (platform === undefined ? alarm : alarm ?? onAlarm) === "function";
  const checkAlarm = () => {
    if (!hasAlarm) throw new TypeError(NO_ALARM_HANDLER);
  };
  const state = new DurableObjectState(number, id, checkAlarm);
  const className = names[index] || objectClass?.name || "";
  const instance = new Instance(number, gateOf(state), className, reset);
  instances.set(number, instance);
  try {
    if (unknown !== undefined) throw unknown;
    instance.object = instance.gate.run(() => {
      const object = construct(objectClass, state);
      platform?.made(object, state, names[index]);
      return object;
    });
  } catch (error) {
    reset(instance, error, false);
  }
  return instance;
}

// A facet is made when the app has said what it is; what comes before that waits.
function startFacet(number, [key, incarnation]) {
  const facet = facetsIfUsed()?.find(key, incarnation);
  const instance = new Instance(number, new InputGate(number), "", reset);
  instances.set(number, instance);
  if (facet === undefined || facet.broken !== undefined) {
    reset(instance, facet?.broken.error ?? new Error("Facet was deleted."), false, false);
    return instance;
  }
  instance.facet = facet;
  facet.instance = instance;
  if (facet.plan !== undefined) {
    makeFacet(instance);
    return instance;
  }
  op_object_hold(number);
  const made = facet.starting.then(
    () => {
      if (instance.broken === undefined) makeFacet(instance);
    },
    // As long as the facet is not aborted, its next callers are told the same.
    (error) => reset(instance, error, false, false),
  );
  instance.gate.locked(made.finally(() => op_object_release(number)));
  return instance;
}

const NO_ALARMS = "Facets currently cannot set alarms.";

function makeFacet(instance) {
  const { number, gate, facet } = instance;
  const { objectClass, className, id, props } = facet.plan;
  // Whoever tries it is reset, also where it catches the error.
  const checkAlarm = () => {
    if (typeof objectClass.prototype?.alarm !== "function") throw new TypeError(NO_ALARM_HANDLER);
    const error = new Error(NO_ALARMS);
    facetsIfUsed().end(facet, error);
    throw error;
  };
  const state = new DurableObjectState(number, id, checkAlarm, gate, props);
  instance.className = className;
  try {
    instance.object = gate.run(() => construct(objectClass, state));
  } catch (error) {
    reset(instance, error, false);
  }
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

// The instance is gone; the next event makes another one. `keep`: what it wrote stays. `byItself`: nobody else ended
// it.
function reset(instance, error, keep, byItself = true) {
  if (instance.broken !== undefined) return;
  instance.broken = { error };
  if (byItself) mark(error);
  endFacets(instance, error, byItself);
  // Before anybody is told: what is told is flushed.
  op_object_reset(instance.number, keep);
  for (const session of instance.sessions.values()) session.close(error);
  if (instances.get(instance.number) === instance) objectEvict(instance.number);
  instance.gate.fail(error);
}

// Those of an instance end with it, and a facet with its own.
function endFacets(instance, error, byItself) {
  const facets = facetsIfUsed();
  if (facets === undefined) return;
  const { facet, number } = instance;
  if (facet === undefined) return facets.endOf(number, error);
  facet.instance = undefined;
  if (byItself) facets.ended(facet, error);
}

// Callers see from it that the object starts anew.
function mark(error) {
  if (error instanceof Error && Object.isExtensible(error)) error.durableObjectReset = true;
}

// Runs an event of an object, when it is its turn. `event.run(object)` calls the object; its result goes to
// `event.done()`, what it throws, or the end of the object, to `event.fail()`.
function deliver(number, byAlarm, event) {
  const instance = instanceOf(number, byAlarm);
  const { gate } = instance;
  if (!gate.isOpen()) return gate.wait(() => begin(instance, event));
  gate.begin();
  begin(instance, event);
}

function begin(instance, event) {
  if (instance.broken !== undefined) return event.fail(instance.broken.error);
  const before = instance.gate.enterContext(event.ctx, event.depth);
  try {
    perform(instance, event);
  } finally {
    setAsyncContext(before);
  }
}

function perform(instance, event) {
  const { gate, object } = instance;
  let result;
  try {
    result = event.run(object);
  } catch (error) {
    return event.fail(instance.broken === undefined ? error : instance.broken.error);
  }
  // It ended the instance, and went on.
  if (instance.broken !== undefined) {
    Promise.resolve(result).catch(() => {});
    return event.fail(instance.broken.error);
  }
  if (!(result instanceof Promise)) {
    if (typeof result?.then !== "function") return event.done(result);
    result = Promise.resolve(result);
  }
  const { pending } = gate;
  pending.add(event);
  result.then(
    (value) => {
      if (pending.delete(event)) event.done(value);
    },
    (error) => {
      if (pending.delete(event)) event.fail(error);
    },
  );
}

// ---- events

class FetchEvent {
  constructor(id, request, depth, respond, forget) {
    this.id = id;
    this.depth = depth;
    this.ctx = newContext(id);
    this.request = request;
    this.respond = respond;
    this.forget = forget;
  }

  run(object) {
    if (typeof object.fetch !== "function") {
      throw new Error("Handler does not export a fetch() function.");
    }
    return object.fetch(this.request);
  }

  done(response) {
    this.respond(this.id, this.ctx, response, this);
  }

  fail(error) {
    this.forget(this.id);
    op_fail_object(this.id, ...describeError(error), sent(error));
    answered(this.ctx);
  }
}

function objectFetch(id, number, request, depth, respond, forget) {
  deliver(number, false, new FetchEvent(id, request, depth, respond, forget));
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
    end(!retriesAlarm(error));
  };
  deliver(number, true, { ctx, run: (object) => object.alarm?.(info), done: () => end(true), fail });
}

function objectRpc(number, session, ends, finished) {
  const instance = instanceOf(number, false);
  const known = instance.sessions.get(session) ?? open(instance, session);
  if (instance.broken === undefined) known.receive(ends, finished);
  else known.close(instance.broken.error);
  keepWhileUsed(instance, session, known);
}

function open(instance, session) {
  const { number } = instance;
  const { answering } = core.loadExtScript("ext:cellhouse_runtime/object_rpc.js");
  const answers = answering(number, session, instance, (event, come) => {
    if (come === undefined) deliver(number, false, event);
    else come(() => begin(instance, event));
  });
  instance.sessions.set(session, answers);
  callers.set(session, instance);
  return answers;
}

// RPC session -> the instance that answers in it.
const callers = new NumberMap();

// Whoever called in this session is gone, or needs nothing more.
function sessionOver(number) {
  const instance = callers.get(number);
  const session = instance?.sessions.get(number);
  if (session === undefined) return;
  session.close(new Error("Network connection lost."), false);
  keepWhileUsed(instance, number, session);
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
    callers.delete(number);
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
    closed(webSocket);
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
  deliver(number, false, { ctx, run, done: end, fail });
}

function objectEvict(number) {
  const instance = instances.get(number);
  instance?.gate.shut();
  if (instance?.facet !== undefined) instance.facet.instance = undefined;
  facetsIfUsed()?.left(number);
  // Callers have nothing of its, and find the next instance in the same session.
  for (const session of instances.get(number)?.sessions.keys() ?? []) {
    callers.delete(session);
    op_rpc_end(session);
  }
  core.loadExtScript("ext:cellhouse_runtime/hibernation.js").forget(number);
  instances.delete(number);
}

// The turn that the gate of an object asked for.
function objectTurn(number) {
  instances.get(number)?.gate.turn();
}

// Somebody deletes the object: what runs of it ends.
function objectDeleted(number) {
  const instance = instances.get(number);
  facetsIfUsed()?.endOf(number, new Error("Facet was deleted."));
  if (instance === undefined) return;
  reset(instance, new Error("Durable Object reset because it was deleted."), false);
}

return {
  // Ends the instance of a facet, whose own facets have ended.
  endFacet: (instance, error) => reset(instance, error, false, false),
  findClasses, objectAlarm, objectDeleted, objectEvict, objectFetch, objectRpc, objectSocket, objectTurn,
  sessionOver,
};
})();
