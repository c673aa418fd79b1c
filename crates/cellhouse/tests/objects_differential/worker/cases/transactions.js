// storage.transaction().

import { inside } from "../inside.js";

const all = async (storage) => [...(await storage.list())];

export default {
  "commit": inside(async ({ storage }) => {
    const result = await storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await txn.put({ b: 2, c: 3 });
      await txn.delete("b");
      return [await txn.get("a"), await txn.get(["a", "c"]), await txn.list()];
    });
    return [result, await all(storage)];
  }),
  "a function that throws": inside(async ({ storage }, h) => {
    await storage.put("a", 1);
    const thrown = await h.attempt(() => storage.transaction(async (txn) => {
      await txn.put("a", 2);
      await txn.delete("a");
      throw new RangeError("undo it");
    }));
    return [thrown, await all(storage)];
  }),
  "rollback": inside(async ({ storage }, h) => {
    const results = [];
    const value = await storage.transaction(async (txn) => {
      await txn.put("a", 1);
      results.push(txn.rollback());
      const calls = { get: ["a"], put: ["a", 1], delete: ["a"], list: [], getAlarm: [], setAlarm: [4e12], deleteAlarm: [], rollback: [] };
      for (const [call, given] of Object.entries(calls)) results.push(await h.attempt(() => txn[call](...given)));
      return "its value";
    });
    return [value, results, await all(storage)];
  }),
  "used after its end": inside(async ({ storage }, h) => {
    let kept;
    await storage.transaction(async (txn) => {
      kept = txn;
      await txn.put("a", 1);
    });
    const late = [];
    for (const [call, ...given] of [["get", "a"], ["put", "a", 2], ["delete", "a"], ["rollback"]]) {
      late.push(await h.attempt(() => kept[call](...given)));
    }
    return [late, await all(storage)];
  }),
  "the storage within it": inside(async ({ storage }, h) => {
    await h.attempt(() => storage.transaction(async (txn) => {
      await storage.put("a", 1);
      storage.kv.put("b", 1);
      storage.sql.exec("CREATE TABLE t (a)");
      await txn.put("c", await storage.get("a"));
      throw new Error("undo it");
    }));
    return [await all(storage), h.attemptNow(() => storage.sql.exec("SELECT * FROM t").toArray())];
  }),
  "one in another": inside(async ({ storage }, h) => {
    await storage.transaction(async (outer) => {
      await outer.put("a", 1);
      await h.attempt(() => storage.transaction(async (inner) => {
        await inner.put("b", 1);
        throw new Error("the inner one");
      }));
      await storage.transaction((inner) => inner.put("c", 1));
      await storage.transaction(async (inner) => {
        await inner.put("d", 1);
        inner.rollback();
      });
    });
    return await all(storage);
  }),
  "an outer one that fails takes the inner with it": inside(async ({ storage }, h) => {
    const thrown = await h.attempt(() => storage.transaction(async () => {
      await storage.transaction((inner) => inner.put("a", 1));
      throw new Error("the outer one");
    }));
    return [thrown, await all(storage)];
  }),
  "side by side": inside(async ({ storage }) => {
    await storage.put("n", 0);
    await Promise.all(Array.from({ length: 10 }, () => storage.transaction(async (txn) => {
      await txn.put("n", (await txn.get("n")) + 1);
    })));
    return await storage.get("n");
  }),
  "side by side with timers": inside(async ({ storage }, h) => {
    const log = [];
    await Promise.all([1, 2, 3].map((number) => storage.transaction(async () => {
      log.push(`begin ${number}`);
      await h.sleep(3);
      log.push(`end ${number}`);
    })));
    return log;
  }),
  "alarms": inside(async ({ storage }, h) => {
    await storage.setAlarm(4_000_000_000_000);
    await h.attempt(() => storage.transaction(async (txn) => {
      await txn.setAlarm(4_100_000_000_000);
      throw new Error("undo it");
    }));
    const kept = await storage.getAlarm();
    const inner = await storage.transaction(async (txn) => {
      await txn.deleteAlarm();
      return await txn.getAlarm();
    });
    return [kept, inner, await storage.getAlarm()];
  }),
  "what the object of a transaction has": inside(async ({ storage }) => {
    const names = ["get", "put", "delete", "list", "rollback", "getAlarm", "setAlarm", "deleteAlarm", "deleteAll", "sync", "sql", "kv", "transaction"];
    return await storage.transaction(async (txn) => names.map((name) => [name, typeof txn[name]]));
  }),
  "deleteAll within": inside(async ({ storage }, h) => {
    await storage.put("a", 1);
    return [await h.attempt(() => storage.transaction((txn) => txn.deleteAll?.())), await h.attempt(() => storage.transaction(() => storage.deleteAll())), await all(storage)];
  }),
  "no function": inside(async ({ storage }, h) => [
    await h.attempt(() => storage.transaction()), await h.attempt(() => storage.transaction("text")),
  ]),
  "a function that gives no promise": inside(async ({ storage }, h) => [
    await h.attempt(() => storage.transaction(() => 5)),
    await h.attempt(() => storage.transaction(() => { throw new TypeError("at once"); })),
  ]),
  "transactionSync within": inside(async ({ storage }, h) => {
    const result = await storage.transaction(async (txn) => {
      await txn.put("a", 1);
      return storage.transactionSync(() => storage.kv.get("a"));
    });
    return [result, await all(storage)];
  }),
};
