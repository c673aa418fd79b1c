// Ploy's file storage: text files with a content type, over the objects of an R2 bucket.

(function () {
const { core } = __bootstrap;
const { makeBucket } = core.loadExtScript("ext:cellhouse_runtime/r2.js");

const KEY = Symbol("construct");
const TEXT = "text/plain";
// Keys that one call of the bucket lists.
const PAGE = 1000;

function keyOf(key, method) {
  if (typeof key === "string" && key !== "") return key;
  throw new TypeError(`FileStorage ${method}(): the key must be a string that is not empty.`);
}

function limitOf(options) {
  const limit = options?.limit;
  if (limit === undefined || limit === null) return PAGE;
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new TypeError(`FileStorage list(): limit must be a whole number of at least 1, not ${limit}.`);
}

const typeOf = (object) => object.httpMetadata?.contentType ?? TEXT;

class FileStorageBinding {
  #bucket;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#bucket = makeBucket(index);
  }

  async put(key, value, options) {
    keyOf(key, "put");
    if (typeof value !== "string") {
      throw new TypeError("FileStorage put(): the value must be a string. Use an R2 bucket for bytes.");
    }
    const contentType = options?.contentType ?? TEXT;
    await this.#bucket.put(key, value, { httpMetadata: { contentType: `${contentType}` } });
  }

  async get(key) {
    const object = await this.#bucket.get(keyOf(key, "get"));
    if (object === null) return null;
    return { body: await object.text(), contentType: typeOf(object), size: object.size };
  }

  async delete(key) {
    await this.#bucket.delete(keyOf(key, "delete"));
  }

  async list(options) {
    const keys = [];
    let left = limitOf(options);
    let cursor;
    do {
      const prefix = options?.prefix ?? undefined;
      const page = await this.#bucket.list({ prefix, limit: Math.min(left, PAGE), cursor, include: ["httpMetadata"] });
      for (const object of page.objects) {
        keys.push({ key: object.key, size: object.size, contentType: typeOf(object) });
      }
      left -= page.objects.length;
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined && left > 0);
    return { keys };
  }
}

return { makeFiles: (index) => new FileStorageBinding(KEY, index) };
})();
