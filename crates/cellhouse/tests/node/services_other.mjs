// The app that services_cases.mjs calls.

import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

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

class Subscription extends RpcTarget {
  #listener;
  constructor(listener) {
    super();
    this.#listener = listener;
  }
  async publish(value) {
    await this.#listener(value);
  }
  [Symbol.dispose]() {
    this.#listener[Symbol.dispose]();
  }
}

export class Person extends WorkerEntrypoint {
  who() {
    return `somebody, not ${this.constructor.name.length}`;
  }
  props() {
    return this.ctx.props;
  }
}

export default class Other extends WorkerEntrypoint {
  field = "of the instance";
  #instance = 0;

  async fetch(request) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/echo":
        return Response.json({
          method: request.method, url: request.url, header: request.headers.get("x-a"), body: await request.text(),
        });
      case "/echo-body":
        return new Response(request.body);
      case "/cf":
        return Response.json(request.cf ?? null);
      case "/throw":
        throw new RangeError("thrown in fetch");
      case "/throw-string":
        throw "a string";
      case "/nothing":
        return undefined;
      case "/redirect":
        return new Response(null, { status: 302, headers: { location: "http://other/target" } });
      case "/target":
        return new Response("the target");
      case "/socket": {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("message", ({ data }) => server.send(`heard ${data}`));
        return new Response(null, { status: 101, webSocket: client });
      }
    }
    return new Response(`other ${url.pathname}${url.search}`, { status: 201, headers: { "x-other": "yes" } });
  }

  add(a, b) {
    return a + b;
  }
  async addLater(a, b) {
    await scheduler.wait(1);
    return a + b;
  }
  nothing() {}
  get getter() {
    return "got";
  }
  get nested() {
    return { deep: { value: 1 }, method: (x) => x * 2 };
  }
  throwType() {
    throw new TypeError("of a type");
  }
  throwCustom() {
    throw Object.assign(new Error("custom"), { name: "CustomError", code: 42 });
  }
  throwString() {
    throw "a string";
  }
  makeCounter(value) {
    return new Counter(value);
  }
  async incrementTwice(counter) {
    await counter.increment();
    return await counter.increment();
  }
  async callBack(f) {
    return await f(21);
  }
  makeFunction(factor) {
    return (value) => value * factor;
  }
  makeObject() {
    return { data: 1, twice: (value) => value * 2, counter: new Counter(1) };
  }
  subscribe(listener) {
    return new Subscription(listener.dup());
  }
  forget(listener) {
    return new Subscription(listener);
  }
  makeStream() {
    return new Response("of a stream").body;
  }
  async readAll(stream) {
    return await new Response(stream).text();
  }
  async writeAll(stream, text) {
    const writer = stream.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  }
  makeResponse() {
    return new Response("a response", { status: 203, headers: { "x-rpc": "1" } });
  }
  async read(request) {
    return [request.method, await request.text()];
  }
  echo(value) {
    return value;
  }
  makeInstance() {
    return new (class Foo {})();
  }
  countOfInstance() {
    return ++this.#instance;
  }
  async useService(service) {
    return await (await service.fetch("http://x/self")).text();
  }
  hello(target) {
    return target.hello();
  }
  tellLater(listener) {
    const kept = listener.dup();
    this.ctx.waitUntil(scheduler.wait(5).then(() => kept("later")));
    return "now";
  }
  exportsOf() {
    return Object.keys(this.ctx.exports).sort();
  }
}
