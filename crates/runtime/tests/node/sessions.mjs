// Several sessions, their main objects and their ends: what an app's own stubs do not reach.

import assert from "node:assert/strict";
import test from "node:test";

import { propertyOf, RpcTarget, Session } from "./core.mjs";

// Two coupled sessions; `main` is behind the stub of the first. Counts the messages.
function couple(main) {
  const couple = { messages: 0, around: 0 };
  const to = (side) => ({
    send(bytes) {
      couple.messages++;
      queueMicrotask(() => couple[side].receive(bytes));
    },
  });
  couple.client = new Session(to("server"));
  couple.server = new Session(to("client"), main, (run) => {
    couple.around++;
    return run();
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
  assert.throws(() => stub.use(counter, Symbol("s")), { name: "DataCloneError" });
  assert.deepEqual(await stub.use(new Counter()), [5, 5]);
});

test("when a side gives up, calls fail and stubs are of no use", async () => {
  const one = couple(new Main());
  const counter = await one.stub.getCounter();
  const pending = one.stub.never();
  one.client.close(new RangeError("gone"));
  await assert.rejects(async () => await pending, { name: "RangeError", message: "gone" });
  assert.throws(() => counter.increment(), { message: "gone" });
  const other = couple(new Main());
  const waiting = other.stub.never();
  await settle();
  other.server.close(new TypeError("server gone"));
  await assert.rejects(async () => await waiting, { name: "TypeError", message: "server gone" });
});
