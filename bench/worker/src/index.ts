// The worker that every peer of the bench runs, written as the State and Cache documents write theirs. Each route does
// one thing, on keys that go round, with values of 100 bytes. STATE is a State or, where the peer has none, a KV namespace.

const VERSION = "version-1";
const KEYS = 100;
const VALUE = "0123456789".repeat(10);

let turn = 0;
const key = (kind: string): string => `${kind}:${turn++ % KEYS}`;

/** Fills what the routes read. Done once after each start, before anything is measured. */
async function setUp(env: PloyEnv): Promise<Response> {
  for (let index = 0; index < KEYS; index++) {
    await env.STATE.put(`text:${index}`, VALUE);
    await env.STATE.put(`list:${String(index).padStart(3, "0")}`, VALUE);
    await env.STATE.put(`json:${index}`, JSON.stringify({ visits: 0, name: VALUE }));
    await env.CACHE?.set(`text:${index}`, VALUE, { ttl: 3600 });
  }
  return new Response("ready");
}

const routes: Record<string, (env: PloyEnv) => Promise<Response> | Response> = {
  "/plain": () => new Response("hello"),
  "/version": () => new Response(VERSION),
  "/setup": (env) => setUp(env),

  "/state/get": async (env) => new Response(await env.STATE.get(key("text"))),
  "/state/put": async (env) => {
    // Another value each time: storing what is there already could be skipped.
    await env.STATE.put(key("put"), `${VALUE}${turn}`);
    return new Response("stored");
  },
  "/state/update": async (env) => {
    await env.STATE.update(key("json"), { $inc: { visits: 1 } });
    return new Response("updated");
  },
  "/state/list": async (env) => {
    const { keys } = await env.STATE.list({ prefix: "list:" });
    return new Response(`${keys.length} keys`);
  },

  "/cache/get": async (env) => new Response(await env.CACHE.get(key("text"))),
  "/cache/set": async (env) => {
    await env.CACHE.set(key("set"), VALUE, { ttl: 60 });
    return new Response("kept");
  },
};

export default {
  async fetch(request, env) {
    const route = routes[new URL(request.url).pathname];
    return route ? route(env) : new Response("not found", { status: 404 });
  },
} satisfies Ploy;
