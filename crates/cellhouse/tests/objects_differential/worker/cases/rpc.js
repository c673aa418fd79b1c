// RPC: values, errors, getters, what is hidden, the order of calls.

const values = () => [
  undefined, null, true, 0, -0, NaN, 1.5, 10n, "text", "é\u0000", [], [1, [2]], {}, { a: { b: 1 } }, new Date(5), /x/g, new Map([[1, { x: 2 }]]),
  new Set(["a"]), Uint8Array.of(1, 2), Uint8Array.of(3).buffer, Float64Array.of(1.5), new Error("e"), new RangeError("r"), [undefined],
];

const KINDS = ["string", "object", "undefined", "cause", "dom", "custom", "aggregate", "Error", "TypeError", "RangeError", "SyntaxError", "EvalError", "URIError", "ReferenceError"];

export default {
  "values there and back": async (_env, h) => {
    const results = [];
    for (const value of values()) results.push(await h.object().echo(value));
    return results;
  },
  "kinds of arguments": (_env, h) => h.object().kinds(...values().slice(1)),
  "several arguments": async (_env, h) => [await h.object().echo(1, "b", { c: 3 }), await h.object().echo(), await h.object().echo(undefined, 1)],
  "cycles and shared parts": async (_env, h) => {
    const value = { list: [1] };
    value.self = value;
    value.again = value.list;
    const back = await h.object().echo(value);
    return [back.self === back, back.again === back.list, back !== value];
  },
  "a promise of a method": async (_env, h) => [await h.object().later(5), await h.object().later([1])],
  "errors": async (_env, h) => {
    const results = {};
    for (const kind of KINDS) {
      const found = await h.attempt(() => h.object().fail(kind));
      results[kind] = found;
    }
    return results;
  },
  "errors are errors": async (_env, h) => {
    const results = [];
    for (const kind of KINDS) {
      try {
        await h.object().fail(kind);
      } catch (thrown) {
        results.push([kind, typeof thrown, thrown instanceof Error, thrown instanceof TypeError, thrown?.constructor?.name, typeof thrown?.stack, thrown?.remote, thrown?.retryable, thrown?.overloaded]);
      }
    }
    return results;
  },
  "an error later": (_env, h) => h.attempt(() => h.object().failLater()),
  "the object goes on after an error": async (_env, h) => {
    const stub = h.object();
    const first = await stub.instance();
    await h.attempt(() => stub.fail("Error"));
    return [(await stub.instance()) === first, await stub.echo(1)];
  },
  "getters": async (_env, h) => {
    const stub = h.object();
    return [await stub.greeting, await stub.deep, await stub.deep.a.b, await stub.slow, await stub.deep.f(1)]
      .map((value) => (typeof value?.f === "function" ? Object.keys(value) : value));
  },
  "getters that fail": async (_env, h) => [
    await h.attempt(async () => await h.object().broken), await h.attempt(async () => await h.object().deep.nowhere.more),
    await h.attempt(async () => await h.object().deep.a.nowhere.d),
  ],
  "what is not there": async (_env, h) => [
    await h.attempt(() => h.object().nowhere()), await h.attempt(async () => await h.object().nowhere), await h.attempt(() => h.object().greeting()),
    await h.attempt(() => h.object().deep.a()),
  ],
  "what is hidden": async (_env, h) => {
    const results = [];
    for (const name of ["own", "ctx", "env", "log", "hidden", "shared", "prototype"]) {
      results.push([name, await h.attempt(async () => await h.object()[name])]);
    }
    return results.map(([name, found]) => [name, typeof found === "function" ? "a function" : found]);
  },
  "reserved names": async (_env, h) => {
    const results = [];
    for (const name of ["alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup"]) {
      results.push([name, await h.attempt(async () => typeof (await h.object()[name]()))]);
    }
    return results;
  },
  "what a stub has": (_env, h) => {
    const stub = h.object();
    return [typeof stub.fetch, typeof stub.anything, typeof stub.then, typeof stub.id, typeof stub.name, "echo" in stub];
  },
  "arguments that cannot be sent": async (_env, h) => [
    await h.attempt(() => h.object().echo(Symbol("s"))), await h.attempt(() => h.object().echo(new WeakMap())),
    await h.attempt(() => h.object().echo(new (class Point {})())), await h.attempt(() => h.object().echo({ deep: [new (class Inner {})()] })),
  ],
  "results that cannot be sent": async (_env, h) => {
    const results = [];
    for (const kind of ["symbol", "instance", "weakmap", "in object"]) results.push(await h.attempt(() => h.object().unsendable(kind)));
    return results;
  },
  "streams": async (_env, h) => [
    await new Response(await h.object().stream()).text(), await h.object().readStream(new Blob(["sent as a stream"]).stream()),
  ],
  "requests, responses and headers": async (_env, h) => {
    const response = await h.object().response();
    const request = await h.object().request();
    const headers = await h.object().headers();
    return [
      [response.status, response.statusText, response.headers.get("x-one"), await response.text()],
      [request.method, request.url, request.headers.get("x-two"), await request.text()], [...headers],
      await h.object().textOf(new Response("as an argument", { status: 202 })),
      await h.object().textOf(new Request("http://example.com/", { method: "POST", body: "as well" })),
    ];
  },
  "stubs of objects": async (env, h) => {
    await h.object("2").put("key", "of the second");
    return [await h.object().ask(h.object("2"), "key"), await (await h.object().echo(h.object("2"))).get("key")];
  },
  "the order of calls": async (_env, h) => {
    const stub = h.object();
    const calls = Array.from({ length: 20 }, (_, number) => stub.put("last", number));
    const last = stub.get("last");
    await Promise.all(calls);
    return [await last, await stub.get("last")];
  },
  "calls at once": async (_env, h) => {
    const stub = h.object();
    const counted = await Promise.all(Array.from({ length: 30 }, () => stub.increment("n")));
    return counted.sort((a, b) => a - b);
  },
  "fetch": async (_env, h) => {
    const stub = h.object();
    const sent = await stub.fetch("http://object/echo?q=1", { method: "POST", body: "sent", headers: { "x-one": "1" } });
    const request = await stub.fetch(new Request("http://object/echo", { method: "PUT", body: "again" }));
    const status = await stub.fetch("http://object/status?of=418");
    return [await sent.json(), await request.json(), [status.status, status.headers.get("x-status"), await status.text()]];
  },
  "fetch that fails": async (_env, h) => [
    await h.attempt(() => h.object().fetch("http://object/throw")), await h.attempt(() => h.object().fetch("http://object/nothing")),
    await h.attempt(() => h.object().fetch()), await h.attempt(() => h.object().fetch("no URL")),
    await h.attempt(() => h.other().fetch("http://object/")),
  ],
  "a class without a handler": async (_env, h) => h.attempt(() => h.other().alarmSet()),
};
