// What `nodejs_compat` puts into the global scope. Nothing of Node.js's modules is evaluated before one of its
// names is read.

(function () {
const { core } = __bootstrap;
const scope = globalThis;
let texts = {};

function define(name, value) {
  Object.defineProperty(scope, name, { value, writable: true, configurable: true, enumerable: false });
}

function defineLazily(name, specifier, key) {
  Object.defineProperty(scope, name, {
    get() {
      const value = core.loadExtScript(specifier)[key];
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

const TIMERS = "ext:cellhouse_runtime/node_timers.js";

// { globals, timers, variables } of the app.
function install(settings) {
  texts = settings.variables;
  if (settings.globals) {
    defineLazily("process", "ext:node_compat/process.js", "default");
    defineLazily("Buffer", "ext:node_compat/buffer.js", "Buffer");
    for (const name of ["setImmediate", "clearImmediate"]) defineLazily(name, TIMERS, name);
    define("global", scope);
  }
  if (settings.timers) {
    for (const name of ["setTimeout", "clearTimeout", "setInterval", "clearInterval"]) {
      defineLazily(name, TIMERS, name);
    }
  }
}

return { install, variables: () => texts };
})();
