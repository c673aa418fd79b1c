// storage.list and storage.kv.list with every option, and combinations of them.

import { inside } from "../inside.js";

const KEYS = ["a", "a1", "a2", "b", "ba", "c", "é", "z", "\u{10000}", "\uffff"];

async function filled({ storage }) {
  await storage.put(Object.fromEntries(KEYS.map((key) => [key, `of ${key}`])));
  return storage;
}

const keys = (map) => [...map.keys()];
const kvKeys = (entries) => Array.from(entries, ([key]) => key);

const OPTIONS = [
  {}, { start: "a1" }, { start: "a11" }, { startAfter: "a1" }, { end: "b" }, { start: "b", end: "b" }, { start: "c", end: "a" },
  { prefix: "a" }, { prefix: "" }, { prefix: "nowhere" }, { prefix: "a", start: "a1" }, { prefix: "a", end: "a2" },
  { prefix: "b", start: "a" }, { prefix: "b", end: "z" }, { prefix: "b", start: "c" }, { prefix: "a", startAfter: "a" },
  { limit: 2 }, { limit: 100 }, { limit: 1, prefix: "a", reverse: true }, { reverse: true }, { reverse: true, limit: 3 },
  { reverse: true, start: "a1", end: "c" }, { reverse: true, startAfter: "a1" }, { reverse: false }, { prefix: "\u{10000}" },
  { prefix: "é" }, { start: "\uffff" }, { end: "\u{10000}" }, { limit: undefined }, { start: undefined }, { prefix: undefined },
  { limit: 2.9 }, { limit: "2" }, { unknown: 1 },
];

const BAD = [{ limit: 0 }, { limit: -1 }, { limit: NaN }, { start: "a", startAfter: "a" }, null, undefined];

export default {
  "options": inside(async (ctx, h) => {
    const storage = await filled(ctx);
    const results = [];
    for (const options of OPTIONS) results.push(await h.attempt(async () => keys(await storage.list(options))));
    return results;
  }),
  "bad options": inside(async (ctx, h) => {
    const storage = await filled(ctx);
    const results = [];
    for (const options of BAD) results.push(await h.attempt(async () => keys(await storage.list(options))));
    return results;
  }),
  "options of kv": inside(async (ctx, h) => {
    const storage = await filled(ctx);
    return OPTIONS.map((options) => h.attemptNow(() => kvKeys(storage.kv.list(options))));
  }),
  "bad options of kv": inside(async (ctx, h) => {
    const storage = await filled(ctx);
    return BAD.map((options) => h.attemptNow(() => kvKeys(storage.kv.list(options))));
  }),
  "in a transaction": inside(async (ctx) => {
    const storage = await filled(ctx);
    return await storage.transaction(async (txn) => {
      await txn.put("a3", 1);
      await txn.delete("a1");
      return [keys(await txn.list({ prefix: "a" })), keys(await txn.list({ prefix: "a", reverse: true, limit: 2 }))];
    });
  }),
  "is a Map of what was there": inside(async (ctx) => {
    const storage = await filled(ctx);
    const listed = await storage.list({ limit: 2 });
    await storage.delete("a");
    return [listed instanceof Map, listed];
  }),
  "kv goes on while things change": inside(async (ctx, h) => {
    const storage = await filled(ctx);
    const listed = storage.kv.list({ limit: 3 });
    return [typeof listed[Symbol.iterator], typeof listed.next, h.attemptNow(() => kvKeys(listed)), h.attemptNow(() => kvKeys(listed))];
  }),
};
