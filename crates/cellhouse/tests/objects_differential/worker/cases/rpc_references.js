// RPC: functions and targets by reference, pipelining, disposal.

import { RpcStub, RpcTarget } from "cloudflare:workers";

class Local extends RpcTarget {
  #total = 0;

  constructor(disposed) {
    super();
    this.disposed = disposed;
  }

  add(by) {
    return (this.#total += by);
  }

  get total() {
    return this.#total;
  }

  [Symbol.dispose]() {
    this.disposed?.();
  }
}

export default {
  "a target that is returned": async (_env, h) => {
    const tally = await h.object().tally(5);
    return [await tally.add(1), await tally.add(2), await tally.total, typeof tally, await h.attempt(async () => await tally.field)];
  },
  "targets within a value": async (_env, h) => {
    const { list, named, plain } = await h.object().tallies();
    return [await list[0].total, await list[1].add(5), await named.deep.total, plain];
  },
  "a target's own target": async (_env, h) => {
    const tally = await h.object().tally(1);
    return [await tally.next.total, await tally.next.next.total, await (await tally.next).add(10)];
  },
  "a target that fails": async (_env, h) => {
    const tally = await h.object().tally();
    return [await h.attempt(() => tally.fail()), await h.attempt(() => tally.nowhere()), await tally.add(1)];
  },
  "pipelining": async (_env, h) => [
    await h.object().tally(5).add(3), await h.object().tallies().named.deep.total,
    await h.object().functions().double(21), await h.object().tally(1).next.next.total,
  ],
  "pipelining on what fails": async (_env, h) => [
    await h.attempt(() => h.object().fail("RangeError").more()), await h.attempt(async () => await h.object().fail("TypeError").a.b),
    await h.attempt(() => h.object().tally().nowhere.more()), await h.attempt(() => h.object().echo(5).add(1)),
    await h.attempt(() => h.object().functions().nested.fail()),
  ],
  "a function that is returned": async (_env, h) => {
    const add = await h.object().adder(10);
    return [typeof add, await add(1), await add(2)];
  },
  "functions within a value": async (_env, h) => {
    const functions = await h.object().functions();
    return [await functions.double(4), await h.attempt(() => functions.nested.fail())];
  },
  "a callback": async (_env, h) => {
    const heard = [];
    const result = await h.object().call((...values) => {
      heard.push(values);
      return { got: values.length };
    }, 1, "two", [3]);
    return [heard, result];
  },
  "a callback that fails": async (_env, h) => [
    await h.attempt(() => h.object().call(() => { throw new RangeError("in the callback"); })),
    await h.attempt(() => h.object().call(async () => { throw new SyntaxError("later in the callback"); })),
  ],
  "a callback with a callback": async (_env, h) => h.object().call(async (inner) => await inner(5), (x) => x + 1),
  "a target as an argument": async (_env, h) => {
    const local = new Local();
    return [await h.object().useTally(local), local.total];
  },
  "a callback after the call": async (_env, h) => {
    const stub = h.object();
    await stub.callLater((text) => `heard ${text}`);
    return await h.until(async () => (await stub.takeLog())[0]);
  },
  "a callback that is kept": async (_env, h) => {
    const stub = h.object();
    let count = 0;
    await stub.keep((by) => (count += by));
    return [await stub.callKept(2), await stub.callKept(3), count];
  },
  "a function there and back": async (_env, h) => {
    const echoed = await h.object().echo((x) => x * 3);
    return [await echoed(5)];
  },
  "a target there and back": async (_env, h) => {
    const echoed = await h.object().echo(new Local());
    return [await echoed.add(4), await echoed.total];
  },
  "disposal of a result": async (_env, h) => {
    const stub = h.object();
    const tally = await stub.tally(1);
    tally[Symbol.dispose]();
    const late = await h.attempt(() => tally.add(1));
    return [late, await h.until(async () => (await stub.takeLog())[0])];
  },
  "disposal of a value with parts": async (_env, h) => {
    const stub = h.object();
    const result = await stub.disposable();
    const before = await result.tally.total;
    result[Symbol.dispose]();
    return [before, await h.until(async () => (await stub.takeLog())[0])];
  },
  "dup outlives the first": async (_env, h) => {
    const tally = await h.object().tally(1);
    const second = tally.dup();
    tally[Symbol.dispose]();
    const alive = await second.add(1);
    second[Symbol.dispose]();
    return alive;
  },
  "disposed twice": async (_env, h) => {
    const tally = await h.object().tally(1);
    tally[Symbol.dispose]();
    return h.attemptNow(() => tally[Symbol.dispose]());
  },
  "arguments are disposed after the call": async (_env, h) => {
    const log = [];
    await h.object().useTally(new Local(() => log.push("disposed")));
    await h.until(() => log.length > 0);
    return log;
  },
  "a stub made here": async (_env, h) => {
    const stub = new RpcStub(new Local());
    const results = [await stub.add(5), await stub.total, await h.object().useTally(stub)];
    stub[Symbol.dispose]();
    return results;
  },
  "what stubs say of themselves": async (_env, h) => {
    const tally = await h.object().tally();
    const add = await h.object().adder(1);
    return [typeof tally, typeof add, tally instanceof RpcStub, typeof tally.dup, typeof tally[Symbol.dispose], typeof tally.anything];
  },
  "reset while a target is held": async (_env, h) => {
    const stub = h.object();
    const tally = await stub.tally(1);
    await h.attempt(() => stub.abort("a reason"));
    return [await h.attempt(() => tally.add(1)), await h.object().echo("anew")];
  },
};
