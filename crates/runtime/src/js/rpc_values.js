// Values on their way through a session: what is passed by reference, and what of the platform is passed
// by value. An index in the encoded value stands for an entry of the list beside it; an entry is a list:
//
//   ["export", id]            something of the sender's, by the number in its table
//   ["return", id]            something of the receiver's, by the number in the receiver's table
//   ["answer", id]            the result of a call that the sender has made: its value
//   ["readable" | "writable", id]   a stream, as the export that feeds it
//   ["headers", entries], ["request", {...}, body id], ["response", {...}, body id]
//   [name, data]              something of others' that is passed by value, see `addPortable`

(function () {
const { core } = __bootstrap;
const { exceptionParts, refuse } = core.loadExtScript("ext:cellhouse_runtime/clone.js");
const { PROMISE, PROPERTY, stateOf, stubOf } = core.loadExtScript("ext:cellhouse_runtime/rpc_stub.js");
const { RpcTarget } = core.loadExtScript("ext:cellhouse_runtime/rpc_target.js");
const { isReadable, isWritable, readable, Sink, Source, writable } = core.loadExtScript(
  "ext:cellhouse_runtime/rpc_streams.js",
);
const { Headers } = core.loadExtScript("ext:cellhouse_runtime/headers.js");
const { Request } = core.loadExtScript("ext:cellhouse_runtime/request.js");
const { Response } = core.loadExtScript("ext:cellhouse_runtime/response.js");
const { op_clone_read, op_clone_write } = core.ops;

// Other classes: { name, is(value), write(value) -> data that can be cloned, read(data) -> value }.
const portables = [];
const addPortable = (portable) => {
  portables.push(portable);
};

// ---- out

// The bytes of a value, and the list beside them.
function encode(session, value) {
  const beside = [];
  try {
    const bytes = op_clone_write(value, (one) => {
      const entry = entryOf(session, one);
      return entry === undefined ? exceptionParts(one) : beside.push(entry) - 1;
    });
    return { bytes, beside };
  } catch (error) {
    // Nothing is sent, so nobody will release it.
    for (const entry of beside) {
      const id = exportIn(entry);
      if (id !== undefined) session.unexport(id);
    }
    throw error;
  }
}

// The number of what an entry hands over.
function exportIn([name, data, body]) {
  if (name === "export" || name === "readable" || name === "writable") return data;
  return name === "request" || name === "response" ? body ?? undefined : undefined;
}

// Undefined for a DOMException, and for what the language itself refuses.
function entryOf(session, value) {
  const state = stateOf(value);
  if (state !== undefined) return stubEntry(session, state, value);
  // Stubs of objects are proxies.
  const portable = portables.find(({ is }) => is(value));
  if (portable !== undefined) return [portable.name, portable.write(value)];
  if (core.isProxy(value)) return undefined;
  if (typeof value === "function" || value instanceof RpcTarget) {
    return ["export", session.export(value)];
  }
  return platformEntry(session, value);
}

function stubEntry(session, state, proxy) {
  const hook = state.use();
  if (hook.session !== session) return ["export", session.export(forward(state, proxy))];
  if (state.kind === PROPERTY) return ["answer", session.keep(hook.call(state.path, undefined))];
  return state.kind === PROMISE ? ["answer", hook.id] : ["return", hook.id];
}

// What others know of a stub from another session: one of their own, which passes calls on. A promise is
// passed on as its value.
function forward(state, proxy) {
  return state.kind === PROPERTY ? proxy : proxy.dup();
}

function platformEntry(session, value) {
  if (isReadable(value)) return ["readable", session.export(new Source(value))];
  if (isWritable(value)) return ["writable", session.export(new Sink(value))];
  if (value instanceof Headers) return ["headers", [...value]];
  if (value instanceof Request) return requestEntry(session, value);
  if (value instanceof Response) return responseEntry(session, value);
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

function responseEntry(session, response) {
  const { status, statusText, cf, webSocket } = response;
  if (webSocket) throw new TypeError("A Response with a WebSocket cannot be sent over RPC; use fetch().");
  const body = bodyOf(session, response);
  return ["response", { status, statusText, cf, headers: [...response.headers] }, body];
}

// ---- in

// The value of `encode`. `answers` gives the value of a result that it refers to, by its number. Stubs
// that are made are added to `stubs`.
function decode(session, { bytes, beside }, answers, stubs) {
  const made = [];
  return op_clone_read(bytes, (index) => made[index] ??= valueOf(session, beside[index], answers, stubs));
}

function valueOf(session, entry, answers, stubs) {
  const [name, data, body] = entry;
  switch (name) {
    case "export": {
      const stub = stubOf(session.import(data));
      stubs.push(stub);
      return stub;
    }
    case "return":
      return session.exported(data);
    case "answer":
      return answers(data);
    case "readable":
      return readable(stubOf(session.import(data)));
    case "writable":
      return writable(stubOf(session.import(data)));
    case "headers":
      return new Headers(data);
    case "request":
      return new Request(data.url, { ...data, body: bodyFrom(session, body) ?? undefined });
    case "response":
      return new Response(bodyFrom(session, body), data);
  }
  return portables.find((portable) => portable.name === name).read(data);
}

const bodyFrom = (session, id) => id === null ? null : readable(stubOf(session.import(id)));

// The numbers of the results that a value refers to.
const answersIn = ({ beside }) => beside.filter(([name]) => name === "answer").map(([, id]) => id);

return { addPortable, answersIn, decode, encode };
})();
