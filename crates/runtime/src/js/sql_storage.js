// `ctx.storage.sql`: statements and cursors over their rows, which are fetched in chunks.

(function () {
const { core } = __bootstrap;
const {
  op_storage_database_size, op_storage_sql, op_storage_sql_close, op_storage_sql_next,
} = core.ops;

// Cursors that nobody reads to the end any more: [object, number].
const abandoned = new FinalizationRegistry(([object, number]) => {
  try {
    op_storage_sql_close(object, number);
  } catch {
    // The object is gone, and its cursors with it.
  }
});

function binding(value) {
  switch (typeof value) {
    case "undefined":
      return null;
    case "number":
    case "string":
    case "boolean":
      return value;
    case "bigint":
      throw new TypeError("Cannot convert a BigInt value to a number");
    case "object":
      if (value === null) return null;
      if (value instanceof ArrayBuffer) return new Uint8Array(value);
      if (ArrayBuffer.isView(value)) return value;
      return `${value}`;
    default:
      return `${value}`;
  }
}

class SqlStorageCursor {
  #object;
  #number;
  #columns;
  #rows;
  #next = 0;
  #done;
  #rowsRead;
  #rowsWritten;

  constructor(object, [number, columns, rows, done, rowsRead, rowsWritten]) {
    this.#object = object;
    this.#number = number;
    this.#columns = columns;
    this.#rows = rows;
    this.#done = done;
    this.#rowsRead = rowsRead;
    this.#rowsWritten = rowsWritten;
    if (!done) abandoned.register(this, [object, number], this);
  }

  get columnNames() {
    return [...this.#columns];
  }

  get rowsRead() {
    return this.#rowsRead;
  }

  get rowsWritten() {
    return this.#rowsWritten;
  }

  // The next row as an array, or undefined at the end.
  #take() {
    while (this.#next === this.#rows.length) {
      if (this.#done) return undefined;
      const [rows, done, rowsRead, rowsWritten] = op_storage_sql_next(this.#object, this.#number);
      this.#rows = rows;
      this.#next = 0;
      this.#done = done;
      this.#rowsRead = rowsRead;
      this.#rowsWritten = rowsWritten;
      if (done) abandoned.unregister(this);
    }
    return this.#rows[this.#next++];
  }

  #object_of(row) {
    const object = {};
    for (let i = 0; i < row.length; i++) object[this.#columns[i]] = row[i];
    return object;
  }

  next() {
    const row = this.#take();
    return row === undefined ? { done: true, value: undefined } : { done: false, value: this.#object_of(row) };
  }

  toArray() {
    const all = [];
    for (let row = this.#take(); row !== undefined; row = this.#take()) all.push(this.#object_of(row));
    return all;
  }

  one() {
    const row = this.#take();
    if (row === undefined) {
      throw new Error("Expected exactly one result from SQL query, but got no results.");
    }
    if (this.#take() !== undefined) {
      throw new Error("Expected exactly one result from SQL query, but got multiple results.");
    }
    return this.#object_of(row);
  }

  raw() {
    const take = () => this.#take();
    return new SqlStorageRows(take, (row) => row);
  }

  [Symbol.iterator]() {
    return new SqlStorageRows(() => this.#take(), (row) => this.#object_of(row));
  }
}

// Nothing gives one: statements are prepared and kept by themselves.
class SqlStorageStatement {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

class SqlStorageRows {
  #take;
  #shape;

  constructor(take, shape) {
    this.#take = take;
    this.#shape = shape;
  }

  next() {
    const row = this.#take();
    return row === undefined ? { done: true, value: undefined } : { done: false, value: this.#shape(row) };
  }

  toArray() {
    return [...this];
  }
}
Object.setPrototypeOf(SqlStorageRows.prototype, IteratorPrototype);

class SqlStorage {
  #object;

  constructor(object) {
    this.#object = object;
  }

  exec(query, ...bindings) {
    if (arguments.length === 0) {
      throw new TypeError("Failed to execute 'exec' on 'SqlStorage': parameter 1 is not of type 'JsString'.");
    }
    const answer = op_storage_sql(this.#object, `${query}`, bindings.map(binding));
    return new SqlStorageCursor(this.#object, answer);
  }

  get databaseSize() {
    return op_storage_database_size(this.#object);
  }

  get Cursor() {
    return SqlStorageCursor;
  }

  get Statement() {
    return SqlStorageStatement;
  }
}
Object.defineProperty(SqlStorageStatement, "name", { value: "Statement", configurable: true });

const TAGS = [[SqlStorage, "SqlStorage"], [SqlStorageCursor, "Cursor"], [SqlStorageStatement, "Statement"]];
for (const [type, name] of TAGS) {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

return { SqlStorage };
})();
