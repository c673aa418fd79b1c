// `ctx.exports` and `exports` of "cloudflare:workers": the app's own entrypoints as services, its classes of Durable
// Objects as namespaces, or as classes where they have none. What a property stands for is made when it is first read.

(function () {
const { core } = __bootstrap;

const imported = {};
const ofContexts = {};

// Whether a class extends WorkerEntrypoint, WorkflowEntrypoint, and any class of ours; told by workers.js, without
// which none does.
let isEntrypoint = () => false;
let isWorkflow = () => false;
let isOurs = () => false;
function onClasses(entrypoint, workflow, any) {
  isEntrypoint = entrypoint;
  isWorkflow = workflow;
  isOurs = any;
}

const isClassOfOurs = (value) => typeof value === "function" && isOurs(value);

function define(name, make) {
  for (const target of [imported, ofContexts]) {
    Object.defineProperty(target, name, {
      get() {
        const value = make();
        Object.defineProperty(target, name, { value, enumerable: true, configurable: true });
        return value;
      },
      enumerable: true,
      configurable: true,
    });
  }
}

function isService(name, value) {
  if (typeof value === "function") return isEntrypoint(value) || name === "default";
  return typeof value === "object" && value !== null;
}

// The app's own name, and the exports of its module.
let own = { app: "", namespace: {} };

// A class of objects of this app's.
function objectClass(app, name) {
  if (app === own.app && typeof own.namespace[name] === "function") return own.namespace[name];
  throw new TypeError(
    `The class "${name}" is one of the app "${app}": a facet runs where its object does, so it has to be of a class of ` +
      `the same app, "${own.app}".`,
  );
}

const objectClasses = () => core.loadExtScript("ext:cellhouse_runtime/durable_object_class.js");

// `app` is the app's name, `classes` those of its objects, by name. Gives the names of what can be called as a service.
function fillExports(app, classes, namespace) {
  own = { app, namespace };
  const services = [];
  for (const name of Object.keys(namespace)) {
    if (classes.has(name)) {
      const index = classes.get(name);
      define(name, () => objectClasses().makeLoopbackNamespace(index, app, name));
    } else if (isService(name, namespace[name])) {
      services.push(name);
      define(name, () => core.loadExtScript("ext:cellhouse_runtime/service_stub.js").makeLoopback(app, name));
    } else if (typeof namespace[name] === "function" && !isWorkflow(namespace[name])) {
      define(name, () => objectClasses().makeLoopbackClass(app, name));
    }
  }
  return services;
}

return { exports: imported, contextExports: ofContexts, fillExports, isClassOfOurs, objectClass, onClasses };
})();
