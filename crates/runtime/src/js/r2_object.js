// Objects of R2: HeadResult (R2Object), GetResult (R2ObjectBody) and Checksums, with the names and the
// own properties that Cloudflare's runtime gives them. Made of the arrays that `ops/r2/values.rs` writes.

(function () {
const { core } = __bootstrap;
const { lengths } = core.loadExtScript("ext:cellhouse_runtime/streams.js");
const { LOCKED, streamOf, USED } = core.loadExtScript("ext:cellhouse_runtime/body.js");
const { Headers } = core.loadExtScript("ext:cellhouse_runtime/headers.js");
const {
  isReadableStreamDisturbed, readableStreamClose, readableStreamCollectIntoUint8Array,
  readableStreamDisturb, readableStreamForRid,
} = core.loadExtScript("ext:deno_web/06_streams.js");
const { Blob } = core.loadExtScript("ext:deno_web/09_file.js");

const ALGORITHMS = ["md5", "sha1", "sha256", "sha384", "sha512"];

// ---- checksums

function bytesOfHex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes.buffer;
}

class Checksums {
  // Hexadecimal digits by algorithm.
  #digits;
  #buffers = {};

  constructor(digits) {
    this.#digits = digits;
  }

  toJSON() {
    const { md5, sha1, sha256, sha384, sha512 } = this.#digits;
    return { md5, sha1, sha256, sha384, sha512 };
  }

  static bufferOf(checksums, name) {
    const digits = checksums.#digits[name];
    if (digits === undefined) return undefined;
    return checksums.#buffers[name] ??= bytesOfHex(digits);
  }
}
const { bufferOf } = Checksums;
delete Checksums.bufferOf;
for (const name of ALGORITHMS) {
  Object.defineProperty(Checksums.prototype, name, {
    get() {
      return bufferOf(this, name);
    },
    enumerable: true, configurable: true,
  });
}

function checksumsOf(etag, others) {
  const digits = others === null ? {} : JSON.parse(others);
  // Of an object of parts it is no digest of the body.
  if (!etag.includes("-")) digits.md5 = etag;
  return new Checksums(digits);
}

// ---- objects

const HEADERS = {
  contentType: "content-type",
  contentLanguage: "content-language",
  contentDisposition: "content-disposition",
  contentEncoding: "content-encoding",
  cacheControl: "cache-control",
};

function httpMetadata(text) {
  if (text === null) return {};
  const metadata = JSON.parse(text);
  if (metadata.cacheExpiry !== undefined) metadata.cacheExpiry = new Date(metadata.cacheExpiry);
  return metadata;
}

function customMetadata(text) {
  if (text === null) return {};
  const metadata = {};
  for (const [name, value] of JSON.parse(text)) {
    if (name === "__proto__") Object.defineProperty(metadata, name, { value, writable: true, enumerable: true, configurable: true });
    else metadata[name] = value;
  }
  return metadata;
}

class HeadResult {
  constructor(
    [key, version, size, etag, uploaded, http, custom, checksums, storageClass, offset, length],
    withHttp,
    withCustom,
  ) {
    this.ssecKeyMd5 = undefined;
    this.storageClass = storageClass ?? "Standard";
    this.range = offset < 0 ? undefined : { offset, length };
    this.customMetadata = withCustom ? customMetadata(custom) : {};
    this.httpMetadata = withHttp ? httpMetadata(http) : {};
    this.uploaded = new Date(uploaded);
    this.checksums = checksumsOf(etag, checksums);
    this.httpEtag = `"${etag}"`;
    this.etag = etag;
    this.size = size;
    this.version = version;
    this.key = key;
  }

  writeHttpMetadata(headers) {
    if (!(headers instanceof Headers)) {
      throw new TypeError(
        "Failed to execute 'writeHttpMetadata' on 'R2Object': parameter 1 is not of type 'Headers'.",
      );
    }
    const metadata = this.httpMetadata;
    for (const field in HEADERS) {
      if (metadata[field] !== undefined) headers.set(HEADERS[field], metadata[field]);
    }
    if (metadata.cacheExpiry !== undefined) headers.set("expires", metadata.cacheExpiry.toUTCString());
  }
}

// A body as one part: bytes that are there, or a stream from the storage.
class GetResult extends HeadResult {
  // Bytes that nobody has asked for as a stream yet, or null.
  #bytes = null;
  #stream = null;

  constructor(found, length) {
    super(found, true, true);
    const body = found[11];
    if (typeof body !== "number") {
      this.#bytes = body;
      return;
    }
    this.#stream = readableStreamForRid(body);
    lengths.set(this.#stream, length);
  }

  get body() {
    if (this.#stream === null) {
      this.#stream = streamOf(this.#bytes);
      this.#bytes = null;
    }
    return this.#stream;
  }

  get bodyUsed() {
    return this.#stream !== null && isReadableStreamDisturbed(this.#stream);
  }

  // All bytes, for good.
  async #take() {
    if (this.bodyUsed) throw new TypeError(USED);
    if (this.#bytes !== null) {
      const bytes = this.#bytes;
      const spent = this.body;
      readableStreamDisturb(spent);
      readableStreamClose(spent);
      return bytes;
    }
    if (this.#stream.locked) throw new TypeError(LOCKED);
    return await readableStreamCollectIntoUint8Array(this.#stream);
  }

  async arrayBuffer() {
    const bytes = await this.#take();
    return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
  }

  async bytes() {
    return await this.#take();
  }

  async text() {
    return core.decode(await this.#take());
  }

  async json() {
    return JSON.parse(await this.text());
  }

  async blob() {
    return new Blob([await this.#take()], { type: this.httpMetadata.contentType ?? "" });
  }
}

for (const name of ["body", "bodyUsed"]) {
  const { get } = Object.getOwnPropertyDescriptor(GetResult.prototype, name);
  Object.defineProperty(GetResult.prototype, name, { get, enumerable: true, configurable: true });
}
for (const type of [Checksums, HeadResult, GetResult]) {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: type.name, configurable: true });
}

// ---- answers of ops

function headObject(found, withHttp = true, withCustom = true) {
  return found === null ? null : new HeadResult(found, withHttp, withCustom);
}

// Without a body where the conditions do not hold.
function getObject(found) {
  if (found === null) return null;
  return found[11] === null ? new HeadResult(found, true, true) : new GetResult(found, found[10]);
}

return { getObject, headObject, putObject: headObject };
})();
