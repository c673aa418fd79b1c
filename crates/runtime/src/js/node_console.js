// `node:console`: the app's console, and no others, as in Workers.

(function () {
const { console } = __bootstrap.core.loadExtScript("ext:cellhouse_runtime/console.js");

function notImplemented(name) {
  const error = new Error(`The ${name} method is not implemented`);
  error.code = "ERR_METHOD_NOT_IMPLEMENTED";
  return error;
}

function Console() {
  throw notImplemented("Console");
}

function context() {
  throw notImplemented("Console.context");
}

function createTask() {
  throw notImplemented("Console.createTask");
}

const nothing = () => {};

return { ...console, Console, context, createTask, profile: nothing, profileEnd: nothing, default: console };
})();
