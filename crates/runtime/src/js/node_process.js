// `process`: unenv's, with what Workers say about themselves.

(function () {
const { core } = __bootstrap;
const { Process } = core.loadExtScript("ext:unenv/internal_process_process.js");
const { nextTick } = core.loadExtScript("ext:cellhouse_runtime/node_next_tick.js");
const { performance } = core.loadExtScript("ext:cellhouse_runtime/performance.js");
const { variables } = core.loadExtScript("ext:cellhouse_runtime/node.js");
const { requireBuiltin } = core.loadExtScript("ext:cellhouse_runtime/node_module.js");

// Node.js's version that workerd names.
const VERSION = "22.19.0";

// What is assigned becomes a string, as everywhere in Node.js.
const env = new Proxy({ ...variables() }, {
  set(target, name, value) {
    return Reflect.set(target, name, typeof name === "string" ? `${value}` : value);
  },
  defineProperty(target, name, property) {
    const text = "value" in property ? { ...property, value: `${property.value}` } : property;
    return Reflect.defineProperty(target, name, text);
  },
});

function hrtime(start) {
  const now = performance.now();
  const time = [Math.floor(now / 1000), Math.floor((now % 1000) * 1e6)];
  if (start === undefined) return time;
  const [seconds, nanoseconds] = [time[0] - start[0], time[1] - start[1]];
  return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds];
}
hrtime.bigint = () => BigInt(Math.floor(performance.now() * 1e6));

function notImplemented(name) {
  const error = new Error(`The process.${name} method is not implemented`);
  error.code = "ERR_METHOD_NOT_IMPLEMENTED";
  return error;
}

const process = new Process({ env, hrtime, nextTick });
const own = {
  title: "cellhouse",
  argv: ["cellhouse"],
  argv0: "cellhouse",
  arch: "x64",
  platform: "linux",
  pid: 1,
  ppid: 0,
  version: `v${VERSION}`,
  versions: { node: VERSION },
  release: { name: "node", lts: true, sourceUrl: "", headersUrl: "" },
  features: { inspector: false, ipv6: true, tls: true, typescript: false, uv: true },
  getBuiltinModule: requireBuiltin,
  cwd: () => "/bundle",
  uptime: () => performance.now() / 1000,
  exit(code = 0) {
    throw new Error(`process.exit(${code}) was called: a Worker cannot end its process`);
  },
  getuid: () => 0,
  geteuid: () => 0,
  getgid: () => 0,
  getegid: () => 0,
};
for (const [name, value] of Object.entries(own)) {
  Object.defineProperty(process, name, { value, writable: true, configurable: true, enumerable: true });
}
for (const name of ["abort", "chdir", "dlopen", "kill", "binding", "umask"]) {
  process[name] = () => {
    throw notImplemented(name);
  };
}

const exports = { default: process };
for (let object = process; object !== Object.prototype; object = Object.getPrototypeOf(object)) {
  for (const name of Object.getOwnPropertyNames(object)) {
    if (name === "constructor" || name in exports || name.startsWith("std")) continue;
    exports[name] = process[name];
  }
}
return exports;
})();
