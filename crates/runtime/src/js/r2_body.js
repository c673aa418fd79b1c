// What an app gives as a body for R2: bytes, or a resource that Rust reads. A stream must have a known
// length; one that comes from Rust goes there without passing through JavaScript.

(function () {
const { core } = __bootstrap;
const { lengths } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { LOCKED, sourceOf, spend } = core.loadExtScript("ext:cellhouse_runtime/body.js");
const {
  getReadableStreamResourceBacking, isReadableStreamDisturbed, readableStreamDisturb,
  ReadableStreamPrototype, resourceForReadableStream,
} = core.loadExtScript("ext:deno_web/06_streams.js");
const { BlobPrototype } = core.loadExtScript("ext:deno_web/09_file.js");

// A blob up to so many bytes is read at once.
const SMALL_BLOB = 64 * 1024;

const isPrototypeOf = (prototype, value) => Object.prototype.isPrototypeOf.call(prototype, value);

const ofBytes = (bytes) => ({ bytes, rid: -1, length: bytes.byteLength });

// { bytes, rid, length }, or a promise of it.
function bodyOf(value, method, type) {
  if (typeof value === "string") return ofBytes(core.encode(value));
  if (ArrayBuffer.isView(value)) {
    return ofBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  if (core.isAnyArrayBuffer(value)) return ofBytes(new Uint8Array(value));
  if (isPrototypeOf(ReadableStreamPrototype, value)) return ofStream(value);
  if (isPrototypeOf(BlobPrototype, value)) return ofBlob(value);
  throw new TypeError(
    `Failed to execute '${method}' on '${type}': parameter 2 is not of type ` +
      "'ReadableStream or ArrayBuffer or ArrayBufferView or string or Blob'.",
  );
}

function ofBlob(blob) {
  if (blob.size <= SMALL_BLOB) return blob.arrayBuffer().then((buffer) => ofBytes(new Uint8Array(buffer)));
  const rid = resourceForReadableStream(blob.stream(), blob.size);
  return { bytes: null, rid, length: blob.size };
}

function ofStream(stream) {
  if (isReadableStreamDisturbed(stream)) {
    throw new TypeError(
      "This ReadableStream is disturbed (has already been read from), and cannot be used as a body.",
    );
  }
  if (stream.locked) throw new TypeError(LOCKED);
  const source = sourceOf(stream);
  if (source !== undefined) {
    spend(stream);
    return ofBytes(typeof source === "string" ? core.encode(source) : source);
  }
  const length = lengths.get(stream);
  if (length === undefined) {
    throw new TypeError(
      "Provided readable stream must have a known length (request/response body or readable half of " +
        "FixedLengthStream)",
    );
  }
  const backing = getReadableStreamResourceBacking(stream);
  if (!backing) return { bytes: null, rid: resourceForReadableStream(stream, length), length };
  stream.getReader();
  readableStreamDisturb(stream);
  return { bytes: null, rid: backing.rid, length };
}

return { bodyOf };
})();
