// Several sessions, their main objects and their ends: what an app's own stubs do not reach.

import assert from "node:assert/strict";
import test from "node:test";

import { propertyOf, read, RpcTarget, Session, settleBy, write } from "./core.mjs";

// Two coupled sessions; `main` is behind the stub of the first. Counts the messages. Calls of the first whose
// numbers are in `refused` do not arrive, and it is told so. `finish` is as of a transport.
function couple(main, finish = undefined) {
  const couple = { messages: 0, around: 0, refused: new Set() };
  const to = (side) => ({
    finish: side === "server" ? finish : undefined,
    send(message, _ends, call) {
      const bytes = write(message);
      couple.messages++;
      if (side === "server" && couple.refused.has(call)) {
        return queueMicrotask(() => couple.client.refused(call, new Error("refused")));
      }
      queueMicrotask(() => couple[side].receive(read(bytes)));
    },
  });
  couple.client = new Session(to("server"));
  couple.server = new Session(to("client"), main, (run, _come, _depth, _isMain, _path, settle) => {
    couple.around++;
    settleBy(run, settle);
  });
  couple.stub = new Proxy({}, { get: (_, name) => propertyOf(couple.client.remote(), name) });
  return couple;
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

class Counter extends RpcTarget {
  count = 0;
  increment(by = 1) { return this.count += by; }
  get value() { return this.count; }
}

// An object of a plain class.
class Main {
  field = 1;
  counter = new Counter();
  add(a, b) { return a + b; }
  getCounter() { return this.counter; }
  get property() { return { deep: { value: 7 } }; }
  call(fn) { return fn(2); }
  echo(value) { return value; }
  keep(value) { this.kept = value; }
  callKept() { return this.kept(1).catch(({ name, message }) => [name, message]); }
  never() { return new Promise(() => {}); }
  alarm() {}
}

class User extends RpcTarget {
  async use(target) { return [await target.increment(5), await target.value]; }
  keep(target) {
    this.kept = target.dup();
    return this.kept.dup();
  }
  give() { return this.kept.dup(); }
}

test("members of a plain class are in reach, its fields and handlers are not", async () => {
  const { stub } = couple(new Main());
  assert.equal(await stub.add(3, 4), 7);
  assert.equal(await stub.property.deep.value, 7);
  assert.equal(await stub.call((x) => x * 21), 42);
  await assert.rejects(async () => await stub.field, { name: "TypeError", message: 'The RPC receiver does not implement the method "field".' });
  await assert.rejects(async () => await stub.alarm(), { name: "TypeError", message: "'alarm' is a reserved method and cannot be called over RPC." });
  await assert.rejects(async () => await stub.constructor(), TypeError);
});

test("a session is finished when nobody refers to its results any more", async () => {
  const { client, stub } = couple(new Main());
  assert.ok(client.isFinished());
  const call = stub.add(1, 2);
  assert.equal(await call, 3);
  assert.ok(!client.isFinished(), "calls on the result may follow");
  call[Symbol.dispose]();
  assert.ok(client.isFinished());
  const counter = await stub.getCounter();
  await settle();
  assert.ok(!client.isFinished(), "a stub is held");
  counter[Symbol.dispose]();
});

test("reading a property leaves nothing behind", async () => {
  const { client, server, stub } = couple(new Main());
  for (let i = 0; i < 3; i++) assert.equal(await stub.property.deep.value, 7);
  await settle();
  assert.ok(client.isFinished());
  assert.ok(server.isUnused());
});

test("a chain of calls is one trip", async () => {
  const one = couple(new Main());
  const result = one.stub.getCounter().increment(3);
  assert.equal(one.messages, 2);
  assert.equal(await result, 3);
  // Both results, each once.
  assert.equal(one.messages, 4);
  assert.equal(one.around, 2);
});

test("stubs are passed on to a third side", async () => {
  const [first, second] = [couple(new Main()), couple(new User())];
  const counter = await first.stub.getCounter();
  assert.deepEqual(await second.stub.use(counter), [5, 5]);
  const back = await second.stub.keep(counter);
  assert.equal(await back.increment(), 6);
  assert.equal(await second.stub.give().increment(), 7);
  assert.equal(await counter.increment(), 8);
  // So are the results of calls that are under way.
  assert.deepEqual(await second.stub.use(first.stub.getCounter()), [13, 13]);
});

test("a target that could not be sent is not disposed of", async () => {
  const { stub } = couple(new User());
  const counter = new Counter();
  counter[Symbol.dispose] = () => assert.fail("disposed");
  await assert.rejects(async () => await stub.use(counter, Symbol("s")), { name: "DataCloneError" });
  assert.deepEqual(await stub.use(new Counter()), [5, 5]);
});

test("when a side gives up, calls fail and stubs are of no use", async () => {
  const one = couple(new Main());
  const counter = await one.stub.getCounter();
  const pending = one.stub.never();
  one.client.close(new RangeError("gone"));
  await assert.rejects(async () => await pending, { name: "RangeError", message: "gone" });
  await assert.rejects(async () => await counter.increment(), { message: "gone" });
  const other = couple(new Main());
  const waiting = other.stub.never();
  await settle();
  other.server.close(new TypeError("server gone"));
  await assert.rejects(async () => await waiting, { name: "TypeError", message: "server gone" });
});

test("a call that is refused fails, and so does what needs its result; others go on", async () => {
  const one = couple(new Main());
  one.refused.add(2);
  const target = new Counter();
  let disposed = 0;
  target[Symbol.dispose] = () => disposed++;
  const first = one.stub.add(1, 2);
  const refused = one.stub.echo(target);
  const onIt = refused.increment();
  const withIt = one.stub.echo([onIt]);
  const last = one.stub.add(3, 4);
  for (const call of [refused, onIt, withIt]) await assert.rejects(async () => await call, { message: "refused" });
  assert.deepEqual([await first, await last, disposed], [3, 7, 1]);
  for (const call of [first, refused, onIt, withIt, last]) call[Symbol.dispose]();
  await settle();
  assert.ok(one.client.isUnused() && one.server.isUnused());
});

test("what was received and is returned lives as long as the caller holds it", async () => {
  const one = couple(new Main());
  const target = new Counter();
  let disposed = 0;
  target[Symbol.dispose] = () => disposed++;
  const calls = [one.stub.echo(target)];
  const back = await calls[0];
  assert.deepEqual([await back.increment(), target.count, disposed], [1, 1, 0]);
  calls.push(one.stub.echo(back));
  const again = await calls[1];
  assert.deepEqual([await again.increment(), await back.value], [2, 2]);
  const { deep } = await one.stub.echo({ deep: [(x) => x * 3] });
  assert.equal(await deep[0](5), 15);
  assert.equal(await one.stub.echo((x) => x + 1)(1), 2);
  assert.equal(disposed, 0);
  for (const call of calls) call[Symbol.dispose]();
  await settle();
  assert.equal(disposed, 1);
});

test("a call of what is disposed of fails, and throws nothing at once", async () => {
  const one = couple(new Main());
  await one.stub.keep((x) => x);
  const message = "RPC stub used after being disposed.";
  assert.deepEqual(await one.stub.callKept(), ["Error", message]);
  const counter = await one.stub.getCounter();
  counter[Symbol.dispose]();
  await assert.rejects(async () => await counter.increment().more(), { message });
  await assert.rejects(async () => await counter.value, { message });
  assert.throws(() => counter.dup(), { message });
});

test("a member of a result is an argument, and is let go of with the call", async () => {
  const one = couple(new Main());
  const counter = one.stub.getCounter();
  assert.equal(await one.stub.add(counter.increment(4), counter.value), 8);
  const before = one.messages;
  assert.equal((await one.stub.echo([counter.value, counter.value])).length, 2);
  await settle();
  assert.equal(one.messages - before, 8, "three calls, three results, and that two of them are finished");
  await assert.rejects(async () => await one.stub.add(counter.value, Symbol("s")), { name: "DataCloneError" });
  counter[Symbol.dispose]();
});

test("that a small result is of no use any more is told in the transport's own time", async () => {
  const finished = [];
  const one = couple(new Main(), (id) => finished.push(id));
  const first = one.stub.add(1, 2);
  assert.equal(await first, 3);
  const before = one.messages;
  first[Symbol.dispose]();
  const counter = await one.stub.getCounter();
  counter[Symbol.dispose]();
  const never = one.stub.never();
  never[Symbol.dispose]();
  await settle();
  assert.deepEqual([finished, one.client.isFinished()], [[1], false], "neither a stub nor what is under way is small");
  assert.equal(one.messages - before, 5, "two calls, one result, and of no use a stub and a call");
  assert.ok(!one.server.isUnused());
  one.server.finished(finished);
  one.server.close(new Error("the end"));
  await settle();
  assert.ok(one.client.isClosed());
});

test("a call on a small result of which the other side knows that it is of no use fails", async () => {
  const one = couple(new Main(), () => {});
  const sum = one.stub.add(1, 2);
  assert.equal(await sum, 3);
  await assert.rejects(async () => await sum.more(), { name: "TypeError" });
  one.server.finished([1]);
  await assert.rejects(async () => await sum.more(), { message: "RPC result used after being disposed." });
});
