// D1 bindings: databases, sessions, prepared statements and interactive transactions. Converts
// parameters and rows as Cloudflare does; what SQL may do, and in which words it fails, is decided in
// Rust.

(function () {
const { core } = __bootstrap;
const { op_d1_dump } = core.ops;
const { Channel, Primary, SessionWay, TRANSACTION_MS } = core.loadExtScript(
  "ext:cellhouse_runtime/d1_ways.js",
);

const KEY = Symbol("construct");
// How long a transaction may stay open at most, in milliseconds.
const LONGEST_TRANSACTION_MS = 30_000;
const FIRST_PRIMARY = "first-primary";
const FIRST_UNCONSTRAINED = "first-unconstrained";
// Those of sessions, of time travel, and Cloudflare's own.
const BOOKMARK = /^[0-9a-f]{8,16}(?:-[0-9a-f]{8,32}){3}$/;

// ---- errors

function failure(message, prefix = "D1_ERROR") {
  return new Error(`${prefix}: ${message}`, { cause: new Error(message) });
}

// ---- rows

// `__proto__` as a column is a property like any other.
function objectsOf([columns, values]) {
  const width = columns.length;
  const rows = [];
  const plain = !columns.includes("__proto__");
  for (let at = 0; at < values.length; at += width) {
    const row = {};
    for (let i = 0; i < width; i++) {
      if (plain) row[columns[i]] = values[at + i];
      else Object.defineProperty(row, columns[i], { value: values[at + i], ...OWN });
    }
    rows.push(row);
  }
  return rows;
}
const OWN = { configurable: true, enumerable: true, writable: true };

function metaOf(output) {
  return {
    served_by: "cellhouse",
    duration: output[2],
    changes: output[3],
    last_row_id: output[4],
    changed_db: output[5],
    size_after: output[6],
    rows_read: output[7],
    rows_written: output[8],
  };
}

function resultOf(output) {
  return { success: true, meta: metaOf(output), results: objectsOf(output) };
}

// ---- parameters

function param(value) {
  switch (typeof value) {
    case "number":
    case "string":
      return value;
    case "boolean":
      return value ? 1 : 0;
    case "object":
      if (value === null) return null;
      if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
      if (ArrayBuffer.isView(value)) return bytesOf(value);
      if (Array.isArray(value) && value.every(isByte)) return Uint8Array.from(value);
  }
  throw failure(`Type '${typeof value}' not supported for value '${value}'`, "D1_TYPE_ERROR");
}

function isByte(value) {
  return typeof value === "number" && value >= 0 && value < 256;
}

// As Cloudflare takes them: the elements of a view, each as a byte.
function bytesOf(view) {
  if (view instanceof DataView) return new Uint8Array(0);
  return Uint8Array.from(view, Number);
}

// ---- statements

let parts; // of a statement: [way, sql, parameters]

class D1PreparedStatement {
  #way;
  #sql;
  #params;

  static {
    parts = (statement) => {
      if (typeof statement === "object" && statement !== null && #way in statement) {
        return [statement.#way, statement.#sql, statement.#params];
      }
      return null;
    };
  }

  constructor(key, way, sql, params) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#way = way;
    this.#sql = sql;
    this.#params = params;
  }

  // The text, as it was given to prepare().
  get statement() {
    return this.#sql;
  }

  bind(...values) {
    return new D1PreparedStatement(KEY, this.#way, this.#sql, values.map(param));
  }

  async #output() {
    try {
      return (await this.#way.send([textOf(this.#sql), this.#params]))[1];
    } catch (error) {
      throw failure(error.message);
    }
  }

  async first(column) {
    const [columns, values] = await this.#output();
    if (values.length === 0) return null;
    if (column === undefined) return objectsOf([columns, values.slice(0, columns.length)])[0];
    const place = columns.lastIndexOf(`${column}`);
    if (place !== -1) return values[place];
    throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`, {
      cause: new Error("Column not found"),
    });
  }

  async all() {
    return resultOf(await this.#output());
  }

  async run() {
    return resultOf(await this.#output());
  }

  async raw(options) {
    const [columns, values] = await this.#output();
    const rows = options?.columnNames ? [columns] : [];
    for (let at = 0; at < values.length; at += columns.length) {
      rows.push(values.slice(at, at + columns.length));
    }
    return rows;
  }
}

function textOf(sql) {
  if (typeof sql === "string") return sql;
  throw new Error(`the SQL must be a string, not ${sql === null ? "null" : `a value of type ${typeof sql}`}`);
}

// ---- what databases, sessions and transactions share

async function sendBatch(way, statements) {
  const list = [];
  for (const [index, statement] of [...statements].entries()) {
    const known = parts(statement);
    if (known === null) {
      throw failure(`batch() takes statements made by prepare(), and number ${index} is none`);
    }
    list.push(known[1], known[2]);
  }
  try {
    for (let at = 0; at < list.length; at += 2) textOf(list[at]);
    return (await way.send(list)).slice(1).map(resultOf);
  } catch (error) {
    throw failure(error.message);
  }
}

async function sendExec(way, query) {
  const lines = `${query}`.trim().split("\n");
  let outputs;
  try {
    outputs = (await way.send(lines.flatMap((line) => [line, null]))).slice(1);
  } catch (error) {
    throw failure(`Error in line 1: ${lines[0]}: ${error.message}`, "D1_EXEC_ERROR");
  }
  return { count: outputs.length, duration: outputs.reduce((sum, output) => sum + output[2], 0) };
}

function limitOf(options) {
  const timeout = options?.timeout;
  if (timeout === undefined) return TRANSACTION_MS;
  if (typeof timeout === "number" && timeout > 0 && timeout <= LONGEST_TRANSACTION_MS) return timeout;
  throw new RangeError(
    `D1 transaction(): timeout must be a number of milliseconds from 1 to ${LONGEST_TRANSACTION_MS}.`,
  );
}

class D1Transaction {
  #channel;

  constructor(key, channel) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#channel = channel;
  }

  prepare(query) {
    return new D1PreparedStatement(KEY, this.#channel, query, []);
  }

  batch(statements) {
    return sendBatch(this.#channel, statements);
  }

  exec(query) {
    return sendExec(this.#channel, query);
  }

  async transaction() {
    throw failure("a transaction within a transaction is not supported");
  }
}

// The callback's transaction is committed when its promise is fulfilled, else rolled back.
async function interactive(index, callback, options) {
  if (typeof callback !== "function") {
    throw new TypeError("D1 transaction(): the first argument must be a function.");
  }
  const limit = limitOf(options);
  let channel;
  try {
    channel = await Channel.begin(index, limit);
  } catch (error) {
    throw failure(error.message);
  }
  let value;
  try {
    value = await callback(new D1Transaction(KEY, channel));
  } catch (error) {
    await channel.rollback();
    throw error;
  }
  try {
    await channel.commit();
  } catch (error) {
    throw failure(error.message);
  }
  return value;
}

class D1DatabaseSession {
  #way;

  constructor(key, way) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#way = way;
  }

  prepare(query) {
    return new D1PreparedStatement(KEY, this.#way, query, []);
  }

  batch(statements) {
    return sendBatch(this.#way, statements);
  }

  getBookmark() {
    return this.#way.bookmark;
  }
}

class D1Database {
  #index;
  #key;
  #way;

  constructor(key, index, name) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#index = index;
    this.#key = name;
    this.#way = new Primary(index);
  }

  prepare(query) {
    return new D1PreparedStatement(KEY, this.#way, query, []);
  }

  async batch(statements) {
    return sendBatch(this.#way, statements);
  }

  async exec(query) {
    return sendExec(this.#way, query);
  }

  async transaction(callback, options) {
    return interactive(this.#index, callback, options);
  }

  // Every session sees all that was written before it began, whatever it asks for: there is one node.
  withSession(constraintOrBookmark) {
    const given = constraintOrBookmark?.trim() ?? "";
    const constraint = given === "" || given === FIRST_PRIMARY || given === FIRST_UNCONSTRAINED;
    if (!constraint && !BOOKMARK.test(given)) {
      throw new Error("D1_SESSION_ERROR: invalid bookmark or constraint");
    }
    const bookmark = constraint ? null : given;
    return new D1DatabaseSession(KEY, new SessionWay(this.#index, this.#key, this.#way, bookmark));
  }

  async dump() {
    try {
      return (await op_d1_dump(this.#index)).buffer;
    } catch (error) {
      throw failure(error.message, "D1_DUMP_ERROR");
    }
  }
}

return { makeD1: (index, key) => new D1Database(KEY, index, key) };
})();
