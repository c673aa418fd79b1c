// storage.kv and transactionSync.

import { inside } from "../inside.js";

const all = (storage) => [...storage.kv.list()];

export default {
  "put, get, delete": inside(({ storage }) => {
    const { kv } = storage;
    return [kv.get("a"), kv.put("a", 1), kv.get("a"), kv.delete("a"), kv.delete("a"), kv.get("a"), all(storage)];
  }),
  "shared with the asynchronous methods": inside(async ({ storage }) => {
    storage.kv.put("a", { n: 1 });
    await storage.put("b", 2);
    return [await storage.get("a"), storage.kv.get("b"), all(storage)];
  }),
  "bad keys": inside(({ storage }, h) => {
    const keys = ["", "k".repeat(2049), undefined, null, 5];
    return keys.map((key) => [
      h.attemptNow(() => storage.kv.get(key)), h.attemptNow(() => storage.kv.put(key, 1)), h.attemptNow(() => storage.kv.delete(key)),
    ]);
  }),
  "several keys": inside(({ storage }, h) => [
    h.attemptNow(() => storage.kv.get(["a", "b"])), h.attemptNow(() => storage.kv.delete(["a"])),
    h.attemptNow(() => storage.kv.put({ a: 1 })),
  ]),
  "undefined": inside(({ storage }) => [storage.kv.put("a", undefined), storage.kv.get("a"), all(storage)]),
  "transactionSync": inside(({ storage }) => {
    const result = storage.transactionSync(() => {
      storage.kv.put("a", 1);
      storage.sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
      return { done: true };
    });
    return [result, storage.kv.get("a"), storage.sql.exec("SELECT * FROM t").toArray()];
  }),
  "transactionSync that throws": inside(({ storage }, h) => {
    storage.kv.put("a", 1);
    storage.sql.exec("CREATE TABLE t (a)");
    const thrown = h.attemptNow(() => storage.transactionSync(() => {
      storage.kv.put("a", 2);
      storage.kv.delete("a");
      storage.sql.exec("INSERT INTO t VALUES (1)");
      throw new RangeError("undo it");
    }));
    return [thrown, all(storage), storage.sql.exec("SELECT count(*) AS n FROM t").one()];
  }),
  "transactionSync in another": inside(({ storage }, h) => {
    storage.transactionSync(() => {
      storage.kv.put("a", 1);
      h.attemptNow(() => storage.transactionSync(() => {
        storage.kv.put("b", 1);
        throw new Error("the inner one");
      }));
      storage.transactionSync(() => storage.kv.put("c", 1));
    });
    return all(storage);
  }),
  "transactionSync of an asynchronous function": inside(async ({ storage }, h) => [
    h.attemptNow(() => storage.transactionSync(async () => storage.kv.put("a", 1))), storage.kv.get("a"),
  ]),
  "transactionSync without a function": inside(({ storage }, h) => [
    h.attemptNow(() => storage.transactionSync()), h.attemptNow(() => storage.transactionSync("text")),
  ]),
  "tables made and undone": inside(({ storage }, h) => {
    h.attemptNow(() => storage.transactionSync(() => {
      storage.sql.exec("CREATE TABLE t (a)");
      throw new Error("undo it");
    }));
    return h.attemptNow(() => storage.sql.exec("SELECT * FROM t").toArray());
  }),
};
