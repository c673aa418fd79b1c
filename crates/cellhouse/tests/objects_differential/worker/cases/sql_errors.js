// storage.sql: what is refused, and with which words; the object goes on.

import { inside } from "../inside.js";

const refused = (...texts) => inside(({ storage }, h) => {
  storage.sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (length(name) < 5))");
  storage.sql.exec("INSERT INTO t VALUES (1, 'one'), (2, 'two')");
  storage.kv.put("key", "value");
  const results = texts.map((text) => h.attemptNow(() => storage.sql.exec(text).toArray()));
  return [results, storage.sql.exec("SELECT * FROM t").toArray(), storage.kv.get("key")];
});

export default {
  "syntax": refused("SELEC 1", "SELECT", "SELECT * FROM", "SELECT 'abc", "SELECT 1 1", "SELECT (1", ")", "INSERT INTO t VALUES (1", "SELECT \"", "\u0000"),
  "nothing to run": refused("", " ", ";", "-- comment", "/* comment */", "SELECT 1; -- comment", " ; ;"),
  "names": refused("SELECT * FROM nowhere", "SELECT nothing FROM t", "SELECT nothing(1)", "INSERT INTO t (nothing) VALUES (1)", "DROP TABLE nowhere", "SELECT t.nothing FROM t", "CREATE TABLE t (a)", "CREATE INDEX i ON nowhere (a)", "SELECT abs()", "SELECT abs(1, 2)"),
  "constraints": refused(
    "INSERT INTO t VALUES (1, 'x')", "INSERT INTO t VALUES (3, 'one')", "INSERT INTO t VALUES (3, NULL)", "INSERT INTO t VALUES (3, 'toolong')",
    "UPDATE t SET id = 1", "UPDATE t SET name = 'same'", "INSERT INTO t VALUES ('text', 'x')", "INSERT INTO t VALUES (1)",
  ),
  "transactions": refused("BEGIN", "BEGIN IMMEDIATE", "COMMIT", "END", "ROLLBACK", "SAVEPOINT a", "RELEASE a", "ROLLBACK TO a", "begin transaction"),
  "other files": refused("ATTACH 'other.db' AS o", "DETACH main", "VACUUM", "VACUUM INTO 'x'", "SELECT readfile('x')"),
  "what is ours": refused("SELECT * FROM _cf_KV", "DELETE FROM _cf_KV", "DROP TABLE _cf_KV", "CREATE TABLE _cf_x (a)", "CREATE TABLE _CF_x (a)", "ALTER TABLE t RENAME TO _cf_t", "CREATE INDEX _cf_i ON t (id)", "CREATE VIEW _cf_v AS SELECT 1", "CREATE TRIGGER _cf_g AFTER INSERT ON t BEGIN SELECT 1; END"),
  "the schema": refused("DELETE FROM sqlite_master", "UPDATE sqlite_master SET name = 'x'", "CREATE TABLE sqlite_x (a)", "DROP TABLE sqlite_master"),
  "pragmas": refused("PRAGMA journal_mode", "PRAGMA journal_mode = DELETE", "PRAGMA synchronous = OFF", "PRAGMA writable_schema = 1", "PRAGMA user_version", "PRAGMA cache_size", "PRAGMA locking_mode"),
  "pragmas that are allowed": inside(({ storage }, h) => {
    storage.sql.exec("CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT); CREATE INDEX i ON a (b)");
    return ["table_info(a)", "table_list", "index_list(a)", "index_info(i)", "foreign_key_list(a)", "table_xinfo(a)", "quick_check", "foreign_key_check", "defer_foreign_keys = on", "case_sensitive_like = on", "optimize"]
      .map((pragma) => h.attemptNow(() => storage.sql.exec(`PRAGMA ${pragma}`).toArray().filter((row) => !`${row.name}`.startsWith("_cf_"))));
  }),
  "not a text": inside(({ storage }, h) => [
    h.attemptNow(() => storage.sql.exec()), h.attemptNow(() => storage.sql.exec(5)), h.attemptNow(() => storage.sql.exec(null)),
  ]),
  "values that cannot be bound": inside(({ storage }, h) => [5n].map((value) => h.attemptNow(() => storage.sql.exec("SELECT ? AS v", value).one()))),
  "an error while rows are read": inside(({ storage }, h) => {
    storage.sql.exec("CREATE TABLE n (a); INSERT INTO n VALUES (1), (2), (3)");
    const cursor = h.attemptNow(() => storage.sql.exec("SELECT json_extract(CASE a WHEN 3 THEN '{' ELSE '{}' END, '$') AS v FROM n"));
    return [typeof cursor.next, h.attemptNow(() => cursor.toArray())];
  }),
  "integers that overflow": refused("SELECT abs(-9223372036854775808)", "SELECT sum(a) FROM (SELECT 9223372036854775807 AS a UNION ALL SELECT 1)"),
  "raise": inside(({ storage }, h) => {
    storage.sql.exec("CREATE TABLE n (a); CREATE TRIGGER g BEFORE INSERT ON n BEGIN SELECT RAISE(ABORT, 'not allowed here'); END");
    return [h.attemptNow(() => storage.sql.exec("INSERT INTO n VALUES (1)")), storage.sql.exec("SELECT count(*) AS n FROM n").one()];
  }),
  "or rollback": inside(({ storage }, h) => {
    storage.sql.exec("CREATE TABLE n (a UNIQUE); INSERT INTO n VALUES (1)");
    return [h.attemptNow(() => storage.sql.exec("INSERT OR IGNORE INTO n VALUES (1), (2)").toArray()), h.attemptNow(() => storage.sql.exec("INSERT OR FAIL INTO n VALUES (3), (1), (4)")), storage.sql.exec("SELECT a FROM n ORDER BY a").raw().toArray()];
  }),
};
