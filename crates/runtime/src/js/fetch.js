// fetch(): redirects, data URLs, signals, and the response that a request's answer becomes. The request
// itself is Rust's.

(function () {
const { core } = __bootstrap;
const { op_data_url, op_fetch_canceller, op_fetch_once } = core.ops;
const { Request } = core.loadExtScript("ext:cellhouse_runtime/request.js");
const { statusTextOf } = core.loadExtScript("ext:cellhouse_runtime/status_texts.js");
const { toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");
const { fromInnerResponse, newInnerResponse, nullBodyStatus, redirectStatus } = core.loadExtScript(
  "ext:deno_fetch/23_response.js",
);
const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const { errorReadableStream, readableStreamForRid } = core.loadExtScript("ext:deno_web/06_streams.js");
const { headerList, joinHeaders, takeBody } = core.loadExtScript("ext:cellhouse_runtime/message_parts.js");
const { lengths } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const abortSignal = core.loadExtScript("ext:deno_web/03_abort_signal.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");

// Of the fetch standard.
const MAX_REDIRECTS = 20;

// ---- the request's parts

function cannotLoad(url) {
  return new TypeError(`Fetch API cannot load: ${url}`);
}

function parseUrl(text) {
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw cannotLoad(text);
  return url;
}

// The headers of a request that leaves, with those that its cache mode stands for.
function headersToSend(inner) {
  let joined = joinHeaders(inner);
  if (inner.cacheMode === undefined) return joined;
  const names = new Set(inner.headerList.map(([name]) => name.toLowerCase()));
  for (const name of ["cache-control", "pragma"]) {
    if (!names.has(name)) joined += `${name}\0no-cache\0`;
  }
  return joined;
}

// ---- one request

function connectionLost(detail) {
  const error = new Error("Network connection lost.", { cause: new Error(detail) });
  error.retryable = true;
  return error;
}

// The answer of the op, or the signal's reason.
async function send(inner, url, signal) {
  const canceller = signal === null ? -1 : op_fetch_canceller();
  const abort = () => core.tryClose(canceller);
  signal?.[abortSignal.add](abort);
  try {
    const decompress = inner.encodeResponseBody !== "manual";
    const reply = await op_fetch_once(
      inner.method, url.href, headersToSend(inner), ...takeBody(inner.body, false), canceller, decompress,
    );
    const lost = reply[6];
    if (lost !== null) throw connectionLost(lost);
    return reply;
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.[abortSignal.remove](abort);
    if (canceller >= 0) core.tryClose(canceller);
  }
}

// ---- redirects

const BODY_HEADERS = [
  "content-encoding", "content-language", "content-location", "content-type", "content-length",
];

function dropHeaders(inner, names) {
  inner.headerList = inner.headerList.filter(([name]) => !names.includes(name.toLowerCase()));
}

// A header's bytes as UTF-8, if they are that.
function utf8(value) {
  if (!/[\x80-\xff]/.test(value)) return value;
  const { TextDecoder } = core.loadExtScript("ext:deno_web/08_text_encoding.js");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(value, (byte) => byte.charCodeAt(0)));
  } catch {
    return value;
  }
}

// Where to go next, or null if the answer is no redirect to follow. Changes `inner` to what is sent there.
function follow(inner, url, status, headers, hops) {
  if (!redirectStatus(status) || inner.redirectMode !== "follow") return null;
  const location = headers.find(([name]) => name === "location")?.[1];
  if (location === undefined) return null;
  const next = URL.parse(utf8(location), url.href);
  if (next === null) throw new TypeError("Invalid Location header; unable to follow redirect.");
  if (hops >= MAX_REDIRECTS) throw new TypeError("Too many redirects.");
  if (next.protocol !== "http:" && next.protocol !== "https:") throw cannotLoad(next.href);
  if (next.origin !== url.origin) dropHeaders(inner, ["authorization"]);
  const { method, body } = inner;
  if (status !== 303 && body !== null && body.source === null) {
    throw new TypeError(
      "A request with a one-time-use body (it was initialized from a stream, not a buffer) " +
        "encountered a redirect requiring the body to be retransmitted. To avoid this error in the " +
        "future, construct this request from a buffer-like body initializer.",
    );
  }
  if ((status < 303 && method === "POST") || (status === 303 && method !== "HEAD")) {
    inner.method = "GET";
    inner.body = null;
    dropHeaders(inner, BODY_HEADERS);
  } else if (body !== null) {
    inner.body = extractBody(body.source).body;
  }
  return next;
}

function extractBody(source) {
  return core.loadExtScript("ext:deno_fetch/22_body.js").extractBody(source);
}

// ---- the response

function responseBody(rid, length, signal) {
  const stream = readableStreamForRid(rid);
  signal?.[abortSignal.add](() => {
    errorReadableStream(stream, signal.reason);
    core.tryClose(rid);
  });
  const body = new InnerBody(stream);
  if (length >= 0) {
    body.length = length;
    lengths.set(stream, length);
  }
  return body;
}

function makeResponse(inner, urls, reply, headers, signal) {
  const [status, statusText, , rid, length, decoded] = reply;
  const response = newInnerResponse(status, statusText === statusTextOf(status) ? "" : statusText);
  response.headerList = headers;
  response.urlList = urls;
  response.bodyDecoded = decoded;
  if (inner.method === "HEAD" || nullBodyStatus(status)) core.tryClose(rid);
  else response.body = responseBody(rid, length, signal);
  if (inner.encodeResponseBody === "manual") response.encodeBody = "manual";
  return fromInnerResponse(response, "immutable");
}

function dataResponse(inner) {
  const data = op_data_url(inner.url());
  if (data === null) throw cannotLoad(inner.url());
  const [type, content] = data;
  const response = newInnerResponse(200);
  response.headerList = [["content-type", type]];
  if (inner.method === "GET") response.body = extractBody(content).body;
  return fromInnerResponse(response, "none");
}

// `sendOne`: who answers a single request.
async function run(inner, signal, sendOne = send) {
  if (inner.url().startsWith("data:")) return dataResponse(inner);
  let url = parseUrl(inner.url());
  const urls = [url.href];
  for (;;) {
    if (signal?.aborted) throw signal.reason;
    const reply = await sendOne(inner, url, signal);
    const headers = headerList(reply[2]);
    const next = redirected(inner, url, reply, headers, urls.length - 1);
    if (next === null) return makeResponse(inner, urls, reply, headers, signal);
    urls.push(next.href);
    url = next;
  }
}

function redirected(inner, url, reply, headers, hops) {
  let close = true;
  try {
    const next = follow(inner, url, reply[0], headers, hops);
    close = next !== null;
    return next;
  } finally {
    // The body of an answer that nobody will see.
    if (close) core.tryClose(reply[3]);
  }
}

// The signal that the app gave, if it did. That of an incoming request, which is aborted when the
// client goes, does not end what was begun for it.
function signalOf(input, init, request) {
  if (init?.signal !== undefined) return init.signal === null ? null : request.signal;
  const own = input instanceof Request && toInnerRequest(input).incoming !== true;
  return own ? request.signal : null;
}

async function fetch(input, init = undefined) {
  if (arguments.length === 0) {
    throw new TypeError(
      "Failed to execute 'fetch' on 'ServiceWorkerGlobalScope': parameter 1 is not of type " +
        "'Request or string'.",
    );
  }
  const request = new Request(input, init);
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
    const client = core.loadExtScript("ext:cellhouse_runtime/websocket_client.js");
    return await client.fetchWebSocket(request);
  }
  return await run(toInnerRequest(request), signalOf(input, init, request));
}
Object.defineProperty(fetch, "length", { value: 1, configurable: true });

return { fetch, follow, headersToSend, run, signalOf };
})();
