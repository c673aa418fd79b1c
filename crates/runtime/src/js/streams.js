// Streams that only Workers have: IdentityTransformStream, FixedLengthStream, and readAtLeast() of a
// BYOB reader with what its source learns of that. Also how a stream is read to its end, for bodies.

(function () {
const { core } = __bootstrap;
const { brand } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const streams = core.loadExtScript("ext:deno_web/06_streams.js");
const {
  createReadableByteStream, getReadableStreamResourceBacking, isReadableStreamDisturbed,
  ReadableStream, ReadableStreamBYOBReader, ReadableStreamBYOBRequest, TransformStream, WritableStream,
} = streams;

const { guard } = core.loadExtScript("ext:cellhouse_runtime/array_buffers.js");

// ---- bytes

guard(streams.ReadableByteStreamController.prototype, "enqueue");
guard(ReadableStreamBYOBReader.prototype, "read");
guard(ReadableStreamBYOBRequest.prototype, "respondWithNewView");

const NOT_BYTES = "This ReadableStream did not return bytes.";

// A chunk as a Uint8Array of the same memory, or undefined if it holds no bytes.
function asBytes(chunk) {
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (core.isAnyArrayBuffer(chunk)) return new Uint8Array(chunk);
  return undefined;
}

function concatenate(chunks, length) {
  const all = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}

async function collectChunks(stream) {
  const reader = stream.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatenate(chunks, length);
    const bytes = asBytes(value);
    if (bytes === undefined) {
      const error = new TypeError(NOT_BYTES);
      reader.cancel(error).catch(() => {});
      throw error;
    }
    chunks.push(bytes);
    length += bytes.byteLength;
  }
}

// Deno's own takes no bytes but those of a Uint8Array.
const collectDirectly = streams.readableStreamCollectIntoUint8Array;
function collect(stream) {
  const backed = getReadableStreamResourceBacking(stream) && !isReadableStreamDisturbed(stream);
  return backed ? collectDirectly(stream) : collectChunks(stream);
}
streams.readableStreamCollectIntoUint8Array = collect;

// ---- IdentityTransformStream

// Streams whose length is known before they are read.
const lengths = new WeakMap();

// What is written on one side is read on the other, byte for byte. A write is complete once it was
// read; nothing is kept in between.
class Pipe {
  // A write that waits: { bytes, resolve, reject }, or a read that waits for one.
  #write = null;
  #pull = null;
  #remaining;
  #controller;
  #ended = false;
  // Why the readable side was cancelled.
  #cancelled;

  constructor(length) {
    this.#remaining = length;
  }

  readable() {
    const stream = createReadableByteStream(
      (controller) => {
        this.#controller = controller;
      },
      () => this.#read(),
      async (reason) => this.#cancel(reason),
    );
    if (this.#remaining !== undefined) lengths.set(stream, this.#remaining);
    return stream;
  }

  writable(highWaterMark) {
    const strategy = highWaterMark === undefined ? undefined : { highWaterMark };
    return new WritableStream({
      write: (chunk) => this.#take(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#fail(reason),
    }, strategy);
  }

  #read() {
    if (this.#write !== null) return this.#pass();
    const { promise, resolve } = Promise.withResolvers();
    this.#pull = resolve;
    return promise;
  }

  // Gives the waiting write to the waiting read.
  #pass() {
    const controller = this.#controller;
    const write = this.#write;
    const request = controller.byobRequest;
    if (request === null) {
      this.#write = null;
      controller.enqueue(write.bytes.slice());
      write.resolve();
      return;
    }
    const room = asBytes(request.view);
    const part = write.bytes.subarray(0, room.byteLength);
    write.bytes = write.bytes.subarray(part.byteLength);
    room.set(part);
    if (write.bytes.byteLength === 0) {
      this.#write = null;
      write.resolve();
    }
    request.respond(part.byteLength);
  }

  #take(chunk) {
    const bytes = asBytes(chunk);
    if (bytes === undefined) {
      throw this.#fail(new TypeError(
        "This TransformStream is being used as a byte stream, but received an object of " +
          "non-ArrayBuffer/ArrayBufferView type on its writable side.",
      ));
    }
    if (this.#cancelled !== undefined) throw this.#cancelled.reason;
    if (bytes.byteLength === 0) return undefined;
    this.#count(bytes.byteLength);
    const { promise, resolve, reject } = Promise.withResolvers();
    this.#write = { bytes, resolve, reject };
    if (this.#pull !== null) {
      const pulled = this.#pull;
      this.#pull = null;
      this.#pass();
      pulled();
    }
    return promise;
  }

  #count(size) {
    if (this.#remaining === undefined) return;
    if (size > this.#remaining) {
      throw this.#fail(
        new TypeError("Attempt to write too many bytes through a FixedLengthStream."),
      );
    }
    this.#remaining -= size;
  }

  #close() {
    if (this.#remaining > 0) {
      throw this.#fail(
        new TypeError("FixedLengthStream did not see all expected bytes before close()."),
      );
    }
    this.#end((controller) => {
      controller.close();
      // A BYOB read that waits gets its buffer back.
      controller.byobRequest?.respond(0);
    });
  }

  #fail(reason) {
    this.#end((controller) => controller.error(reason));
    return reason;
  }

  #end(act) {
    if (this.#ended) return;
    this.#ended = true;
    const pulled = this.#pull;
    this.#pull = null;
    act(this.#controller);
    pulled?.();
  }

  #cancel(reason) {
    this.#ended = true;
    this.#cancelled = { reason };
    const write = this.#write;
    this.#write = null;
    write?.reject(reason);
  }
}

class IdentityTransformStream extends TransformStream {
  #readable;
  #writable;

  constructor(strategy = undefined) {
    super(brand);
    this.#connect(new Pipe(undefined), strategy?.highWaterMark);
  }

  get readable() {
    return this.#readable;
  }

  get writable() {
    return this.#writable;
  }

  #connect(pipe, highWaterMark) {
    this.#readable = pipe.readable();
    this.#writable = pipe.writable(highWaterMark);
  }

  static limit(stream, length, highWaterMark) {
    stream.#connect(new Pipe(length), highWaterMark);
  }
}
const { limit } = IdentityTransformStream;
delete IdentityTransformStream.limit;

class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength, strategy = undefined) {
    super();
    const length = Number(expectedLength);
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new TypeError("FixedLengthStream requires an integer expected length less than 2^53.");
    }
    const highWaterMark = strategy?.highWaterMark;
    limit(this, length, highWaterMark === undefined ? undefined : Math.min(highWaterMark, length));
  }
}

for (const stream of [IdentityTransformStream, FixedLengthStream]) {
  Object.defineProperty(stream.prototype, Symbol.toStringTag, {
    value: stream.name, configurable: true,
  });
}

// ---- BYOB readers

Object.defineProperty(ReadableStreamBYOBReader.prototype, "readAtLeast", {
  value: function readAtLeast(minElements, view) {
    return this.read(view, { min: minElements });
  },
  writable: true, enumerable: true, configurable: true,
});

// The slots of a controller and its requests, by the names that the standard gives them.
const slotOf = (object, name) => {
  const slot = Object.getOwnPropertySymbols(object).find(({ description }) => description === `[[${name}]]`);
  return slot === undefined ? undefined : object[slot];
};

// How many bytes more the reader waits for; null when it waits no longer.
Object.defineProperty(ReadableStreamBYOBRequest.prototype, "atLeast", {
  get() {
    if (this.view === null) return null;
    const { minimumFill, bytesFilled } = slotOf(slotOf(this, "controller"), "pendingPullIntos").peek();
    return minimumFill - bytesFilled;
  },
  enumerable: true, configurable: true,
});

// Strings too, character by character, as workerd takes them.
const { from } = ReadableStream;
Object.defineProperty(ReadableStream, "from", {
  value: {
    from(source) {
      if (arguments.length === 0) return from.call(ReadableStream);
      return from.call(ReadableStream, typeof source === "string" ? Object(source) : source);
    },
  }.from,
  writable: true, enumerable: true, configurable: true,
});

return { asBytes, FixedLengthStream, IdentityTransformStream, lengths, NOT_BYTES };
})();
