// Bodies of requests and responses as Workers have them: streams of bytes that BYOB readers can read,
// lengths of FixedLengthStreams, any bytes in iterables, and Cloudflare's messages. Must be loaded
// before Deno's Request and Response, which take from its module what is replaced here.

(function () {
const { core } = __bootstrap;
const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { asBytes, lengths, NOT_BYTES } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const {
  createReadableByteStream, getReadableStreamResourceBacking, isReadableStreamDisturbed,
  readableStreamClose, readableStreamDisturb, readableStreamForRid, ReadableStreamPrototype,
} = core.loadExtScript("ext:deno_web/06_streams.js");
core.loadExtScript("ext:cellhouse_runtime/form_data.js");
const body = core.loadExtScript("ext:deno_fetch/22_body.js");
const { InnerBody } = body;

const isStream = (value) => Object.prototype.isPrototypeOf.call(ReadableStreamPrototype, value);

const USED = "Body has already been used. It can only be used once. " +
  "Use tee() first if you need to read it twice.";
const LOCKED = "This ReadableStream is currently locked to a reader.";

// With workerd's comma.
const NOT_CLONEABLE = "This ReadableStream is currently locked to a reader,";

// Throws if a body cannot be read any more.
function checkUsable(inner) {
  if (!inner.unusable()) return;
  throw new TypeError(inner.consumed() ? USED : LOCKED);
}

// Throws if a body cannot be cloned any more.
function checkCloneable(inner) {
  if (inner.unusable()) throw new TypeError(NOT_CLONEABLE);
}

// ---- streams of static bodies

// The string or bytes behind a stream that nobody has read yet.
const sources = new WeakMap();

// Uses up a stream whose source was taken.
function spend(stream) {
  readableStreamDisturb(stream);
  readableStreamClose(stream);
}

// The length of a stream, where it is known before it is read.
function lengthOf(stream) {
  const source = sources.get(stream);
  if (source === undefined) return lengths.get(stream);
  return typeof source === "string" ? core.encode(source).byteLength : source.byteLength;
}

// The branches of a stream are as long as it is.
const { tee } = ReadableStreamPrototype;
const methods = {
  tee() {
    const length = isStream(this) ? lengthOf(this) : undefined;
    const branches = tee.apply(this, arguments);
    if (length !== undefined) branches.forEach((branch) => lengths.set(branch, length));
    return branches;
  },
};
Object.defineProperty(ReadableStreamPrototype, "tee", {
  value: methods.tee, writable: true, enumerable: true, configurable: true,
});

function streamOf(source) {
  const stream = createReadableByteStream(
    () => {},
    (controller) => {
      // A copy: enqueue() takes the buffer away, and clones of the body share it.
      const bytes = typeof source === "string" ? core.encode(source) : source.slice();
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
      controller.byobRequest?.respond(0);
    },
    async () => {},
  );
  sources.set(stream, source);
  return stream;
}

function closedStream() {
  const stream = createReadableByteStream(() => {}, () => {}, async () => {});
  readableStreamDisturb(stream);
  readableStreamClose(stream);
  return stream;
}

Object.defineProperty(InnerBody.prototype, "stream", {
  get() {
    if (isStream(this.streamOrStatic)) return this.streamOrStatic;
    const { body, consumed } = this.streamOrStatic;
    return this.streamOrStatic = consumed ? closedStream() : streamOf(body);
  },
  configurable: true,
});

// ---- reading

const consume = InnerBody.prototype.consume;
InnerBody.prototype.consume = function () {
  checkUsable(this);
  return consume.call(this);
};

// Deno's clones share the bytes of a static body, and whoever reads one may change them.
const clone = InnerBody.prototype.clone;
InnerBody.prototype.clone = function () {
  const second = clone.call(this);
  if (isStream(second.streamOrStatic) && typeof this.length === "number") {
    lengths.set(this.streamOrStatic, this.length);
    lengths.set(second.streamOrStatic, this.length);
  }
  const bytes = second.streamOrStatic.body;
  if (ArrayBuffer.isView(bytes)) second.streamOrStatic.body = bytes.slice();
  return second;
};

// Keeps the stream that a body was taken from: when it is collected, its resource is closed.
const _origin = Symbol("origin");

// A body for another request. One that comes from Rust stays so, instead of being piped through
// JavaScript.
const createProxy = InnerBody.prototype.createProxy;
InnerBody.prototype.createProxy = function () {
  const stream = this.streamOrStatic;
  const backing = isStream(stream) ? getReadableStreamResourceBacking(stream) : null;
  if (!backing || this.unusable()) return createProxy.call(this);
  stream.getReader();
  readableStreamDisturb(stream);
  const successor = readableStreamForRid(backing.rid, backing.autoClose);
  successor[_origin] = stream;
  const length = lengths.get(stream);
  if (length !== undefined) lengths.set(successor, length);
  const proxy = new InnerBody(successor);
  proxy.source = this.source;
  proxy.length = this.length;
  return proxy;
};

// ---- form data

const MULTIPART = "multipart/form-data";
const URL_ENCODED = "application/x-www-form-urlencoded";

// Throws where the headers do not say how to read a form.
function checkFormType(type) {
  if (type === null) {
    throw new TypeError("Parsing a Body as FormData requires a Content-Type header.");
  }
  const [essence] = type.split(";", 1);
  switch (essence.trim().toLowerCase()) {
    case URL_ENCODED:
      return;
    case MULTIPART:
      if (/;\s*boundary=/i.test(type)) return;
      throw new TypeError(
        "No boundary string in Content-Type header. The multipart/form-data MIME type requires a " +
          "boundary parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. " +
          "See RFC 7578, section 4.",
      );
    default:
      throw new TypeError(
        "Unrecognized Content-Type header value. FormData can only parse the following MIME types: " +
          `${MULTIPART}, ${URL_ENCODED}`,
      );
  }
}

const { mixinBody } = body;
body.mixinBody = function (prototype, bodySymbol, mimeTypeSymbol) {
  mixinBody(prototype, bodySymbol, mimeTypeSymbol);
  const { formData } = prototype;
  const checked = {
    async formData() {
      webidl.assertBranded(this, prototype);
      if (this[bodySymbol] !== null) checkUsable(this[bodySymbol]);
      checkFormType(this.headers.get("content-type"));
      return await formData.call(this);
    },
  };
  Object.defineProperty(prototype, "formData", {
    value: checked.formData, writable: true, enumerable: true, configurable: true,
  });
};

// ---- making bodies

// A static body that was taken out of a stream: reading one uses up the other.
function shareStatic(source, stream) {
  return {
    body: source,
    get consumed() {
      return stream.locked || isReadableStreamDisturbed(stream);
    },
    set consumed(_) {
      spend(stream);
    },
  };
}

function extractStream(stream) {
  if (isReadableStreamDisturbed(stream)) {
    throw new TypeError(
      "This ReadableStream is disturbed (has already been read from), and cannot be used as a body.",
    );
  }
  if (stream.locked) throw new TypeError(LOCKED);
  const source = sources.get(stream);
  if (source === undefined) {
    const { ownerOf } = core.loadExtScript("ext:cellhouse_runtime/content_encoding.js");
    const owner = ownerOf(stream);
    if (owner !== undefined) return { body: owner, contentType: null };
    const extracted = extractBody(stream);
    extracted.body.length = lengths.get(stream) ?? extracted.body.length;
    return extracted;
  }
  const extracted = extractBody(source);
  extracted.body.streamOrStatic = shareStatic(source, stream);
  extracted.contentType = null;
  return extracted;
}

const { extractBody } = body;
body.extractBody = function (object) {
  if (typeof object === "string" || !isStream(object)) return extractBody(object);
  return extractStream(object);
};

// Iterables of bytes of any kind; Deno's takes Uint8Arrays alone.
webidl.converters["async_sequence<Uint8Array>"] = webidl.createAsyncSequenceConverter((chunk) => {
  const bytes = asBytes(chunk);
  if (bytes === undefined) throw new TypeError(NOT_BYTES);
  return bytes;
});

// `cf` objects are plain data, and each request and response has its own.
function cloneCf(cf) {
  return core.loadExtScript("ext:cellhouse_runtime/structured_clone.js").structuredClone(cf);
}

const sourceOf = (stream) => sources.get(stream);

return { checkCloneable, checkUsable, cloneCf, LOCKED, sourceOf, spend, streamOf, USED };
})();
