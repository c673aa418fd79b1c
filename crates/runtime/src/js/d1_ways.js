// Ways to a D1 database: its own, a transaction, a session. send() takes [sql, parameters, ...] and gives what
// Rust answers: [transaction, output, ...]. Knows nothing of statements and rows.

(function () {
const { core } = __bootstrap;
const {
  op_d1_begin, op_d1_control, op_d1_query, op_d1_stop, op_d1_take, op_d1_tx_commit, op_d1_tx_control,
  op_d1_tx_query, op_d1_tx_rollback, op_d1_wait,
} = core.ops;
const { follow, whileWanted } = core.loadExtScript("ext:cellhouse_runtime/leaving.js");

// How long a transaction may stay open unless it is told otherwise, in milliseconds.
const TRANSACTION_MS = 5_000;
// What may be a statement that begins, ends or divides a transaction.
const MAY_CONTROL = /^(?:\s|--|\/\*)*(?:begin|commit|end|rollback|savepoint|release)\b/i;
const BEGIN = 1;
const COMMIT = 2;
const ROLLBACK = 3;

class Primary {
  #index;

  constructor(index) {
    this.#index = index;
    follow();
  }

  // The answer, or a promise of it.
  send(list) {
    const answer = op_d1_query(this.#index, list);
    return typeof answer === "number" ? finish(answer) : answer;
  }
}

async function finish(job) {
  await whileWanted(() => op_d1_wait(job), () => op_d1_stop(job));
  return op_d1_take(job);
}

// A transaction. What is sent runs in the order in which it was sent.
class Channel {
  #rid;
  #last = null;

  constructor(rid) {
    this.#rid = rid;
  }

  static async begin(index, limit) {
    return new Channel(await op_d1_begin(index, limit));
  }

  #then(next) {
    const done = this.#last === null ? next() : this.#last.then(next, next);
    this.#last = done;
    return done;
  }

  send(list) {
    return this.#then(async () => finish(op_d1_tx_query(this.#rid, list)));
  }

  control(sql) {
    return this.#then(() => op_d1_tx_control(this.#rid, sql));
  }

  commit() {
    return this.#then(() => op_d1_tx_commit(this.#rid));
  }

  rollback() {
    return this.#then(() => op_d1_tx_rollback(this.#rid));
  }
}

// A session has its own bookmark, and a transaction of its own between BEGIN and COMMIT.
class SessionWay {
  #index;
  #key;
  #primary;
  #bookmark;
  #transaction = null;

  constructor(index, key, primary, bookmark) {
    this.#index = index;
    this.#key = key;
    this.#primary = primary;
    this.#bookmark = bookmark;
  }

  get bookmark() {
    return this.#bookmark;
  }

  async send(list) {
    const kind = list.length === 2 && MAY_CONTROL.test(list[0]) ? op_d1_control(list[0]) : 0;
    if (kind !== 0 && (kind <= ROLLBACK || this.#transaction !== null)) {
      await this.#control(kind, list[0]);
      return [0, [[], [], 0, 0, 0, false, 0, 0, 0]];
    }
    const way = this.#transaction === null ? this.#primary : await this.#transaction;
    const answer = await way.send(list);
    this.#see(answer[0]);
    return answer;
  }

  async #control(kind, sql) {
    const transaction = this.#transaction;
    if (kind === BEGIN) {
      if (transaction !== null) {
        throw new Error("cannot start a transaction within a transaction: SQLITE_ERROR");
      }
      this.#transaction = Channel.begin(this.#index, TRANSACTION_MS);
      try {
        await this.#transaction;
      } catch (error) {
        this.#transaction = null;
        throw error;
      }
      return;
    }
    if (transaction === null) {
      const what = kind === COMMIT ? "commit" : "rollback";
      throw new Error(`cannot ${what} - no transaction is active: SQLITE_ERROR`);
    }
    if (kind !== COMMIT && kind !== ROLLBACK) return (await transaction).control(sql);
    const channel = await transaction;
    this.#transaction = null;
    await (kind === COMMIT ? channel.commit() : channel.rollback());
  }

  #see(transaction) {
    const seen = bookmarkOf(this.#key, transaction);
    if (this.#bookmark === null || this.#bookmark < seen) this.#bookmark = seen;
  }
}

// Sorts by the transaction, as Cloudflare's bookmarks do.
function bookmarkOf(key, transaction) {
  const hex = (number) => (number >>> 0).toString(16).padStart(8, "0");
  return `${hex(Math.floor(transaction / 0x1_0000_0000))}-${hex(transaction)}-00000000-${key}`;
}

return { Channel, Primary, SessionWay, TRANSACTION_MS };
})();
