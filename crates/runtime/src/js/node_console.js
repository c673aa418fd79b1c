// `node:console`: the app's console. Others cannot be made, as there are no streams to write to.

(function () {
const { console } = __bootstrap.core.loadExtScript("ext:cellhouse_runtime/console.js");

function Console() {
  const error = new Error("The console.Console method is not implemented");
  error.code = "ERR_METHOD_NOT_IMPLEMENTED";
  throw error;
}

const { context, createTask, profile, profileEnd } = {
  context() {},
  // Runs what it is for; nothing is noted down.
  createTask: (name) => ({ name, run: (call) => call() }),
  profile() {},
  profileEnd() {},
};

return { ...console, Console, context, createTask, profile, profileEnd, default: console };
})();
