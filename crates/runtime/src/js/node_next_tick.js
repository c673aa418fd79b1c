// process.nextTick(): a microtask, as in Workers.

(function () {
const { core } = __bootstrap;
const { queueMicrotask } = core.loadExtScript("ext:cellhouse_runtime/timers.js");

function nextTick(callback, ...args) {
  if (typeof callback !== "function") {
    core.loadExtScript("ext:deno_node/internal/validators.js").validateFunction(callback, "callback");
  }
  queueMicrotask(args.length === 0 ? callback : () => callback(...args));
}

return { nextTick };
})();
