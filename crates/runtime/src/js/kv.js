// A KV namespace, which is also a State store: Cloudflare's KVNamespace with set() and update().
// Converts arguments as Cloudflare does and picks the form of a value; what a store may hold is
// checked in Rust.

(function () {
const { core } = __bootstrap;
const {
  op_kv_check_key, op_kv_delete, op_kv_get, op_kv_get_many, op_kv_list, op_kv_put, op_kv_put_bytes, op_kv_update,
} = core.ops;
const { ReadableStream, readableStreamCollectIntoUint8Array } = core.loadExtScript(
  "ext:deno_web/06_streams.js",
);

const KEY = Symbol("construct");
const TEXT = 0;
const BYTES = 1;
// The form in which Rust gives a value, by the type that is asked for.
const FORMS = { text: TEXT, json: TEXT, arrayBuffer: BYTES, stream: BYTES };

// ---- arguments

// `type` and `cacheTtl` of get(): a string, or an object with both.
function readOptions(options) {
  if (options === undefined || options === null) return { type: "text", cacheTtl: undefined };
  if (typeof options === "object" || typeof options === "function") {
    const { type, cacheTtl } = options;
    return { type: type === undefined ? "text" : `${type}`, cacheTtl: integer(cacheTtl) };
  }
  return { type: `${options}`, cacheTtl: undefined };
}

// A number as Cloudflare's runtime takes it: truncated, NaN and null are 0, undefined is none.
function integer(value) {
  if (value === undefined) return undefined;
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) ? number : 0;
}

function unknownType() {
  return new TypeError(
    'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
  );
}

// The value of an app's put() as a string or bytes. A stream is read to its end.
function storable(value) {
  if (typeof value === "string") return value;
  if (value !== null && typeof value === "object") {
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return new Uint8Array(value);
    if (ArrayBuffer.isView(value)) {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    if (value instanceof ReadableStream) return readableStreamCollectIntoUint8Array(value);
  }
  if ((typeof value === "object" && value !== null) || typeof value === "function") {
    throw new TypeError(
      "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.",
    );
  }
  return `${value}`;
}

function metadataText(metadata) {
  if (metadata === undefined) return undefined;
  return JSON.stringify(metadata);
}

// ---- values

function streamOf(bytes) {
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
}

function shape(value, type) {
  switch (type) {
    case "text":
      return value;
    case "json":
      return JSON.parse(value);
    case "arrayBuffer":
      return value;
    case "stream":
      return streamOf(value);
    default:
      throw unknownType();
  }
}

// An unknown type is an error only where there is a value, as in Cloudflare's runtime.
function form(type) {
  return FORMS[type] ?? TEXT;
}

function parsed(metadata) {
  return metadata === null ? null : JSON.parse(metadata);
}

// ---- many keys at once

// Rust checks the type, the keys, and that JSON is JSON; it answers with [key, [value, metadata] or
// null] for each distinct key, in order.
function getMany(index, keys, options, withMetadata) {
  const { type, cacheTtl } = readOptions(options);
  const entries = op_kv_get_many(index, keys.map((key) => `${key}`), type, cacheTtl ?? NaN);
  const result = new Map();
  for (const [key, entry] of entries) {
    const value = entry === null ? null : type === "json" ? JSON.parse(entry[0]) : entry[0];
    if (!withMetadata || value === null) result.set(key, value);
    else result.set(key, { value, metadata: parsed(entry[1]) });
  }
  return result;
}

// ---- update()

// The update document as JSON. What JSON cannot hold is refused by name, not turned into null.
function updateText(update) {
  if (update === null || typeof update !== "object" || Array.isArray(update)) {
    throw new TypeError(
      "State update(): the update must be an object such as { $set: { field: value } }.",
    );
  }
  const text = JSON.stringify(update);
  // A number that JSON cannot hold has become null, if there is any.
  return text.includes("null") ? JSON.stringify(update, refuseNonFinite) : text;
}

function refuseNonFinite(key, value) {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`State update(): the value of "${key}" is ${value}, which JSON cannot hold.`);
  }
  return value;
}

class KvNamespace {
  #index;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async get(key, options) {
    if (Array.isArray(key)) return getMany(this.#index, key, options, false);
    const { type, cacheTtl } = readOptions(options);
    const value = op_kv_get(this.#index, `${key}`, form(type), cacheTtl ?? NaN, false);
    return value === null ? null : shape(value, type);
  }

  async getWithMetadata(key, options) {
    if (Array.isArray(key)) return getMany(this.#index, key, options, true);
    const { type, cacheTtl } = readOptions(options);
    const entry = op_kv_get(this.#index, `${key}`, form(type), cacheTtl ?? NaN, true);
    if (entry === null) return { value: null, metadata: null, cacheStatus: null };
    return { value: shape(entry[0], type), metadata: parsed(entry[1]), cacheStatus: null };
  }

  async put(key, value, options) {
    const name = `${key}`;
    const metadata = metadataText(options?.metadata);
    const rest = [metadata ?? "", integer(options?.expiration) ?? NaN, integer(options?.expirationTtl) ?? NaN];
    let data;
    try {
      data = storable(value);
    } catch (error) {
      // What is wrong with the key is told before what is wrong with the value.
      op_kv_check_key(this.#index, name);
      throw error;
    }
    if (data instanceof Promise) data = await data;
    const put = typeof data === "string" ? op_kv_put : op_kv_put_bytes;
    put(this.#index, name, data, ...rest);
  }

  async set(key, value) {
    return this.put(key, value);
  }

  async delete(key) {
    op_kv_delete(this.#index, `${key}`);
  }

  async list(options) {
    const prefix = options?.prefix;
    const limit = options?.limit;
    const cursor = options?.cursor;
    const page = op_kv_list(
      this.#index,
      prefix === undefined || prefix === null ? null : `${prefix}`,
      limit === undefined || limit === null ? NaN : integer(limit),
      cursor === undefined || cursor === null ? null : `${cursor}`,
    );
    const cursorAfter = page[0];
    const keys = [];
    for (let i = 1; i < page.length; i += 3) {
      const entry = { name: page[i] };
      if (page[i + 1] !== null) entry.expiration = page[i + 1];
      if (page[i + 2] !== null) entry.metadata = JSON.parse(page[i + 2]);
      keys.push(entry);
    }
    return cursorAfter === null
      ? { keys, list_complete: true, cacheStatus: null }
      : { keys, list_complete: false, cursor: cursorAfter, cacheStatus: null };
  }

  async update(key, update) {
    op_kv_update(this.#index, `${key}`, updateText(update));
  }
}

Object.defineProperty(KvNamespace, "name", { value: "KvNamespace" });

return { makeKv: (index) => new KvNamespace(KEY, index) };
})();
