// The module "cellhouse:platform", which built-in packages import and no app can: objects that no config
// names, and the app's default State store with its changes.

(function () {
const { core } = __bootstrap;
const {
  op_platform_changes, op_platform_create, op_platform_exists, op_platform_forget,
  op_platform_is_leaving, op_platform_list, op_platform_remove, op_platform_watch,
} = core.ops;
const { env, hidden } = core.loadExtScript("ext:cellhouse_runtime/env.js");
const { makeNamespace } = core.loadExtScript("ext:cellhouse_runtime/durable_object_namespace.js");
const { numberOf } = core.loadExtScript("ext:cellhouse_runtime/durable_object_state.js");

const AUTOMATIC = "sdk.do";
const DATABASE = "cellhouse:database";
const STATE = "cellhouse:state";

// The classes of the app by their index, and the exports of its module, once that is evaluated.
let classes = [];
let exports;
let hooks;

// Called when the app's module has been evaluated; gives what to do for its objects.
function loaded(names, namespace) {
  classes = names;
  exports = namespace;
  return {
    resolve: (name) => hooks.resolve(name),
    made: (object, ctx, className) => hooks.made(object, ctx, className),
  };
}

function indexOf(className) {
  const index = classes.indexOf(className === "" ? AUTOMATIC : className);
  if (index < 0) throw new Error("objects are there as soon as the app's modules are evaluated, and not before");
  return index;
}

const ACTIONS = ["created", "updated", "deleted", "expired"];

return {
  env,
  state: () => hidden[STATE],
  database: () => hidden[DATABASE],
  exported: (name) => exports !== undefined && Object.hasOwn(exports, name) ? exports[name] : undefined,
  exportedAs: (value) => Object.keys(exports ?? {}).find((name) => name !== "default" && exports[name] === value),
  isLoading: () => exports === undefined,
  bound: (className) =>
    className !== AUTOMATIC && classes.includes(className) ? makeNamespace(indexOf(className)) : undefined,
  automatic: () => makeNamespace(indexOf("")),
  define(given) {
    hooks = given;
  },
  create: (ctx) => op_platform_create(numberOf(ctx)),
  exists: (className, name) => op_platform_exists(indexOf(className), name),
  remove: (className, name) => op_platform_remove(indexOf(className), name),
  list(className, prefix, cursor, limit) {
    const [names, next] = op_platform_list(indexOf(className), prefix, cursor, limit);
    return { names, cursor: next };
  },
  isLeaving: () => op_platform_is_leaving(),
  watchChanges: () => op_platform_watch(),
  takeChanges: (limit) =>
    op_platform_changes(limit).map(([source, seq, store, key, action, time]) => ({
      source, seq, store, key, action: ACTIONS[action], time,
    })),
  ackChanges: (source, seq) => op_platform_forget(source, seq),
  loaded,
};
})();
