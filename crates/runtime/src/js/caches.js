// The Cache API as Workers have it: `caches.default` and `caches.open()`. Looks at what apps give, as Cloudflare
// does; what may be stored, for how long, and which part answers a request is decided in Rust.

(function () {
const { core } = __bootstrap;
const {
  op_caches_delete, op_caches_match, op_caches_match_now, op_caches_put,
} = core.ops;
const { checkUsable, USED } = core.loadExtScript("ext:cellhouse_runtime/body.js");
const { joinHeaders } = core.loadExtScript("ext:cellhouse_runtime/message_parts.js");
const { makeResponse } = core.loadExtScript("ext:cellhouse_runtime/object_fetch.js");
const { RequestPrototype, toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");
const {
  responseBodyUsed, ResponsePrototype, toInnerResponse, wireHeaderList,
} = core.loadExtScript("ext:deno_fetch/23_response.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");
const {
  getReadableStreamResourceBacking, readableStreamDisturb, resourceForReadableStream,
} = core.loadExtScript("ext:deno_web/06_streams.js");

const KEY = Symbol("construct");
// Of Cloudflare's runtime, in bytes.
const MAX_NAME = 1024;

const isRequest = (value) => Object.prototype.isPrototypeOf.call(RequestPrototype, value);
const isResponse = (value) => Object.prototype.isPrototypeOf.call(ResponsePrototype, value);

// ---- arguments

function wrongArgument(method, type, index, expected) {
  return new TypeError(
    `Failed to execute '${method}' on '${type}': parameter ${index} is not of type '${expected}'.`,
  );
}

// What stands for a request: its method, headers, and the URL that its response is stored under.
class Key {
  method = "GET";
  headers = "";
  url;

  constructor(input) {
    if (isRequest(input)) {
      const inner = toInnerRequest(input);
      this.method = inner.method;
      this.headers = joinHeaders(inner);
      this.url = stored(inner.url());
      const cf = typeof inner.cf === "object" ? inner.cf : undefined;
      if (cf?.cacheKey) this.url = `${cf.cacheKey}`;
      return;
    }
    const url = URL.parse(`${input}`);
    if (url === null) throw new TypeError(`Invalid URL: ${input}`);
    this.url = stored(url.href);
  }
}

// A URL without its fragment, which no server sees.
function stored(href) {
  const hash = href.indexOf("#");
  const url = hash < 0 ? href : href.slice(0, hash);
  if (/^https?:\/\/[^/?@]+([/?]|$)/.test(url)) return url;
  if (/^[a-z.+-]+:\/\/[^/?@]+([/?]|$)/.test(url)) throw new TypeError(`Fetch API cannot load: ${href}`);
  throw new TypeError("Invalid URL. Cache API keys must be fully-qualified, valid URLs.");
}

function keyOf(given, method) {
  if (given.length === 0) throw wrongArgument(method, "Cache", 1, "Request or string");
  return new Key(given[0]);
}

function ignoresMethod(options, method) {
  if (options === undefined || options === null) return false;
  if (typeof options !== "object" && typeof options !== "function") {
    throw wrongArgument(method, "Cache", 2, "CacheQueryOptions");
  }
  return Boolean(options.ignoreMethod);
}

// ---- storing

function checkResponse(response) {
  if (response.type === "error") throw new TypeError("Cache is unable to store an error response");
}

function checkStorable(key, inner) {
  if (key.method !== "GET") throw new TypeError("Cannot cache response to non-GET request.");
  if (inner.status === 206) {
    throw new TypeError("Cannot cache response to a range request (206 Partial Content).");
  }
  for (const [name, value] of inner.headerList) {
    if (name.toLowerCase() === "vary" && value.includes("*")) {
      throw new TypeError("Cannot cache response with 'Vary: *' header.");
    }
  }
}

function checkNoWebSocket(inner) {
  if (!inner.webSocket) return;
  throw new TypeError(
    "Worker tried to return a WebSocket in a response to a request which did not contain the header " +
      '"Upgrade: websocket".',
  );
}

// [bytes, resource] of a body, which is used up by this. `failed` hears why a stream of JavaScript ended early.
function takeBody(body, failed) {
  if (body === null) return [null, -1];
  checkUsable(body);
  const source = body.streamOrStatic;
  if (typeof source.body === "string" || ArrayBuffer.isView(source.body)) {
    const bytes = typeof source.body === "string" ? core.encode(source.body) : source.body;
    source.consumed = true;
    return [bytes, -1];
  }
  const backing = getReadableStreamResourceBacking(source);
  if (!backing) return [null, resourceForReadableStream(source, undefined, failed)];
  source.getReader();
  readableStreamDisturb(source);
  return [null, backing.rid];
}

function joined(list) {
  let text = "";
  for (const [name, value] of list) text += `${name}\0${value}\0`;
  return text;
}

async function store(name, key, inner) {
  checkNoWebSocket(inner);
  let failure;
  const body = takeBody(inner.body, (error) => failure = { error });
  try {
    await op_caches_put(
      name, key.url, key.headers, inner.status, joined(wireHeaderList(inner)), inner.encodeBody === "manual",
      ...body,
    );
  } catch (error) {
    // The error of the app's own stream, and not what became of it on its way.
    throw failure === undefined ? error : failure.error;
  }
}

// ---- finding

function responseOf(reply) {
  if (reply === null) return undefined;
  const [parts, isEncoded] = reply;
  // No URL of a server led here.
  const asked = { method: "GET", url: null, isManual: isEncoded };
  return makeResponse(asked, [...parts, isEncoded], null);
}

// ---- classes

class Cache {
  // null for the default one.
  #name;

  constructor(key, name) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#name = name;
  }

  async match(request, options) {
    const key = keyOf(arguments, "match");
    if (!ignoresMethod(options, "match") && key.method !== "GET") return undefined;
    const [known, reply] = op_caches_match_now(this.#name, key.url, key.headers);
    return responseOf(known ? reply : await op_caches_match(this.#name, key.url, key.headers));
  }

  async put(request, response) {
    const key = keyOf(arguments, "put");
    if (!isResponse(response)) throw wrongArgument("put", "Cache", 2, "Response");
    checkResponse(response);
    const used = responseBodyUsed(response);
    const inner = toInnerResponse(response);
    checkStorable(key, inner);
    // As on Cloudflare: an answer to a conditional request stands for nothing.
    if (inner.status === 304) return;
    if (used) throw new TypeError(USED);
    await store(this.#name, key, inner);
  }

  async delete(request, options) {
    const key = keyOf(arguments, "delete");
    if (!ignoresMethod(options, "delete") && key.method !== "GET") return false;
    return await op_caches_delete(this.#name, key.url);
  }
}

class CacheStorage {
  constructor(key) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    Object.defineProperty(this, "default", { value: new Cache(KEY, null), enumerable: true });
  }

  async open(cacheName) {
    if (arguments.length === 0) throw wrongArgument("open", "CacheStorage", 1, "string");
    const name = `${cacheName}`;
    if (core.encode(name).byteLength >= MAX_NAME) throw new TypeError("Cache name is too long.");
    return new Cache(KEY, name);
  }
}

// What browsers have and Cloudflare does not.
function without(type, names) {
  for (const name of names) {
    const method = {
      [name]() {
        throw new Error(`Failed to execute '${name}' on '${type.name}': the method is not implemented.`);
      },
    };
    Object.defineProperty(type.prototype, name, {
      value: method[name], writable: true, enumerable: true, configurable: true,
    });
  }
}

without(Cache, ["add", "addAll", "matchAll", "keys"]);
without(CacheStorage, ["match", "has", "delete", "keys"]);
for (const type of [Cache, CacheStorage]) {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: type.name, configurable: true });
}

return { Cache, caches: new CacheStorage(KEY), CacheStorage };
})();
