// `process`, as workerd has it: it acts on no process, and what would do so throws.

(function () {
const { core } = __bootstrap;
const { nextTick } = core.loadExtScript("ext:cellhouse_runtime/node_next_tick.js");
const { performance } = core.loadExtScript("ext:cellhouse_runtime/performance.js");
const { requireBuiltin } = core.loadExtScript("ext:cellhouse_runtime/node_module.js");
const { lazyObject } = core.loadExtScript("ext:cellhouse_runtime/node_fs_lazy.js");
const { env } = core.loadExtScript("ext:cellhouse_runtime/node_process_env.js");
const facts = core.loadExtScript("ext:cellhouse_runtime/node_process_facts.js");
const { default: EventEmitter } = core.loadExtScript("ext:node_compat/events.js");
const { codes } = core.loadExtScript("ext:deno_node/internal/error_codes.js");
const { validateString } = core.loadExtScript("ext:deno_node/internal/validators.js");

const MASK = 0o022;
const LARGEST_MASK = 0xffffffff;
const NANOSECONDS = 1_000_000_000n;

const files = () => core.loadExtScript("ext:cellhouse_runtime/node_fs_paths.js");
const tree = () => core.loadExtScript("ext:cellhouse_runtime/node_fs_tree.js");
const stream = (name) => lazyObject(() => core.loadExtScript("ext:cellhouse_runtime/node_process_streams.js")[name]);

function notImplemented(name) {
  const error = new Error(`The ${name} method is not implemented`);
  error.code = "ERR_METHOD_NOT_IMPLEMENTED";
  return error;
}

// Functions that throw, by name; `before` is what their errors say before it.
function refusing(names, before = "process.") {
  return Object.fromEntries(names.map((name) => [name, {
    [name]() {
      throw notImplemented(before + name);
    },
  }[name]]));
}

// Changing who runs the process: it is the user 0, and stays it.
function staying(names, isAllowed) {
  return Object.fromEntries(names.map((name) => [name, {
    [name](id) {
      if (isAllowed && id === 0) return;
      throw core.loadExtScript("ext:cellhouse_runtime/node_fs_errors.js").systemError("EPERM", name);
    },
  }[name]]));
}

// ---- time

const now = () => BigInt(Math.floor(performance.timeOrigin + performance.now())) * 1_000_000n;

function hrtime(before) {
  if (before !== undefined) {
    if (!Array.isArray(before)) throw new codes.ERR_INVALID_ARG_TYPE("time", "tuple of integers", before);
    if (before.length !== 2) throw new codes.ERR_OUT_OF_RANGE("time", "2", before);
  }
  const time = now();
  const seconds = Number(time / NANOSECONDS) - (before?.[0] ?? 0);
  const nanoseconds = Number(time % NANOSECONDS) - (before?.[1] ?? 0);
  return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds];
}
hrtime.bigint = () => now();

// ---- warnings

function warningOptions(options, code, maker) {
  if (typeof options === "function") return { ctor: options };
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return options;
  if (options !== undefined && typeof options !== "string") {
    throw new codes.ERR_INVALID_ARG_TYPE("options", "object", options);
  }
  const isCode = typeof code === "string";
  const ctor = isCode ? maker : code;
  if (ctor !== undefined && typeof ctor !== "function") throw new codes.ERR_INVALID_ARG_TYPE("ctor", "function", ctor);
  return { type: options, code: isCode ? code : undefined, ctor };
}

function emitWarning(warning, options, code, maker) {
  const given = warningOptions(options, code, maker);
  let error = warning;
  if (typeof warning === "string") {
    error = new (given.ctor ?? Error)(warning);
    error.name = given.type || "Warning";
  } else if (!(warning instanceof Error)) {
    throw new codes.ERR_INVALID_ARG_TYPE("warning", "string or Error", warning);
  } else if (given.type) {
    error.name = given.type;
  }
  if (given.code) error.code = given.code;
  if (given.detail && typeof given.detail === "string") error.detail = given.detail;
  Error.captureStackTrace(error, given.ctor ?? emitWarning);
  queueMicrotask(() => process.emit("warning", error));
}

// ---- the working directory, and what else has an effect

function chdir(directory) {
  validateString(directory, "directory");
  const { systemError } = core.loadExtScript("ext:cellhouse_runtime/node_fs_errors.js");
  if (directory === "") throw systemError("ENOENT", "chdir");
  files().changeDirectory(tree().pathOf(directory));
}

function umask(mask) {
  if (mask === undefined) return MASK;
  if (typeof mask !== "string" && typeof mask !== "number") throw new codes.ERR_INVALID_ARG_TYPE("mask", "number", mask);
  const number = typeof mask === "number" ? mask : /^[0-7]+$/.test(mask) ? parseInt(mask, 8) : -1;
  if (number >= 0 && number <= LARGEST_MASK && Number.isInteger(number)) return MASK;
  throw new codes.ERR_INVALID_ARG_VALUE("mask", mask, "must be a 32-bit unsigned integer or an octal string");
}

function exit(code = 0) {
  throw new Error(`process.exit(${code}) was called: a Worker cannot end its process`);
}

function loadEnvFile(path = ".env") {
  const { parseEnv } = core.loadExtScript("ext:node_compat/util.js");
  const { operations } = core.loadExtScript("ext:cellhouse_runtime/node_fs_operations.js");
  Object.assign(env, parseEnv(operations.readFile(path instanceof URL ? path : String(path), "utf8")()));
}

const nothing = () => {};

const members = {
  version: `v${facts.versions.node}`, versions: facts.versions, title: "cellhouse", argv: ["cellhouse"],
  argv0: "cellhouse", execArgv: [], execPath: "", arch: "x64", platform: "linux", config: facts.config(), pid: 1, ppid: 0,
  release: { name: "node", lts: true, sourceUrl: "", headersUrl: "" },
  getegid: () => 0, getgid: () => 0, getgroups: () => [0], geteuid: () => 0, getuid: () => 0,
  ...staying(["setegid", "setgid", "seteuid", "setuid"], true), ...staying(["setgroups", "initgroups"], false),
  setSourceMapsEnabled: nothing,
  getSourceMapsSupport: () => ({ enabled: false, nodeModules: false, generatedCode: false }),
  nextTick, emitWarning, env, exit, reallyExit: exit, abort: () => exit(1), getBuiltinModule: requireBuiltin,
  features: facts.features, allowedNodeEnvironmentFlags: new Set(), ref: nothing, unref: nothing, chdir,
  cwd: () => tree().directoryHere(), umask, hrtime, uptime: () => performance.now() / 1000, loadEnvFile,
  exitCode: undefined, channel: null, connected: false, debugPort: 0, noDeprecation: false, traceDeprecation: false,
  throwDeprecation: false, sourceMapsEnabled: false, domain: null,
  ...refusing([
    "kill", "binding", "dlopen", "getActiveResourcesInfo", "setUncaughtExceptionCaptureCallback",
    "hasUncaughtExceptionCaptureCallback", "threadCpuUsage", "cpuUsage", "execve", "_linkedBinding", "_kill",
  ]),
  finalization: refusing(["register", "registerBeforeExit", "unregister"], "process.finalization."),
  permission: refusing(["has"], "process.permission."),
  report: { ...facts.report(), ...refusing(["writeReport"], "process.report.") },
  memoryUsage: facts.memoryUsage, resourceUsage: facts.resourceUsage, constrainedMemory: () => 0,
  availableMemory: () => 0, send: () => false, stdin: stream("stdin"), stdout: stream("stdout"),
  stderr: stream("stderr"), openStdin: () => members.stdin, moduleLoadList: [], _preload_modules: [], _exiting: false,
  _rawDebug: (...args) => globalThis.console.log(...args), _getActiveRequests: () => [], _getActiveHandles: () => [],
  _fatalException: () => false, _tickCallback: nothing, _debugProcess: nothing, _debugEnd: nothing,
  _startProfilerIdleNotifier: nothing, _stopProfilerIdleNotifier: nothing, _disconnect: undefined,
  _handleQueue: undefined, _pendingMessage: undefined, _channel: undefined, _send: undefined,
  assert: (...args) => core.loadExtScript("ext:node_compat/assert.js").ok(...args),
};

const process = Object.setPrototypeOf({ ...members }, EventEmitter.prototype);
EventEmitter.call(process);
Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });

// ---- promises that nobody handles

const PROMISES = {
  unhandledRejection: ["unhandledrejection", (event) => [event.reason, event.promise]],
  rejectionHandled: ["rejectionhandled", (event) => [event.promise]],
};
const listened = new Set();
process.on("newListener", (name) => {
  if (!Object.hasOwn(PROMISES, name) || listened.has(name)) return;
  listened.add(name);
  const [type, args] = PROMISES[name];
  addEventListener(type, (event) => process.emit(name, ...args(event)));
});

const { _events, _eventsCount, _maxListeners } = process;
return { ...members, _events, _eventsCount, _maxListeners, default: process };
})();
