// A response that says `Content-Encoding: gzip` or `br` has its body compressed on its way out, unless
// the app has done so itself and says `encodeBody: "manual"`.

(function () {
const { core } = __bootstrap;
const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");

const FORMATS = { gzip: "gzip", "x-gzip": "gzip", br: "brotli" };

// What CompressionStream has to do to `inner`'s body, or undefined.
function formatOf(inner, headers) {
  if (inner.body === null || inner.encodeBody === "manual") return undefined;
  const header = headers.find(([name]) => name.toLowerCase() === "content-encoding");
  return header === undefined ? undefined : FORMATS[header[1].trim().toLowerCase()];
}

function compress(inner, headers, format) {
  const { CompressionStream } = core.loadExtScript("ext:deno_web/14_compression.js");
  const body = new InnerBody(inner.body.stream.pipeThrough(new CompressionStream(format)));
  // It is of the body as it was.
  const others = headers.filter(([name]) => name.toLowerCase() !== "content-length");
  return { body, headers: others };
}

// The body and headers of a response as they are sent.
function encoded(inner, headers) {
  const format = formatOf(inner, headers);
  return format === undefined ? { body: inner.body, headers } : compress(inner, headers, format);
}

return { encoded };
})();
