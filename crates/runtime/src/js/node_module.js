// `node:module`, and `require()` of what is built in. There are no files to require at run time.

(function () {
const { core } = __bootstrap;
const builtinModules = core.loadExtScript("ext:node_compat/names.js");

function nameOf(specifier) {
  const name = `${specifier}`.startsWith("node:") ? specifier.slice("node:".length) : `${specifier}`;
  if (name === "sqlite") return name;
  return builtinModules.includes(name) ? name : undefined;
}

function isBuiltin(specifier) {
  return nameOf(specifier) !== undefined;
}

// The module, or undefined if there is none of that name.
function requireBuiltin(specifier) {
  const name = nameOf(specifier);
  if (name === undefined) return undefined;
  return core.loadExtScript(`ext:node_compat/${name.replaceAll("/", "_")}.js`).default;
}

function createRequire(path) {
  const isPath = path instanceof URL || (typeof path === "string" && /^(?:file:|\/)/.test(path));
  if (!isPath) {
    const error = new TypeError(
      `The argument 'path' must be a file URL object, a file URL string, or an absolute path string. ` +
        `Received ${String(path)}`,
    );
    error.code = "ERR_INVALID_ARG_VALUE";
    throw error;
  }
  function require(specifier) {
    const found = requireBuiltin(specifier);
    if (found !== undefined) return found;
    const error = new Error(`Cannot find module '${specifier}'`);
    error.code = "MODULE_NOT_FOUND";
    throw error;
  }
  require.resolve = (specifier) => {
    if (isBuiltin(specifier)) return specifier;
    throw new Error("require.resolve() only finds built-in modules");
  };
  require.cache = Object.create(null);
  require.extensions = Object.create(null);
  require.main = undefined;
  return require;
}

function notImplemented(name) {
  const error = new Error(`The module.${name} method is not implemented`);
  error.code = "ERR_METHOD_NOT_IMPLEMENTED";
  return error;
}

// What would load files.
function refusing(names) {
  return Object.fromEntries(names.map((name) => [name, {
    [name]() {
      throw notImplemented(name);
    },
  }[name]]));
}

const refused = refusing([
  "register", "registerHooks", "runMain", "SourceMap", "findPackageJSON", "setSourceMapsSupport",
  "stripTypeScriptTypes", "_debug", "_findPath", "_initPaths", "_load", "_nodeModulePaths", "_preloadModules",
  "_resolveFilename", "_resolveLookupPaths",
]);
// A class of old, which programs change the prototype of; none can be made.
function Module() {
  throw notImplemented("Module");
}
Object.assign(Module.prototype, refusing(["load", "require", "_compile"]), { isPreloading: false });

const { ".js": js, ".json": json, ".node": node } = refusing([".js", ".json", ".node"]);
const COMPILE_CACHE = { FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 };

Object.assign(Module, refused, {
  builtinModules, createRequire, isBuiltin, Module, _cache: Object.create(null), _pathCache: Object.create(null),
  _extensions: { ".js": js, ".json": json, ".node": node }, globalPaths: [],
  constants: Object.freeze({ compileCacheStatus: Object.freeze(COMPILE_CACHE) }),
  syncBuiltinESMExports() {},
  findSourceMap: () => undefined,
  enableCompileCache() {},
  flushCompileCache() {},
  getCompileCacheDir() {},
  getSourceMapsSupport: () => ({ enabled: false, nodeModules: false, generatedCode: false }),
  wrap: (code) => `(function (exports, require, module, __filename, __dirname) { ${code}\n});`,
});

// Not seen by apps.
return Object.defineProperty({ ...Module, default: Module }, "requireBuiltin", { value: requireBuiltin });
})();
