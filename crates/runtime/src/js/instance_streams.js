// Steps that give a ReadableStream: its bytes are stored in pieces, and every run of the instance reads them anew.

(function () {
const { core } = __bootstrap;
const { op_instance_chunk, op_instance_put_chunk } = core.ops;
const { ReadableStream } = core.loadExtScript("ext:deno_web/06_streams.js");
const { ours } = core.loadExtScript("ext:cellhouse_runtime/instance_errors.js");

// Bytes of a stored piece, of a piece as the app gives it, and of a whole stream: the last two are Cloudflare's.
const PIECE = 256 * 1024;
const LARGEST_GIVEN = 16 * 1024 * 1024;
const LARGEST_STREAM = 1024 * 1024 * 1024;

const isStream = (value) => value instanceof ReadableStream;

function bytesOf(chunk) {
  let bytes;
  if (chunk instanceof ArrayBuffer) bytes = new Uint8Array(chunk);
  else if (ArrayBuffer.isView(chunk) && !(chunk instanceof DataView)) {
    bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  } else {
    throw ours(
      "Step returned a ReadableStream with unsupported chunk type. Only ArrayBuffer and TypedArray chunks are supported.",
    );
  }
  if (bytes.byteLength <= LARGEST_GIVEN) return bytes;
  throw ours(
    `Step returned a ReadableStream chunk larger than the maximum allowed size of ${LARGEST_GIVEN} bytes. ` +
      "Return smaller chunks from step.do().",
  );
}

// Stores what a stream gives, unless nobody wants it any more; the number of pieces, or undefined if the run has ended.
async function store(run, name, nth, stream, isUnwanted) {
  if (stream.locked) {
    throw ours(
      "Step returned a ReadableStream that is already locked or otherwise unreadable. " +
        "Return a fresh, unlocked ReadableStream from step.do().",
    );
  }
  const piece = new Uint8Array(PIECE);
  let [filled, pieces, total] = [0, 0, 0];
  const put = () => {
    if (filled === 0) return true;
    const isOurs = op_instance_put_chunk(run, name, nth, pieces++, piece.subarray(0, filled));
    filled = 0;
    return isOurs;
  };
  for await (const chunk of stream) {
    if (isUnwanted()) return undefined;
    const bytes = bytesOf(chunk);
    total += bytes.byteLength;
    if (total > LARGEST_STREAM) throw ours("The instance has exceeded the 1GiB storage limit");
    for (let at = 0; at < bytes.byteLength;) {
      const part = bytes.subarray(at, at + PIECE - filled);
      piece.set(part, filled);
      filled += part.byteLength;
      at += part.byteLength;
      if (filled === PIECE && !put()) return undefined;
    }
  }
  return put() ? pieces : undefined;
}

// The stream that a step gave.
function read(run, name, nth, pieces) {
  let next = 0;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (next === pieces) {
        controller.close();
        controller.byobRequest?.respond(0);
        return;
      }
      const bytes = op_instance_chunk(run, name, nth, next++);
      controller.enqueue(bytes);
    },
  });
}

return { isStream, read, store };
})();
