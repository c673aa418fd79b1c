// `node:os`: what workerd says of the machine, which is nothing of it. Constants are unenv's.

(function () {
const { core } = __bootstrap;
const unenv = core.loadExtScript("ext:unenv/os.js");

function validators() {
  return core.loadExtScript("ext:deno_node/internal/validators.js");
}

function setPriority(pid, priority) {
  const { validateNumber } = validators();
  validateNumber(pid, "pid");
  validateNumber(priority, "priority");
}

function getPriority(pid) {
  if (pid !== undefined) validators().validateNumber(pid, "pid");
  return 0;
}

function userInfo(options = {}) {
  validators().validateObject(options, "options");
  const { encoding = null } = options;
  const { Buffer } = core.loadExtScript("ext:deno_node/internal/buffer.js");
  if (encoding !== null && encoding !== "buffer" && !Buffer.isEncoding(encoding)) {
    const { codes } = core.loadExtScript("ext:deno_node/internal/error_codes.js");
    throw new codes.ERR_INVALID_ARG_VALUE("options.encoding", encoding, "must be a valid encoding");
  }
  return {};
}

// The folder that Workers write to.
const TEMPORARY = "/tmp/";

const os = {
  arch: () => "x64", availableParallelism: () => 1, constants: unenv.constants, cpus: () => [], devNull: "/dev/null",
  endianness: () => "LE", EOL: "\n", freemem: () => 0, getPriority, homedir: () => TEMPORARY, hostname: () => "localhost",
  loadavg: () => [0, 0, 0], machine: () => "x86_64", networkInterfaces: () => ({}), platform: () => "linux",
  release: () => "", setPriority, tmpdir: () => TEMPORARY, totalmem: () => 0, type: () => "Linux", uptime: () => 0, userInfo,
  version: () => "",
};

return { ...os, default: os };
})();
