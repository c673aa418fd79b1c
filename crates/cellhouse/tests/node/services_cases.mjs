// Cases of service bindings, entrypoints and ctx.exports, for Cellhouse and for miniflare: GET / answers with a JSON
// object of what each gives. The other app is services_other.mjs. Where Cellhouse does more, docs/services.md says so.

import { DurableObject, RpcStub, RpcTarget, WorkerEntrypoint, env as importedEnv, exports, waitUntil } from "cloudflare:workers";

const shown = (value) => {
  if (value === undefined) return { undefined: true };
  if (typeof value === "function") return "function";
  return value;
};

const failure = async (run) => {
  try {
    return { returned: shown(await run()) };
  } catch (error) {
    return { name: error?.name, message: error?.message, remote: error?.remote ?? false };
  }
};

class Counter extends RpcTarget {
  #value;
  constructor(value) {
    super();
    this.#value = value;
    this.field = "hidden";
  }
  increment(by = 1) {
    return this.#value += by;
  }
  get value() {
    return this.#value;
  }
  get self() {
    return this;
  }
}

const disposals = [];
class Tracked extends RpcTarget {
  constructor(name) {
    super();
    this.name_ = name;
  }
  hello() {
    return "hello";
  }
  [Symbol.dispose]() {
    disposals.push(this.name_);
  }
}

export class Named extends WorkerEntrypoint {
  fetch(request) {
    return new Response(`named ${new URL(request.url).pathname} ${JSON.stringify(this.ctx.props)}`);
  }
  add(a, b) {
    return a + b;
  }
  props() {
    return this.ctx.props;
  }
  keys() {
    return [typeof this.env.OTHER, typeof this.ctx.waitUntil, typeof this.ctx.exports];
  }
  get getter() {
    return "got";
  }
  depth(n) {
    return n === 0 ? "bottom" : this.ctx.exports.Named.depth(n - 1);
  }
}

export class NoFetch extends WorkerEntrypoint {
  hello() {
    return "hello";
  }
}

export const handlers = {
  fetch(request, env, ctx) {
    return new Response(`object handler ${JSON.stringify(ctx.props)} ${typeof env.OTHER}`);
  },
  method(...args) {
    return args.length;
  },
  first(argument, env, ctx) {
    return [argument, typeof env.OTHER, typeof ctx.waitUntil];
  },
};

export class Thing extends DurableObject {
  count = 0;
  increment() {
    return ++this.count;
  }
}

const post = (body, init = {}) => new Request("http://other/echo?q=1", { method: "POST", body, ...init });

const cases = {
  // ---- fetch
  "fetch/string": async (env) => {
    const response = await env.OTHER.fetch("http://other/hello?a=1");
    return [response.status, response.headers.get("x-other"), await response.text()];
  },
  "fetch/request": async (env) => (await env.OTHER.fetch(post("body", { headers: { "x-a": "b" } }))).json(),
  "fetch/init": async (env) => (await env.OTHER.fetch("http://other/echo", { method: "PUT", body: "x" })).json(),
  "fetch/relative": (env) => failure(() => env.OTHER.fetch("/relative")),
  "fetch/no-arguments": (env) => failure(() => env.OTHER.fetch()),
  "fetch/throws": (env) => failure(() => env.OTHER.fetch("http://other/throw")),
  "fetch/throws-string": (env) => failure(() => env.OTHER.fetch("http://other/throw-string")),
  "fetch/no-response": (env) => failure(() => env.OTHER.fetch("http://other/nothing")),
  "fetch/redirect": async (env) => {
    const response = await env.OTHER.fetch("http://other/redirect", { redirect: "manual" });
    return [response.status, response.headers.get("location")];
  },
  "fetch/redirect-followed": async (env) => {
    const response = await env.OTHER.fetch("http://other/redirect");
    return [response.status, await response.text(), response.redirected];
  },
  "fetch/no-handler": (env) => failure(() => env.NO_FETCH.fetch("http://x/")),
  "fetch/stream": async (env) => {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const sending = (async () => {
      for (const piece of ["a", "b", "c"]) await writer.write(new TextEncoder().encode(piece));
      await writer.close();
    })();
    const response = await env.OTHER.fetch("http://other/echo-body", { method: "POST", body: readable });
    const text = await response.text();
    await sending;
    return text;
  },
  "fetch/websocket": async (env) => {
    const response = await env.OTHER.fetch("http://other/socket", { headers: { upgrade: "websocket" } });
    const { webSocket } = response;
    webSocket.accept();
    const answer = new Promise((resolve) => webSocket.addEventListener("message", ({ data }) => resolve(data)));
    webSocket.send("hi");
    const result = [response.status, await answer];
    webSocket.close(1000, "done");
    return result;
  },
  "fetch/object-handler": async (env) => (await env.HANDLERS.fetch("http://x/")).text(),
  "fetch/named": async (env) => (await env.NAMED.fetch("http://x/path")).text(),
  "fetch/self": async (env) => (await env.SELF.fetch("http://x/self")).text(),
  "fetch/cf": async (env) => (await env.OTHER.fetch("http://other/cf", { cf: { a: 1 } })).json(),

  // ---- stubs
  "stub/type": (env) => [
    typeof env.OTHER, typeof env.OTHER.fetch, typeof env.OTHER.anything, String(env.OTHER), env.OTHER instanceof Object,
    typeof env.OTHER.then, env.OTHER.constructor?.name, typeof env.OTHER.toString, Object.keys(env.OTHER),
  ],
  "stub/await": async (env) => typeof (await env.OTHER).fetch,
  "stub/json": (env) => JSON.stringify({ stub: env.OTHER }),

  // ---- RPC
  "rpc/add": (env) => env.OTHER.add(1, 2),
  "rpc/async": (env) => env.OTHER.addLater(1, 2),
  "rpc/nothing": async (env) => shown(await env.OTHER.nothing()),
  "rpc/getter": (env) => env.OTHER.getter,
  "rpc/nested-getter": async (env) => [await env.OTHER.nested.deep.value, await env.OTHER.nested.method(2)],
  "rpc/missing": (env) => failure(() => env.OTHER.missing()),
  "rpc/missing-property": (env) => failure(() => env.OTHER.missingProperty),
  "rpc/not-function": (env) => failure(() => env.OTHER.getter()),
  "rpc/instance-field": (env) => failure(() => env.OTHER.field),
  "rpc/private": (env) => failure(() => env.OTHER["#x"]),
  "rpc/env": (env) => failure(() => env.OTHER.env),
  "rpc/ctx": (env) => failure(() => env.OTHER.ctx),
  "rpc/alarm": (env) => failure(() => env.OTHER.alarm()),
  "rpc/scheduled": (env) => failure(() => env.OTHER.scheduled({})),
  "rpc/queue": (env) => failure(() => env.OTHER.queue({})),
  "rpc/tail": (env) => failure(() => env.OTHER.tail([])),
  "rpc/test": (env) => failure(() => env.OTHER.test()),
  "rpc/dup": (env) => failure(() => env.OTHER.dup()),
  "rpc/connect": async (env) => typeof env.OTHER.connect,
  "rpc/throws": (env) => failure(() => env.OTHER.throwType()),
  "rpc/throws-custom": (env) => env.OTHER.throwCustom().catch((error) => [error.name, error.message, error.code, error.remote]),
  "rpc/throws-string": (env) => failure(() => env.OTHER.throwString()),
  "rpc/target": async (env) => {
    using counter = await env.OTHER.makeCounter(5);
    return [await counter.increment(), await counter.increment(10), await counter.value];
  },
  "rpc/target-hidden": async (env) => failure(async () => {
    using counter = await env.OTHER.makeCounter(5);
    return await counter.field;
  }),
  "rpc/pipeline": async (env) => [
    await env.OTHER.makeCounter(5).increment(3), await env.OTHER.makeCounter(1).self.self.increment(),
    await env.OTHER.makeCounter(4).value,
  ],
  "rpc/pass-target": async (env) => {
    const counter = new Counter(1);
    const answer = await env.OTHER.incrementTwice(counter);
    return [answer, counter.value];
  },
  "rpc/pass-function": (env) => env.OTHER.callBack((x) => x * 2),
  "rpc/callback-throws": (env) => failure(() => env.OTHER.callBack(() => {
    throw new RangeError("from the callback");
  })),
  "rpc/returned-function": async (env) => {
    using multiply = await env.OTHER.makeFunction(3);
    return [typeof multiply, await multiply(2)];
  },
  "rpc/object-of-functions": async (env) => {
    using made = await env.OTHER.makeObject();
    return [made.data, await made.twice(21), await made.counter.increment()];
  },
  "rpc/keep-callback": async (env) => {
    const heard = [];
    using subscription = await env.OTHER.subscribe((value) => {
      heard.push(value);
    });
    await subscription.publish("a");
    await subscription.publish("b");
    return heard;
  },
  "rpc/not-kept": (env) => failure(async () => {
    using subscription = await env.OTHER.forget(() => 1);
    return await subscription.publish("a");
  }),
  "rpc/disposed": (env) => failure(async () => {
    const counter = await env.OTHER.makeCounter(1);
    counter[Symbol.dispose]();
    return await counter.increment();
  }),
  "rpc/dup-of-target": async (env) => {
    const counter = await env.OTHER.makeCounter(1);
    using copy = counter.dup();
    counter[Symbol.dispose]();
    return await copy.increment();
  },
  "rpc/stream": async (env) => {
    const stream = await env.OTHER.makeStream();
    return [stream instanceof ReadableStream, await new Response(stream).text()];
  },
  "rpc/pass-stream": (env) => env.OTHER.readAll(new Response("streamed").body),
  "rpc/pass-writable": async (env) => {
    const { readable, writable } = new IdentityTransformStream();
    const text = new Response(readable).text();
    await env.OTHER.writeAll(writable, "written");
    return text;
  },
  "rpc/response": async (env) => {
    const response = await env.OTHER.makeResponse();
    return [response.status, response.headers.get("x-rpc"), await response.text()];
  },
  "rpc/pass-request": (env) => env.OTHER.read(post("in a request")),
  "rpc/values": async (env) => {
    const [date, map, set, big, bytes, expression] = await env.OTHER.echo([
      new Date(5), new Map([[1, 2]]), new Set([3]), 10n, new Uint8Array([1, 2]), /x/g,
    ]);
    return [date.getTime(), map.get(1), set.has(3), `${big}`, [...bytes], String(expression)];
  },
  "rpc/class-instance": (env) => failure(() => env.OTHER.echo(new (class Foo {})())),
  "rpc/symbol": (env) => failure(() => env.OTHER.echo(Symbol("s"))),
  "rpc/returns-class-instance": (env) => failure(() => env.OTHER.makeInstance()),
  "rpc/parallel": (env) => Promise.all([1, 2, 3].map((n) => env.OTHER.addLater(n, n))),
  "rpc/instances-are-new": async (env) => [await env.OTHER.countOfInstance(), await env.OTHER.countOfInstance()],
  "rpc/this-is-lost": (env) => {
    const { add } = env.OTHER;
    return add(3, 4);
  },
  "rpc/pass-service": (env) => failure(() => env.OTHER.useService(env.SELF)),
  "rpc/pass-stub": async (env) => {
    using counter = await env.OTHER.makeCounter(5);
    return await env.OTHER.incrementTwice(counter);
  },
  "rpc/local-disposal": async (env) => {
    const mark = disposals.length;
    await env.OTHER.hello(new Tracked("argument"));
    await scheduler.wait(20);
    return disposals.slice(mark);
  },

  // ---- named entrypoints, props
  "named/rpc": (env) => env.NAMED.add(2, 3),
  "named/props": (env) => env.NAMED.props(),
  "named/getter": (env) => env.NAMED.getter,
  "named/keys": (env) => env.NAMED.keys(),
  "named/no-fetch": (env) => env.NO_FETCH.hello(),
  "named/object-rpc": (env) => failure(() => env.HANDLERS.method()),
  "named/object-rpc-arguments": (env) => failure(() => env.HANDLERS.method(1)),
  "named/object-rpc-many": (env) => failure(() => env.HANDLERS.method(1, 2)),
  "named/object-rpc-first": (env) => failure(() => env.HANDLERS.first("x")),
  "named/other": (env) => env.OTHER_NAMED.who(),
  "named/other-props": (env) => env.OTHER_NAMED.props(),
  "self/rpc-default-object": (env) => failure(() => env.SELF.anything()),
  "self/rpc-fetch-only": (env) => failure(() => env.SELF.cases),

  // ---- ctx.exports
  "exports/keys": (_env, ctx) => Object.keys(ctx.exports).sort(),
  "exports/same": (_env, ctx) => [ctx.exports === exports, Object.keys(exports).sort().join() === Object.keys(ctx.exports).sort().join()],
  "exports/types": (_env, { exports }) => [exports.Named, exports.default, exports.handlers]
    .map((stub) => [typeof stub, Object.prototype.toString.call(stub)]),
  "exports/rpc": (_env, ctx) => ctx.exports.Named.add(4, 5),
  "exports/props": (_env, ctx) => ctx.exports.Named.props(),
  "exports/with-props": (_env, ctx) => ctx.exports.Named({ props: { user: "ada", n: [1, 2] } }).props(),
  "exports/props-classes": async (_env, ctx) => {
    const { when } = await ctx.exports.Named({ props: { when: new Date(7) } }).props();
    return [when instanceof Date, when.getTime()];
  },
  "exports/no-props": (_env, ctx) => ctx.exports.Named({}).props(),
  "exports/called-without": (_env, ctx) => failure(() => ctx.exports.Named().props()),
  "exports/props-number": (_env, ctx) => failure(() => ctx.exports.Named({ props: 5 }).props()),
  "exports/props-function": (_env, ctx) => failure(() => ctx.exports.Named({ props: { f() {} } }).props()),
  "exports/fetch-with-props": async (_env, ctx) => (await ctx.exports.Named({ props: { a: 1 } }).fetch("http://x/p")).text(),
  "exports/default": async (_env, ctx) => (await ctx.exports.default.fetch("http://x/self")).text(),
  "exports/object": async (_env, ctx) => (await ctx.exports.handlers({ props: { b: 2 } }).fetch("http://x/")).text(),
  "exports/durable-object": async (_env, ctx) => {
    const stub = ctx.exports.Thing.getByName("one");
    return [await stub.increment() > 0, typeof ctx.exports.Thing.idFromName, ctx.exports.Thing.idFromName("a").toString().length];
  },
  "exports/imported": () => exports.Named.add(1, 1),
  "exports/set": (_env, ctx) => failure(() => {
    ctx.exports.Named.x = 1;
    return "set";
  }),
  "exports/top-level-props": (_env, ctx) => ctx.props,
  "exports/depth": (_env, ctx) => ctx.exports.Named.depth(5),

  // ---- RpcStub
  "local/stub": async () => {
    using stub = new RpcStub(new Counter(1));
    return [await stub.increment(2), await stub.value];
  },
  "local/function": async () => {
    using stub = new RpcStub((a) => a + 1);
    return await stub(2);
  },
  "local/object": async () => {
    using stub = new RpcStub({ a: 1, f: () => 2 });
    return [await stub.a, await stub.f()];
  },
  "local/number": () => failure(() => new RpcStub(5)),
  "local/nothing": () => failure(() => new RpcStub()),
  "local/map": () => failure(() => new RpcStub(new Map())),
  "local/instance": () => failure(() => new RpcStub(new (class Foo {})())),
  "local/disposed": async () => {
    const mark = disposals.length;
    const stub = new RpcStub(new Tracked("local"));
    stub[Symbol.dispose]();
    await scheduler.wait(5);
    return disposals.slice(mark);
  },
  "local/dup": async () => {
    const mark = disposals.length;
    const stub = new RpcStub(new Tracked("dup"));
    const copy = stub.dup();
    stub[Symbol.dispose]();
    const hello = await copy.hello();
    copy[Symbol.dispose]();
    await scheduler.wait(5);
    return [hello, disposals.slice(mark)];
  },
  "local/instanceof": () => {
    const stub = new RpcStub(new Counter(1));
    return [stub instanceof RpcStub, typeof stub];
  },
  "local/pass": async (env) => {
    using stub = new RpcStub(new Counter(10));
    return await env.OTHER.incrementTwice(stub);
  },

  // ---- events
  "event/wait-until": async (env) => {
    const { promise, resolve } = Promise.withResolvers();
    const answer = await env.OTHER.tellLater((value) => resolve(value));
    return [answer, await promise];
  },
  "event/imported": () => [typeof importedEnv.OTHER.fetch, typeof waitUntil],
  "event/props-frozen": (_env, ctx) => failure(() => {
    ctx.props.x = 1;
    return ctx.props.x;
  }),
  "event/exports-in-entrypoint": (env) => env.OTHER.exportsOf(),
};

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/self") return new Response(`self ${JSON.stringify(ctx.props)}`);
    const answers = {};
    const only = searchParams.get("only");
    for (const [name, run] of Object.entries(cases)) {
      if (only !== null && !name.startsWith(only)) continue;
      const late = scheduler.wait(3000).then(() => "it never answered");
      try {
        answers[name] = shown(await Promise.race([run(env, ctx), late]));
      } catch (error) {
        answers[name] = { uncaught: String(error) };
      }
    }
    return Response.json(answers);
  },
};
