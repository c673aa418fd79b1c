// Values on their way through a session: what is passed by reference, and what of the platform is passed
// by value. An index in the encoded value stands for an entry of the list beside it; an entry is a list:
//
//   ["export", id]            something of the sender's, by the number in its table
//   ["return", id]            something of the receiver's, by the number in the receiver's table
//   ["answer", id]            the result of a call that the sender has made: its value
//   ["readable" | "writable", id]   a stream, as the export that feeds it
//   ["headers", entries], ["request", {...}, body id], ["response", {...}, body id, web socket]
//   ["signal", id]            an AbortSignal, as the export that tells of its abort
//   ["aborted", value]        one that is aborted, and why, encoded as any value
//   ["websocket", place]      an end of a WebSocket, among those that go with the message
//   [name, data]              something of others' that is passed by value, see `addPortable`

(function () {
const { core } = __bootstrap;
const { exceptionParts, refuse } = core.loadExtScript("ext:cellhouse_runtime/clone.js");
const { PROMISE, PROPERTY, stateOf, STUB, stubOf } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");
const { RpcTarget } = core.loadExtScript("ext:cellhouse_runtime/rpc_target.js");
const { isReadable, isWritable, readable, Sink, Source, writable } = core.loadExtScript(
  "ext:cellhouse_runtime/rpc_streams.js",
);
const { following, isSignal, SignalSource } = core.loadExtScript("ext:cellhouse_runtime/rpc_signals.js");
const { Headers } = core.loadExtScript("ext:cellhouse_runtime/headers.js");
const { Request } = core.loadExtScript("ext:cellhouse_runtime/request.js");
const { Response } = core.loadExtScript("ext:cellhouse_runtime/response.js");
const { AbortSignal } = core.loadExtScript("ext:deno_web/03_abort_signal.js");
const { op_clone_read, op_clone_write } = core.ops;

// Other classes: { name, is(value), write(value) -> data that can be cloned, read(data) -> value }.
const portables = [];
const addPortable = (portable) => {
  portables.push(portable);
};

// ---- out

// The bytes of a value, and the list beside them. Ends of WebSockets are added to `ends`. For a result, stubs
// that came from the other side are added to `passed`: they go back as stubs, which live as long as they are held.
function encode(session, value, ends, passed) {
  const beside = [];
  const before = ends.length;
  try {
    const bytes = op_clone_write(value, (one) => {
      const entry = entryOf(session, one, ends, passed);
      return entry === undefined ? exceptionParts(one) : beside.push(entry) - 1;
    });
    return { bytes, beside };
  } catch (error) {
    // Nothing is sent, so nobody will release it.
    for (const entry of beside) takeBack(entry, (id) => session.unexport(id));
    for (const end of ends.splice(before)) core.tryClose(end);
    throw error;
  }
}

const EXPORTS = new Set(["export", "readable", "writable", "signal"]);

// Takes back what an entry hands over, which `unexport` does by its number.
function takeBack([name, data, body], unexport) {
  if (name === "aborted") {
    for (const entry of data.beside) takeBack(entry, unexport);
  } else if (EXPORTS.has(name)) {
    unexport(data);
  } else if ((name === "request" || name === "response") && body !== null) {
    unexport(body);
  }
}

// Undefined for a DOMException, and for what the language itself refuses.
function entryOf(session, value, ends, passed) {
  const state = stateOf(value);
  if (state !== undefined) return stubEntry(session, state, value, passed);
  // Stubs of objects are proxies.
  const portable = portables.find(({ is }) => is(value));
  if (portable !== undefined) return [portable.name, portable.write(value)];
  if (core.isProxy(value)) return undefined;
  if (typeof value === "function" || value instanceof RpcTarget) {
    return ["export", session.export(value)];
  }
  return platformEntry(session, value, ends);
}

function stubEntry(session, state, proxy, passed) {
  const hook = state.use();
  if (hook.session !== session) return ["export", session.export(forward(state, proxy))];
  if (passed !== undefined && state.kind === STUB) {
    passed.add(proxy);
    return ["export", session.export(proxy.dup())];
  }
  if (state.kind === PROPERTY) return ["answer", session.keep(hook.call(state.path, undefined))];
  return state.kind === PROMISE ? ["answer", session.refer(hook)] : ["return", hook.id];
}

// What others know of a stub from another session: one of their own, which passes calls on. A promise is
// passed on as its value.
function forward(state, proxy) {
  return state.kind === PROPERTY ? proxy : proxy.dup();
}

function platformEntry(session, value, ends) {
  if (isReadable(value)) return ["readable", session.export(new Source(value))];
  if (isWritable(value)) return ["writable", session.export(new Sink(value))];
  if (value instanceof Headers) return ["headers", [...value]];
  if (value instanceof Request) return requestEntry(session, value);
  if (value instanceof Response) return responseEntry(session, value, ends);
  if (isSignal(value)) return signalEntry(session, value, ends);
  if (sockets().isSocket(value)) return ["websocket", enclose(session, value, ends)];
  // Shared memory is refused by the engine's own words.
  if (core.isSharedArrayBuffer(value) || ArrayBuffer.isView(value)) return undefined;
  return exceptionParts(value) === undefined ? refuse(value) : undefined;
}

const bodyOf = (session, { body }) => body === null ? null : session.export(new Source(body));

function requestEntry(session, request) {
  const { method, url, redirect, cf } = request;
  const body = bodyOf(session, request);
  return ["request", { method, url, redirect, cf, headers: [...request.headers] }, body];
}

function responseEntry(session, response, ends) {
  const { status, statusText, cf, webSocket } = response;
  const socket = webSocket ? enclose(session, webSocket, ends) : null;
  const body = bodyOf(session, response);
  return ["response", { status, statusText, cf, headers: [...response.headers] }, body, socket];
}

function signalEntry(session, signal, ends) {
  if (!signal.aborted) return ["signal", session.export(new SignalSource(signal))];
  return ["aborted", encode(session, signal.reason, ends)];
}

const sockets = () => core.loadExtScript("ext:cellhouse_runtime/websocket.js");

// The place of a WebSocket among those that go with the message.
function enclose(session, socket, ends) {
  return ends.push(sockets().handOver(socket, () => session.couple())) - 1;
}

// ---- in

// The value of `encode`. `answers` gives the value of a result that it refers to, by its number. Stubs
// that are made are added to `stubs`; `ends` are those that came with the message.
function decode(session, { bytes, beside }, answers, stubs, ends) {
  const made = [];
  const valueAt = (index) => valueOf(session, beside[index], answers, stubs, ends);
  return op_clone_read(bytes, (index) => made[index] ??= valueAt(index));
}

function valueOf(session, entry, answers, stubs, ends) {
  const [name, data, body, socket] = entry;
  switch (name) {
    case "export": {
      const stub = stubOf(session.import(data));
      stubs.push(stub);
      return stub;
    }
    case "return":
      return returned(session.exported(data), stubs);
    case "answer":
      return returned(answers(data), stubs);
    case "readable":
      return readable(stubOf(session.import(data)));
    case "writable":
      return writable(stubOf(session.import(data)));
    case "headers":
      return new Headers(data);
    case "request":
      return new Request(data.url, { ...data, body: bodyFrom(session, body) ?? undefined });
    case "response":
      return responseFrom(session, data, body, socket === null ? undefined : ends[socket]);
    case "signal":
      return following(stubOf(session.import(data)));
    case "aborted":
      return AbortSignal.abort(decode(session, data, answers, stubs, ends));
    case "websocket":
      return sockets().ofEnd(ends[data], "");
  }
  core.loadExtScript(PORTABLES[name]);
  return portables.find((portable) => portable.name === name).read(data);
}

// The scripts of what is passed by value, by its name: the receiver may not have met it before.
const PORTABLES = {
  object: "ext:cellhouse_runtime/object_stub.js",
  service: "ext:cellhouse_runtime/service_stub.js",
  class: "ext:cellhouse_runtime/durable_object_class.js",
};

// A stub that others hold as well: the receiver may dispose of its own.
function returned(value, stubs) {
  if (stateOf(value)?.kind !== STUB) return value;
  const stub = value.dup();
  stubs.push(stub);
  return stub;
}

const bodyFrom = (session, id) => id === null ? null : readable(stubOf(session.import(id)));

function responseFrom(session, init, body, end) {
  if (end === undefined) return new Response(bodyFrom(session, body), init);
  return new Response(null, { ...init, webSocket: sockets().ofEnd(end, "") });
}

// The numbers of the results that a value refers to.
const answersIn = ({ beside }) => beside.flatMap(([name, data]) => {
  if (name === "aborted") return answersIn(data);
  return name === "answer" ? [data] : [];
});

return { addPortable, answersIn, decode, encode, takeBack };
})();
