// What an app finds on the global object, and nothing else.

const LANGUAGE = `Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError
  AggregateError SuppressedError Iterator Array parseInt parseFloat isNaN isFinite decodeURI
  decodeURIComponent encodeURI encodeURIComponent escape unescape Infinity NaN undefined eval Number Boolean
  String Math Reflect Symbol DisposableStack AsyncDisposableStack globalThis BigInt Date RegExp JSON Proxy Map
  Set WeakMap WeakSet ArrayBuffer SharedArrayBuffer Uint8ClampedArray Int8Array Uint8Array Int16Array
  Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array Float64Array
  DataView Atomics Promise WeakRef FinalizationRegistry Intl Temporal WebAssembly`;
const PLATFORM = `AbortController AbortSignal Blob Body ByteLengthQueuingStrategy Cache CacheStorage CloseEvent Cloudflare
  CompressionStream CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream
  ErrorEvent Event EventSource EventTarget File FixedLengthStream FormData HTMLRewriter Headers
  IdentityTransformStream MessageChannel MessageEvent MessagePort Navigator Performance PromiseRejectionEvent
  QuotaExceededError ReadableByteStreamController ReadableStream ReadableStreamBYOBReader
  ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader Request Response
  Scheduler ServiceWorkerGlobalScope SubtleCrypto TextDecoder TextDecoderStream TextEncoder
  TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern URLSearchParams WebSocket
  WebSocketPair WebSocketRequestResponsePair WorkerGlobalScope WritableStream
  WritableStreamDefaultController WritableStreamDefaultWriter atob btoa caches clearInterval clearTimeout console crypto fetch navigator performance queueMicrotask
  ExtendableEvent FetchEvent ScheduledEvent TailEvent TraceEvent origin
  reportError scheduler self setInterval setTimeout structuredClone`;
// Of the engine: what its Intl asks for the rules of a time zone.
const ENGINE = "__v8xTemporalTimeZone";

const allowed = new Set(`${LANGUAGE} ${PLATFORM} ${ENGINE}`.split(/\s+/));

test("only the names of Workers", () => {
  const names = Reflect.ownKeys(globalThis).filter((key) => typeof key === "string");
  equal(names.filter((name) => !allowed.has(name)), []);
});

test("all the names of Workers", () => {
  equal([...allowed].filter((name) => !(name in globalThis)), []);
  const unset = [...allowed].filter((name) => globalThis[name] === undefined);
  equal(unset, ["undefined"]);
});

test("nothing of a host, under any key", () => {
  const hosts = ["Deno", "__bootstrap", "window", "process", "Buffer", "setImmediate", "require", "module", "global"];
  equal(hosts.filter((name) => name in globalThis), []);
  const hidden = [];
  for (let object = globalThis; object !== null; object = Object.getPrototypeOf(object)) {
    for (const key of Reflect.ownKeys(object)) {
      const value = Object.getOwnPropertyDescriptor(object, key).value;
      if (value?.core !== undefined || value?.ops !== undefined || value?.primordials !== undefined) hidden.push(String(key));
    }
  }
  equal(hidden, []);
});

test("well-known symbols of the global object", () => {
  const wellKnown = Reflect.ownKeys(Symbol).map((key) => Symbol[key]).filter((value) => typeof value === "symbol");
  equal(wellKnown.filter((symbol) => Object.hasOwn(globalThis, symbol)).map(String), []);
  equal(Object.prototype.toString.call(globalThis), "[object ServiceWorkerGlobalScope]");
});

test("the global object is an EventTarget", () => {
  ok(globalThis instanceof ServiceWorkerGlobalScope);
  ok(globalThis instanceof WorkerGlobalScope);
  ok(globalThis instanceof EventTarget);
  equal(self === globalThis, true);
  let heard = 0;
  addEventListener("mine", () => heard++, { once: true });
  dispatchEvent(new Event("mine"));
  equal(heard, 1);
});

test("names can be replaced and are not enumerable", () => {
  equal(Object.keys(globalThis).filter((name) => PLATFORM.includes(name)), []);
  const before = globalThis.fetch;
  globalThis.fetch = 5;
  equal(fetch, 5);
  globalThis.fetch = before;
});

test("navigator", () => {
  equal(navigator.userAgent, "Cloudflare-Workers");
  equal([navigator.hardwareConcurrency, navigator.language, navigator.languages], [1, "en", ["en"]]);
  equal(String(navigator), "[object Navigator]");
});

test("performance", async () => {
  const before = performance.now();
  await wait(2);
  ok(performance.now() > before);
  ok(Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000);
  equal(JSON.stringify(performance), JSON.stringify({ timeOrigin: performance.timeOrigin }));
  equal(typeof performance.mark, "undefined");
});


test("classes that only the runtime constructs", async () => {
  for (const name of ["Navigator", "Performance", "Scheduler", "Cache", "CacheStorage", "MessagePort", "CryptoKey", "Crypto", "SubtleCrypto"]) {
    await throws(() => new globalThis[name](), "TypeError");
  }
});

test("base64", async () => {
  equal([btoa("é"), atob("6Q=="), atob(" YQ ")], ["6Q==", "é", "a"]);
  await throws(() => btoa("中"), "InvalidCharacterError", "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.");
  await throws(() => atob("*"), "InvalidCharacterError");
  await throws(() => atob(), "TypeError");
});

test("invalid URLs", async () => {
  for (const given of [["nope"], ["/x", "nope"], ["http://a b"]]) {
    await throws(() => new URL(...given), "TypeError", "Invalid URL string.");
  }
  const url = new URL("http://x/");
  const message = "Failed to set the 'href' property on 'URL': the provided value is not of type 'valid URL string'.";
  await throws(() => { url.href = "nope"; }, "TypeError", message);
  equal([url.href, URL.canParse("nope"), URL.parse("nope")], ["http://x/", false, null]);
});

test("object URLs are refused", async () => {
  await throws(() => URL.createObjectURL(new Blob([])), "Error", "URL.createObjectURL() is not implemented");
});

test("a URL without a host", () => {
  const url = new URL("scheme:/.//path");
  equal([url.host, url.hostname, url.port, url.pathname, url.href], ["", "", "", "//path", "scheme:/.//path"]);
  equal(new URL("scheme://host:5/x").host, "host:5");
});
