// Connections to WebSockets of other servers: what `new WebSocket()` opens, and what `fetch()` opens for
// a request with the header `Upgrade: websocket`.

(function () {
const { core } = __bootstrap;
const { op_websocket_cancel, op_websocket_connect } = core.ops;
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { readableStreamForRid } = core.loadExtScript("ext:deno_web/06_streams.js");
const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const { toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");
const { fromInnerResponse, newInnerResponse, nullBodyStatus } = core.loadExtScript(
  "ext:deno_fetch/23_response.js",
);
const { ofEnd } = core.loadExtScript("ext:cellhouse_runtime/websocket.js");

const SCHEMES = { "ws:": "http:", "wss:": "https:", "http:": "http:", "https:": "https:" };
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function refuse(why) {
  throw new DOMException(`WebSocket Constructor: ${why}`, "SyntaxError");
}

// What the arguments of the constructor name.
function target(url, protocols) {
  let parsed;
  try {
    parsed = new URL(`${url}`);
  } catch {
    refuse(`The url "${url}" is not a valid absolute URL.`);
  }
  if (!Object.hasOwn(SCHEMES, parsed.protocol)) {
    refuse(`The url scheme must be ws, wss, http or https, not ${parsed.protocol.slice(0, -1)}.`);
  }
  if (parsed.hash !== "" || parsed.href.endsWith("#")) {
    refuse("The url fragment must be empty.");
  }
  const http = SCHEMES[parsed.protocol];
  const rest = parsed.href.slice(parsed.protocol.length);
  return { href: http.replace("http", "ws") + rest, http: http + rest, protocols: tokens(protocols) };
}

function tokens(protocols) {
  const list = typeof protocols === "string" || protocols?.[Symbol.iterator] === undefined
    ? [`${protocols}`]
    : Array.from(protocols, String);
  for (const protocol of list) {
    if (!TOKEN.test(protocol)) refuse(`The protocol ${JSON.stringify(protocol)} is not valid.`);
  }
  if (new Set(list.map((protocol) => protocol.toLowerCase())).size !== list.length) {
    refuse("The protocols must not be repeated.");
  }
  return list;
}

// Opens a connection. `answer` resolves to { end, protocol }; closing the resource `cancel` rejects it.
function connect({ http, protocols }) {
  const headers = protocols.length > 0 ? [["Sec-WebSocket-Protocol", protocols.join(", ")]] : [];
  const { reply, cancel } = request(http, headers);
  return { answer: reply.then((answer) => chosen(answer, protocols)), cancel };
}

function chosen({ end, body, status, headers }, protocols) {
  if (end === null) {
    core.tryClose(body);
    throw new TypeError(`Expected a WebSocket, the server answered with status ${status}.`);
  }
  const protocol = valueOf(headers, "sec-websocket-protocol") ?? "";
  if (protocols.includes(protocol) || protocol === "") return { end, protocol };
  core.tryClose(end);
  throw new TypeError(`The server chose the protocol ${JSON.stringify(protocol)}, which was not offered.`);
}

function request(url, headers) {
  const cancel = op_websocket_cancel();
  const joined = headers.map(([name, value]) => `${name}\0${value}\0`).join("");
  const reply = op_websocket_connect(url, joined, cancel).finally(() => core.tryClose(cancel));
  return { reply, cancel };
}

function valueOf(headers, name) {
  return headers.find(([key]) => key === name)?.[1];
}

// fetch() of a request that asks for a WebSocket: a response with `webSocket`, or what else the server
// answered.
async function fetchWebSocket(input) {
  const inner = toInnerRequest(input);
  const { signal } = input;
  signal.throwIfAborted();
  const { reply, cancel } = request(inner.currentUrl(), inner.headerList);
  const abort = () => core.tryClose(cancel);
  signal.addEventListener("abort", abort);
  try {
    return response(await reply, inner.currentUrl());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function response(answer, url) {
  const inner = newInnerResponse(answer.status, answer.statusText);
  inner.headerList = answer.headers;
  inner.urlList = [url];
  if (answer.end !== null) {
    inner.webSocket = ofEnd(answer.end, valueOf(answer.headers, "sec-websocket-protocol") ?? "");
  } else if (nullBodyStatus(answer.status)) {
    core.tryClose(answer.body);
  } else {
    inner.body = new InnerBody(readableStreamForRid(answer.body));
  }
  return fromInnerResponse(inner, "immutable");
}

return { connect, fetchWebSocket, target };
})();
