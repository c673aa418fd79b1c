// Calls and requests between an app and its objects, through the sessions and ops that lead out of an isolate.

import { DurableObject, RpcTarget } from "cloudflare:workers";

let instances = 0;

class Watched extends RpcTarget {
  constructor(log, name) { super(); this.log = log; this.name = name; }
  hello() { return this.name; }
  [Symbol.dispose]() { this.log.push(`disposed ${this.name}`); }
}

const gzip = async (text) => {
  const packed = new Response(text).body.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
};
const unzip = (data) => new Response(new Response(data).body.pipeThrough(new DecompressionStream("gzip"))).text();

export class Thing extends DurableObject {
  instance = ++instances;
  log = [];
  read() { return this.log; }
  number() { return this.instance; }
  make(name) { return new Watched(this.log, name); }
  add() { let sum = 0; return (by) => (sum += by); }
  async many(fn, times) { return (await Promise.all(Array.from({ length: times }, (_, n) => fn(n)))).reduce((a, b) => a + b); }
  die() { this.ctx.abort("on purpose"); }
  fail() { throw new RangeError("failed"); }
  test() { return "tested"; }
  queue() { return "queued"; }

  async watch(signal) {
    const before = signal.aborted;
    if (!before) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return [before, signal.aborted, signal.reason];
  }
  keepSignal(signal) { signal.addEventListener("abort", () => this.log.push(`kept: ${signal.reason}`)); }
  signal(reason) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 1);
    return controller.signal;
  }
  timeout() { return AbortSignal.timeout(1); }

  upgraded() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", ({ data }) => server.send(`echo ${data}`));
    return new Response(null, { status: 101, webSocket: client, headers: { "x-over": "rpc" } });
  }
  take(socket) {
    socket.accept();
    socket.addEventListener("message", ({ data }) => socket.send(`taken ${data}`));
    socket.send("welcome");
  }
  takeAsleep(socket) { this.ctx.acceptWebSocket(socket, ["given"]); }
  async webSocketMessage(socket, message) {
    this.log.push(message);
    if (message === "forever") await new Promise((resolve) => setTimeout(resolve, 1e8));
    socket.send(`${message} by ${this.ctx.getTags(socket)}`);
  }
  limit(time) {
    if (time !== undefined) this.ctx.setHibernatableWebSocketEventTimeout(time);
    return this.ctx.getHibernatableWebSocketEventTimeout();
  }

  endless() {
    const { log } = this;
    return new ReadableStream({
      type: "bytes",
      pull(controller) { controller.enqueue(bytes("x")); },
      cancel(reason) { log.push(`cancelled: ${reason}`); },
    });
  }

  async fetch(request) {
    const { pathname } = new URL(request.url);
    const packed = { "content-encoding": "gzip" };
    const { log } = this;
    request.signal.addEventListener("abort", () => log.push(`${request.signal.reason}`));
    switch (pathname) {
      case "/manual":
        return new Response(await gzip("by hand"), { encodeBody: "manual", headers: packed });
      case "/manual-stream":
        return new Response(new Response(await gzip("by hand")).body, { encodeBody: "manual", headers: packed });
      case "/manual-other":
        return new Response(bytes("opaque"), { encodeBody: "manual", headers: { "content-encoding": "zstd" } });
      case "/automatic":
        return new Response("by itself", { headers: packed });
      case "/empty":
        return new Response(null, { status: 204, headers: packed });
      case "/length": {
        const { readable, writable } = new FixedLengthStream(5);
        const writer = writable.getWriter();
        writer.write(bytes("12345"));
        writer.close();
        return new Response(readable);
      }
      case "/hang":
        log.push("begun");
        this.ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 20)).then(() => log.push("waited")));
        await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
        log.push("goes on");
        return new Response("late");
      case "/endless":
        return new Response(this.endless());
      case "/silent":
        return new Response(new ReadableStream({ cancel() { log.push("cancelled"); } }));
      case "/upload":
        try {
          for await (const _ of request.body) log.push("piece");
        } catch (error) {
          log.push(`${error}`);
        }
        return new Response("uploaded");
      case "/leave-stubs": {
        const other = this.env.THINGS.getByName(request.headers.get("x-other"));
        const stub = await other.make("left behind");
        return new Response(await stub.hello());
      }
    }
    return Response.json(this.log);
  }
}

const named = (env, name) => env.THINGS.getByName(name);
const url = (path) => `http://thing.test${path}`;

// Waits until the object's log says so.
async function until(thing, done) {
  for (;;) {
    const log = await thing.read();
    if (done(log)) return log;
    await wait(1);
  }
}

// ---- signals

test("a signal that is aborted while the call runs", async (env) => {
  const thing = named(env, "signals");
  const ask = async (...reason) => {
    const controller = new AbortController();
    const answer = thing.watch(controller.signal);
    await thing.read();
    controller.abort(...reason);
    return await answer;
  };
  const [before, after, reason] = await ask(new TypeError("enough"));
  equal([before, after, reason instanceof TypeError, reason.message], [false, true, true, "enough"]);
  equal((await ask({ code: 5 }))[2].code, 5);
  equal((await ask())[2].name, "AbortError");
  // What has no clone is an AbortError.
  equal((await ask(Symbol("none")))[2].name, "AbortError");
});

test("signals that are aborted, that depend on others, and timers", async (env) => {
  const thing = named(env, "signals");
  equal((await thing.watch(AbortSignal.abort("before"))), [true, true, "before"]);
  const controller = new AbortController();
  const any = thing.watch(AbortSignal.any([controller.signal, AbortSignal.timeout(60_000)]));
  await thing.read();
  controller.abort("one of them");
  equal(await any, [false, true, "one of them"]);
  equal((await thing.watch(AbortSignal.timeout(1)))[2].name, "TimeoutError");
});

test("a signal outlives its call", async (env) => {
  const thing = named(env, "kept-signal");
  const controller = new AbortController();
  await thing.keepSignal(controller.signal);
  controller.abort("later");
  equal(await until(thing, (log) => log.length > 0), ["kept: later"]);
});

test("a signal as a result", async (env) => {
  const thing = named(env, "signals");
  for (const signal of [await thing.signal("mine"), await thing.timeout()]) {
    ok(signal instanceof AbortSignal);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    ok(["mine", "TimeoutError"].includes(signal.reason.name ?? signal.reason));
  }
});

// ---- WebSockets

const next = (socket) => new Promise((resolve) => socket.addEventListener("message", (event) => resolve(event.data), { once: true }));

test("a response with a WebSocket", async (env) => {
  const response = await named(env, "sockets").upgraded();
  equal([response.status, response.headers.get("x-over")], [101, "rpc"]);
  const { webSocket } = response;
  webSocket.accept();
  const answer = next(webSocket);
  webSocket.send("hi");
  equal(await answer, "echo hi");
  webSocket.close(1000, "done");
});

test("a WebSocket that is given to an object", async (env) => {
  const thing = named(env, "sockets");
  const [mine, its] = Object.values(new WebSocketPair());
  mine.accept();
  const welcome = next(mine);
  await thing.take(its);
  equal(await welcome, "welcome");
  const answer = next(mine);
  mine.send("over");
  equal(await answer, "taken over");
  mine.close();
  const [my, asleep] = Object.values(new WebSocketPair());
  my.accept();
  await thing.takeAsleep(asleep);
  const reply = next(my);
  my.send("hello");
  equal(await reply, "hello by given");
  my.close();
  await throws(async () => thing.take(its), "TypeError");
});

test("an event of a socket that takes too long resets the object", async (env) => {
  const thing = named(env, "limited");
  equal(await thing.limit(), null);
  equal(await thing.limit(604_800_000), 604_800_000);
  await throws(() => thing.limit(604_800_001), "Error", "Event timeout should not exceed 604800000 ms.");
  await throws(() => thing.limit(-1), "TypeError");
  equal(await thing.limit(0), null);
  const [mine, its] = Object.values(new WebSocketPair());
  mine.accept();
  await thing.takeAsleep(its);
  const before = await thing.number();
  equal(await thing.limit(20), 20);
  const broken = new Promise((resolve) => thing.onRpcBroken(resolve));
  mine.send("forever");
  equal((await broken).message, "Actor exceeded event execution time and was disconnected.");
  ok(await thing.number() > before);
  // The limit and the socket are the object's, whatever its instance.
  equal(await thing.limit(), 20);
  const answer = next(mine);
  mine.send("again");
  equal(await answer, "again by given");
  mine.close();
});

// ---- stubs

test("what breaks a stub is told", async (env) => {
  const thing = named(env, "broken");
  const told = [];
  const note = (name) => (error) => told.push(`${name}: ${error.message}`);
  const stub = await thing.make("stub");
  stub.onRpcBroken(note("stub"));
  thing.onRpcBroken(note("object"));
  stub.hello().onRpcBroken(note("result"));
  const failing = thing.fail();
  failing.onRpcBroken(note("failing"));
  await throws(() => failing, "RangeError", "failed");
  const disposed = await thing.make("disposed");
  disposed.onRpcBroken(note("disposed"));
  disposed[Symbol.dispose]();
  await thing.read();
  equal(told, ["failing: failed"]);
  await throws(() => thing.die(), "Error", "on purpose");
  await wait(1);
  equal(told.sort(), ["failing: failed", "object: on purpose", "stub: on purpose"]);
  stub.onRpcBroken(note("late"));
  await wait(1);
  equal(told.includes("late: on purpose"), true);
  await throws(async () => stub.onRpcBroken(), "TypeError");
});

test("a stub that nobody disposes of goes with its event", async (env) => {
  const keeper = named(env, "keeper");
  const response = await named(env, "leaver").fetch(url("/leave-stubs"), { headers: { "x-other": "keeper" } });
  equal(await response.text(), "left behind");
  equal(await until(keeper, (log) => log.length > 0), ["disposed left behind"]);
});

test("a stub outlives its call, and functions are called many times at once", async (env) => {
  const thing = named(env, "functions");
  const add = await thing.add();
  const sums = await Promise.all(Array.from({ length: 500 }, () => add(1)));
  equal(Math.max(...sums), 500);
  equal(await thing.many((n) => n * 2, 500), 249_500);
});

test("names of handlers that objects do not have are methods; a stub is shown as one", async (env) => {
  const thing = named(env, "names");
  equal([await thing.test(), await thing.queue(), `${thing}`], ["tested", "queued", "[object DurableObject]"]);
  for (const name of ["alarm", "dup", "webSocketMessage"]) {
    await throws(() => thing[name](), "TypeError", `'${name}' is a reserved method and cannot be called over RPC.`);
  }
});

// ---- encodings

const look = async (response) => [response.headers.get("content-encoding"), await response.text()];

test("what an object has encoded is decoded for who looks into it", async (env) => {
  const thing = named(env, "encodings");
  equal(await look(await thing.fetch(url("/manual"))), ["gzip", "by hand"]);
  equal(await look(await thing.fetch(url("/manual-stream"))), ["gzip", "by hand"]);
  equal(await look(await thing.fetch(url("/automatic"))), ["gzip", "by itself"]);
  equal(await look(await thing.fetch(url("/manual-other"))), ["zstd", "opaque"]);
  const response = await thing.fetch(url("/manual"));
  const [first, second] = [response.clone(), response];
  equal([await first.text(), await second.text()], ["by hand", "by hand"]);
  await throws(() => response.text(), "TypeError");
  const reader = (await thing.fetch(url("/manual"))).body.getReader({ mode: "byob" });
  equal(text((await reader.read(new Uint8Array(100))).value), "by hand");
});

test("a caller that wants it gets what is encoded", async (env) => {
  const thing = named(env, "encodings");
  for (const [path, content] of [["/manual", "by hand"], ["/automatic", "by itself"]]) {
    const response = await thing.fetch(url(path), { encodeResponseBody: "manual" });
    equal([response.headers.get("content-encoding"), await unzip(await response.arrayBuffer())], ["gzip", content]);
  }
});

test("HEAD, no content, and lengths", async (env) => {
  const thing = named(env, "encodings");
  const head = await thing.fetch(url("/length"), { method: "HEAD" });
  equal([head.headers.get("content-length"), head.body], ["5", null]);
  const empty = await thing.fetch(url("/empty"));
  equal([empty.status, empty.body, await empty.text()], [204, null, ""]);
});

// ---- who goes away

test("a signal ends a request", async (env) => {
  const thing = named(env, "aborts");
  const controller = new AbortController();
  const answer = thing.fetch(url("/hang"), { signal: controller.signal });
  controller.abort(new TypeError("not needed"));
  await throws(() => answer, "TypeError", "not needed");
  await throws(() => thing.fetch(url("/hang"), { signal: AbortSignal.abort("before") }).catch((reason) => { throw new Error(reason); }), "Error", "before");
});

test("the object sees it, and goes on", async (env) => {
  const thing = named(env, "seen");
  const controller = new AbortController();
  const answer = thing.fetch(new Request(url("/hang"), { signal: controller.signal }));
  await until(thing, (log) => log.includes("begun"));
  controller.abort("gone");
  await answer.catch(() => {});
  const log = await until(thing, (log) => log.includes("waited"));
  equal(log, ["begun", "AbortError: The client has disconnected", "goes on", "waited"]);
});

test("a signal ends the body of an answer", async (env) => {
  const thing = named(env, "bodies");
  for (const path of ["/endless", "/silent"]) {
    const controller = new AbortController();
    const response = await thing.fetch(url(path), { signal: controller.signal });
    const reading = new Response(response.body).text();
    controller.abort(new RangeError("no more"));
    await throws(() => reading, "RangeError", "no more");
  }
  await until(thing, (log) => log.filter((line) => line.startsWith("cancelled")).length === 2);
});

test("who cancels the body of an answer ends it for the object", async (env) => {
  const thing = named(env, "cancels");
  for (const path of ["/endless", "/silent"]) {
    const response = await thing.fetch(url(path));
    const reader = response.body.getReader();
    if (path === "/endless") await reader.read();
    await reader.cancel();
  }
  await until(thing, (log) => log.filter((line) => line.startsWith("cancelled")).length === 2);
});

test("a stream over RPC that is cancelled half-way", async (env) => {
  const thing = named(env, "streams");
  const reader = (await thing.endless()).getReader();
  await reader.read();
  await reader.cancel("enough");
  equal(await until(thing, (log) => log.length > 0), ["cancelled: enough"]);
});
