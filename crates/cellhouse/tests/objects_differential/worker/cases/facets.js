// Facets of an object: which there are, when they are made, and how they end.

import { inside } from "../inside.js";

// Gives the facet of a name, by default of the class `Part`.
const facetsOf = (ctx) => (name, more = {}) => ctx.facets.get(name, () => ({ class: ctx.exports.Part, ...more }));

const withFacets = (code) => inside((ctx, h) => code(facetsOf(ctx), ctx, h));

const LONG = "x".repeat(257);

export default {
  "one has its own storage and instance": withFacets(async (facet, ctx) => {
    const a = facet("a");
    const told = [await a.add(), await a.add(), await facet("b").add(), await facet("a").add(), await a.sql()];
    return [told, await ctx.storage.list(), ctx.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 't'").toArray()];
  }),
  "what it is": inside(async (ctx) => {
    const { facets } = ctx;
    const methods = ["get", "abort", "delete", "clone"].map((name) => [typeof facets[name]]);
    return [Object.prototype.toString.call(facets), facets === ctx.facets, methods, typeof globalThis.DurableObjectFacets];
  }),
  "what a stub is": withFacets(async (facet) => {
    const a = facet("a");
    return [Object.prototype.toString.call(a), typeof a, typeof a.fetch, typeof a.then, Object.keys(a), facet("a") === a];
  }),
  "ids": withFacets(async (facet, ctx) => [
    await facet("its parent's").id(),
    await facet("a text", { id: "abc" }).id(),
    await facet("a number", { id: 5 }).id(),
    await facet("another object's", { id: ctx.exports.Other.idFromName("zz") }).id(),
    await facet("a text", { id: "that is not asked for" }).id(),
    await facet("a text").below("its parent's", "id"),
  ]),
  "props": withFacets(async (facet, ctx) => [
    await facet("none").props(),
    await facet("of the class", { class: ctx.exports.Part({ props: { a: [1n, new Date(0)] } }) }).props(),
    ctx.props,
  ]),
  "a class that has a namespace": withFacets(async (facet, ctx) => [
    await facet("a", { class: ctx.exports.Other }).deposit(5),
    await facet("b", { class: ctx.exports.Other({ props: {} }) }).deposit(6),
    await ctx.exports.Other.getByName("facets").deposit(7),
  ]),
  "wrong arguments": inside((ctx, h) => {
    const { facets } = ctx;
    const calls = [
      () => facets.get(), () => facets.get("a"), () => facets.get("a", 5), () => facets.get("a", {}),
      () => facets.abort(), () => facets.abort("a"), () => facets.abort("a", 1),
      () => facets.delete(), () => facets.delete("never was"),
      () => facets.clone(), () => facets.clone("a"), () => facets.clone("never was", "b"),
    ];
    return calls.map((call) => h.attemptNow(call));
  }),
  "wrong names": withFacets(async (facet, ctx, h) => [
    h.attemptNow(() => facet(LONG)),
    h.attemptNow(() => facet("é".repeat(129))),
    h.attemptNow(() => ctx.facets.abort(LONG, new Error("x"))),
    h.attemptNow(() => ctx.facets.delete(LONG)),
    h.attemptNow(() => ctx.facets.clone("a", LONG)),
    h.attemptNow(() => ctx.facets.clone(LONG, "a")),
    await facet("é".repeat(128)).add(),
    await facet("a/b\0c").add(),
    await facet(5).add(),
    await facet("5").add(),
  ]),
  "wrong options": inside(async (ctx, h) => {
    const wrong = [undefined, null, 5, {}, { class: 5 }, { class: null }, { class: class {} }, { class: ctx.exports.default }];
    const told = [];
    for (const options of wrong) {
      told.push(await h.attempt(() => ctx.facets.get(`${told.length}`, () => options).add()));
      told.push(await h.attempt(() => ctx.facets.get(`again ${told.length}`, async () => options).add()));
    }
    return told;
  }),
  "too deep": withFacets(async (facet, _ctx, h) => [
    await h.attempt(() => facet("a").below("b", "below", "c", "add")),
    await h.attempt(() => facet("a").below("b", "below", "c", "below", "d", "add")),
  ]),
  "when the callback is called": withFacets(async (facet, ctx) => {
    const log = [];
    const options = (word) => () => {
      log.push(word);
      return { class: ctx.exports.Part };
    };
    const a = ctx.facets.get("a", options("first"));
    log.push("got");
    const called = a.add();
    log.push("called");
    await called;
    log.push("answered");
    await ctx.facets.get("a", options("not called")).add();
    const [one, two] = ["one", "two"].map((word) => ctx.facets.get("b", options(word)));
    return [await Promise.all([two.add(), one.add(), two.add()]), log];
  }),
  "a callback that fails": withFacets(async (facet, ctx, h) => {
    let calls = 0;
    const a = ctx.facets.get("a", () => {
      calls++;
      throw new RangeError("no options");
    });
    const told = [await h.attempt(() => a.add()), await h.attempt(() => a.add()), calls];
    told.push(await h.attempt(() => facet("a").add()));
    ctx.facets.abort("a", new Error("start anew"));
    told.push(await h.attempt(() => a.add()), await h.attempt(() => facet("a").add()));
    const b = ctx.facets.get("b", async () => {
      throw new TypeError("no options later");
    });
    return [told, await h.attempt(() => b.add()), await h.attempt(() => b.fetch("http://facet/"))];
  }),
  "abort": withFacets(async (facet, ctx, h) => {
    const a = facet("a");
    await a.add();
    const waits = h.attempt(() => a.sleep(1000));
    const fetches = h.attempt(async () => (await a.fetch("http://facet/slow")).status);
    await a.add();
    ctx.facets.abort("a", Object.assign(new RangeError("enough"), { code: 7 }));
    const told = [await waits, await fetches, await h.attempt(() => a.add()), await h.attempt(() => a.fetch("http://facet/"))];
    return [told, await facet("a").add(), await h.attempt(() => a.add())];
  }),
  "what can be a reason": withFacets(async (facet, ctx, h) => {
    const told = [];
    for (const reason of ["a text", 5, undefined, null, new TypeError("an error"), new DOMException("one", "NotFoundError")]) {
      const a = facet("a");
      await a.add();
      ctx.facets.abort("a", reason);
      told.push(await h.attempt(() => a.add()));
    }
    return told;
  }),
  "abort before it is used, or while it starts": withFacets(async (facet, ctx, h) => {
    const unused = facet("unused");
    ctx.facets.abort("unused", new Error("too early"));
    const told = [await h.attempt(() => unused.add())];
    const { promise, resolve } = Promise.withResolvers();
    const a = ctx.facets.get("a", async () => {
      await promise;
      return { class: ctx.exports.Part };
    });
    const pending = h.attempt(() => a.add());
    const fetched = h.attempt(() => a.fetch("http://facet/"));
    ctx.facets.abort("a", new Error("while it starts"));
    resolve();
    return [told, await pending, await fetched, await h.attempt(() => a.add()), await facet("a").add()];
  }),
  "calls that came before an abort are not the next one's": withFacets(async (facet, ctx, h) => {
    const a = facet("a");
    const calls = [1, 2, 3].map(() => h.attempt(() => a.add()));
    ctx.facets.abort("a", new Error("at once"));
    const next = await facet("a").add();
    return [await Promise.all(calls), next];
  }),
  "delete": withFacets(async (facet, ctx, h) => {
    const a = facet("a");
    await a.add();
    await a.below("b", "add");
    await facet("c").add();
    const told = [ctx.facets.delete("a"), await h.attempt(() => a.add())];
    return [told, await facet("a").add(), await facet("a").below("b", "add"), await facet("c").add()];
  }),
  "clone": withFacets(async (facet, ctx, h) => {
    await facet("a").add();
    await facet("a").add();
    await facet("a").below("x", "add");
    const b = facet("b");
    await b.add();
    await b.below("old", "add");
    const told = [ctx.facets.clone("a", "b"), await h.attempt(() => b.add())];
    told.push(await facet("b").add(), await facet("b").below("x", "add"), await facet("b").below("old", "add"));
    told.push(await facet("a").add());
    ctx.facets.clone("a", "a");
    told.push(await facet("a").add());
    ctx.facets.clone("never was", "b");
    told.push(await facet("b").add(), await facet("b").below("x", "add"));
    return told;
  }),
  "it aborts itself": withFacets(async (facet, _ctx, h) => {
    const a = facet("a");
    const told = [await a.add(), await h.attempt(() => a.abort("a reason")), await h.attempt(() => a.add())];
    return [told, await facet("a").add()];
  }),
  "it cannot be made": withFacets(async (facet, _ctx, h) => {
    await facet("a").spoil();
    await h.attempt(() => facet("a").abort("so that it starts anew"));
    const a = facet("a");
    return [await h.attempt(() => a.add()), await h.attempt(() => a.add()), await h.attempt(() => facet("a").add())];
  }),
  "errors": withFacets(async (facet, _ctx, h) => [
    await h.attempt(() => facet("a").fail()),
    await facet("a").add(),
    await h.attempt(() => facet("a").missing()),
    await h.attempt(() => facet("a").alarm()),
  ]),
  "fetch": withFacets(async (facet, _ctx, h) => {
    const response = await facet("a").fetch("http://facet/path?q", { method: "PUT", body: "sent" });
    const wrong = [await h.attempt(() => facet("a").fetch()), await h.attempt(() => facet("a").fetch("/relative"))];
    return [response.status, await response.text(), wrong];
  }),
  "an alarm": withFacets(async (facet, _ctx, h) => [
    await facet("a").alarmTime(),
    await h.attempt(() => facet("a").setAlarm()),
    await facet("a").add(),
  ]),
  "deleteAll of its parent, after it has ended": withFacets(async (facet, ctx) => {
    await facet("a").add();
    await facet("a").below("b", "add");
    ctx.facets.abort("a", new Error("ended"));
    await ctx.storage.deleteAll();
    return [await facet("a").add(), await facet("a").below("b", "add")];
  }),
  "deleteAll of its parent, while it runs": withFacets(async (facet, ctx, h) => {
    const a = facet("a");
    await a.add();
    await ctx.storage.deleteAll();
    return [await h.attempt(() => a.add()), await facet("a").add()];
  }),
  "its parent is reset": {
    async outside(_env, h) {
      const name = "facets: its parent is reset";
      const told = [await h.attempt(() => h.object().run(name, "abort"))];
      return [told, await h.object().run(name, "look")];
    },
    steps: {
      async abort({ ctx }) {
        const a = facetsOf(ctx)("a");
        await a.add();
        await a.add();
        await a.below("b", "add");
        ctx.abort("it ends, and its facets");
      },
      async look({ ctx }) {
        const a = facetsOf(ctx)("a");
        return [await a.add(), await a.below("b", "add")];
      },
    },
  },
  "stubs cannot be sent": withFacets(async (facet, ctx, h) => {
    const a = facet("a");
    return [await h.attempt(() => ctx.exports.Other.getByName("facets").deposit(a)), await h.attempt(() => a.below("b", "add", a))];
  }),
  "functions and promises pass": withFacets(async (facet) => {
    const a = facet("a");
    const made = await a.make();
    return [await a.call((text) => `${text}!`), await made.add(10), await a.make().add(20)];
  }),
  "in a section, and in a transaction that is undone": withFacets(async (facet, ctx) => {
    const told = [await ctx.blockConcurrencyWhile(() => facet("a").add())];
    await ctx.storage.transaction(async (transaction) => {
      await transaction.put("k", 1);
      told.push(await facet("a").add());
      transaction.rollback();
    });
    return [told, await ctx.storage.get("k"), await facet("a").add()];
  }),
  "many calls at once": withFacets(async (facet) => {
    const a = facet("a");
    const some = await Promise.all(Array.from({ length: 20 }, () => a.addLater()));
    return [some, await Promise.all(["b", "c", "d"].map((name) => facet(name).addLater()))];
  }),
};
