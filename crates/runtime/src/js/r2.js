// R2 buckets: R2Bucket and R2MultipartUpload as Cloudflare's runtime has them. Keys, limits and bodies are
// Rust's; here are arguments, results, and the classes.

(function () {
const { core } = __bootstrap;
const {
  op_r2_abort, op_r2_complete, op_r2_create_upload, op_r2_delete, op_r2_get, op_r2_head, op_r2_list,
  op_r2_put, op_r2_put_now, op_r2_put_part,
} = core.ops;
const { getObject, headObject, putObject } = core.loadExtScript("ext:cellhouse_runtime/r2_object.js");
const {
  fieldText, getOptions, includes, integer, metadataOptions, putOptions,
} = core.loadExtScript("ext:cellhouse_runtime/r2_options.js");
const { bodyOf } = core.loadExtScript("ext:cellhouse_runtime/r2_body.js");
const { forgivingBase64Decode, forgivingBase64Encode } = core.loadExtScript("ext:deno_web/00_infra.js");

const KEY = Symbol("construct");
// Larger bodies are not worth trying at once; Rust has the true limit.
const PERHAPS_SMALL = 64 * 1024;

function require(count, given, method, type, name) {
  if (given >= count) return;
  throw new TypeError(
    `Failed to execute '${method}' on '${name}': parameter ${given + 1} is not of type '${type}'.`,
  );
}

const requireKey = (given, method) => require(1, given, method, "string", "R2Bucket");

// A cursor as the app sees it is opaque; what is none of ours is read as well as it can be.
function cursorBytes(cursor) {
  let text = cursor.replace(/[^A-Za-z0-9+/_-]/g, "").replaceAll("-", "+").replaceAll("_", "/");
  if (text.length % 4 === 1) text = text.slice(0, -1);
  return forgivingBase64Decode(text);
}

// ---- multipart uploads

function partNumber(value) {
  const number = integer(value);
  if (number >= 1 && number <= 10000) return number;
  throw new TypeError(
    `Part number must be between 1 and 10000 (inclusive). Actual value was: ${number}`,
  );
}

class R2MultipartUpload {
  #bucket;

  constructor(key, bucket, name, uploadId) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#bucket = bucket;
    this.uploadId = uploadId;
    this.key = name;
  }

  async uploadPart(number, value, options) {
    require(2, arguments.length, "uploadPart", "ReadableStream or ArrayBuffer or ArrayBufferView or string or Blob",
      "R2MultipartUpload");
    const part = partNumber(number);
    metadataOptions(options, "uploadPart");
    let body = bodyOf(value, "uploadPart", "R2MultipartUpload");
    if (body instanceof Promise) body = await body;
    const etag = await op_r2_put_part(
      this.#bucket, this.key, this.uploadId, part, body.bytes, body.rid, body.length,
    );
    return { partNumber: part, etag };
  }

  async abort() {
    op_r2_abort(this.#bucket, this.key, this.uploadId);
  }

  async complete(uploadedParts) {
    if (!Array.isArray(uploadedParts)) {
      throw new TypeError(
        "Failed to execute 'complete' on 'R2MultipartUpload': parameter 1 is not of type 'Array'.",
      );
    }
    const parts = uploadedParts.map((part) => [partNumber(part?.partNumber), `${part?.etag}`]);
    return headObject(op_r2_complete(this.#bucket, this.key, this.uploadId, parts));
  }
}

// ---- buckets

class R2Bucket {
  #index;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async head(key) {
    requireKey(arguments.length, "head");
    return headObject(op_r2_head(this.#index, `${key}`));
  }

  async get(key, options) {
    requireKey(arguments.length, "get");
    return getObject(op_r2_get(this.#index, `${key}`, getOptions(options)));
  }

  async put(key, value, options) {
    requireKey(arguments.length, "put");
    require(2, arguments.length, "put", "ReadableStream or ArrayBuffer or ArrayBufferView or string or Blob",
      "R2Bucket");
    const name = `${key}`;
    const text = putOptions(options);
    let body = bodyOf(value ?? "", "put", "R2Bucket");
    if (body instanceof Promise) body = await body;
    if (body.bytes !== null && body.bytes.byteLength <= PERHAPS_SMALL) {
      const put = op_r2_put_now(this.#index, name, text, body.bytes);
      if (put !== false) return putObject(put);
    }
    return putObject(await op_r2_put(this.#index, name, text, body.bytes, body.rid, body.length));
  }

  async delete(keys) {
    require(1, arguments.length, "delete", "string or Array", "R2Bucket");
    const names = Array.isArray(keys) ? keys.map((key) => `${key}`) : [`${keys}`];
    op_r2_delete(this.#index, names);
  }

  async list(options) {
    const text = (field) => fieldText(options?.[field], field, "ListOptions");
    const limit = options?.limit;
    const cursor = text("cursor");
    const [http, custom] = includes(options?.include);
    const page = op_r2_list(
      this.#index,
      text("prefix") ?? "",
      limit === undefined ? NaN : integer(limit),
      cursor === undefined ? null : cursorBytes(cursor),
      text("startAfter") ?? null,
      text("delimiter") ?? null,
    );
    const objects = [];
    for (let i = 2; i < page.length; i++) objects.push(headObject(page[i], http, custom));
    const result = { objects, truncated: page[0] !== null };
    if (page[0] !== null) result.cursor = forgivingBase64Encode(page[0]);
    result.delimitedPrefixes = page[1];
    return result;
  }

  async createMultipartUpload(key, options) {
    requireKey(arguments.length, "createMultipartUpload");
    const name = `${key}`;
    const id = op_r2_create_upload(this.#index, name, metadataOptions(options, "createMultipartUpload"));
    return new R2MultipartUpload(KEY, this.#index, name, id);
  }

  resumeMultipartUpload(key, uploadId) {
    require(2, arguments.length, "resumeMultipartUpload", "string", "R2Bucket");
    return new R2MultipartUpload(KEY, this.#index, `${key}`, `${uploadId}`);
  }
}

for (const type of [R2Bucket, R2MultipartUpload]) {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: type.name, configurable: true });
}

return { makeBucket: (index) => new R2Bucket(KEY, index) };
})();
