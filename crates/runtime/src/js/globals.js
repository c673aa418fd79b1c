// The Workers global scope. Small, often used things are defined at once; a script that few apps
// need is evaluated when one of its names is first read.

(function () {
const { core } = __bootstrap;
const load = (specifier) => core.loadExtScript(specifier);
const own = globalThis;

function define(name, value) {
  Object.defineProperty(own, name, { value, writable: true, configurable: true, enumerable: false });
}

function defineLazily(specifier, names) {
  for (const name of names) {
    Object.defineProperty(own, name, {
      get() {
        const value = load(specifier)[name];
        define(name, value);
        return value;
      },
      set(value) {
        define(name, value);
      },
      configurable: true,
      enumerable: false,
    });
  }
}

// The engine's own is seen by nobody before it is what Workers have.
function completeLazily(engine) {
  const complete = () => {
    define("WebAssembly", engine);
    load("ext:cellhouse_runtime/wasm.js").completeWebAssembly();
    return engine;
  };
  Object.defineProperty(own, "WebAssembly", {
    get: complete,
    set(value) {
      complete();
      define("WebAssembly", value);
    },
    configurable: true,
    enumerable: false,
  });
}

function defineNow(specifier, names) {
  const exports = load(specifier);
  for (const name of names) define(name, exports[name]);
  return exports;
}

load("ext:cellhouse_runtime/header_converters.js");
load("ext:cellhouse_runtime/array_buffers.js");

// The global object itself.
const event = defineNow("ext:deno_web/02_event.js", [
  "CloseEvent", "CustomEvent", "ErrorEvent", "Event", "EventTarget", "MessageEvent",
  "PromiseRejectionEvent", "reportError",
]);
load("ext:cellhouse_runtime/event_target.js");
const { brand } = load("ext:deno_webidl/00_webidl.js");

class WorkerGlobalScope extends event.EventTarget {}
class ServiceWorkerGlobalScope extends WorkerGlobalScope {}
for (const scope of [WorkerGlobalScope, ServiceWorkerGlobalScope]) {
  Object.defineProperty(scope.prototype, Symbol.toStringTag, {
    value: scope.name, configurable: true,
  });
  define(scope.name, scope);
}
Object.setPrototypeOf(own, ServiceWorkerGlobalScope.prototype);
own[brand] = brand;
event.setEventTargetData(own);
event.saveGlobalThisReference(own);
define("self", own);
// Of no origin, as an opaque one is written.
define("origin", "null");

// Errors that Rust throws as DOMExceptions.
const { DOMException } = defineNow("ext:deno_web/01_dom_exception.js", [
  "DOMException", "QuotaExceededError",
]);
const DOM_EXCEPTION_NAMES = [
  "AbortError", "DataCloneError", "DataError", "HierarchyRequestError", "InvalidAccessError",
  "InvalidCharacterError", "InvalidStateError", "NetworkError", "NotFoundError",
  "NotSupportedError", "OperationError", "QuotaExceededError", "SyntaxError", "TimeoutError",
  "TypeMismatchError",
];
for (const name of DOM_EXCEPTION_NAMES) {
  core.registerErrorBuilder(`DOMException${name}`, (message) => new DOMException(message, name));
}

// The web platform. What is Cellhouse's own is Deno's with the differences of Workers.
defineNow("ext:deno_web/00_url.js", ["URL", "URLSearchParams"]);
defineNow("ext:cellhouse_runtime/timers.js", [
  "clearInterval", "clearTimeout", "queueMicrotask", "setInterval", "setTimeout",
]);
defineNow("ext:cellhouse_runtime/abort.js", ["AbortController", "AbortSignal"]);
defineNow("ext:cellhouse_runtime/base64.js", ["atob", "btoa"]);
defineNow("ext:deno_web/06_streams.js", [
  "ByteLengthQueuingStrategy", "CountQueuingStrategy", "ReadableByteStreamController",
  "ReadableStream", "ReadableStreamBYOBReader", "ReadableStreamBYOBRequest",
  "ReadableStreamDefaultController", "ReadableStreamDefaultReader", "TransformStream",
  "TransformStreamDefaultController", "WritableStream", "WritableStreamDefaultController",
  "WritableStreamDefaultWriter",
]);
defineNow("ext:cellhouse_runtime/streams.js", ["FixedLengthStream", "IdentityTransformStream"]);
defineNow("ext:deno_web/08_text_encoding.js", [
  "TextDecoder", "TextDecoderStream", "TextEncoder", "TextEncoderStream",
]);
defineNow("ext:deno_web/09_file.js", ["Blob", "File"]);
// Before Request and Response: it changes what they take from the modules below them.
load("ext:cellhouse_runtime/body.js");
defineNow("ext:cellhouse_runtime/form_data.js", ["FormData"]);
defineNow("ext:cellhouse_runtime/headers.js", ["Headers"]);
defineNow("ext:cellhouse_runtime/request.js", ["Request"]);
defineNow("ext:cellhouse_runtime/response.js", ["Response"]);
defineNow("ext:cellhouse_runtime/body_class.js", ["Body"]);
defineNow("ext:cellhouse_runtime/console.js", ["console"]);

defineLazily("ext:cellhouse_runtime/compatibility.js", ["Cloudflare"]);
defineLazily("ext:cellhouse_runtime/event_source.js", ["EventSource"]);
defineLazily("ext:cellhouse_runtime/extendable_events.js", [
  "ExtendableEvent", "FetchEvent", "ScheduledEvent", "TailEvent", "TraceEvent",
]);
defineLazily("ext:cellhouse_runtime/fetch.js", ["fetch"]);
defineLazily("ext:cellhouse_runtime/crypto.js", ["crypto", "Crypto", "CryptoKey", "SubtleCrypto"]);
defineLazily("ext:cellhouse_runtime/message_channel.js", ["MessageChannel", "MessagePort"]);
defineLazily("ext:cellhouse_runtime/navigator.js", ["navigator", "Navigator"]);
defineLazily("ext:cellhouse_runtime/caches.js", ["Cache", "caches", "CacheStorage"]);
defineLazily("ext:cellhouse_runtime/html_rewriter.js", ["HTMLRewriter"]);
defineLazily("ext:cellhouse_runtime/performance.js", ["performance", "Performance"]);
defineLazily("ext:cellhouse_runtime/scheduler.js", ["scheduler", "Scheduler"]);
defineLazily("ext:cellhouse_runtime/structured_clone.js", ["structuredClone"]);
defineLazily("ext:cellhouse_runtime/websocket.js", ["WebSocket", "WebSocketPair"]);
defineLazily("ext:cellhouse_runtime/hibernation.js", ["WebSocketRequestResponsePair"]);
defineLazily("ext:deno_web/01_urlpattern.js", ["URLPattern"]);
defineLazily("ext:cellhouse_runtime/compression.js", ["CompressionStream", "DecompressionStream"]);

// Object URLs are refused, and nothing of the app can hold the engine's own names.
for (const name of ["createObjectURL", "revokeObjectURL"]) {
  own.URL[name] = {
    [name]() {
      throw new Error(`URL.${name}() is not implemented`);
    },
  }[name];
}
load("ext:cellhouse_runtime/date_setters.js").defineDateSetters();
load("ext:cellhouse_runtime/regexp_sets.js").completeRegExp(own);
load("ext:cellhouse_runtime/locale_methods.js").defineLocaleMethods(own);
completeLazily(own.WebAssembly);
load("ext:cellhouse_runtime/function_sources.js").hideSources();
load("ext:cellhouse_runtime/code_generation.js").forbidCode(own);
load("ext:cellhouse_runtime/engine_names.js").removeEngineNames(own);
})();
