// Content-Encoding of responses. One that says gzip or br has its body compressed on its way out, unless the
// app has done so itself and says `encodeBody: "manual"`. What an object has encoded is decoded when its
// caller looks into it, and else handed on as it is.

(function () {
const { core } = __bootstrap;
const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const { createReadableByteStream, isReadableStreamDisturbed, readableStreamDisturb } = core
  .loadExtScript("ext:deno_web/06_streams.js");

const FORMATS = { gzip: "gzip", "x-gzip": "gzip", br: "brotli" };

// How the headers say that the body is compressed; undefined for what is not known here.
function formatOf(headers) {
  const header = headers.find(([name]) => name.toLowerCase() === "content-encoding");
  return header === undefined ? undefined : FORMATS[header[1].trim().toLowerCase()];
}

function through(body, make, format) {
  const streams = core.loadExtScript("ext:deno_web/14_compression.js");
  return body.stream.pipeThrough(new streams[make](format));
}

const compressed = (body, format) => new InnerBody(through(body, "CompressionStream", format));

// ---- bodies that are encoded already

// Decoded streams -> whose they are.
const owners = new WeakMap();

// Begins when somebody reads it.
function decodedStream(raw, format) {
  let reader;
  const open = () => reader ??= through(raw, "DecompressionStream", format).getReader();
  const pull = async (controller) => {
    const { done, value } = await open().read();
    if (done) {
      controller.close();
      controller.byobRequest?.respond(0);
    } else if (value.byteLength > 0) {
      controller.enqueue(value);
    } else {
      await pull(controller);
    }
  };
  const cancel = async (reason) => {
    if (reader === undefined) raw.cancel(reason);
    else await reader.cancel(reason);
  };
  return createReadableByteStream(() => {}, pull, cancel);
}

class EncodedBody extends InnerBody {
  #raw;
  #format;
  // What Deno's body has; made when it is asked for.
  #decoded = undefined;

  constructor(raw, format) {
    super();
    this.#raw = raw;
    this.#format = format;
  }

  get streamOrStatic() {
    if (this.#decoded === undefined) {
      this.#decoded = decodedStream(this.#raw, this.#format);
      owners.set(this.#decoded, this);
    }
    return this.#decoded;
  }

  set streamOrStatic(value) {
    // The base's constructor comes before there is anything.
    if (#raw in this) this.#decoded = value;
  }

  unusable() {
    return this.#decoded !== undefined && super.unusable();
  }

  consumed() {
    return this.#decoded !== undefined && super.consumed();
  }

  // The body as it came, if nobody has looked into it and the headers still say how it is encoded.
  takeRaw(headers) {
    if (this.unusable() || formatOf(headers) !== this.#format) return undefined;
    const decoded = this.streamOrStatic;
    if (owners.get(decoded) !== this) return undefined;
    decoded.getReader();
    readableStreamDisturb(decoded);
    return this.#raw;
  }
}

// The body behind a stream that nobody has read yet.
function ownerOf(stream) {
  const owner = owners.get(stream);
  return owner === undefined || isReadableStreamDisturbed(stream) ? undefined : owner;
}

// What a caller gets of an object's body with these headers. `isEncoded`: it is as they say; `isWanted`: it
// shall be.
function received(body, headers, isEncoded, isWanted) {
  const format = formatOf(headers);
  if (format === undefined || isEncoded === isWanted || body.length === 0) return body;
  return isEncoded ? new EncodedBody(body, format) : compressed(body, format);
}

// ---- out

// Body and headers of a response as they are sent, and whether the body is as the headers say. `within`: to
// another event of this process.
function sent({ body, encodeBody }, headers, within) {
  const raw = body instanceof EncodedBody ? body.takeRaw(headers) : undefined;
  if (raw !== undefined) return { body: raw, headers, isEncoded: true };
  if (within || body === null || encodeBody === "manual") {
    return { body, headers, isEncoded: encodeBody === "manual" };
  }
  const format = formatOf(headers);
  if (format === undefined) return { body, headers, isEncoded: false };
  // It is of the body as it was.
  const others = headers.filter(([name]) => name.toLowerCase() !== "content-length");
  return { body: compressed(body, format), headers: others, isEncoded: true };
}

return { ownerOf, received, sent };
})();
