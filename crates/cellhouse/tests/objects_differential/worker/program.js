// Runs what the generator made: one event of a program, a list of operations on the storage of an object. Gives
// what each did, also where it failed.

import { show } from "./show.js";

export async function runProgram(thing, operations) {
  const { storage } = thing.ctx;
  const results = [];
  for (const operation of operations) results.push(await attempt(() => run(storage, storage, operation)));
  return results;
}

async function attempt(call) {
  try {
    return show(await call());
  } catch (thrown) {
    return { thrown: show(thrown) };
  }
}

// `target`: the storage, or a transaction in it.
async function run(storage, target, [verb, ...given]) {
  switch (verb) {
    case "get":
    case "put":
    case "delete":
    case "list":
    case "getAlarm":
    case "setAlarm":
    case "deleteAlarm":
    case "deleteAll":
    case "sync":
      return await target[verb](...given);
    case "transaction":
      return await storage.transaction((txn) => within(storage, txn, given[0], given[1], () => txn.rollback()));
    default:
      return runNow(storage, [verb, ...given]);
  }
}

async function within(storage, txn, operations, end, rollback) {
  const results = [];
  for (const operation of operations) results.push(await attempt(() => run(storage, txn, operation)));
  if (end === "throw") throw new RangeError(JSON.stringify(results));
  if (end === "rollback") rollback();
  return results;
}

function runNow(storage, [verb, ...given]) {
  switch (verb) {
    case "kv.get":
      return storage.kv.get(...given);
    case "kv.put":
      return storage.kv.put(...given);
    case "kv.delete":
      return storage.kv.delete(...given);
    case "kv.list":
      return [...storage.kv.list(...given)];
    case "sql":
      return query(storage.sql.exec(...given[1]), given[0]);
    case "transactionSync":
      return storage.transactionSync(() => {
        const results = given[0].map((operation) => attemptNow(() => runNow(storage, operation)));
        if (given[1] === "throw") throw new RangeError(JSON.stringify(results));
        return results;
      });
  }
  throw new Error(`no such operation: ${verb}`);
}

function attemptNow(call) {
  try {
    return show(call());
  } catch (thrown) {
    return { thrown: show(thrown) };
  }
}

function query(cursor, how) {
  switch (how) {
    case "one":
      return cursor.one();
    case "raw":
      return [cursor.columnNames, cursor.raw().toArray()];
    case "next":
      return [cursor.next(), cursor.next()];
    case "ignore":
      return "ignored";
  }
  return cursor.toArray();
}
