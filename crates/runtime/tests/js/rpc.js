// RPC through stubs of an app's own objects: the same sessions and messages as between isolates.

import { RpcPromise, RpcStub, RpcTarget } from "cloudflare:workers";

class Counter extends RpcTarget {
  #count;
  field = "hidden";

  constructor(count = 0) {
    super();
    this.#count = count;
  }
  increment(by = 1) { return this.#count += by; }
  get value() { return this.#count; }
  get later() { return Promise.resolve(this.#count); }
  get self() { return this; }
  async slow(value) { await wait(2); return value; }
}

class Service extends RpcTarget {
  disposed = [];
  kept = undefined;

  counter(count) { return new Counter(count); }
  object() { return { data: 5, double: (x) => x * 2, counter: new Counter(10) }; }
  adder() { let sum = 0; return (by) => (sum += by); }
  echo(...args) { return args.length === 1 ? args[0] : args; }
  count(...args) { return args.length; }
  async use(target) { return [await target.increment(5), await target.value]; }
  async call(fn, ...args) { return await fn(...args); }
  keep(target) { this.kept = target.dup(); }
  async useKept() { return await this.kept.increment(); }
  keepBadly(target) { this.kept = target; }
  throwing(error) { throw error; }
  throwCustom() { throw Object.assign(new RangeError("bad", { cause: new Error("inner") }), { name: "MyError", code: 42 }); }
  unsendable() { return new (class NotSerializable {})(); }
  stream() {
    return new ReadableStream({ start(c) { c.enqueue(bytes("stream ")); c.enqueue(bytes("over rpc")); c.close(); } });
  }
  async read(stream) { return await new Response(stream).text(); }
  response() { return new Response("rpc body", { status: 201, headers: { "x-rpc": "1" } }); }
  request() { return new Request("http://x/y", { method: "POST", body: "abc", headers: { "x-q": "2" } }); }
  headers() { return new Headers([["a", "1"], ["b", "2"]]); }
  async textOf(message) { return [Object.prototype.toString.call(message), await message.text()]; }
  async write(stream) { const writer = stream.getWriter(); await writer.write(bytes("written")); await writer.close(); }
}

const service = () => new RpcStub(new Service());

test("calls and reads", async () => {
  const stub = service();
  equal(await stub.echo(1, "b", { c: 3 }), [1, "b", { c: 3 }]);
  equal([await stub.count(), await stub.count(undefined, undefined), await stub.echo(undefined)], [0, 2, undefined]);
  const counter = await stub.counter(5);
  equal([await counter.increment(), await counter.increment(10), await counter.value, await counter.later], [6, 16, 16, 16]);
  ok(counter instanceof RpcStub);
  ok(stub.count() instanceof RpcPromise);
  equal([typeof counter.then, typeof stub.count().then], ["undefined", "function"]);
});

test("calls on results do not wait for them", async () => {
  const stub = service();
  equal(await stub.counter(5).increment(3), 8);
  equal(await stub.object().counter.value, 10);
  equal(await stub.counter(1).self.self.increment(), 2);
  equal(await stub.object().double(21), 42);
  equal(await stub.echo({ deep: { value: 7 } }).deep.value, 7);
  equal(await stub.adder()(4), 4);
  // A result as an argument: its value arrives.
  equal(await stub.echo(stub.counter(3).value, [stub.count(1, 2)]), [3, [2]]);
  equal(await stub.use(stub.counter(1)), [6, 6]);
});

test("failures go along a chain", async () => {
  const stub = service();
  await throws(() => stub.throwing(new TypeError("first")).a.b().c, "TypeError", "first");
  await throws(() => stub.echo(stub.throwing(new TypeError("argument"))), "TypeError", "argument");
  await throws(() => stub.missing().a, "TypeError", 'The RPC receiver does not implement the method "missing".');
});

test("functions and targets by reference, both ways", async () => {
  const stub = service();
  const add = await stub.adder();
  equal([typeof add, await add(2), await add(3)], ["function", 2, 5]);
  const object = await stub.object();
  equal([object.data, await object.double(21), await object.counter.increment(1)], [5, 42, 11]);
  const mine = new Counter();
  equal([await stub.use(mine), mine.value], [[5, 5], 5]);
  equal(await stub.call((a, b) => a + b, 1, 2), 3);
  await throws(() => stub.call(() => { throw new RangeError("from callback"); }), "RangeError", "from callback");
});

test("what is hidden", async () => {
  const stub = service();
  const counter = await stub.counter(1);
  for (const name of ["field", "nothing"]) {
    await throws(() => stub.counter(1)[name], "TypeError", `The RPC receiver does not implement the method "${name}".`);
  }
  // What every object has is the stub's own.
  const promise = stub.counter(1);
  equal(promise.constructor.name, "RpcPromise");
  equal(promise.toString, Object.prototype.toString);
  equal(promise.hasOwnProperty, Object.prototype.hasOwnProperty);
  await throws(() => counter.value(), "TypeError", '"value" is not a function.');
  await throws(() => { counter.value = 1; }, "TypeError");
  await throws(() => stub.echo("text").length, "TypeError");
});

test("errors", async () => {
  const stub = service();
  const error = await throws(() => stub.throwCustom(), "MyError", "bad");
  equal([error instanceof RangeError, error.code, error.remote, error.cause.message], [true, 42, true, "inner"]);
  ok(error.stack.includes("throwCustom"));
  const text = await throws(() => stub.throwing("just a string"), "Error", "just a string");
  ok(text instanceof Error);
  let thrown;
  await stub.throwing({ a: 1 }).catch((value) => (thrown = value));
  equal(thrown.a, 1);
  const message = (name) => `Could not serialize object of type "${name}". This type does not support serialization.`;
  await throws(() => stub.unsendable(), "DataCloneError", message("NotSerializable"));
  class Foo {}
  await throws(async () => stub.echo(new Foo()), "DataCloneError", message("Foo"));
  await throws(async () => stub.echo({ blob: new Blob() }), "DataCloneError", message("Blob"));
  await throws(async () => stub.echo(Symbol("s")), "DataCloneError", "Symbol(s) could not be cloned.");
  await throws(() => new RpcPromise(), "TypeError", "Illegal constructor");
});

test("calls begin in order", async () => {
  const order = [];
  const stub = new RpcStub({ note: (value) => { order.push(value); }, later: async (value) => (await wait(1), value), get read() { order.push("read"); return 1; } });
  await Promise.all([stub.note(1), stub.note(stub.later(2)), stub.note(3), stub.read, stub.note(stub.note(4)), stub.note(5)]);
  // A read is sent when it is awaited, which is here after the calls.
  equal(order, [1, 2, 3, 4, undefined, 5, "read"]);
});

test("disposal", async () => {
  const log = [];
  class Watched extends RpcTarget {
    constructor(name) { super(); this.name = name; }
    hello() { return this.name; }
    [Symbol.dispose]() { log.push(this.name); }
  }
  const stub = new RpcStub({ make: (name) => new Watched(name), pair: () => ({ a: new Watched("a"), b: new Watched("b") }), use: (target) => target.hello() });
  const first = await stub.make("first");
  const second = first.dup();
  first[Symbol.dispose]();
  await throws(async () => first.hello(), "Error", "RPC stub used after being disposed.");
  equal([await second.hello(), log], ["first", []]);
  second[Symbol.dispose]();
  await wait();
  equal(log, ["first"]);
  const pair = await stub.pair();
  equal([await pair.a.hello(), await pair.b.hello()], ["a", "b"]);
  pair[Symbol.dispose]();
  await wait();
  equal(log, ["first", "a", "b"]);
  // An argument lives as long as the call.
  equal(await stub.use(new Watched("argument")), "argument");
  await wait();
  equal(log.at(-1), "argument");
});

test("a promise that was disposed of", async () => {
  const promise = service().counter(1);
  promise[Symbol.dispose]();
  await throws(async () => promise.increment(), "Error", "RPC promise used after being disposed.");
  const text = service().echo("its value");
  text[Symbol.dispose]();
  equal(await text, "its value");
});

test("who wants to keep an argument makes a dup()", async () => {
  const stub = service();
  const counter = new Counter(1);
  await stub.keep(counter);
  equal([await stub.useKept(), await stub.useKept(), counter.value], [2, 3, 3]);
  await stub.keepBadly(counter);
  await throws(() => stub.useKept(), "Error", "RPC stub used after being disposed.");
});

test("streams", async () => {
  const stub = service();
  const stream = await stub.stream();
  ok(stream instanceof ReadableStream);
  equal(await new Response(stream).text(), "stream over rpc");
  equal(await stub.read(new Response("to the other side").body), "to the other side");
  const { readable, writable } = new TransformStream();
  const written = stub.write(writable);
  equal(await new Response(readable).text(), "written");
  await written;
  let cancelled;
  const endless = new ReadableStream({ pull(c) { c.enqueue(bytes("x")); }, cancel(reason) { cancelled = reason; } });
  const back = await stub.echo(endless);
  await back.cancel("enough");
  equal(cancelled, "enough");
  const failing = await stub.echo(new ReadableStream({ pull() { throw new RangeError("broken"); } }));
  await throws(() => new Response(failing).text(), "RangeError", "broken");
  const strings = await stub.echo(new ReadableStream({ start(c) { c.enqueue("text é"); c.close(); } }));
  equal(await new Response(strings).text(), "text é");
  const numbers = await stub.echo(new ReadableStream({ start(c) { c.enqueue(5); c.close(); } }));
  await throws(() => new Response(numbers).text(), "TypeError");
});

test("requests, responses, headers", async () => {
  const stub = service();
  const response = await stub.response();
  equal([response instanceof Response, response.status, response.headers.get("x-rpc"), await response.text()], [true, 201, "1", "rpc body"]);
  const request = await stub.request();
  equal([request instanceof Request, request.method, request.url, request.headers.get("x-q"), await request.text()], [true, "POST", "http://x/y", "2", "abc"]);
  equal([...await stub.headers()], [["a", "1"], ["b", "2"]]);
  equal(await stub.textOf(new Response("resp")), ["[object Response]", "resp"]);
  equal(await stub.textOf(new Request("http://x/", { method: "POST", body: "req" })), ["[object Request]", "req"]);
  equal((await stub.echo(new Response(null, { status: 204 }))).body, null);
  const cookies = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
  equal((await stub.echo(cookies)).getSetCookie(), ["a=1", "b=2"]);
});

test("a failure that nobody awaits stops nothing", async () => {
  const stub = service();
  stub.throwing(new Error("unseen"));
  stub.missing.a.b;
  await wait();
  equal(await stub.echo("goes on"), "goes on");
});
