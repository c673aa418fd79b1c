// Headers and bodies of messages between JavaScript and the ops.

(function () {
const { core } = __bootstrap;
const { getReadableStreamResourceBacking, readableStreamDisturb, resourceForReadableStream } = core
  .loadExtScript("ext:deno_web/06_streams.js");

// [bytes, resource, length] of a body for an op.
function takeBody(body) {
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
  return [null, resourceForReadableStream(source, body.length ?? undefined), length];
}

function headerList(joined) {
  const parts = joined.split("\0");
  const list = [];
  for (let i = 0; i + 1 < parts.length; i += 2) list.push([parts[i], parts[i + 1]]);
  return list;
}

return { headerList, takeBody };
})();
