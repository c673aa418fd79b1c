//! Statements: values both ways, what is counted, what is refused and in which words.

mod support;

use cellhouse_d1::{Param, Statement, Value};
use support::{block_on, home};

#[test]
fn values_come_back_as_they_were_bound() {
    let home = home();
    let cases = [
        (Param::Null, Value::Null, "null"),
        (Param::Number(5.0), Value::Real(5.0), "real"),
        (Param::Number(f64::NAN), Value::Null, "null"),
        (Param::Number(f64::INFINITY), Value::Null, "null"),
        (
            Param::Text("a\0é".into()),
            Value::Text("a\0é".into()),
            "text",
        ),
        (Param::Blob(vec![]), Value::Blob(vec![]), "blob"),
        (Param::Blob(vec![0, 255]), Value::Blob(vec![0, 255]), "blob"),
    ];
    for (param, value, kind) in cases {
        let answer = home.with("SELECT ?1, typeof(?1)", vec![param]);
        assert_eq!(answer.outputs[0].values, [value, Value::Text(kind.into())]);
    }
    let max = home.values("SELECT 9223372036854775807, -9007199254740993");
    assert_eq!(
        max,
        [
            Value::Integer(i64::MAX),
            Value::Integer(-9_007_199_254_740_993)
        ]
    );
}

#[test]
fn what_is_counted() {
    let home = home();
    let meta = |sql: &str| home.run(sql).outputs[0].meta;
    let made = meta("CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
    assert!(made.changed_db && made.changes == 0 && made.size_after > 0);
    let put = meta("INSERT INTO t (a) VALUES (1), (2), (3)");
    assert_eq!((put.changes, put.last_row_id, put.rows_written), (3, 3, 3));
    let read = meta("SELECT * FROM t");
    assert_eq!(
        (read.rows_read, read.changes, read.changed_db),
        (3, 0, false)
    );
    assert_eq!((read.last_row_id, read.size_after), (3, put.size_after));
    assert_eq!(meta("UPDATE t SET a = 0 WHERE id > 1").changes, 2);
    assert_eq!(meta("DELETE FROM t").changes, 3);
    assert_eq!(home.one("SELECT last_insert_rowid()"), Value::Integer(3));
}

#[test]
fn several_statements_in_a_text_and_in_a_call() {
    let home = home();
    let answer = home.with(
        "CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1); SELECT a + ?1 FROM t",
        vec![Param::Number(1.0)],
    );
    assert_eq!(answer.outputs[0].values, [Value::Real(2.0)]);
    let batch = ["INSERT INTO t VALUES (2)", " ", "SELECT count(*) FROM t"];
    let batch: Vec<Statement> = batch.map(Statement::new).into();
    let answer = home.ask(&batch).unwrap();
    assert_eq!(answer.outputs.len(), 2, "the empty one is left out");
    assert_eq!(answer.outputs[1].values, [Value::Integer(2)]);
    let bad: Vec<Statement> = ["INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (1)"]
        .map(Statement::new)
        .into();
    let error = home.ask(&bad).unwrap_err().to_string();
    assert_eq!(
        error,
        "UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)"
    );
    assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(2));
}

#[test]
fn what_is_refused() {
    let home = home();
    home.run("CREATE TABLE t (a)");
    let transactions = "To execute a transaction, please use the state.storage.transaction()";
    let cases = [
        (
            "SELEC 1",
            "near \"SELEC\": syntax error at offset 0: SQLITE_ERROR",
        ),
        ("", "No SQL statements detected."),
        ("-- nothing", "SQL code did not contain a statement."),
        ("SELECT 1; -- c", "SQL code did not contain a statement."),
        (
            "SELECT ?",
            "Wrong number of parameter bindings for SQL query.",
        ),
        (
            "SELECT nope FROM t",
            "no such column: nope at offset 7: SQLITE_ERROR",
        ),
        ("BEGIN", transactions),
        ("COMMIT", transactions),
        ("SAVEPOINT a", transactions),
        ("ATTACH 'x' AS y", "not authorized"),
        (
            "VACUUM",
            "cannot VACUUM from within a transaction: SQLITE_ERROR",
        ),
        (
            "VACUUM INTO 'x'",
            "cannot VACUUM from within a transaction: SQLITE_ERROR",
        ),
        ("SELECT load_extension('x')", "not authorized"),
        ("SELECT * FROM _cf_KV", "no such table: _cf_KV"),
        ("CREATE TABLE _cf_x (a)", "not authorized"),
        ("CREATE TEMP TABLE x (a)", "not authorized"),
        ("PRAGMA journal_mode = DELETE", "not authorized"),
        ("PRAGMA writable_schema = 1", "not authorized"),
        ("SELECT randomblob(3000000)", "string or blob too big"),
    ];
    for (sql, expected) in cases {
        let message = home.refused(sql);
        assert!(message.contains(expected), "{sql}: {message}");
    }
    let many = format!("SELECT {}", vec!["?"; 101].join(","));
    assert!(home.refused(&many).starts_with("too many SQL variables"));
    let long = format!("SELECT '{}'", "x".repeat(100_000));
    assert!(home.refused(&long).contains("SQLITE_TOOBIG"));
    let tables = home.values("SELECT name FROM sqlite_schema");
    assert_eq!(tables, [Value::Text("t".into())]);
}

#[test]
fn what_sqlite_can_do_is_there() {
    let home = home();
    for sql in [
        "CREATE VIRTUAL TABLE f USING fts5(body)",
        "INSERT INTO f VALUES ('the quick brown fox'), ('lazy dogs')",
        "CREATE TABLE g (a INTEGER, b GENERATED ALWAYS AS (a * 2) STORED)",
        "INSERT INTO g (a) VALUES (21)",
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE c (p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)",
    ] {
        home.run(sql);
    }
    let text = |text: &str| Value::Text(text.to_owned());
    let cases = [
        (
            "SELECT body FROM f WHERE f MATCH 'quick OR cat'",
            text("the quick brown fox"),
        ),
        ("SELECT b FROM g", Value::Integer(42)),
        (
            "SELECT json_extract('{\"a\":[1,2]}', '$.a[1]')",
            Value::Integer(2),
        ),
        ("SELECT '{\"a\":7}' ->> 'a'", Value::Integer(7)),
        (
            "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < 9) SELECT sum(n) FROM x",
            Value::Integer(45),
        ),
        ("SELECT name FROM pragma_table_info('g')", text("a")),
        ("PRAGMA foreign_keys", Value::Integer(1)),
        (
            "SELECT row_number() OVER (ORDER BY a) FROM g",
            Value::Integer(1),
        ),
        ("SELECT round(sqrt(2), 3)", Value::Real(1.414)),
    ];
    for (sql, expected) in cases {
        assert_eq!(home.one(sql), expected, "{sql}");
    }
    // A constraint that is looked at when the transaction ends.
    assert_eq!(
        home.refused("INSERT INTO c VALUES (5)"),
        "FOREIGN KEY constraint failed: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)"
    );
    assert_eq!(home.one("SELECT count(*) FROM c"), Value::Integer(0));
}

#[test]
fn two_columns_of_one_name_are_two() {
    let output = home().run("SELECT 1 AS a, 2 AS a").outputs.remove(0);
    assert_eq!(output.columns, ["a", "a"]);
    assert_eq!(output.values, [Value::Integer(1), Value::Integer(2)]);
}

#[test]
fn a_dump_is_a_file_of_sqlite() {
    let home = home();
    home.run("CREATE TABLE t (a)");
    home.run("INSERT INTO t VALUES ('x')");
    let (file, _) = block_on(home.db.dump()).unwrap();
    assert_eq!(&file[..16], b"SQLite format 3\0");
    let dir = tempfile::TempDir::new().unwrap();
    let path = dir.path().join("dump");
    std::fs::write(&path, file).unwrap();
    let copy = rusqlite::Connection::open(path).unwrap();
    let text: String = copy
        .query_row("SELECT a FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(text, "x");
}
