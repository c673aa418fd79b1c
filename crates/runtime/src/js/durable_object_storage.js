// `ctx.storage` of a Durable Object. Every call is done when it returns; its promise only says so. What is
// written in one turn of the event loop is committed together.

(function () {
const { core } = __bootstrap;
// What values are written and read with.
core.loadExtScript("ext:cellhouse_runtime/clone.js");
const {
  op_storage_alarm_delete, op_storage_alarm_get, op_storage_alarm_set, op_storage_begin, op_storage_bookmark,
  op_storage_bookmark_at, op_storage_delete, op_storage_delete_all, op_storage_delete_many, op_storage_end,
  op_storage_get, op_storage_get_many, op_storage_list, op_storage_put, op_storage_put_many,
  op_storage_restore_next, op_storage_sync,
} = core.ops;

// The last time that Cloudflare's clock knows: 2^63 nanoseconds.
const LAST_TIME_MS = 2 ** 63 / 1e6;

function wrongArgument(method, number, type, of = "DurableObjectStorage") {
  return new TypeError(
    `Failed to execute '${method}' on '${of}': parameter ${number} is not of type '${type}'.`,
  );
}

// ---- keys and values, at once

// What each method says that it takes.
const KEYS = {
  get: "string or Array",
  put: "string or object",
  delete: "string or Array",
  onNextSessionRestoreBookmark: "string",
};

function keyOf(key, method) {
  if (key === undefined || typeof key === "symbol") throw wrongArgument(method, 1, KEYS[method]);
  return `${key}`;
}

function syncKeyOf(key, method) {
  if (key === undefined || typeof key === "symbol") {
    throw wrongArgument(method, 1, "string", "SyncKvStorage");
  }
  return `${key}`;
}

function get(number, key) {
  if (Array.isArray(key)) return mapOf(op_storage_get_many(number, key.map(String)));
  return op_storage_get(number, keyOf(key, "get"));
}

function put(number, key, value) {
  if (typeof key === "object" && key !== null) return putMany(number, key);
  const text = keyOf(key, "put");
  if (value === undefined) throw new TypeError("put() called with undefined value.");
  op_storage_put(number, text, value);
}

function putMany(number, entries) {
  const keys = [];
  const values = [];
  for (const [key, value] of Object.entries(entries)) {
    if (value === undefined) continue;
    keys.push(key);
    values.push(value);
  }
  op_storage_put_many(number, keys, values);
}

function remove(number, key) {
  if (Array.isArray(key)) return op_storage_delete_many(number, key.map(String));
  return op_storage_delete(number, keyOf(key, "delete"));
}

function text(value) {
  return value === undefined || value === null ? null : `${value}`;
}

function entries(number, options) {
  const { start, startAfter, end, prefix, reverse, limit } = options ?? {};
  const count = limit === undefined || limit === null ? NaN : Math.trunc(Number(limit)) || 0;
  return op_storage_list(
    number, text(start), text(startAfter), text(end), text(prefix), Boolean(reverse), count,
  );
}

function mapOf(flat) {
  const map = new Map();
  for (let i = 0; i < flat.length; i += 2) map.set(flat[i], flat[i + 1]);
  return map;
}

function timeOf(time, method) {
  const value = time instanceof Date ? time.getTime() : time;
  if (typeof value !== "number") throw wrongArgument(method, 1, "date");
  if (!Number.isFinite(value)) {
    throw new TypeError("The value cannot be converted because it is not a valid Date.");
  }
  if (value >= LAST_TIME_MS) throw new TypeError("This API doesn't support dates after 2189.");
  return value;
}

function alarm(number) {
  const time = op_storage_alarm_get(number);
  return Number.isNaN(time) ? null : time;
}

// ---- promises

// Of everything that is done: a promise costs more than a write.
const DONE = Object.freeze(Promise.resolve());

// What storage and transactions have in common. `check(method)` throws when it may not be used any more.
class Operations {
  #number;
  #check;
  #checkAlarm;

  constructor(number, checkAlarm, check) {
    this.#number = number;
    this.#checkAlarm = checkAlarm;
    this.#check = check;
  }

  #do(method, operation) {
    try {
      this.#check?.(method);
      return Promise.resolve(operation());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // The three that are called most do without a function for each call.
  get(key, _options) {
    try {
      this.#check?.("get");
      return Promise.resolve(get(this.#number, key));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  put(key, value, _options) {
    try {
      this.#check?.("put");
      put(this.#number, key, value);
      return DONE;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  delete(key, _options) {
    try {
      this.#check?.("delete");
      return Promise.resolve(remove(this.#number, key));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  list(options) {
    return this.#do("list", () => mapOf(entries(this.#number, options)));
  }

  getAlarm(_options) {
    return this.#do("getAlarm", () => alarm(this.#number));
  }

  setAlarm(time, _options) {
    return this.#do("setAlarm", () => {
      const due = timeOf(time, "setAlarm");
      this.#checkAlarm();
      op_storage_alarm_set(this.#number, due);
    });
  }

  deleteAlarm(_options) {
    return this.#do("deleteAlarm", () => {
      op_storage_alarm_delete(this.#number);
    });
  }
}

const committed = (method) =>
  `Cannot call ${method}() on transaction that has already committed: ` +
  "did you move `txn` outside of the closure?";

class DurableObjectTransaction extends Operations {
  #state;

  constructor(number, checkAlarm, state) {
    super(number, checkAlarm, (method) => {
      if (state.rolledBack) throw new Error(`Cannot ${method}() on rolled back transaction`);
      if (state.ended) throw new Error(committed(method));
    });
    this.#state = state;
  }

  rollback() {
    if (this.#state.rolledBack) return;
    if (this.#state.ended) {
      throw new Error(committed("rollback"));
    }
    this.#state.rolledBack = true;
  }

  deleteAll() {
    throw new Error("Cannot call deleteAll() within a transaction");
  }
}

class DurableObjectStorage extends Operations {
  #number;
  #checkAlarm;
  #beforeDeletion;
  #gate;
  #sql = null;
  #kv = null;
  // Transactions that are under way: one, and those within it.
  #open = 0;

  constructor(number, gate, checkAlarm, beforeDeletion) {
    super(number, checkAlarm, null);
    this.#number = number;
    this.#checkAlarm = checkAlarm;
    this.#beforeDeletion = beforeDeletion;
    this.#gate = gate;
  }

  get sql() {
    const { SqlStorage } = core.loadExtScript("ext:cellhouse_runtime/sql_storage.js");
    return this.#sql ??= new SqlStorage(this.#number);
  }

  get kv() {
    return this.#kv ??= new SyncKvStorage(this.#number);
  }

  async deleteAll(_options) {
    if (this.#open > 0) throw new Error("Cannot call deleteAll() within a transaction");
    this.#beforeDeletion();
    op_storage_delete_all(this.#number);
  }

  // Resolves when everything that was written is durable.
  async sync() {
    await op_storage_sync();
  }

  // Bookmarks stand for what the object has stored at one moment. What was written before is in them.
  async getCurrentBookmark() {
    return op_storage_bookmark(this.#number);
  }

  async getBookmarkForTime(time) {
    return op_storage_bookmark_at(this.#number, timeOf(time, "getBookmarkForTime"));
  }

  // The next instance begins with what was stored then. Gives the bookmark of the moment just before that.
  async onNextSessionRestoreBookmark(bookmark) {
    const method = "onNextSessionRestoreBookmark";
    return op_storage_restore_next(this.#number, keyOf(bookmark, method));
  }

  // Runs the callback in a transaction, which no other event of the object can see half done. One within
  // another is a part of it that can be undone alone.
  transaction(callback, _options) {
    if (typeof callback !== "function") throw wrongArgument("transaction", 1, "function");
    return this.#gate.block(() => this.#transact(callback), false);
  }

  async #transact(callback) {
    const state = { rolledBack: false, ended: false };
    const txn = new DurableObjectTransaction(this.#number, this.#checkAlarm, state);
    op_storage_begin(this.#number);
    this.#open++;
    let kept = false;
    try {
      const value = await callback(txn);
      kept = !state.rolledBack;
      return value;
    } finally {
      state.ended = true;
      this.#open--;
      op_storage_end(this.#number, kept);
    }
  }

  transactionSync(callback) {
    if (typeof callback !== "function") throw wrongArgument("transactionSync", 1, "function");
    op_storage_begin(this.#number);
    let kept = false;
    try {
      const value = callback();
      kept = true;
      return value;
    } finally {
      op_storage_end(this.#number, kept);
    }
  }
}

class SyncKvStorage {
  #number;

  constructor(number) {
    this.#number = number;
  }

  get(key) {
    return op_storage_get(this.#number, syncKeyOf(key, "get"));
  }

  put(key, value) {
    const text = syncKeyOf(key, "put");
    if (arguments.length < 2) throw wrongArgument("put", 2, "JsValue", "SyncKvStorage");
    op_storage_put(this.#number, text, value);
  }

  delete(key) {
    return op_storage_delete(this.#number, syncKeyOf(key, "delete"));
  }

  *list(options) {
    const flat = entries(this.#number, options);
    for (let i = 0; i < flat.length; i += 2) yield [flat[i], flat[i + 1]];
  }
}

for (const [type, name] of [
  [DurableObjectStorage, "DurableObjectStorage"],
  [DurableObjectTransaction, "DurableObjectTransaction"],
  [SyncKvStorage, "SyncKvStorage"],
]) {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

return { DurableObjectStorage, DurableObjectTransaction };
})();
