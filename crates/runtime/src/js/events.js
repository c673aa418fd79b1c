// Events: Rust calls a function here, the app's handler runs, and its answer goes back through an op.
// The path of a plain request is kept short: no Request, Headers or URL is built before it is used.

(function () {
const { core } = __bootstrap;
const {
  op_close_event, op_complete_scheduled, op_fail, op_fail_object, op_has_compatibility_flag, op_respond, op_respond_static,
  op_websocket_couple,
} = core.ops;
const { setAsyncContext } = core;
const { enterEvent } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { env, fill } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { answered, isAlone, newContext } = core.loadExtScript("ext:cellhouse_runtime/context.js");
const { describeError } = core.loadExtScript("ext:cellhouse_runtime/errors.js");
const { forClient, left } = core.loadExtScript("ext:cellhouse_runtime/leaving.js");
const { IncomingRequest } = core.loadExtScript("ext:cellhouse_runtime/incoming_request.js");
const { requestOf } = core.loadExtScript("ext:cellhouse_runtime/request_object.js");
const { signalAbort } = core.loadExtScript("ext:deno_web/03_abort_signal.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const {
  getInnerResponse, ResponsePrototype, responseBodyUsed, serveFastBodyKey, serveFastContentTypeKey,
  serveFastHeaderKindKey, serveFastStatusKey, toInnerResponse, wireHeaderList,
} = core.loadExtScript("ext:deno_fetch/23_response.js");
const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const { readableStreamForRid } = core.loadExtScript("ext:deno_web/06_streams.js");
const { lengths } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { takeBody } = core.loadExtScript("ext:cellhouse_runtime/message_parts.js");
const { sent } = core.loadExtScript("ext:cellhouse_runtime/content_encoding.js");
const { isUntouched } = core.loadExtScript("ext:cellhouse_runtime/text_response.js");
const { event, findHandlers } = core.loadExtScript("ext:cellhouse_runtime/platform_events.js");
const { WorkerEntrypoint } = core.loadExtScript("ext:cellhouse_runtime/workers.js");
const { allowCode } = core.loadExtScript("ext:cellhouse_runtime/code_generation.js");

// Open requests, for the abort of their signals.
const requests = new Map();
// (request | controller, env, ctx) of the app.
let fetchHandler;
let scheduledHandler;
let tailHandler;

// ---- loading

function load(what, description, namespace) {
  if (what === "env") {
    fill(description);
    if (op_has_compatibility_flag("allow_eval_during_startup")) allowCode(globalThis, true);
    return "";
  }
  if (what === "node") {
    core.loadExtScript("ext:cellhouse_runtime/node.js").install(JSON.parse(description));
    return "";
  }
  if (what === "matches") {
    core.loadExtScript("ext:cellhouse_runtime/regexp_statics.js").defineStatics();
    return "";
  }
  allowCode(globalThis, false);
  const { name, classes } = JSON.parse(description);
  if (classes.length > 0) objects().findClasses(classes, namespace);
  const main = namespace.default ?? classesAlone(namespace);
  if (main === undefined) {
    return '!the entry has no default export: a Worker needs `export default { async fetch(request, env, ctx) { ... } }`';
  }
  fetchHandler = handler(main, "fetch");
  scheduledHandler = handler(main, "scheduled");
  tailHandler = handler(main, "tail") ?? handler(main, "trace");
  const names = [
    fetchHandler && "fetch", scheduledHandler && "scheduled", tailHandler && "tail",
    ...findHandlers(main, handler, namespace),
  ];
  return `${names.filter(Boolean).join(",")};${entrypoints(name, classes, namespace).join(",")}`;
}

// An app that others call by its named classes alone needs no default export.
function classesAlone(namespace) {
  const { isClassOfOurs } = core.loadExtScript("ext:cellhouse_runtime/exports.js");
  return Object.values(namespace).some(isClassOfOurs) ? {} : undefined;
}

// Makes what the app can be called by as a service; gives the names of it.
function entrypoints(app, classes, namespace) {
  const { fillExports } = core.loadExtScript("ext:cellhouse_runtime/exports.js");
  const own = new Map();
  classes.forEach(([name, of], index) => {
    if (of === null) own.set(name, index);
  });
  loadedModule = [app, namespace];
  return fillExports(app, own, namespace);
}

function handler(main, name) {
  if (typeof main === "function" && typeof main.prototype?.[name] === "function") {
    return (event, env, ctx) => new main(ctx, env)[name](event);
  }
  if (typeof main[name] === "function") return (event, env, ctx) => main[name](event, env, ctx);
  return undefined;
}

// ---- fetch

function requestBody(rid, length) {
  const stream = readableStreamForRid(rid);
  if (length !== null) lengths.set(stream, length);
  const body = new InnerBody(stream);
  body.length = length;
  return body;
}

// `method` is undefined for GET and `protocol` for HTTP/1.1, which most requests are.
function fetch(id, url, headers, method, protocol, rid, length) {
  const inner = new IncomingRequest(url, headers, id);
  if (method !== undefined) inner.method = method;
  if (protocol !== undefined) inner.protocol = protocol;
  if (rid !== null) inner.body = requestBody(rid, length);
  const request = requestOf(inner, "immutable");
  requests.set(id, request);
  const ctx = newContext(id);
  if (fetchHandler === undefined) {
    return failed(id, ctx, new Error("Handler does not export a fetch() function."));
  }
  let result;
  const before = enterEvent(ctx, 0);
  try {
    result = forClient(fetchHandler, request, env, ctx);
  } catch (error) {
    return failed(id, ctx, error);
  } finally {
    setAsyncContext(before);
  }
  if (result instanceof Promise) {
    result.then(
      (response) => respond(id, ctx, response),
      (error) => failed(id, ctx, error),
    );
  } else {
    respond(id, ctx, result);
  }
}

function failed(id, ctx, error) {
  requests.delete(id);
  op_fail(id, ...describeError(error));
  answered(ctx);
}

// `event`: that of an object, whose response goes to another event of this process and not to a client.
function respond(id, ctx, response, event = undefined) {
  try {
    const fast = response?.[serveFastStatusKey];
    if (fast > 0 && typeof response[serveFastBodyKey] === "string" && !isUsed(response)) {
      respondStatic(id, ctx, response, fast);
    } else {
      const within = event !== undefined;
      const passed = respondPassed(id, response, within);
      const streaming = passed === false && respondFully(id, response, within);
      answered(ctx);
      // The request's signal tells of a client that leaves while it reads.
      if (streaming) return;
    }
    requests.delete(id);
  } catch (error) {
    requests.delete(id);
    if (event === undefined) failed(id, ctx, error);
    else event.fail(error);
  }
}

const isUsed = (response) => !isUntouched(response) && responseBodyUsed(response);

// The event has failed: nobody asks for its signal any more.
function forget(id) {
  requests.delete(id);
}

function respondStatic(id, ctx, response, status) {
  const done = isAlone(ctx);
  op_respond_static(
    id,
    status,
    response[serveFastHeaderKindKey],
    response[serveFastContentTypeKey] ?? "",
    response[serveFastBodyKey],
    done,
  );
  if (!done) answered(ctx);
}

// An object's response that was not looked into is handed on as it came. Gives false if it is another one,
// or was.
function respondPassed(id, response, within) {
  const inner = ResponsePrototype.isPrototypeOf(response) ? getInnerResponse(response) : undefined;
  const passed = inner?.passed;
  if (passed === undefined || inner.body !== passed.body) return false;
  if (!within && passed.headers.includes("content-encoding")) return false;
  const source = inner.body?.streamOrStatic;
  if (source !== undefined && (source.consumed !== false || source.body !== passed.bytes)) return false;
  const end = webSocketEnd(inner, id);
  const { headers, bytes, isEncoded } = passed;
  op_respond(id, inner.status, inner.statusMessage, headers, bytes, -1, -1, end, isEncoded);
  return undefined;
}

// Whether the body is still to be read from a stream.
function respondFully(id, response, within) {
  if (!ResponsePrototype.isPrototypeOf(response)) {
    throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
  }
  if (responseBodyUsed(response)) {
    throw new TypeError(
      "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.",
    );
  }
  const inner = toInnerResponse(response);
  const { body, headers: list, isEncoded } = sent(inner, wireHeaderList(inner), within);
  let headers = "";
  for (const [name, value] of list) headers += `${name}\0${value}\0`;
  let bytes = null;
  let rid = -1;
  let length = -1;
  if (body !== null) {
    const source = body.streamOrStatic;
    if (typeof source.body === "string") {
      bytes = core.encode(source.body);
    } else if (source.body !== undefined && source.consumed !== undefined) {
      bytes = source.body;
    } else {
      [bytes, rid, length] = takeBody(body);
    }
  }
  const end = webSocketEnd(inner, id);
  op_respond(id, inner.status, inner.statusMessage, headers, bytes, rid, length, end, isEncoded);
  return rid >= 0;
}

// What the gateway joins to the client's socket; -1 for an ordinary response.
function webSocketEnd({ webSocket }, id) {
  if (webSocket === undefined || webSocket === null) return -1;
  const { handOver } = core.loadExtScript("ext:cellhouse_runtime/websocket.js");
  return handOver(webSocket, () => op_websocket_couple(id));
}

// The client has all of its answer.
function delivered(id) {
  requests.delete(id);
}

// The client has gone.
function abort(id) {
  const request = requests.get(id);
  if (request === undefined) return;
  requests.delete(id);
  const { signal } = request;
  signal[signalAbort](new DOMException("The client has disconnected", "AbortError"));
  left(request);
}

// ---- scheduled

const { ScheduledController } = core.loadExtScript("ext:cellhouse_runtime/scheduled.js");

function scheduled(id, cron, time) {
  run(id, "scheduled", scheduledHandler, () => new ScheduledController(cron, time));
}

// What happened in events of other apps.
function tail(id, json) {
  run(id, "tail", tailHandler, () => core.loadExtScript("ext:cellhouse_runtime/tail.js").itemsOf(json));
}

// Runs a handler that answers nothing.
function run(id, name, handler, argument) {
  const ctx = newContext(id);
  if (handler === undefined) {
    return failed(id, ctx, new Error(`Handler does not export a ${name}() function.`));
  }
  let result;
  const before = enterEvent(ctx, 0);
  try {
    result = Promise.resolve(handler(argument(), env, ctx));
  } catch (error) {
    return failed(id, ctx, error);
  } finally {
    setAsyncContext(before);
  }
  result.then(
    () => {
      op_complete_scheduled(id);
      answered(ctx);
    },
    (error) => failed(id, ctx, error),
  );
}

// ---- Durable Objects

let loaded;
const objects = () => loaded ??= core.loadExtScript("ext:cellhouse_runtime/durable_objects.js");

function objectFetch(id, object, method, url, headers, rid, length, depth) {
  const request = requestWithin(id, method, url, headers, rid, length);
  objects().objectFetch(id, object, request, depth, respond, forget);
}

// A request of this process: its line may end with its `cf`, see object_fetch.js.
function requestWithin(id, method, line, headers, rid, length) {
  const end = line.indexOf("\n");
  const url = end < 0 ? line : line.slice(0, end);
  const inner = new IncomingRequest(url, headers, id);
  inner.method = method;
  if (rid !== null) inner.body = requestBody(rid, length);
  if (end >= 0) inner.cf = JSON.parse(line.slice(end));
  const request = requestOf(inner, "immutable");
  requests.set(id, request);
  return request;
}

function objectAlarm(id, object, retryCount, scheduledTime) {
  objects().objectAlarm(id, object, retryCount, scheduledTime);
}

function objectSocket(id, object, socket, kind, data, code, clean) {
  objects().objectSocket(id, object, socket, kind, data, code, clean);
}

function objectRpc(object, session, ends, finished) {
  objects().objectRpc(object, session, ends, finished);
}

function rpcMessage(session, isMessage, ends, call, message, retryable, overloaded) {
  const { rpcMessage } = core.loadExtScript("ext:cellhouse_runtime/object_rpc.js");
  rpcMessage(session, isMessage, ends, call, isMessage ? undefined : [null, message, retryable, overloaded]);
}

function objectEvict(object) {
  objects().objectEvict(object);
}

function objectTurn(object) {
  objects().objectTurn(object);
}

function objectDeleted(object) {
  objects().objectDeleted(object);
}

// ---- services

// The app's name and module, until the script is loaded that needs them.
let loadedModule;
let entrypoint;

function service() {
  if (entrypoint === undefined) {
    entrypoint = core.loadExtScript("ext:cellhouse_runtime/service_entrypoint.js");
    entrypoint.setModule(...loadedModule);
  }
  return entrypoint;
}

function serviceFetch(id, name, props, depth, method, url, headers, rid, length) {
  const request = requestWithin(id, method, url, headers, rid, length);
  const ctx = newContext(id, props);
  const { sent: written } = core.loadExtScript("ext:cellhouse_runtime/remote_error.js");
  const event = {
    fail(error) {
      forget(id);
      op_fail_object(id, ...describeError(error), written(error));
      answered(ctx);
    },
  };
  let result;
  const before = enterEvent(ctx, depth);
  try {
    result = Promise.resolve(service().serviceFetch(name, request, ctx));
  } catch (error) {
    return event.fail(error);
  } finally {
    setAsyncContext(before);
  }
  result.then((response) => respond(id, ctx, response, event), event.fail);
}

let rpc;

function serviceRpc(session, name, props, ends) {
  service();
  rpc ??= core.loadExtScript("ext:cellhouse_runtime/service_rpc.js");
  rpc.serviceRpc(session, name, props, ends);
}

// The caller's side of an RPC session is no more.
function sessionOver(session) {
  loaded?.sessionOver(session);
  rpc?.sessionOver(session);
}

return {
  load, fetch, scheduled, event, tail, abort, delivered, objectFetch, objectAlarm, objectSocket, objectRpc,
  objectEvict, objectDeleted, objectTurn, rpcMessage, serviceFetch, serviceRpc, sessionOver,
};
})();
