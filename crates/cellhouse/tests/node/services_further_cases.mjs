// Further cases of services and of what Workers have around them, for Cellhouse and for miniflare, as services_cases.mjs
// has them: events of services, static files in front of one, classes in ctx.exports, withEnv(), errors within bodies.

import { DurableObject, WorkerEntrypoint, env as imported, exports, withEnv, withEnvAndExports, withExports } from "cloudflare:workers";

const failure = async (run) => {
  try {
    return { returned: (await run()) ?? null };
  } catch (error) {
    return { name: error?.name, of: error?.constructor?.name, message: error?.message, remote: error?.remote ?? false };
  }
};

const seen = {};

export class Thing extends DurableObject {
  hello(value) {
    return `hello ${Object.prototype.toString.call(value)}`;
  }
  statement() {
    const { Statement } = this.ctx.storage.sql;
    return failure(() => [typeof Statement, Statement.name, new Statement("select 1")]);
  }
  statementName() {
    return [typeof this.ctx.storage.sql.Statement, this.ctx.storage.sql.Statement.name];
  }
  fetch(request) {
    const kind = new URL(request.url).pathname.slice(1);
    let pulls = 0;
    const pull = async (controller) => {
      await scheduler.wait(1);
      if (pulls++ === 0) return controller.enqueue(new TextEncoder().encode("abc"));
      if (kind === "range") return controller.error(Object.assign(new RangeError("within a body"), { extra: 1 }));
      if (kind === "string") return controller.error("a string");
      if (kind === "exception") return controller.error(new DOMException("an exception", "NotFoundError"));
      if (kind === "thrown") throw new SyntaxError("thrown in pull()");
      controller.close();
    };
    return new Response(new ReadableStream({ pull }));
  }
}

export class Plain extends DurableObject {}

export class Alone {}

export const helper = () => 1;

export class Named extends WorkerEntrypoint {
  props() {
    return this.ctx.props;
  }
  envOfHandler() {
    return [this.env.VAR, imported.VAR];
  }
  queue(batch) {
    batch.messages[0].ack();
  }
  scheduled() {}
}

export class Throwing extends WorkerEntrypoint {
  scheduled() {
    throw new RangeError("no");
  }
  queue(batch) {
    batch.ackAll();
    throw new RangeError("no");
  }
}

export class Empty extends WorkerEntrypoint {}

const later = async (run) => {
  await scheduler.wait(2);
  return run();
};

export const handlers = {
  scheduled(controller, _env, ctx) {
    seen.scheduled = [controller.cron, typeof controller.scheduledTime, controller.scheduledTime === 1234];
    if (controller.cron === "once") controller.noRetry();
    if (controller.cron === "late") ctx.waitUntil(later(() => Promise.reject(new Error("late"))));
  },
  queue(batch, _env, ctx) {
    const messages = batch.messages.map(({ id, timestamp, body, attempts }) => [id, timestamp.getTime(), body, attempts]);
    seen.queue = [batch.queue, batch.metadata, messages];
    const [first, second, third] = batch.messages;
    switch (batch.queue) {
      case "ackAll":
        return batch.ackAll();
      case "retryAll":
        return batch.retryAll();
      case "retryAll later":
        return batch.retryAll({ delaySeconds: 7 });
      case "some":
        first.ack();
        second.retry({ delaySeconds: 3 });
        return third.retry();
      case "throws":
        first.ack();
        throw new Error("x");
      case "late":
        return ctx.waitUntil(later(() => first.ack()));
      case "fails late":
        return ctx.waitUntil(later(() => Promise.reject(new Error("late"))));
    }
  },
};

const message = (id, more = {}) => ({ id, timestamp: new Date(1000), body: { of: id }, attempts: 2, ...more });
const three = () => ["a", "b", "c"].map((id) => message(id));
// "abc" as V8 writes it.
const SERIALIZED = new Uint8Array([0xff, 0x0f, 0x22, 0x03, 97, 98, 99]);

const file = async (service, path, init) => {
  const response = await service.fetch(`http://files${path}`, { redirect: "manual", ...init });
  const header = (name) => response.headers.get(name);
  return [response.status, await response.text(), header("content-type"), header("x-rule"), header("location")];
};

const ofQueue = (name) => ({ HANDLERS }) => HANDLERS.queue(name, three());
const ofMessage = (more) => ({ HANDLERS }) => failure(async () => [await HANDLERS.queue("q", [message("x", more)]), seen.queue]);
const ofBody = (path) => ({ THING }) => failure(async () => (await THING.getByName("x").fetch(`http://x/${path}`)).text());
const read = async (autoAllocateChunkSize, use) => {
  const asked = [];
  const reader = use(new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize,
    pull({ byobRequest }) {
      asked.push([byobRequest.atLeast, byobRequest.view.byteLength]);
      byobRequest.view[0] = 1;
      byobRequest.respond(1);
    },
  }));
  const { value } = await reader;
  return [value.length, asked];
};
const byob = (stream) => stream.getReader({ mode: "byob" });

// Flags that are newer than the workerd of these tests.
const NEWER = new Set([
  "d1_binding_jsrpc",
  "workflows_bindings_rpc",
  "typescript_implemented_streams",
  "expose_draining_reader",
  "workflows_enable_fast_engine_creation",
  "wasm_memory_discard",
  "python_workers_20260817",
]);

const cases = {
  // ---- queue() and scheduled()
  ...Object.fromEntries(["nothing", "ackAll", "retryAll", "retryAll later", "some", "throws", "late", "fails late"]
    .map((name) => [`queue/${name}`, ofQueue(name)])),
  "queue/seen": async (env) => [await ofQueue("seen")(env), seen.queue],
  "queue/metrics": async ({ HANDLERS }) => {
    const metrics = { backlogCount: 3, backlogBytes: 4, oldestMessageTimestamp: new Date(5) };
    return [await HANDLERS.queue("q", [], { metrics }), seen.queue];
  },
  "queue/serialized": ofMessage({ body: undefined, serializedBody: SERIALIZED }),
  "queue/serialized-buffer": ofMessage({ body: undefined, serializedBody: SERIALIZED.buffer }),
  "queue/both": ofMessage({ serializedBody: SERIALIZED }),
  "queue/neither": ofMessage({ body: undefined }),
  "queue/null": ofMessage({ body: null }),
  "queue/values": ofMessage({ body: [new Date(1), { a: [1n.toString()] }] }),
  "queue/no-id": ofMessage({ id: undefined }),
  "queue/no-timestamp": ofMessage({ timestamp: undefined }),
  "queue/number-timestamp": ofMessage({ timestamp: 5 }),
  "queue/text-timestamp": ofMessage({ timestamp: "abc" }),
  "queue/no-attempts": ofMessage({ attempts: undefined }),
  "queue/text-attempts": ofMessage({ attempts: "3" }),
  "queue/many-attempts": ofMessage({ attempts: 70000 }),
  "queue/negative-attempts": ofMessage({ attempts: -1 }),
  "queue/no-arguments": ({ HANDLERS }) => failure(() => HANDLERS.queue()),
  "queue/no-messages": ({ HANDLERS }) => failure(() => HANDLERS.queue("q")),
  "queue/wrong-messages": ({ HANDLERS }) => failure(() => HANDLERS.queue("q", 5)),
  "queue/wrong-message": ({ HANDLERS }) => failure(() => HANDLERS.queue("q", [5])),
  "scheduled/options": async ({ HANDLERS }) =>
    [await HANDLERS.scheduled({ cron: "* * * * *", scheduledTime: new Date(1234) }), seen.scheduled],
  "scheduled/number": async ({ HANDLERS }) => [await HANDLERS.scheduled({ scheduledTime: 1234 }), seen.scheduled],
  "scheduled/nothing": async ({ HANDLERS }) => [await HANDLERS.scheduled(), seen.scheduled],
  "scheduled/no-retry": ({ HANDLERS }) => HANDLERS.scheduled({ cron: "once" }),
  "scheduled/late": ({ HANDLERS }) => HANDLERS.scheduled({ cron: "late" }),
  "scheduled/text": ({ HANDLERS }) => failure(() => HANDLERS.scheduled({ scheduledTime: "x" })),
  "scheduled/wrong": ({ HANDLERS }) => failure(() => HANDLERS.scheduled(5)),
  ...Object.fromEntries(["NAMED", "THROWING", "EMPTY", "SELF", "OTHER", "FILES"].flatMap((name) => [
    [`scheduled/of ${name}`, (env) => failure(() => env[name].scheduled({ cron: "x" }))],
    [`queue/of ${name}`, (env) => failure(() => env[name].queue("q", three()))],
  ])),
  "queue/of-exports": (_env, ctx) => [ctx.exports.Named, ctx.exports.handlers, ctx.exports.Named({ props: {} })]
    .reduce(async (all, one) => [...await all, await one.queue("q", three()), await one.scheduled()], []),
  "queue/type": ({ HANDLERS }) => [typeof HANDLERS.queue, HANDLERS.queue.name, typeof HANDLERS.scheduled],

  // ---- static files
  "files/file": ({ FILES }) => file(FILES, "/hello.txt"),
  "files/page": ({ FILES }) => file(FILES, "/page"),
  "files/page-redirect": ({ FILES }) => file(FILES, "/page.html"),
  "files/rule-of-headers": ({ FILES }) => file(FILES, "/ruled.txt"),
  "files/rule-of-redirects": ({ FILES }) => file(FILES, "/moved"),
  "files/redirect-followed": async ({ FILES }) => (await FILES.fetch("http://files/moved")).text(),
  "files/head": ({ FILES }) => file(FILES, "/hello.txt", { method: "HEAD" }),
  "files/post": ({ FILES }) => file(FILES, "/hello.txt", { method: "POST", body: "x" }),
  "files/not-found": ({ FILES }) => file(FILES, "/missing"),
  "files/navigation": ({ FILES }) => file(FILES, "/missing", { headers: { "sec-fetch-mode": "navigate" } }),
  "files/script-first": ({ FIRST }) => file(FIRST, "/hello.txt"),
  "files/rpc": ({ FILES }) => failure(() => FILES.hello(1)),
  "files/named": ({ FILES_NAMED }) => file(FILES_NAMED, "/hello.txt"),
  "files/known": async ({ FILES }) => {
    const first = await FILES.fetch("http://files/hello.txt");
    await first.text();
    const headers = { "if-none-match": first.headers.get("etag") };
    return (await file(FILES, "/hello.txt", { headers })).slice(0, 2);
  },

  // ---- ctx.exports
  "exports/classes": (_env, { exports }) => ["Thing", "Plain", "Alone", "helper", "Named"].map((name) =>
    [typeof exports[name], exports[name]?.constructor?.name, Object.prototype.toString.call(exports[name])]),
  "exports/no-members": (_env, { exports }) => [exports.Thing.name ?? null, exports.Plain.name ?? null, Object.getOwnPropertyNames(exports.Thing)],
  "exports/namespace": (_env, { exports }) => exports.Thing.getByName("x").hello(1),
  ...Object.fromEntries(["Thing", "Plain", "Alone", "Named"].flatMap((name) => [
    [`exports/${name}-called`, (_env, { exports }) => failure(() => {
      const made = exports[name]({ props: { a: 1 } });
      return [typeof made, Object.prototype.toString.call(made)];
    })],
    [`exports/${name}-called-without`, (_env, { exports }) => failure(() => exports[name]())],
    [`exports/${name}-called-with-number`, (_env, { exports }) => failure(() => exports[name](5))],
    [`exports/${name}-wrong-props`, (_env, { exports }) => failure(() => exports[name]({ props: 5 }))],
    [`exports/${name}-sent`, ({ THING }, { exports }) => failure(() => THING.getByName("x").hello(exports[name]))],
  ])),
  "exports/class-sent": ({ THING }, { exports }) => failure(() => THING.getByName("x").hello(exports.Plain({}))),
  "exports/service-sent": ({ THING }, { exports }) => failure(() => THING.getByName("x").hello(exports.Named({}))),

  // ---- withEnv()
  "env/replaced": () => [withEnv({ VAR: 1 }, () => imported.VAR), imported.VAR],
  "env/await": () => withEnv({ VAR: 1 }, async () => [imported.VAR, await later(() => imported.VAR)]),
  "env/timer": () => withEnv({ VAR: 1 }, () => new Promise((resolve) => setTimeout(() => resolve(imported.VAR), 1))),
  "env/nested": () => withEnv({ VAR: 1 }, () => [withEnv({ VAR: 2 }, () => imported.VAR), imported.VAR]),
  "env/of-handler": (env) => withEnv({ VAR: 1 }, () => [env.VAR, imported.VAR]),
  "env/of-a-call": (env) => withEnv({ VAR: 1 }, () => env.NAMED.envOfHandler()),
  ...Object.fromEntries([["null", null], ["undefined", undefined], ["number", 5]].map(([name, value]) =>
    [`env/${name}`, () => withEnv(value, () => [imported.VAR, Object.keys(imported).length > 5])])),
  "env/function": () => withEnv(function f() {}, () => [typeof imported.VAR, imported.name]),
  "env/no-function": () => failure(() => withEnv({})),
  "env/throws": () => failure(() => withEnv({}, () => {
    throw new RangeError("thrown within");
  })),
  "env/changed": () => {
    const replaced = { A: 1, VAR: 1 };
    withEnv(replaced, () => {
      imported.B = 2;
      delete imported.A;
      Object.defineProperty(imported, "C", { value: 3, enumerable: true, configurable: true });
    });
    return [replaced, imported.B ?? null];
  },
  "env/seen": () => withEnv({ A: 1 }, () => ["A" in imported, "VAR" in imported, Object.keys(imported), { ...imported }]),
  "env/same-keys": (env) => [imported === env, Object.keys(imported).join() === Object.keys(env).join()],
  "env/exports": () => withExports({ E: 1 }, () => later(() => [exports.E, Object.keys(exports), "Named" in exports, imported.VAR])),
  "env/both": () => withEnvAndExports({ VAR: 1 }, { E: 2 }, () => later(() => [imported.VAR, exports.E])),
  "env/both-no-function": () => failure(() => withEnvAndExports({}, {})),
  "env/both-null": () => withEnvAndExports(null, null, () => [imported.VAR, typeof exports.Named]),
  "env/lengths": () => [withEnv.name, withEnv.length, withExports.length, withEnvAndExports.length],

  // ---- bodies
  ...Object.fromEntries(["fine", "range", "string", "exception", "thrown"].map((path) => [`body/${path}`, ofBody(path)])),
  "body/properties": async ({ THING }) => {
    const response = await THING.getByName("x").fetch("http://x/range");
    return response.text().catch(({ extra, remote }) => [extra, remote]);
  },
  "body/passed-on": (env) => failure(async () => (await env.SELF.fetch("http://x/passed")).text()),
  "body/class": () => [
    typeof Body, Body.name, new Request("http://x") instanceof Body, new Response() instanceof Body,
    Object.getPrototypeOf(Request.prototype) === Body.prototype, Object.prototype.toString.call(Body.prototype),
    ["body", "bodyUsed", "arrayBuffer", "bytes", "text", "json", "formData", "blob"].map((name) =>
      [Object.hasOwn(Body.prototype, name), Object.hasOwn(Request.prototype, name), Object.hasOwn(Response.prototype, name)]),
  ],
  "body/constructed": () => failure(() => new Body()),
  "body/borrowed": async () => [
    await Body.prototype.text.call(new Response("a")),
    await Body.prototype.text.call(new Request("http://x", { method: "POST", body: "b" })),
  ],
  "body/wrong-this": () => failure(() => Body.prototype.text.call({})),
  "body/wrong-getter": () => failure(() => Body.prototype.body),

  // ---- the rest
  "flags/class": () => [typeof Cloudflare, Object.prototype.toString.call(Cloudflare), Object.getOwnPropertyNames(Cloudflare)],
  "flags/object": () => {
    const { compatibilityFlags: flags } = Cloudflare;
    return [Object.getPrototypeOf(flags), Object.isFrozen(flags), flags === Cloudflare.compatibilityFlags, typeof flags.nope];
  },
  "flags/some": () => ["url_standard", "nodejs_compat", "service_binding_extra_handlers", "durable_object_alarms", "rpc"]
    .map((name) => Cloudflare.compatibilityFlags[name]),
  "flags/all": () => Object.entries(Cloudflare.compatibilityFlags).filter(([name]) => !NEWER.has(name)),
  "flags/set": () => failure(() => {
    Cloudflare.compatibilityFlags.url_standard = false;
  }).then(({ name }) => name),
  "sql/statement": ({ THING }) => THING.getByName("x").statementName(),
  "sql/statement-made": ({ THING }) => THING.getByName("x").statement(),
  "byob/at-least": () => read(undefined, (stream) => byob(stream).readAtLeast(4, new Uint8Array(8))),
  "byob/read": () => read(undefined, (stream) => byob(stream).read(new Uint8Array(8))),
  "byob/elements": () => read(undefined, (stream) => byob(stream).read(new Uint32Array(8))),
  "byob/allocated": () => read(16, (stream) => stream.getReader().read()),
};

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/passed") return env.THING.getByName("x").fetch("http://x/range");
    const answers = {};
    const only = searchParams.get("only");
    for (const [name, run] of Object.entries(cases)) {
      if (only !== null && !name.startsWith(only)) continue;
      const late = scheduler.wait(3000).then(() => "it never answered");
      try {
        answers[name] = (await Promise.race([run(env, ctx), late])) ?? null;
      } catch (error) {
        answers[name] = { uncaught: String(error) };
      }
    }
    return Response.json(answers);
  },
  queue(batch) {
    batch.messages[0].retry();
  },
};
