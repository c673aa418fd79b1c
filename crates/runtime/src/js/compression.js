// CompressionStream and DecompressionStream: Deno's, but for `deflate` and `deflate-raw`, where data
// that is cut off is an error.

(function () {
const { core } = __bootstrap;
const { op_inflater_is_complete, op_inflater_new, op_inflater_write } = core.ops;
const { CompressionStream, DecompressionStream: Deno } = core.loadExtScript(
  "ext:deno_web/14_compression.js",
);
const { TransformStream } = core.loadExtScript("ext:deno_web/06_streams.js");
const { asBytes } = core.loadExtScript("ext:cellhouse_runtime/streams.js");

function inflate(zlib) {
  const inflater = op_inflater_new(zlib);
  return new TransformStream({
    transform(chunk, controller) {
      const bytes = asBytes(chunk);
      if (bytes === undefined) {
        throw new TypeError("DecompressionStream takes chunks of type ArrayBuffer or ArrayBufferView.");
      }
      const output = op_inflater_write(inflater, bytes);
      if (output.byteLength > 0) controller.enqueue(output);
    },
    flush() {
      if (!op_inflater_is_complete(inflater)) {
        throw new TypeError("Called close() on a decompression stream with incomplete data");
      }
    },
  });
}

class DecompressionStream {
  #streams;

  constructor(format) {
    // Deno's checks its arguments.
    const theirs = new Deno(...arguments);
    const name = `${format}`;
    this.#streams = name.startsWith("deflate") ? inflate(name === "deflate") : theirs;
  }

  get readable() {
    return this.#streams.readable;
  }

  get writable() {
    return this.#streams.writable;
  }
}
for (const name of ["readable", "writable"]) {
  const getter = Object.getOwnPropertyDescriptor(DecompressionStream.prototype, name);
  Object.defineProperty(DecompressionStream.prototype, name, { ...getter, enumerable: true });
}
Object.defineProperty(DecompressionStream.prototype, Symbol.toStringTag, {
  value: "DecompressionStream", configurable: true,
});

return { CompressionStream, DecompressionStream };
})();
