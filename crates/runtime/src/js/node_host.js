// What the scripts of Node.js's modules find instead of the process that they were written for: see
// `packages/node-compat`. Loaded with the first of them.

(function () {
const { core } = __bootstrap;

// ---- scripts

// How modules of Node.js that the scripts import from each other are called.
function scriptOf(specifier) {
  if (!specifier.startsWith("node:")) return specifier;
  return `ext:node_compat/${specifier.slice("node:".length).replaceAll("/", "_")}.js`;
}

const load = (specifier) => core.loadExtScript(scriptOf(specifier));

// A function that loads a script when it is first called.
function lazy(specifier) {
  let loaded;
  return () => loaded ??= load(specifier);
}

// `require` for the scripts that were ES modules.
function requireFrom(bootstrap) {
  return (specifier) => {
    if (specifier === "ext:core/mod.js") return { __esModule: true, ...bootstrap };
    if (specifier === "node:process") return { __esModule: true, default: host.process };
    const exports = load(specifier);
    if (exports.__esModule) return exports;
    return Object.create(exports, { __esModule: { value: true } });
  };
}

// The exports of the module `name` of Node.js: those of a script, or of one property of them.
function expose(name, specifier, key) {
  const { complete } = core.loadExtScript("ext:cellhouse_runtime/node_additions.js");
  const exports = core.loadExtScript(specifier);
  const module = key === undefined ? exports : (exports.default ?? exports)[key];
  return complete(name, Object.hasOwn(module, "default") ? module : { ...module, default: module });
}

// ---- what is a function of Rust's in Deno and need not be one

// Those of V8's filters that are asked for: only what is enumerable, no symbols.
const ONLY_ENUMERABLE = 2;
const SKIP_SYMBOLS = 16;
const INDEX = /^(?:0|[1-9]\d{0,9})$/;

function ownNonIndexProperties(object, filter) {
  return Reflect.ownKeys(object).filter((key) => {
    if (typeof key === "symbol") {
      if (filter & SKIP_SYMBOLS) return false;
    } else if (INDEX.test(key)) {
      return false;
    }
    return !(filter & ONLY_ENUMERABLE) || Object.prototype.propertyIsEnumerable.call(object, key);
  });
}

// As Linux has them.
const FS_CONSTANTS = {
  UV_FS_SYMLINK_DIR: 1, UV_FS_SYMLINK_JUNCTION: 2, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2,
  UV_DIRENT_UNKNOWN: 0, UV_DIRENT_FILE: 1, UV_DIRENT_DIR: 2, UV_DIRENT_LINK: 3, UV_DIRENT_FIFO: 4,
  UV_DIRENT_SOCKET: 5, UV_DIRENT_CHAR: 6, UV_DIRENT_BLOCK: 7, S_IFMT: 61440, S_IFREG: 32768,
  S_IFDIR: 16384, S_IFCHR: 8192, S_IFBLK: 24576, S_IFIFO: 4096, S_IFLNK: 40960, S_IFSOCK: 49152,
  O_CREAT: 64, O_EXCL: 128, UV_FS_O_FILEMAP: 0, O_NOCTTY: 256, O_TRUNC: 512, O_APPEND: 1024,
  O_DIRECTORY: 65536, O_NOATIME: 262144, O_NOFOLLOW: 131072, O_SYNC: 1052672, O_DSYNC: 4096,
  O_DIRECT: 16384, O_NONBLOCK: 2048, S_IRWXU: 448, S_IRUSR: 256, S_IWUSR: 128, S_IXUSR: 64,
  S_IRWXG: 56, S_IRGRP: 32, S_IWGRP: 16, S_IXGRP: 8, S_IRWXO: 7, S_IROTH: 4, S_IWOTH: 2, S_IXOTH: 1,
  F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, UV_FS_COPYFILE_EXCL: 1, COPYFILE_EXCL: 1,
  UV_FS_COPYFILE_FICLONE: 2, COPYFILE_FICLONE: 2, UV_FS_COPYFILE_FICLONE_FORCE: 4,
  COPYFILE_FICLONE_FORCE: 4,
};

// libuv's numbers.
const EAI_AGAIN = -3001;
const EAI_NONAME = -3008;

let lastAsyncId = 1;

// RFC 3492 as `punycode` of Node.js: each label by itself, and what is before an `@` as it is.
function mapLabels(domain, map) {
  const at = domain.indexOf("@") + 1;
  const labels = domain.slice(at).split(/[.\u3002\uff0e\uff61]/);
  return domain.slice(0, at) + labels.map(map).join(".");
}

const own = {
  op_mark_as_untransferable() {},
  // Names of hosts: no list of addresses that may be connected to goes with what was found.
  op_net_get_ips_from_perm_token: (addresses) => addresses,
  op_net_get_system_dns_servers: () => [],
  op_node_build_os: () => "linux",
  op_node_call_is_from_dependency: () => true,
  op_node_fs_constants: () => ({ ...FS_CONSTANTS }),
  op_node_get_first_expression: () => undefined,
  async op_node_getaddrinfo(host) {
    const [addresses, reason] = await core.ops.op_dns_lookup(host);
    if (reason === null) return addresses;
    const code = /temporary/i.test(reason) ? EAI_AGAIN : EAI_NONAME;
    throw Object.assign(new Error(reason), { uv_errcode: code });
  },
  async op_node_getnameinfo() {
    throw Object.assign(new Error("dns.lookupService() is not implemented"), { code: "ENOTIMP" });
  },
  op_node_get_own_non_index_properties: ownNonIndexProperties,
  op_node_guess_handle_type: () => 5,
  op_node_new_async_id: () => ++lastAsyncId,
  op_node_parse_env: (text) => core.loadExtScript("ext:cellhouse_runtime/node_parse_env.js").parseEnv(text),
  op_node_view_has_buffer: () => true,
  op_node_idna_punycode_to_ascii: (domain) =>
    mapLabels(domain, (label) =>
      /[^\0-\x7f]/.test(label) ? `xn--${ops.op_node_idna_punycode_encode(label)}` : label),
  op_node_idna_punycode_to_unicode: (domain) =>
    mapLabels(domain, (label) =>
      label.startsWith("xn--")
        ? ops.op_node_idna_punycode_decode(label.slice(4).toLowerCase())
        : label),
  op_transcode(source, from, to) {
    const text = host.Buffer.from(source).toString(from);
    const lossy = to === "ascii" || to === "latin1";
    const known = lossy ? text.replace(to === "ascii" ? /[^\0-\x7f]/gu : /[^\0-\xff]/gu, "?") : text;
    return host.Buffer.from(known, to);
  },
  AsyncWrap: class AsyncWrap {},
};

// What a script asks for by name: ours, else Rust's.
const ops = { __proto__: core.ops, ...own };

// The same for scripts of `node:zlib`.
function zlibOps() {
  return { __proto__: core.ops, ...core.loadExtScript("ext:cellhouse_runtime/node_zlib.js") };
}

// The same for its lists of addresses.
function blockListOps() {
  return core.loadExtScript("ext:cellhouse_runtime/node_block_list.js").ops;
}

// The same for scripts of `node:crypto`.
function cryptoOps() {
  return core.loadExtScript("ext:cellhouse_runtime/node_crypto.js").ops;
}

// ---- the process

class Refused extends Error {}
class NotFound extends Error {}
class TimedOut extends Error {}
core.registerErrorClass("NotFound", NotFound);
core.registerErrorClass("TimedOut", TimedOut);
const nothing = () => undefined;

const host = {
  expose,
  // Those of `node:fs`.
  fsConstants: { ...FS_CONSTANTS },
  lazy,
  ops,
  requireFrom,
  get blockListOps() {
    return blockListOps();
  },
  get cryptoOps() {
    return cryptoOps();
  },
  get zlibOps() {
    return zlibOps();
  },
  get process() {
    return load("node:process").default;
  },
  get Buffer() {
    return load("node:buffer").Buffer;
  },
  // None of the standard streams is one.
  terminals: { stderr: { isTerminal: () => false }, stdout: { isTerminal: () => false } },
  // What is left of Deno's own API.
  Deno: {
    build: { os: "linux", arch: "x86_64", env: "gnu" },
    env: { get: nothing, toObject: () => ({}) },
    errors: {
      BadResource: class BadResource extends Refused {}, Interrupted: core.Interrupted, NotFound,
      NotCapable: class NotCapable extends Refused {}, TimedOut,
    },
    noColor: true,
    pid: 1,
    cwd: () => host.process.cwd(),
  },
};

return host;
})();
