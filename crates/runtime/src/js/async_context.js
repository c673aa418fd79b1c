// What the engine's asynchronous context says of the event whose code runs: it goes along with promises and
// timers. Gates have their own entry there, see input_gate.js.

(function () {
const { core } = __bootstrap;
const { getAsyncContext, setAsyncContext } = core;
const { keepShapes } = core.loadExtScript("ext:cellhouse_runtime/shapes.js");

const EVENT = Symbol("event");
const DEPTH = Symbol("depth");

// Calls of apps and objects that may lead to each other; Cloudflare's number for one request.
const MOST_CALLS = 32;
const TOO_DEEP =
  "Subrequest depth limit exceeded. This request recursed through Workers too many times. This can happen e.g. " +
  "if you have a Worker or Durable Object that calls other Workers or objects recursively.";

// A class, as the engine makes a shape for each object without a prototype anew.
class EventContext {
  constructor(ctx, depth) {
    this[EVENT] = ctx;
    this[DEPTH] = depth;
  }
}
keepShapes(new EventContext(undefined, 0));

// What runs from now on belongs to an event: its `ctx`, and how many calls led to it. Gives the context that there
// was, for `setAsyncContext`.
function enterEvent(ctx, depth) {
  const before = getAsyncContext();
  setAsyncContext(new EventContext(ctx, depth));
  return before;
}

// The `ctx` of the event whose code runs.
const eventHere = () => getAsyncContext()?.[EVENT];

// How many calls lead to one that is made now.
function nextDepth() {
  const depth = (getAsyncContext()?.[DEPTH] ?? 0) + 1;
  if (depth > MOST_CALLS) throw new Error(TOO_DEEP);
  return depth;
}

return { DEPTH, enterEvent, EVENT, eventHere, nextDepth };
})();
