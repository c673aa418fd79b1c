// storage: get, put, delete, deleteAll, with their bad arguments.

import { inside } from "../inside.js";

const keysOf = async (storage) => [...(await storage.list()).keys()];

export default {
  "nothing is there": inside(async ({ storage }) => [await storage.get("a"), await storage.get(["a"]), await storage.list()]),
  "what a put gives": inside(async ({ storage }) => [await storage.put("a", 1), await storage.put({ b: 1 }), await storage.put({})]),
  "several at once": inside(async ({ storage }) => {
    await storage.put({ b: 2, a: 1, c: 3 });
    return [await storage.get(["c", "nowhere", "a"]), await storage.delete(["a", "nowhere"]), await storage.list()];
  }),
  "the same key twice in one get": inside(async ({ storage }) => {
    await storage.put("a", 1);
    return await storage.get(["a", "a"]);
  }),
  "delete tells": inside(async ({ storage }) => {
    await storage.put("a", 1);
    return [await storage.delete("a"), await storage.delete("a"), await storage.delete([])];
  }),
  "128 keys and one more": inside(async ({ storage }, h) => {
    const keys = (count) => Array.from({ length: count }, (_, number) => `k${number}`);
    const object = (count) => Object.fromEntries(keys(count).map((key) => [key, key]));
    const results = [];
    for (const count of [128, 129]) {
      results.push(await h.attempt(() => storage.put(object(count))));
      results.push(await h.attempt(async () => (await storage.get(keys(count))).size));
      results.push(await h.attempt(() => storage.delete(keys(count))));
    }
    return results;
  }),
  "keys that are too long or empty": inside(async ({ storage }, h) => {
    const results = [];
    for (const key of ["", "k".repeat(2048), "k".repeat(2049), "é".repeat(1024), "é".repeat(1025)]) {
      results.push(await h.attempt(() => storage.put(key, 1)), await h.attempt(() => storage.get(key)));
      results.push(await h.attempt(() => storage.delete(key)));
    }
    return results;
  }),
  "keys of other types": inside(async ({ storage }, h) => {
    const results = [];
    for (const key of [5, true, null, 1n, 1.5]) results.push(await h.attempt(() => storage.put(key, "v")));
    return [...results, await storage.list()];
  }),
  "missing arguments": inside(async ({ storage }, h) => [
    await h.attempt(() => storage.get()), await h.attempt(() => storage.get(undefined)), await h.attempt(() => storage.put()),
    await h.attempt(() => storage.put("a")), await h.attempt(() => storage.put("a", undefined)), await h.attempt(() => storage.delete()),
  ]),
  "undefined among several is left out": inside(async ({ storage }) => {
    await storage.put("a", 1);
    await storage.put({ a: undefined, b: 2 });
    return await storage.list();
  }),
  "an entry that cannot be cloned spoils all": inside(async ({ storage }, h) => [
    await h.attempt(() => storage.put({ a: 1, b: () => {} })), await keysOf(storage),
  ]),
  "options are accepted": inside(async ({ storage }) => {
    const options = { allowConcurrency: true, allowUnconfirmed: true, noCache: true };
    await storage.put("a", 1, options);
    await storage.put({ b: 2 }, options);
    return [
      await storage.get("a", options), await storage.get(["a", "b"], options), await storage.list(options),
      await storage.delete("a", options), await storage.deleteAll(options), await storage.list(),
    ];
  }),
  "bad options": inside(async ({ storage }, h) => [
    await h.attempt(() => storage.get("a", null)), await h.attempt(() => storage.put("a", 1, undefined)),
    await h.attempt(() => storage.get("a", {})),
  ]),
  "deleteAll": inside(async ({ storage }) => {
    await storage.put({ a: 1, b: 2 });
    storage.sql.exec("CREATE TABLE t (a)");
    await storage.setAlarm(4_000_000_000_000);
    return [
      await storage.deleteAll(), await storage.list(), await storage.getAlarm(),
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'").toArray(),
    ];
  }),
  "deleteAll, and on with it": inside(async ({ storage }) => {
    await storage.put("a", 1);
    await storage.deleteAll();
    await storage.put("b", 2);
    storage.sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (5)");
    return [await storage.list(), storage.sql.exec("SELECT * FROM t").toArray()];
  }),
  "calls that nobody awaits keep their order": inside(async ({ storage }) => {
    storage.put("a", 1);
    storage.put("a", 2);
    const early = storage.get("a");
    storage.delete("a");
    const late = storage.get("a");
    storage.put("a", 3);
    return [await early, await late, await storage.get("a")];
  }),
  "a value is copied when it is put": inside(async ({ storage }) => {
    const value = { list: [1] };
    const done = storage.put("a", value);
    value.list.push(2);
    await done;
    const [first, second] = [await storage.get("a"), await storage.get("a")];
    return [first, first === second];
  }),
  "sync": inside(async ({ storage }) => {
    storage.put("a", 1);
    return await storage.sync();
  }),
  "values of two megabytes": inside(async ({ storage }, h) => {
    await storage.put("a", new Uint8Array(2_000_000).fill(7));
    const there = await storage.get("a");
    return [there.length, there[1_999_999], (await h.attempt(() => storage.put("b", "x".repeat(3_000_000))))?.thrown?.error];
  }),
  "writes before an error stay": {
    async outside(_env, h) {
      const stub = h.object();
      const failed = await h.attempt(() => stub.run("storage: writes before an error stay", "write"));
      return [failed, await stub.get("a"), await stub.get("b"), await stub.instance() > 0];
    },
    steps: {
      async write({ ctx }) {
        await ctx.storage.put("a", 1);
        ctx.storage.put("b", 2);
        throw new RangeError("it fails afterwards");
      },
    },
  },
};
