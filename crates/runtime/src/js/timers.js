// Timers. Strings are not run as code here, and what is no function is refused at once.

(function () {
const { core } = __bootstrap;
const { clearInterval, clearTimeout, setInterval: repeat, setTimeout: start } = core.loadExtScript(
  "ext:deno_web/02_timers.js",
);

function notAFunction(name) {
  return new TypeError(
    `Failed to execute '${name}' on 'ServiceWorkerGlobalScope': ` +
      "parameter 1 is not of type 'Function'.",
  );
}

function setTimeout(callback, delay = 0, ...args) {
  if (typeof callback !== "function") throw notAFunction("setTimeout");
  return start(callback, delay, ...args);
}

function setInterval(callback, delay = 0, ...args) {
  if (typeof callback !== "function") throw notAFunction("setInterval");
  return repeat(callback, delay, ...args);
}

const enqueue = globalThis.queueMicrotask;
function queueMicrotask(callback) {
  if (typeof callback !== "function") throw notAFunction("queueMicrotask");
  enqueue(callback);
}

return { clearInterval, clearTimeout, queueMicrotask, setInterval, setTimeout };
})();
