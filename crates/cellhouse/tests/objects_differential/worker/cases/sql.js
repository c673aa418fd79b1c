// storage.sql: statements, bindings, cursors, types.

import { inside } from "../inside.js";

function filled({ storage }) {
  const { sql } = storage;
  sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, size REAL, data BLOB)");
  sql.exec("INSERT INTO t VALUES (1, 'one', 1.5, x'01'), (2, 'two', NULL, NULL), (3, NULL, 3, x'')");
  return sql;
}

const query = (text, ...bindings) => inside((ctx, h) => h.attemptNow(() => filled(ctx).exec(text, ...bindings).toArray()));

const bound = (values) => inside(({ storage }, h) =>
  values.map((value) => h.attemptNow(() => storage.sql.exec("SELECT ? AS v, typeof(?) AS t", value, value).one())));

export default {
  "rows": query("SELECT * FROM t ORDER BY id"),
  "expressions": query("SELECT 1, 'a', 1.5, NULL, x'00ff', 1 = 1 AS yes, 7 / 2, 7.0 / 2, 1e999, -9223372036854775808 AS small"),
  "large integers": query("SELECT 9007199254740991 AS a, 9007199254740993 AS b, 9223372036854775807 AS c"),
  "names twice": query("SELECT id, id, name AS id FROM t WHERE id = 1"),
  "joins": query("SELECT a.id, b.name FROM t a JOIN t b ON a.id = b.id - 1 ORDER BY a.id"),
  "common table expressions": query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) AS total FROM n"),
  "window functions": query("SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM t ORDER BY id"),
  "json": query("SELECT json_extract('{\"a\":[1,2]}', '$.a[1]') AS v, json_group_array(id) AS ids FROM t"),
  "json ->>": query("SELECT '{\"a\":5}' ->> 'a' AS v, json('[1, 2]') AS j, json_valid('{') AS no"),
  "dates": query("SELECT date('2024-02-30') AS a, strftime('%Y', '2024-01-01') AS y, unixepoch('1970-01-02') AS u"),
  "mathematics": query("SELECT pow(2, 10) AS p, round(2.567, 2) AS r, abs(-5) AS a, max(1, 3) AS m, ceil(1.2) AS c, sqrt(16) AS s"),
  "texts": query("SELECT upper('é'), length('日本'), substr('hello', 2, 3), replace('aa', 'a', 'b'), hex('é'), instr('abc', 'c'), printf('%05.1f', 2.25)"),
  "upsert": inside((ctx) => {
    const sql = filled(ctx);
    const write = "INSERT INTO t (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name";
    return [sql.exec(write, 1, "eins").toArray(), sql.exec(write, 9, "neun").one()];
  }),
  "returning": query("DELETE FROM t WHERE id > 1 RETURNING id"),
  "numbers bound": bound([0, -0, 1, 1.5, 2 ** 53, 1e300, NaN, Infinity, -Infinity]),
  "texts bound": bound(["", "a", "é日🎉", "a\u0000b"]),
  "other values bound": bound([null, undefined, true, false]),
  "objects bound": bound([{}, [1, 2], new String("boxed"), 5n]),
  "buffers bound": bound([Uint8Array.of(1, 2), Uint8Array.of(3).buffer, new Uint8Array(0), new Uint16Array([1, 2]), new DataView(Uint8Array.of(1, 2, 3).buffer, 1)]),
  "numbered parameters": query("SELECT ?2 AS b, ?1 AS a, ?2 AS again", "first", "second"),
  "a parameter that is left out": query("SELECT ?1 AS a, ?3 AS c", 1, 2, 3),
  "too few bindings": query("SELECT ?, ?", 1),
  "too many bindings": query("SELECT ?", 1, 2),
  "bindings for nothing": query("SELECT 1", 1),
  "named parameters": query("SELECT :a", 1),
  "several statements": inside((ctx) => {
    const sql = filled(ctx);
    return [
      sql.exec("INSERT INTO t (id) VALUES (10); INSERT INTO t (id) VALUES (11); SELECT count(*) AS n FROM t").toArray(),
      sql.exec("SELECT 1 AS a; SELECT 2 AS b").toArray(), sql.exec("SELECT 1 AS a; DELETE FROM t").toArray(),
    ];
  }),
  "several statements with bindings": inside((ctx, h) => {
    const sql = filled(ctx);
    return [h.attemptNow(() => sql.exec("DELETE FROM t WHERE id = 1; SELECT ? AS v", 5).toArray()), sql.exec("SELECT count(*) AS n FROM t").one()];
  }),
  "several statements, one is wrong": inside((ctx, h) => {
    const sql = filled(ctx);
    const thrown = h.attemptNow(() => sql.exec("INSERT INTO t (id) VALUES (10); INSERT INTO t (id) VALUES (10); INSERT INTO t (id) VALUES (11)"));
    return [thrown, sql.exec("SELECT id FROM t ORDER BY id").raw().toArray()];
  }),
  "several statements, one does not parse": inside((ctx, h) => {
    const sql = filled(ctx);
    const thrown = h.attemptNow(() => sql.exec("INSERT INTO t (id) VALUES (10); NONSENSE"));
    return [thrown, sql.exec("SELECT count(*) AS n FROM t").one()];
  }),
  "semicolons and white space": inside((ctx, h) => ["SELECT 1 AS a;", "SELECT 1 AS a ; ", "\n SELECT 1 AS a", "/* c */ SELECT 1 AS a", "SELECT 1 AS a -- c"]
    .map((text) => h.attemptNow(() => ctx.storage.sql.exec(text).toArray()))),
  "one": inside((ctx, h) => {
    const sql = filled(ctx);
    return ["id = 1", "id = 99", "id < 3"].map((where) => h.attemptNow(() => sql.exec(`SELECT id FROM t WHERE ${where}`).one()));
  }),
  "next": inside((ctx) => {
    const cursor = filled(ctx).exec("SELECT id FROM t ORDER BY id LIMIT 2");
    return [cursor.next(), cursor.next(), cursor.next(), cursor.next()];
  }),
  "toArray twice": inside((ctx) => {
    const cursor = filled(ctx).exec("SELECT id FROM t");
    return [cursor.toArray(), cursor.toArray()];
  }),
  "toArray after next": inside((ctx) => {
    const cursor = filled(ctx).exec("SELECT id FROM t ORDER BY id");
    cursor.next();
    return cursor.toArray();
  }),
  "one after next": inside((ctx, h) => {
    const cursor = filled(ctx).exec("SELECT id FROM t ORDER BY id");
    cursor.next();
    return [h.attemptNow(() => cursor.one()), h.attemptNow(() => cursor.toArray())];
  }),
  "for of": inside((ctx) => {
    const seen = [];
    for (const row of filled(ctx).exec("SELECT id FROM t ORDER BY id")) seen.push(row);
    return seen;
  }),
  "for of that breaks": inside((ctx) => {
    const cursor = filled(ctx).exec("SELECT id FROM t ORDER BY id");
    for (const row of cursor) if (row.id === 1) break;
    return cursor.toArray();
  }),
  "raw": inside((ctx) => {
    const cursor = filled(ctx).exec("SELECT id, name, id FROM t ORDER BY id");
    const raw = cursor.raw();
    return [raw.next(), raw.toArray(), cursor.toArray()];
  }),
  "columnNames": inside((ctx) => {
    const sql = filled(ctx);
    return ["SELECT id, name AS n, 1 + 1, id FROM t", "SELECT * FROM t WHERE id > 99", "DELETE FROM t WHERE id = 1"].map((text) => sql.exec(text).columnNames);
  }),
  "methods of a cursor": inside((ctx) => {
    const cursor = filled(ctx).exec("SELECT id FROM t");
    const names = ["next", "toArray", "one", "raw", "columnNames", "rowsRead", "rowsWritten", "reusedCachedQueryForTest", "map", "return"];
    return [Object.prototype.toString.call(cursor), names.map((name) => [name, typeof cursor[name]])];
  }),
  "two cursors of one query": inside((ctx, h) => {
    const sql = filled(ctx);
    const text = "SELECT id FROM t ORDER BY id";
    const [first, second] = [sql.exec(text), sql.exec(text.toLowerCase())];
    return [first.next(), second.next(), h.attemptNow(() => first.toArray()), second.toArray()];
  }),
  "a cursor while rows change": inside((ctx, h) => {
    const sql = filled(ctx);
    const cursor = sql.exec("SELECT id FROM t ORDER BY id");
    cursor.next();
    sql.exec("DELETE FROM t WHERE id = 3");
    return h.attemptNow(() => cursor.toArray());
  }),
  "a cursor of another event": {
    async outside(_env, h) {
      const stub = h.object();
      const name = "sql: a cursor of another event";
      return [await stub.run(name, "begin"), await h.attempt(() => stub.run(name, "goOn"))];
    },
    steps: {
      begin(thing) {
        thing.cursor = filled(thing.ctx).exec("SELECT id FROM t ORDER BY id");
        return thing.cursor.next();
      },
      goOn: (thing) => thing.cursor.toArray(),
    },
  },
  "rowsWritten": inside((ctx) => {
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE plain (a)");
    return [
      sql.exec("INSERT INTO plain VALUES (1), (2), (3)").rowsWritten, sql.exec("UPDATE plain SET a = a + 1").rowsWritten,
      sql.exec("DELETE FROM plain WHERE a > 2").rowsWritten, sql.exec("SELECT * FROM plain").rowsWritten,
    ];
  }),
  "rowsRead of a scan": inside((ctx) => {
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE plain (a); INSERT INTO plain VALUES (1), (2), (3)");
    const cursor = sql.exec("SELECT * FROM plain");
    const before = cursor.rowsRead;
    cursor.toArray();
    return [typeof before, cursor.rowsRead];
  }),
  "databaseSize": inside((ctx) => {
    const { sql } = ctx.storage;
    const before = sql.databaseSize;
    sql.exec("CREATE TABLE plain (a)");
    sql.exec("INSERT INTO plain VALUES (?)", "x".repeat(100_000));
    return [typeof before, sql.databaseSize - before > 90_000, sql.databaseSize % 4096];
  }),
  "constraints of foreign keys are on": inside((ctx, h) => {
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a(id) ON DELETE CASCADE)");
    sql.exec("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)");
    sql.exec("DELETE FROM a");
    return [sql.exec("SELECT count(*) AS n FROM b").one(), h.attemptNow(() => sql.exec("INSERT INTO b VALUES (5)"))];
  }),
  "types of columns": inside((ctx) => {
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE typed (i INTEGER, r REAL, t TEXT, b BLOB, n NUMERIC)");
    sql.exec("INSERT INTO typed VALUES (?, ?, ?, ?, ?)", "12", "3", 4.5, "text", "5.0");
    sql.exec("INSERT INTO typed VALUES (?, ?, ?, ?, ?)", 1.0, 2, true, null, "abc");
    return sql.exec("SELECT *, typeof(i), typeof(r), typeof(t), typeof(b), typeof(n) FROM typed").raw().toArray();
  }),
  "strict tables": inside((ctx, h) => {
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE s (i INTEGER, t TEXT) STRICT");
    return [h.attemptNow(() => sql.exec("INSERT INTO s VALUES (?, ?)", 5, "a").rowsWritten), h.attemptNow(() => sql.exec("INSERT INTO s VALUES ('x', 'a')"))];
  }),
  "views, triggers and generated columns": inside((ctx) => {
    const { sql } = ctx.storage;
    sql.exec(`CREATE TABLE g (a INTEGER, double AS (a * 2) STORED); CREATE VIEW big AS SELECT * FROM g WHERE double > 5;
      CREATE TABLE seen (a); CREATE TRIGGER note AFTER INSERT ON g BEGIN INSERT INTO seen VALUES (new.double); END;`);
    sql.exec("INSERT INTO g (a) VALUES (1), (5)");
    return [sql.exec("SELECT * FROM big").toArray(), sql.exec("SELECT * FROM seen").raw().toArray()];
  }),
  "full text search": inside((ctx) => {
    const { sql } = ctx.storage;
    sql.exec("CREATE VIRTUAL TABLE f USING fts5(title, body)");
    sql.exec("INSERT INTO f VALUES ('one', 'the quick brown fox'), ('two', 'a lazy dog')");
    return sql.exec("SELECT title, snippet(f, 1, '[', ']', '...', 5) AS s FROM f WHERE f MATCH 'quick OR nothing' ORDER BY rank").toArray();
  }),
  "alter table": inside((ctx) => {
    const sql = filled(ctx);
    sql.exec("ALTER TABLE t ADD COLUMN more TEXT DEFAULT 'x'; ALTER TABLE t RENAME COLUMN name TO title; ALTER TABLE t DROP COLUMN data");
    return sql.exec("SELECT * FROM t WHERE id = 1").one();
  }),
  "a cached statement sees a new column": inside((ctx) => {
    const sql = filled(ctx);
    const text = "SELECT * FROM t WHERE id = 1";
    const before = sql.exec(text).columnNames.length;
    sql.exec("ALTER TABLE t ADD COLUMN more");
    return [before, sql.exec(text).columnNames.length];
  }),
  "autoincrement and rowid": inside((ctx) => {
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, v)");
    sql.exec("INSERT INTO a (v) VALUES (1), (2)");
    sql.exec("DELETE FROM a");
    sql.exec("INSERT INTO a (v) VALUES (3)");
    return [sql.exec("SELECT rowid, * FROM a").toArray(), sql.exec("SELECT last_insert_rowid() AS id, changes() AS n").toArray(), sql.exec("SELECT * FROM sqlite_sequence").toArray()];
  }),
};
