// The Cache binding: get and set of strings, best-effort. The store itself is in Rust.

(function () {
const {
  op_cache_get, op_cache_get_now, op_cache_set, op_cache_set_now,
} = __bootstrap.core.ops;

const KEY = Symbol("construct");

function checkKey(key, method) {
  if (typeof key === "string") return key;
  throw new TypeError(`Cache ${method}(): the key must be a string, not ${typeName(key)}.`);
}

function typeName(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  const type = typeof value;
  if (type === "undefined") return type;
  return type === "object" ? `an object (${value.constructor?.name ?? "Object"})` : `a ${type}`;
}

// Undefined without a ttl. Its range is checked in Rust, here only that it is a number.
function ttlOf(options) {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== "object") {
    throw new TypeError(`Cache set(): the options must be an object such as { ttl: 60 }, not ${typeName(options)}.`);
  }
  const { ttl } = options;
  if (ttl === undefined || ttl === null) return undefined;
  if (typeof ttl !== "number") {
    throw new TypeError(`Cache set(): ttl must be a number of seconds, not ${typeName(ttl)}.`);
  }
  return ttl;
}

class Cache {
  #index;

  constructor(key, index) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
  }

  async get(key) {
    checkKey(key, "get");
    const value = op_cache_get_now(this.#index, key);
    return value === undefined ? await op_cache_get(this.#index, key) : value;
  }

  async set(key, value, options) {
    checkKey(key, "set");
    if (typeof value !== "string") {
      throw new TypeError(
        `Cache set(): the value must be a string, not ${typeName(value)}. Use JSON.stringify() for other values.`,
      );
    }
    const ttl = ttlOf(options);
    const arguments_ = [this.#index, key, value, ttl !== undefined, ttl ?? 0];
    if (!op_cache_set_now(...arguments_)) await op_cache_set(...arguments_);
  }
}

Object.defineProperty(Cache, "name", { value: "CacheBinding" });

return { makeCache: (index) => new Cache(KEY, index) };
})();
