// Requests to objects and services and their answers, between JavaScript and the ops.

(function () {
const { core, internals } = __bootstrap;
const { op_fetch_canceller } = core.ops;
const { plainUrl } = core.loadExtScript("ext:cellhouse_runtime/url_text.js");
const { nextDepth } = core.loadExtScript("ext:cellhouse_runtime/async_context.js");
const { gateHere } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");
const { remoteError } = core.loadExtScript("ext:cellhouse_runtime/remote_error.js");
const { Request } = core.loadExtScript("ext:cellhouse_runtime/request.js");
const { statusTextOf } = core.loadExtScript("ext:cellhouse_runtime/status_texts.js");
const { fromInnerResponse, nullBodyStatus, redirectStatus } = core.loadExtScript(
  "ext:deno_fetch/23_response.js",
);
const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const { errorReadableStream, readableStreamForRid } = core.loadExtScript("ext:deno_web/06_streams.js");
const { add, AbortSignal, remove } = core.loadExtScript("ext:deno_web/03_abort_signal.js");
const { received } = core.loadExtScript("ext:cellhouse_runtime/content_encoding.js");
const { headerList, joinHeaders, takeBody } = core.loadExtScript("ext:cellhouse_runtime/message_parts.js");
const { lengths } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");

function responseBody(bytes, rid, length) {
  if (bytes !== null) {
    const body = new InnerBody({ body: bytes, consumed: false });
    body.length = bytes.byteLength;
    return body;
  }
  if (rid < 0) return null;
  const stream = readableStreamForRid(rid);
  const body = new InnerBody(stream);
  if (length >= 0) {
    body.length = length;
    lengths.set(stream, length);
  }
  return body;
}

// ---- who may go away

// The signal that the app gave. That of a request that came in does not end what is asked for it: the object
// is told, and may still answer.
function signalOf(init, request) {
  if (init?.signal === null || (init?.signal === undefined && isIncoming(request))) return null;
  const signal = internals.getCachedAbortSignal(request);
  return signal instanceof AbortSignal ? signal : null;
}

const isIncoming = (request) => toInnerRequest(request).incoming === true;

// Who may leave the request alone beside a signal, as `op_object_fetch` takes it: the client of an event, or
// nobody.
const leaverOf = (request) => isIncoming(request) ? -1 - toInnerRequest(request).event : -1;

// Calls the op with what ends it when the signal is aborted.
async function abortable(signal, send) {
  if (signal.aborted) throw signal.reason;
  const canceller = op_fetch_canceller();
  const abort = () => core.tryClose(canceller);
  signal[add](abort);
  try {
    return await send(canceller);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal[remove](abort);
    core.tryClose(canceller);
  }
}

// The body of an answer ends with the signal too.
function endWith(signal, body, rid) {
  const stream = body.streamOrStatic;
  signal[add](() => {
    errorReadableStream(stream, signal.reason);
    core.tryClose(rid);
  });
}

// ---- responses

// The inside of an object's response: what Deno's inner responses have; the list of headers is made when
// it is first read.
class ObjectResponse {
  constructor(status, statusMessage, url) {
    this.status = status;
    this.statusMessage = statusMessage;
    this.address = url;
    this.body = null;
    // As it came, for who hands it on.
    this.passed = undefined;
  }

  get headerList() {
    const list = headerList(this.passed.headers);
    this.headerList = list;
    return list;
  }

  set headerList(value) {
    Object.defineProperty(this, "headerList", { value, writable: true, enumerable: true, configurable: true });
  }

  get urlList() {
    return [this.address];
  }

  url() {
    return this.address;
  }
}
Object.assign(ObjectResponse.prototype, { type: "default", aborted: false, bodyDecoded: false });

// The response of an op's answer.
function makeResponse({ method, url, isManual, urls }, reply, signal) {
  const [status, statusText, headers, bytes, rid, length, end, isEncoded] = reply;
  const message = statusText === statusTextOf(status) ? "" : statusText;
  const inner = new ObjectResponse(status, message, url);
  if (urls !== undefined) Object.defineProperty(inner, "urlList", { value: urls });
  const body = nullBodyStatus(status) ? null : responseBody(bytes, rid, length);
  inner.passed = { headers, bytes, body: rid < 0 ? body : undefined, isEncoded };
  if (body === null) core.tryClose(rid);
  else if (method === "HEAD") dropBody(inner, bytes, rid, length);
  else setBody(inner, body, isEncoded, isManual);
  if (signal !== null && inner.body !== null && rid >= 0) endWith(signal, body, rid);
  if (end >= 0) {
    const { ofEnd } = core.loadExtScript("ext:cellhouse_runtime/websocket.js");
    inner.webSocket = ofEnd(end, "");
  }
  return fromInnerResponse(inner, "immutable");
}

function setBody(inner, body, isEncoded, isWanted) {
  if (isWanted) inner.encodeBody = "manual";
  const { headers } = inner.passed;
  inner.body = headers.includes("content-encoding")
    ? received(body, headerList(headers), isEncoded, isWanted)
    : body;
}

// What is left of the answer to HEAD is how long it would be.
function dropBody({ passed }, bytes, rid, length) {
  core.tryClose(rid);
  const size = bytes === null ? length : bytes.byteLength;
  if (size >= 0 && !passed.headers.includes("content-length") && !passed.headers.includes("content-encoding")) {
    passed.headers += `content-length\0${size}\0`;
  }
  Object.assign(passed, { bytes: null, body: null });
}

// ---- requests

// Sends what a stub's `fetch()` was called with. `ask(line, headers, bytes, rid, length, leaver)` calls the op.
// No asynchronous function: that would make two promises more.
function fetchBy(ask, input, init, count) {
  try {
    return begin(ask, input, init, count);
  } catch (error) {
    return Promise.reject(error);
  }
}

function begin(ask, input, init, count) {
  if (count === 0) {
    throw new TypeError(
      "Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'.",
    );
  }
  const depth = nextDepth();
  if (init === undefined && typeof input === "string") {
    const url = plainUrl(input);
    const asked = { ask, depth, method: "GET", url, isManual: false, follows: true };
    if (url !== undefined) return answered(asked, ask(`${depth} GET ${url}`, "", null, -1, -1, -1), null);
  }
  const request = init === undefined && input instanceof Request ? input : new Request(input, init);
  const inner = toInnerRequest(request);
  // The client of an incoming request follows redirects itself.
  const follows = inner.redirectMode === "follow" && inner.incoming !== true;
  const isManual = inner.encodeResponseBody === "manual";
  const asked = { ask, depth, inner, method: inner.method, url: inner.url(), isManual, follows };
  return send(asked, signalOf(init, request), leaverOf(request));
}

function send(asked, signal, leaver) {
  const { ask, depth, inner } = asked;
  const line = `${depth} ${asked.method} ${asked.url}${cfOf(inner)}`;
  const call = (leaver) => ask(line, joinHeaders(inner), ...takeBody(inner.body), leaver);
  return answered(asked, signal === null ? call(leaver) : abortable(signal, call), signal);
}

// `request.cf`, where the app has set it, in a line of its own after the URL.
function cfOf({ cf }) {
  return cf === undefined || typeof cf === "function" ? "" : `\n${JSON.stringify(cf)}`;
}

function answered(asked, answer, signal) {
  const gate = gateHere();
  return (gate === undefined ? answer : gate.held(answer)).then(([reply, noReply]) => {
    if (noReply !== null) throw remoteError(noReply);
    const next = asked.follows && redirectStatus(reply[0]) ? redirected(asked, reply) : null;
    return next === null ? makeResponse(asked, reply, signal) : send(next, signal, -1);
  });
}

// What to ask next, of the same stub, or null if the answer leads nowhere.
function redirected(asked, reply) {
  const { follow } = core.loadExtScript("ext:cellhouse_runtime/fetch.js");
  const { urls = [asked.url] } = asked;
  const inner = asked.inner ?? toInnerRequest(new Request(asked.url));
  let close = true;
  try {
    const next = follow(inner, new URL(asked.url), reply[0], headerList(reply[2]), urls.length - 1);
    close = next !== null;
    if (next === null) return null;
    return { ...asked, inner, method: inner.method, url: next.href, urls: [...urls, next.href] };
  } finally {
    if (close && reply[4] >= 0) core.tryClose(reply[4]);
  }
}

return { fetchBy, makeResponse };
})();
