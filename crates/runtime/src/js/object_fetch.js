// Requests to objects and their answers, between JavaScript and the ops.

(function () {
const { core } = __bootstrap;
const { statusTextOf } = core.loadExtScript("ext:cellhouse_runtime/status_texts.js");
const { fromInnerResponse, nullBodyStatus } = core.loadExtScript(
  "ext:deno_fetch/23_response.js",
);
const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const { readableStreamForRid } = core.loadExtScript("ext:deno_web/06_streams.js");
const { lengths } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { headerList } = core.loadExtScript("ext:cellhouse_runtime/message_parts.js");

function joinHeaders(inner) {
  // Those of a request that came in are still as they came.
  if (typeof inner.joined === "string" && !Object.hasOwn(inner, "headerList")) return inner.joined;
  let joined = "";
  for (const [name, value] of inner.headerList) joined += `${name}\0${value}\0`;
  return joined;
}

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
function makeResponse(request, [status, statusText, headers, bytes, rid, length, end]) {
  const message = statusText === statusTextOf(status) ? "" : statusText;
  const inner = new ObjectResponse(status, message, request.url());
  if (nullBodyStatus(status)) core.tryClose(rid);
  else inner.body = responseBody(bytes, rid, length);
  inner.passed = { headers, bytes, body: rid < 0 ? inner.body : undefined };
  if (end >= 0) {
    const { ofEnd } = core.loadExtScript("ext:cellhouse_runtime/websocket.js");
    inner.webSocket = ofEnd(end, "");
  }
  return fromInnerResponse(inner, "immutable");
}

return { joinHeaders, makeResponse };
})();
