// Timers. Strings are not run as code here, and what is no function is refused at once. Those of an object
// fire when its gate lets them.

(function () {
const { core } = __bootstrap;
const { clearInterval, clearTimeout, setInterval: repeat, setTimeout: start } = core.loadExtScript(
  "ext:deno_web/02_timers.js",
);
const { gated, gateHere } = core.loadExtScript("ext:cellhouse_runtime/input_gate.js");

function notAFunction(name) {
  return new TypeError(
    `Failed to execute '${name}' on 'ServiceWorkerGlobalScope': ` +
      "parameter 1 is not of type 'Function'.",
  );
}

function setTimeout(callback, delay = 0, ...args) {
  if (typeof callback !== "function") throw notAFunction("setTimeout");
  return start(gated(callback), delay, ...args);
}

function setInterval(callback, delay = 0, ...args) {
  if (typeof callback !== "function") throw notAFunction("setInterval");
  const gate = gateHere();
  if (gate === undefined) return repeat(callback, delay, ...args);
  // A tick that waits at the gate stands for those that come after it.
  let waits = false;
  const tick = gate.later((...args) => {
    waits = false;
    callback(...args);
  });
  const id = repeat((...args) => {
    if (gate.isShut) return clearInterval(id);
    if (waits) return;
    waits = true;
    tick(...args);
  }, delay, ...args);
  return id;
}

const enqueue = globalThis.queueMicrotask;
function queueMicrotask(callback) {
  if (typeof callback !== "function") throw notAFunction("queueMicrotask");
  enqueue(callback);
}

return { clearInterval, clearTimeout, queueMicrotask, setInterval, setTimeout };
})();
