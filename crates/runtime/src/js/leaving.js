// Clients that leave: what is done only for one of them ends then, unless its event lives on in waitUntil().
// Which event the running code belongs to is asked of the engine's asynchronous context, and only in apps
// that have something that can be ended (databases of D1). Objects' events are not followed: they go on.

(function () {
const { core } = __bootstrap;
const { getAsyncContext, setAsyncContext } = core;
const { isAwaited, whenNothingIsAwaited } = core.loadExtScript("ext:cellhouse_runtime/context.js");

// Under this, the engine's asynchronous context has the client of the event whose code runs.
const CLIENT = Symbol("client");

const NOT_WANTED = "nobody waits for the query any more";

let isAsked = false;
// By the request of the event.
const clients = new WeakMap();

class Client {
  #hasLeft = false;
  #ctx;
  // What ends each thing that is under way.
  #ends = new Set();

  constructor(ctx) {
    this.#ctx = ctx;
  }

  leave() {
    this.#hasLeft = true;
    whenNothingIsAwaited(this.#ctx, () => {
      for (const end of this.#ends) end();
    });
  }

  async wait(begin, end) {
    if (this.#hasLeft && !isAwaited(this.#ctx)) {
      end();
      throw new Error(NOT_WANTED);
    }
    this.#ends.add(end);
    try {
      return await begin();
    } finally {
      this.#ends.delete(end);
    }
  }
}

// Something of this app can be ended. To be called before its first event.
function follow() {
  isAsked = true;
}

// Runs the handler of an event with a client.
function forClient(handle, request, env, ctx) {
  if (!isAsked) return handle(request, env, ctx);
  const client = new Client(ctx);
  clients.set(request, client);
  const before = getAsyncContext();
  setAsyncContext({ __proto__: null, ...before, [CLIENT]: client });
  try {
    return handle(request, env, ctx);
  } finally {
    setAsyncContext(before);
  }
}

// The client that sent the request has gone.
function left(request) {
  clients.get(request)?.leave();
}

// What `begin` promises. `end` is called when it is not wanted any more: while it is under way, or instead of
// beginning.
function whileWanted(begin, end) {
  const client = getAsyncContext()?.[CLIENT];
  return client === undefined ? begin() : client.wait(begin, end);
}

return { follow, forClient, left, whileWanted };
})();
