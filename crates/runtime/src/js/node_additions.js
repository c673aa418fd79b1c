// What modules of Node.js have in Workers, and not in the libraries that they are from; and of modules whose scripts
// serve others too, what is theirs. Each is made when its module is imported.

(function () {
const { core } = __bootstrap;
const load = (name) => core.loadExtScript(name);

function notImplemented(name) {
  return {
    [name]() {
      const error = new Error(`The ${name} method is not implemented`);
      error.code = "ERR_METHOD_NOT_IMPLEMENTED";
      throw error;
    },
  };
}

function invalid(name, value, words) {
  const { codes } = load("ext:deno_node/internal/error_codes.js");
  load("ext:deno_node/internal/errors.js");
  return new codes.ERR_INVALID_ARG_VALUE(name, value, words);
}

// Names of a script that are a module's.
const PICKED = {
  "_http_agent": ["Agent", "globalAgent"],
  "_http_common": ["_checkInvalidHeaderChar", "_checkIsHttpToken"],
  "_http_incoming": ["IncomingMessage"],
  "_tls_common": ["SecureContext", "createSecureContext"],
  "_tls_wrap": ["TLSSocket", "connect"],
};

// Until version 23 of Node.js.
function legacyTests() {
  const { Buffer } = load("ext:deno_node/internal/buffer.js");
  return {
    isArray: Array.isArray,
    isBoolean: (value) => typeof value === "boolean",
    isBuffer: (value) => Buffer.isBuffer(value),
    isDate: (value) => value instanceof Date,
    isError: (value) => value instanceof Error,
    isFunction: (value) => typeof value === "function",
    isNull: (value) => value === null,
    isNullOrUndefined: (value) => value == null,
    isNumber: (value) => typeof value === "number",
    isObject: (value) => value !== null && typeof value === "object",
    isPrimitive: (value) => value === null || (typeof value !== "object" && typeof value !== "function"),
    isRegExp: (value) => value instanceof RegExp,
    isString: (value) => typeof value === "string",
    isSymbol: (value) => typeof value === "symbol",
    isUndefined: (value) => value === undefined,
  };
}

const util = (module) => ({
  ...legacyTests(), getCallSite: module.getCallSites, ...notImplemented("_errnoException"),
  ...notImplemented("_exceptionWithHostPort"),
});

const statics = (names) => (module) => Object.fromEntries(names.map((name) => [name, module.default[name]]));

function checkHeader(name) {
  return (...args) => load("ext:cellhouse_runtime/node_http_common.js")[name](...args);
}

function perfHooks() {
  return {
    eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
    timerify: (call) => call,
  };
}

function v8() {
  return {
    getCppHeapStatistics(type = "detailed") {
      if (type !== "brief" && type !== "detailed") {
        throw invalid("type", type, "must be one of: 'brief', 'detailed'");
      }
      const sizes = { committed_size_bytes: 0, resident_size_bytes: 0, used_size_bytes: 0 };
      return { ...sizes, space_statistics: [], type_names: [], detail_level: type };
    },
    isStringOneByteRepresentation(content) {
      load("ext:deno_node/internal/validators.js").validateString(content, "content");
      return notImplemented("isStringOneByteRepresentation").isStringOneByteRepresentation();
    },
  };
}

const ADDED = {
  "_http_common": () => ({
    CRLF: "\r\n", chunkExpression: /(?:^|\W)chunked(?:$|\W)/i, continueExpression: /(?:^|\W)100-continue(?:$|\W)/i,
    kIncomingMessage: Symbol("IncomingMessage"), methods: [...load("ext:cellhouse_runtime/node_http_common.js").METHODS],
    parsers: {},
  }),
  "_http_outgoing": () => ({
    kHighWaterMark: Symbol("kHighWaterMark"), kUniqueHeaders: Symbol("kUniqueHeaders"),
    ...notImplemented("parseUniqueHeadersOption"), validateHeaderName: checkHeader("validateHeaderName"),
    validateHeaderValue: checkHeader("validateHeaderValue"),
  }),
  "_http_server": () => ({
    kConnectionsCheckingInterval: Symbol("http.server.connectionsCheckingInterval"),
    kServerResponse: Symbol("ServerResponse"), ...notImplemented("httpServerPreClose"),
    ...notImplemented("setupConnectionsTracking"), ...notImplemented("storeHTTPOptions"),
  }),
  "_stream_duplex": statics(["from", "fromWeb", "toWeb"]),
  "_stream_readable": statics(["ReadableState", "from", "fromWeb", "toWeb", "wrap"]),
  "_stream_writable": statics(["WritableState", "fromWeb", "toWeb"]),
  "_tls_common": () => notImplemented("translatePeerCertificate"),
  "cluster": () => ({ domain: null }),
  "dns/promises": () => {
    const { ADDRCONFIG, ALL, V4MAPPED } = load("ext:deno_node/dns.js");
    return { ADDRCONFIG, ALL, V4MAPPED };
  },
  "events": () => ({ captureRejections: false, usingDomains: false }),
  "perf_hooks": perfHooks,
  "sys": util,
  "url": () => ({ toPathIfFileURL: load("ext:deno_node/internal/url.js").toPathIfFileURL }),
  "util": util,
  "util/types": () => ({ isExternal: () => false }),
  "v8": v8,
  "zlib": (module) => module.constants,
};

function picked(name, module) {
  const names = PICKED[name];
  if (names === undefined) return module;
  const own = Object.fromEntries(names.map((one) => [one, module[one]]));
  return { ...own, default: { ...own } };
}

// The exports of a module, from those of its script.
function complete(name, script) {
  const { __esModule: _mark, ...module } = picked(name, script);
  const added = ADDED[name]?.(module) ?? {};
  for (const [key, value] of Object.entries(added)) {
    if (!(key in module.default) && Object.isExtensible(module.default)) module.default[key] = value;
  }
  return { ...added, ...module };
}

return { complete };
})();
