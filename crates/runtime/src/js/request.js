// Request as Workers have it: `cf`, Cloudflare's methods, redirect and cache modes, and messages.
// Built on Deno's: same prototype, so that the requests that come in are of this class too.

(function () {
const { core } = __bootstrap;
const { assertBranded } = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { checkCloneable, checkUsable, cloneCf } = core.loadExtScript("ext:cellhouse_runtime/body.js");
const { extractBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const { newInnerRequest, Request: DenoRequest, RequestPrototype, toInnerRequest } = core.loadExtScript(
  "ext:deno_fetch/23_request.js",
);
const { listOf } = core.loadExtScript("ext:cellhouse_runtime/header_texts.js");
const { requestOf } = core.loadExtScript("ext:cellhouse_runtime/request_object.js");
const { plainUrl } = core.loadExtScript("ext:cellhouse_runtime/url_text.js");

const isRequest = (value) => Object.prototype.isPrototypeOf.call(RequestPrototype, value);

// ---- construction

// The methods that Cloudflare knows; any case is accepted.
const METHODS = new Set([
  "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "PURGE", "OPTIONS", "TRACE", "COPY", "LOCK",
  "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "SEARCH", "UNLOCK", "ACL", "REPORT", "MKACTIVITY",
  "CHECKOUT", "MERGE", "M-SEARCH", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "QUERY", "BAN",
]);

function readMethod(method) {
  const upper = `${method}`.toUpperCase();
  if (!METHODS.has(upper)) throw new TypeError(`Invalid HTTP method string: ${method}`);
  return upper;
}

function readRedirect(mode) {
  const lower = `${mode}`.toLowerCase();
  if (lower !== "follow" && lower !== "manual") {
    throw new TypeError(
      'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented ' +
        'since it does not make sense at the edge; use "manual" and check the response status code).',
    );
  }
  return lower;
}

const CACHE_MODES = ["no-store", "no-cache", "reload"];

function readCache(mode) {
  if (!CACHE_MODES.includes(mode)) throw new TypeError(`Unsupported cache mode: ${mode}`);
  return mode;
}

function checkCf(cf, cache) {
  if (cf.cacheControl === undefined) return;
  if (cf.cacheTtl !== undefined) {
    throw new TypeError(
      "The 'cacheControl' and 'cacheTtl' options on cf are mutually exclusive. Use 'cacheControl' " +
        "for explicit Cache-Control header directives, or 'cacheTtl' for a simplified TTL, but not both.",
    );
  }
  if (cache !== undefined) {
    throw new TypeError(
      "The 'cacheControl' option on cf cannot be used together with the 'cache' request option. " +
        "The 'cache' option ('no-store'/'no-cache') maps to cache TTL behavior internally, which " +
        "conflicts with explicit Cache-Control directives.",
    );
  }
}

// What is copied from another request, or given in `init`, and Deno's constructor does not know.
function readExtras(input, init) {
  const extras = {};
  if (isRequest(input)) {
    const inner = toInnerRequest(input);
    if (inner.cf !== undefined) extras.cf = cloneCf(cfOf(inner));
    extras.cacheMode = inner.cacheMode;
    extras.encodeResponseBody = inner.encodeResponseBody;
    extras.incoming = inner.incoming;
    extras.event = inner.event;
  }
  const { cf, cache, encodeResponseBody } = init;
  if (cache !== undefined) extras.cacheMode = readCache(cache);
  if (cf !== undefined) {
    if (typeof cf !== "object" || cf === null) throw new TypeError("The 'cf' option must be an object.");
    checkCf(cf, cache);
    extras.cf = cloneCf(cf);
  }
  if (encodeResponseBody !== undefined) {
    if (encodeResponseBody !== "manual" && encodeResponseBody !== "automatic") {
      throw new TypeError(`encodeResponseBody: unexpected value: ${encodeResponseBody}`);
    }
    extras.encodeResponseBody = encodeResponseBody;
  }
  return extras;
}

// The options that Deno's constructor takes; those of browsers (mode, credentials, ...) mean nothing
// here and are ignored, whatever they are.
function readInit(input, init) {
  const { method, headers, body, redirect, signal, integrity } = init;
  if (integrity !== undefined && `${integrity}` !== "") {
    throw new TypeError(
      "Subrequest integrity checking is not implemented. " +
        "The integrity option must be either undefined or an empty string.",
    );
  }
  const plain = {};
  if (method !== undefined) plain.method = readMethod(method);
  if (headers !== undefined) plain.headers = headers;
  if (redirect !== undefined) plain.redirect = readRedirect(redirect);
  if (signal !== undefined) plain.signal = signal;
  if (body !== undefined) plain.body = body;
  checkBody(input, plain);
  return plain;
}

function checkBody(input, { method, body }) {
  if (body === undefined || body === null) {
    const inner = isRequest(input) ? toInnerRequest(input).body : null;
    if (inner === null) return;
    if (inner.consumed()) throw new TypeError("Cannot reconstruct a Request with a used body.");
    checkUsable(inner);
  }
  const actual = method ?? (isRequest(input) ? toInnerRequest(input).method : "GET");
  if (actual === "GET" || actual === "HEAD") {
    throw new TypeError("Request with a GET or HEAD method cannot have a body.");
  }
}

function construct(input, init, newTarget) {
  if (typeof init !== "object" && typeof init !== "function") {
    throw new TypeError(
      "Failed to construct 'Request': constructor parameter 2 is not of type 'RequestInit'.",
    );
  }
  const extras = readExtras(input, init);
  const plain = readInit(input, init);
  // Deno refuses this one, so it is set afterwards.
  const trace = plain.method === "TRACE";
  if (trace) plain.method = "OPTIONS";
  const request = make(input, plain, newTarget);
  const inner = toInnerRequest(request);
  if (trace) inner.method = "TRACE";
  return Object.assign(inner, extras), request;
}

function make(input, init, newTarget) {
  if (isRequest(input)) return Reflect.construct(DenoRequest, [input, init], newTarget);
  const url = `${input}`;
  try {
    return Reflect.construct(DenoRequest, [url, init], newTarget);
  } catch (error) {
    if (error.message === "Invalid URL string.") throw new TypeError(`Invalid URL: ${url}`);
    throw error;
  }
}

// ---- usual requests, in fewer steps than Deno's constructor takes

// Whether nothing is asked for but a method, headers and a body.
function isUsual({ cache, cf, encodeResponseBody, integrity, redirect, signal }) {
  return cache === undefined && cf === undefined && encodeResponseBody === undefined &&
    integrity === undefined && redirect === undefined && signal === undefined;
}

// A request with at most a text for its body; undefined for any other, and for what is wrong.
function usualRequest(url, init) {
  if (!isUsual(init)) return undefined;
  const { body = null, headers, method } = init;
  const list = headers === undefined ? [] : listOf(headers);
  const href = list === undefined ? undefined : plainUrl(url);
  if (href === undefined || (body !== null && typeof body !== "string")) return undefined;
  const name = method === undefined ? "GET" : readMethod(method);
  if (body !== null && (name === "GET" || name === "HEAD")) return undefined;
  const inner = newInnerRequest(name, href, () => list, null, false);
  if (body !== null) {
    const extracted = extractBody(body);
    inner.body = extracted.body;
    if (list.every(([name]) => name !== "content-type")) list.push(["Content-Type", extracted.contentType]);
  }
  return requestOf(inner, "request");
}

function Request(input, init = undefined) {
  if (new.target === undefined) {
    throw new TypeError("Class constructor Request cannot be invoked without 'new'");
  }
  if (arguments.length === 0) {
    throw new TypeError(
      "Failed to construct 'Request': constructor parameter 1 is not of type 'Request or string'.",
    );
  }
  const usual = new.target === Request && typeof input === "string" ? usualRequest(input, init ?? {}) : undefined;
  return usual ?? construct(input, init ?? {}, new.target);
}

Object.defineProperty(Request, "prototype", {
  value: RequestPrototype, writable: false, enumerable: false, configurable: false,
});
Object.defineProperty(RequestPrototype, "constructor", {
  value: Request, writable: true, enumerable: false, configurable: true,
});

// ---- properties and methods

// `cf` of a request that came in is made when it is first read.
function cfOf(inner) {
  if (typeof inner.cf === "function") inner.cf = inner.cf();
  return inner.cf;
}

function defineGetter(name, get) {
  Object.defineProperty(RequestPrototype, name, {
    get() {
      assertBranded(this, RequestPrototype);
      return get(toInnerRequest(this));
    },
    enumerable: true,
    configurable: true,
  });
}

// Without Deno's copy of the text.
defineGetter("url", (inner) => inner.url());
defineGetter("cf", cfOf);
defineGetter("cache", (inner) => inner.cacheMode);
defineGetter("fetcher", () => null);
defineGetter("integrity", () => "");
defineGetter("keepalive", () => false);
for (const name of ["credentials", "mode", "referrer", "referrerPolicy"]) {
  delete RequestPrototype[name];
}

const clone = RequestPrototype.clone;
Object.defineProperty(RequestPrototype, "clone", {
  value: function () {
    assertBranded(this, RequestPrototype);
    const { body } = toInnerRequest(this);
    if (body !== null) checkCloneable(body);
    const second = clone.call(this);
    Object.assign(toInnerRequest(second), readExtras(this, {}));
    return second;
  },
  writable: true, enumerable: true, configurable: true,
});
Object.defineProperty(RequestPrototype.clone, "name", { value: "clone", configurable: true });

return { Request };
})();
