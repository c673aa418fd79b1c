// The objects of the cases: `Thing`, with a method or a path for all that a case asks from outside, and
// `Other`, which has neither fetch() nor alarm().

import { DurableObject, RpcTarget } from "cloudflare:workers";

import { cases } from "./cases.js";
import { helpers, sleep } from "./helpers.js";
import { runProgram } from "./program.js";
import { settle } from "./show.js";
import { socketMethods } from "./sockets.js";

export class Tally extends RpcTarget {
  #total;
  field = "hidden";

  constructor(total, disposed) {
    super();
    this.#total = total;
    this.disposed = disposed;
  }

  add(by) {
    return (this.#total += by);
  }

  get total() {
    return this.#total;
  }

  get next() {
    return new Tally(this.#total + 1);
  }

  fail() {
    throw new RangeError("the tally fails");
  }

  [Symbol.dispose]() {
    this.disposed?.();
  }
}

let made = 0;

export class Thing extends DurableObject {
  log = [];
  made = ++made;

  constructor(ctx, env) {
    super(ctx, env);
    const plan = ctx.storage.kv.get("constructor");
    if (plan === "throws") throw new RangeError("it cannot be made");
    if (plan === "throws later") {
      ctx.blockConcurrencyWhile(async () => {
        await sleep(1);
        throw new TypeError("it is never ready");
      });
    }
    if (plan === "blocks") {
      ctx.blockConcurrencyWhile(async () => {
        this.log.push("starts");
        await sleep(20);
        this.log.push("is ready");
      });
    }
  }

  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/abort-caught") return new Response(this.abortCaught("caught in fetch"));
    if (url.pathname === "/case") {
      const name = url.searchParams.get("name");
      const h = helpers(name, this.env);
      return Response.json(await settle(() => cases[name].inside(this.ctx, h, this)));
    }
    return await socketMethods.fetch(this, url, request);
  }

  webSocketMessage(socket, message) {
    return socketMethods.message(this, socket, message);
  }

  webSocketClose(socket, code, reason, wasClean) {
    return socketMethods.close(this, socket, code, reason, wasClean);
  }

  webSocketError(_socket, error) {
    this.log.push(["error", `${error}`]);
  }

  async alarm(info) {
    const { storage } = this.ctx;
    const told = (await storage.get("told")) ?? [];
    told.push({ isRetry: info.isRetry, retryCount: info.retryCount, inside: await storage.getAlarm() });
    await storage.put("told", told);
    const plan = await storage.get("plan");
    if (plan === "again" && told.length < 3) await storage.setAlarm(Date.now() + 5);
    if (plan === "set and delete") {
      await storage.setAlarm(Date.now() + 5);
      await storage.deleteAlarm();
    }
    if (plan === "delete") await storage.put("deleted", [await storage.getAlarm(), await storage.deleteAlarm()]);
    if (plan === "far") await storage.setAlarm(4_000_000_000_000);
    if (plan === "delete all") {
      await storage.deleteAll();
      await storage.put("told", ["deleted all"]);
    }
    if (plan === "fail once" && told.length === 1) throw new Error("not this time");
    if (plan === "set, then fail" && told.length === 1) {
      await storage.setAlarm(Date.now() + 30);
      throw new Error("not this time");
    }
    if (plan === "slow") {
      await sleep(30);
      await storage.put("slow", "done");
    }
  }

  // Runs code of a case; `steps` of the gates and alarms are written to `this.log`.
  async run(name, step, ...more) {
    return await cases[name].steps[step](this, ...more);
  }

  program(operations) {
    return runProgram(this, operations);
  }

  takeLog() {
    return this.log.splice(0);
  }

  instance() {
    return this.made;
  }

  async get(key) {
    return await this.ctx.storage.get(key);
  }

  async put(key, value) {
    await this.ctx.storage.put(key, value);
  }

  async plan(plan, delay) {
    await this.ctx.storage.put("plan", plan);
    await this.ctx.storage.setAlarm(Date.now() + delay);
  }

  alarmTime() {
    return this.ctx.storage.getAlarm();
  }

  idOf() {
    return [this.ctx.id.name, this.ctx.id.toString().length];
  }

  abort(reason) {
    this.ctx.abort(reason);
  }

  abortCaught(reason) {
    try {
      this.ctx.abort(reason);
    } catch {
      return "it goes on";
    }
  }

  async block() {
    await this.ctx.blockConcurrencyWhile(async () => {
      throw new SyntaxError("the block fails");
    });
  }

  // What RPC carries.
  echo(...values) {
    return values.length === 1 ? values[0] : values;
  }

  kinds(...values) {
    return values.map((value) => Object.prototype.toString.call(value));
  }

  async later(value) {
    await sleep(2);
    return value;
  }

  fail(kind) {
    switch (kind) {
      case "string": throw "only a string";
      case "object": throw { code: 5 };
      case "undefined": throw undefined;
      case "cause": throw new Error("outer", { cause: new TypeError("inner") });
      case "dom": throw new DOMException("not here", "NotFoundError");
      case "custom": {
        class Custom extends Error {
          name = "Custom";
          code = 7;
          details = { list: [1, new Date(0)] };
        }
        throw new Custom("made to measure");
      }
      case "aggregate": throw new AggregateError([new Error("one"), new RangeError("two")], "several");
    }
    throw new globalThis[kind]("it fails");
  }

  async failLater() {
    await sleep(2);
    throw new RangeError("failed later");
  }

  tally(from = 0) {
    return new Tally(from, () => this.log.push("disposed"));
  }

  tallies() {
    return { list: [new Tally(1), new Tally(2)], named: { deep: new Tally(3) }, plain: "text" };
  }

  adder(from) {
    return (by) => (from += by);
  }

  functions() {
    return { double: (x) => x * 2, nested: { fail: () => { throw new EvalError("a function fails"); } } };
  }

  async call(callback, ...values) {
    return await callback(...values);
  }

  async callLater(callback) {
    this.ctx.waitUntil((async () => {
      await sleep(5);
      this.log.push(await callback("later").catch((error) => `${error.name}`));
    })());
    return "called";
  }

  async keep(callback) {
    this.kept = callback.dup();
    return "kept";
  }

  async callKept(value) {
    return await this.kept(value);
  }

  async useTally(tally) {
    return [await tally.add(2), await tally.total, await tally.add(3)];
  }

  async ask(stub, key) {
    return await stub.get(key);
  }

  get greeting() {
    return "hello";
  }

  get deep() {
    return { a: { b: [1, { c: "found" }] }, f: (x) => x + 1 };
  }

  get slow() {
    return sleep(2).then(() => "a promise of a getter");
  }

  get broken() {
    throw new URIError("the getter fails");
  }

  own = "a field";

  #hidden() {}

  static shared() {}

  unsendable(kind) {
    switch (kind) {
      case "symbol": return Symbol("s");
      case "instance": return new (class Point { x = 1; })();
      case "weakmap": return new WeakMap();
      case "in object": return { deep: [new (class Inner {})()] };
    }
  }

  stream() {
    return new Blob(["a stream of bytes"]).stream();
  }

  async readStream(stream) {
    return await new Response(stream).text();
  }

  response() {
    return new Response("a body", { status: 203, statusText: "Fine", headers: { "x-one": "1" } });
  }

  request() {
    return new Request("http://example.com/path?q=1", { method: "PUT", body: "sent", headers: { "x-two": "2" } });
  }

  headers() {
    return new Headers({ b: "2", a: "1" });
  }

  async textOf(message) {
    return [message.constructor.name, message.method ?? message.status, await message.text()];
  }

  disposable() {
    return { value: 1, tally: new Tally(0, () => this.log.push("disposed")) };
  }

  async increment(key, pause) {
    const { storage } = this.ctx;
    const value = (await storage.get(key)) ?? 0;
    if (pause !== undefined) await sleep(pause);
    await storage.put(key, value + 1);
    return value + 1;
  }
}

export class Other extends DurableObject {
  async deposit(amount) {
    const total = ((await this.ctx.storage.get("total")) ?? 0) + amount;
    await this.ctx.storage.put("total", total);
    return total;
  }

  async pause(milliseconds) {
    await sleep(milliseconds);
  }

  async alarmSet() {
    await this.ctx.storage.setAlarm(Date.now() + 1000);
  }
}
