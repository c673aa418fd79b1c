// Streams over RPC: the bytes of a stream are asked for, or handed over, by calls, so the side that is
// slower sets the pace. A stream that was sent belongs to the receiver.

(function () {
const { core } = __bootstrap;
const { RpcTarget } = core.loadExtScript("ext:cellhouse_runtime/rpc_target.js");
const {
  ReadableStream, ReadableStreamPrototype, WritableStream,
} = core.loadExtScript("ext:deno_web/06_streams.js");

const isPrototypeOf = (prototype, value) => Object.prototype.isPrototypeOf.call(prototype, value);
const isReadable = (value) => isPrototypeOf(ReadableStreamPrototype, value);
const isWritable = (value) => isPrototypeOf(WritableStream.prototype, value);

// Text is sent as UTF-8.
function checkBytes(chunk) {
  if (typeof chunk === "string") return core.encode(chunk);
  if (ArrayBuffer.isView(chunk) || core.isAnyArrayBuffer(chunk)) return chunk;
  throw new TypeError("Streams that are sent over RPC carry bytes: a chunk has to be a string, an ArrayBuffer or a view.");
}

// ---- the side that has the stream

class Source extends RpcTarget {
  #reader;

  constructor(stream) {
    super();
    this.#reader = stream.getReader();
  }

  // The next bytes; undefined at the end.
  async pull() {
    const { done, value } = await this.#reader.read();
    return done ? undefined : checkBytes(value);
  }

  async cancel(reason) {
    await this.#reader.cancel(reason);
  }

  // The receiver has gone.
  [Symbol.dispose]() {
    this.#reader.cancel().catch(() => {});
  }
}

class Sink extends RpcTarget {
  #writer;
  #isOpen = true;

  constructor(stream) {
    super();
    this.#writer = stream.getWriter();
  }

  async write(chunk) {
    await this.#writer.write(chunk);
  }

  async close() {
    this.#isOpen = false;
    await this.#writer.close();
  }

  async abort(reason) {
    this.#isOpen = false;
    await this.#writer.abort(reason);
  }

  [Symbol.dispose]() {
    if (this.#isOpen) this.#writer.abort(new Error("The other side of the stream has gone.")).catch(() => {});
  }
}

// ---- the side that receives it

function readable(source) {
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const chunk = await source.pull();
      if (chunk === undefined) {
        controller.close();
        controller.byobRequest?.respond(0);
        source[Symbol.dispose]();
      } else if (chunk.byteLength > 0) {
        controller.enqueue(ArrayBuffer.isView(chunk) ? chunk : new Uint8Array(chunk));
      } else {
        await this.pull(controller);
      }
    },
    async cancel(reason) {
      try {
        await source.cancel(reason);
      } finally {
        source[Symbol.dispose]();
      }
    },
  }, { highWaterMark: 0 });
}

function writable(sink) {
  const end = async (call) => {
    try {
      await call();
    } finally {
      sink[Symbol.dispose]();
    }
  };
  return new WritableStream({
    write: (chunk) => sink.write(checkBytes(chunk)).then(() => {}),
    close: () => end(() => sink.close()),
    abort: (reason) => end(() => sink.abort(reason)),
  });
}

return { isReadable, isWritable, readable, Sink, Source, writable };
})();
