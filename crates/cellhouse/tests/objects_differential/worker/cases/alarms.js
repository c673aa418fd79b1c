// Alarms, in the handler and out of it.

import { inside } from "../inside.js";

const told = (stub, count, h) => h.until(async () => {
  const log = await stub.get("told");
  return log?.length >= count ? log : undefined;
});

const ran = (plan, count = 1) => async (_env, h) => {
  const stub = h.object();
  await stub.plan(plan, 5);
  const log = await told(stub, count, h);
  await h.sleep(60);
  return [log, await stub.get("told"), await stub.alarmTime()];
};

export default {
  "none": inside(async ({ storage }) => [await storage.getAlarm(), await storage.deleteAlarm()]),
  "set, get, delete": inside(async ({ storage }) => {
    const results = [await storage.setAlarm(4_000_000_000_000), await storage.getAlarm()];
    await storage.setAlarm(new Date(4_100_000_000_000));
    results.push(await storage.getAlarm(), await storage.deleteAlarm(), await storage.getAlarm());
    await storage.setAlarm(4_000_000_000_000.9);
    return [...results, await storage.getAlarm(), (await storage.list()).size];
  }),
  "times that are none": inside(async ({ storage }, h) => {
    const results = [];
    for (const time of [NaN, Infinity, -Infinity, "soon", "4000000000000", undefined, null, -1, 0, new Date(NaN), {}, [], true, 1e20]) {
      results.push(await h.attempt(() => storage.setAlarm(time)));
      await storage.deleteAlarm();
    }
    return [...results, await h.attempt(() => storage.setAlarm())];
  }),
  "options": inside(async ({ storage }) => {
    const options = { allowConcurrency: true, allowUnconfirmed: true };
    return [await storage.setAlarm(4_000_000_000_000, options), await storage.getAlarm(options), await storage.deleteAlarm(options)];
  }),
  "without a handler": async (_env, h) => h.attempt(() => h.other().alarmSet()),
  "runs once": ran("none"),
  "in the past": async (_env, h) => {
    const stub = h.object();
    await stub.plan("none", -60_000);
    return await told(stub, 1, h);
  },
  "sets the next": ran("again", 3),
  "sets and deletes": ran("set and delete"),
  "sets a far one": ran("far"),
  "deletes itself": async (_env, h) => {
    const stub = h.object();
    await stub.plan("delete", 5);
    return [await told(stub, 1, h), await h.until(() => stub.get("deleted"))];
  },
  "deletes everything": ran("delete all"),
  "a slow handler": async (_env, h) => {
    const stub = h.object();
    await stub.plan("slow", 0);
    await h.until(() => stub.get("slow"));
    return [await stub.get("told"), await stub.alarmTime()];
  },
  "fails once": ran("fail once", 2),
  "sets the next, then fails": ran("set, then fail", 2),
  "the last time counts": async (_env, h) => {
    const stub = h.object();
    await stub.plan("none", 3_600_000);
    await stub.plan("none", 5);
    return await told(stub, 1, h);
  },
  "set while the handler runs": async (_env, h) => {
    const stub = h.object();
    await stub.plan("slow", 0);
    await h.until(() => stub.get("told"));
    await stub.plan("none", 3_600_000);
    await h.until(() => stub.get("slow"));
    return [await stub.get("told"), (await stub.alarmTime()) > Date.now()];
  },
};
