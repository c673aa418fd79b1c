// Headers and bodies of messages between JavaScript and the ops.

(function () {
const { core } = __bootstrap;
const { op_body_failed } = core.ops;
const { getReadableStreamResourceBacking, readableStreamDisturb, resourceForReadableStream } = core
  .loadExtScript("ext:deno_web/06_streams.js");

// [bytes, resource, length] of a body for an op. `stays`: whoever reads it is of this process.
function takeBody(body, stays = true) {
  if (body === null) return [null, -1, -1];
  const source = body.streamOrStatic;
  if (typeof source.body === "string") return [core.encode(source.body), -1, -1];
  if (ArrayBuffer.isView(source.body)) return [source.body, -1, -1];
  const length = body.length ?? -1;
  const backing = getReadableStreamResourceBacking(source);
  if (backing && !source.locked) {
    source.getReader();
    readableStreamDisturb(source);
    return [null, backing.rid, length];
  }
  const resource = stays ? resourceOf : resourceForReadableStream;
  return [null, resource(source, body.length ?? undefined), length];
}

// A resource that is read from a stream. What the stream throws is told beside the error's text, for who reads the
// body within this process.
function resourceOf(stream, length) {
  let rid;
  let early;
  const tell = (error) => {
    const { sent } = core.loadExtScript("ext:cellhouse_runtime/remote_error.js");
    const thrown = sent(error);
    if (rid === undefined) early = thrown;
    else op_body_failed(rid, thrown);
  };
  rid = resourceForReadableStream(stream, length, tell);
  if (early !== undefined) op_body_failed(rid, early);
  return rid;
}

// The headers of an inner request or response as ops take them, and the other way round.
function joinHeaders(inner) {
  // Those of a request that came in are still as they came.
  if (typeof inner.joined === "string" && !Object.hasOwn(inner, "headerList")) return inner.joined;
  let joined = "";
  for (const [name, value] of inner.headerList) joined += `${name}\0${value}\0`;
  return joined;
}

function headerList(joined) {
  const parts = joined.split("\0");
  const list = [];
  for (let i = 0; i + 1 < parts.length; i += 2) list.push([parts[i], parts[i + 1]]);
  return list;
}

return { headerList, joinHeaders, takeBody };
})();
