// Sets up an isolate before any app is loaded: the global scope, and the functions that Rust calls.
// Nothing of the engine's own API stays visible to apps.

(function () {
const { core } = __bootstrap;

core.loadExtScript("ext:cellhouse_runtime/gated_ops.js");
core.loadExtScript("ext:cellhouse_runtime/globals.js");
core.loadExtScript("ext:cellhouse_runtime/uncaught.js");
const events = core.loadExtScript("ext:cellhouse_runtime/events.js");

delete globalThis.Deno;
delete globalThis.__bootstrap;

return events;
})();
