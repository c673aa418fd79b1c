//! `storage.sql` against answers of workerd.

mod support;

use cellhouse_objects::{Binding, Row, Storage, Value};
use support::Home;

fn rows(storage: &mut Storage, sql: &str, bindings: &[Binding<'_>]) -> Result<Vec<Row>, String> {
    let mut cursor = storage.sql(sql, bindings).map_err(|e| e.to_string())?;
    let mut rows = Vec::new();
    while !cursor.is_done() {
        rows.extend(storage.rows(&mut cursor, 2).map_err(|e| e.to_string())?);
    }
    Ok(rows)
}

fn text(storage: &mut Storage, sql: &str) -> Result<Vec<String>, String> {
    let show = |value: &Value| match value {
        Value::Null => "null".to_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Real(n) => format!("{n:?}"),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("{bytes:?}"),
    };
    let show_row = |row: &Row| row.iter().map(show).collect::<Vec<_>>().join(",");
    Ok(rows(storage, sql, &[])?.iter().map(show_row).collect())
}

fn setup(home: &Home) -> Storage {
    let mut storage = home.storage("a");
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n REAL);
        INSERT INTO t VALUES (1, 'one', 1.5), (2, 'two', NULL), (3, NULL, 3)";
    storage.sql(sql, &[]).unwrap();
    storage
}

#[test]
fn queries_that_work() {
    let home = Home::new();
    let mut storage = setup(&home);
    let cases: &[(&str, &[&str])] = &[
        ("SELECT * FROM t WHERE id > 9", &[]),
        (
            "SELECT id, name FROM t ORDER BY id",
            &["1,one", "2,two", "3,null"],
        ),
        ("SELECT 1 AS a;", &["1"]),
        (
            "SELECT 3/2, 'é日🎉', x'00ff', 1e300",
            &["1,é日🎉,[0, 255],1e300"],
        ),
        (
            "CREATE TABLE m (a); INSERT INTO m VALUES (1);\n INSERT INTO m VALUES (2); SELECT * FROM m ORDER BY a",
            &["1", "2"],
        ),
        ("INSERT INTO m VALUES (3), (4) RETURNING a", &["3", "4"]),
        (
            "CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('the quick brown fox'), ('lazy dog'); \
             SELECT body FROM f WHERE f MATCH 'quick'",
            &["the quick brown fox"],
        ),
        (
            "CREATE INDEX i ON t (name); CREATE VIEW v AS SELECT id FROM t WHERE n IS NOT NULL; CREATE TABLE log (x); \
             CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.id); END; \
             INSERT INTO t VALUES (10, 'ten', 10); SELECT id FROM v ORDER BY id",
            &["1", "3", "10"],
        ),
        ("SELECT x FROM log", &["10"]),
        (
            "SELECT 'ABC' LIKE 'a%', 'é' LIKE 'É', 'abc' GLOB 'a*', 'a' = 'A' COLLATE NOCASE",
            &["1,0,1,1"],
        ),
        ("PRAGMA table_info(m)", &["0,a,,0,null,0"]),
        ("PRAGMA foreign_keys", &["1"]),
        (
            "ALTER TABLE m RENAME TO m_cf_x; SELECT count(*) FROM m_cf_x",
            &["4"],
        ),
        (
            "WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM c LIMIT 3) SELECT * FROM c",
            &["1", "2", "3"],
        ),
        ("SELECT json_extract('{\"a\":[1,2]}', '$.a[1]')", &["2"]),
    ];
    for (sql, expected) in cases {
        let found = text(&mut storage, sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        assert_eq!(found, *expected, "{sql}");
    }
}

#[test]
fn queries_that_are_refused() {
    let home = Home::new();
    let mut storage = setup(&home);
    storage
        .sql(
            "CREATE TABLE m (a); CREATE TABLE p (id INTEGER PRIMARY KEY); \
        CREATE TABLE q (a NOT NULL, b CHECK (b > 0), p REFERENCES p(id))",
            &[],
        )
        .unwrap();
    let transactions = "To execute a transaction, please use the state.storage.transaction() or state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT statements. The JavaScript API is safer because it will automatically roll back on exceptions, and because it interacts correctly with Durable Objects' automatic atomic write coalescing.";
    let no_statement = "SQL code did not contain a statement.";
    let cases = [
        (
            "SELEC 1",
            "near \"SELEC\": syntax error at offset 0: SQLITE_ERROR",
        ),
        ("SELECT * FROM", "incomplete input: SQLITE_ERROR"),
        (
            "SELECT 'abc",
            "unrecognized token: \"'abc\" at offset 7: SQLITE_ERROR",
        ),
        (
            "SELECT * FROM missing",
            "no such table: missing: SQLITE_ERROR",
        ),
        (
            "SELECT missing FROM t",
            "no such column: missing at offset 7: SQLITE_ERROR",
        ),
        (
            "INSERT INTO t (id) VALUES (1)",
            "UNIQUE constraint failed: t.id: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_PRIMARYKEY)",
        ),
        (
            "INSERT INTO q VALUES (NULL, 1, NULL)",
            "NOT NULL constraint failed: q.a: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_NOTNULL)",
        ),
        (
            "INSERT INTO q VALUES (1, -1, NULL)",
            "CHECK constraint failed: b > 0: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_CHECK)",
        ),
        (
            "INSERT INTO q VALUES (1, 1, 99)",
            "FOREIGN KEY constraint failed: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)",
        ),
        (
            "SELECT * FROM _cf_KV",
            "access to _cf_KV.key is prohibited: SQLITE_AUTH",
        ),
        ("CREATE TABLE _cf_x (a)", "not authorized: SQLITE_AUTH"),
        ("DROP TABLE _cf_KV", "not authorized: SQLITE_AUTH"),
        (
            "ALTER TABLE m RENAME TO _cf_m",
            "not authorized: SQLITE_AUTH",
        ),
        ("ATTACH 'x' AS y", "not authorized: SQLITE_AUTH"),
        (
            "PRAGMA journal_mode = DELETE",
            "not authorized: SQLITE_AUTH",
        ),
        ("CREATE TEMP TABLE x (a)", "not authorized: SQLITE_AUTH"),
        (
            "SELECT sqlite_version()",
            "not authorized to use function: sqlite_version at offset 7: SQLITE_ERROR",
        ),
        ("BEGIN", transactions),
        ("BEGIN TRANSACTION", transactions),
        ("COMMIT", transactions),
        ("ROLLBACK", transactions),
        ("SAVEPOINT x", transactions),
        ("RELEASE x", transactions),
        ("", no_statement),
        (" ; ", no_statement),
        ("-- only comment", no_statement),
        ("SELECT 1 AS a; -- done", no_statement),
        ("/* c */ SELECT 2 AS a ; ;", no_statement),
        (
            "SELECT ?",
            "Wrong number of parameter bindings for SQL query.",
        ),
        (
            "INSERT INTO m VALUES (?); SELECT 1",
            "When executing multiple SQL statements in a single call, only the last statement can have parameters.",
        ),
    ];
    for (sql, expected) in cases {
        for _again in 0..2 {
            let error = text(&mut storage, sql).expect_err(sql);
            assert_eq!(error, expected, "{sql}");
        }
    }
    assert!(text(&mut storage, "VACUUM").is_err());
    assert!(text(&mut storage, "SELECT load_extension('x')").is_err());
    assert_eq!(text(&mut storage, "SELECT count(*) FROM m").unwrap(), ["0"]);
    storage.flush().unwrap();
    assert_eq!(
        text(&mut storage, "SELECT count(*) FROM t").unwrap(),
        ["3"],
        "the object goes on"
    );
}

#[test]
fn another_thread_can_stop_a_query() {
    let home = Home::new();
    let mut storage = setup(&home);
    storage.flush().unwrap();
    let endless =
        "WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
    let cell = storage.cell().clone();
    let over = std::sync::atomic::AtomicBool::new(false);
    let is_over = || over.load(std::sync::atomic::Ordering::SeqCst);
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over() {
                cell.interrupt();
                std::thread::yield_now();
            }
        });
        let error = text(&mut storage, endless).unwrap_err();
        over.store(true, std::sync::atomic::Ordering::SeqCst);
        error
    });
    assert_eq!(error, "interrupted: SQLITE_INTERRUPT");
    assert_eq!(text(&mut storage, "SELECT count(*) FROM t").unwrap(), ["3"]);
}

#[test]
fn triggers_and_views_cannot_reach_what_is_ours() {
    let home = Home::new();
    let mut storage = setup(&home);
    storage.put("k", b"v").unwrap();
    let trigger = "CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM _cf_KV; END";
    let _ = storage.sql(trigger, &[]);
    let _ = storage.sql("CREATE VIEW v AS SELECT * FROM _cf_KV", &[]);
    let _ = storage.sql("INSERT INTO t (id) VALUES (99)", &[]);
    assert!(text(&mut storage, "SELECT * FROM v").is_err());
    assert!(
        text(
            &mut storage,
            "SELECT * FROM (SELECT value FROM main._cf_KV)"
        )
        .is_err()
    );
    assert!(text(&mut storage, "UPDATE sqlite_schema SET name = 'x'").is_err());
    assert_eq!(storage.get("k").unwrap(), Some(b"v".to_vec()));
}

#[test]
fn bindings_have_cloudflares_types() {
    let home = Home::new();
    let mut storage = setup(&home);
    let one = |storage: &mut Storage, sql: &str, bindings: &[Binding<'_>]| {
        rows(storage, sql, bindings).unwrap().remove(0)
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let number = Binding::Number(3.0);
    assert_eq!(
        one(&mut storage, "SELECT typeof(?)", &[number]),
        [text("real")]
    );
    assert_eq!(
        one(&mut storage, "SELECT 3/2, ?/2", &[number]),
        [Value::Integer(1), Value::Real(1.5)]
    );
    let values = [
        Binding::Null,
        Binding::Boolean(true),
        Binding::Boolean(false),
        Binding::Number(f64::NAN),
        Binding::Blob(b""),
        Binding::Text("a\0b"),
    ];
    assert_eq!(
        one(&mut storage, "SELECT ?, ?, ?, ?, ?, ?", &values),
        [
            Value::Null,
            text("true"),
            text("false"),
            Value::Null,
            Value::Blob(vec![]),
            text("a\0b")
        ]
    );
    for named in ["SELECT :a", "SELECT @a", "SELECT $a"] {
        assert_eq!(
            one(&mut storage, named, &[Binding::Number(1.0)]),
            [Value::Real(1.0)]
        );
    }
    storage
        .sql("CREATE TABLE a (i INTEGER, r REAL, t TEXT, b BLOB)", &[])
        .unwrap();
    let values = [
        Binding::Text("12"),
        number,
        Binding::Number(4.0),
        Binding::Text("blobtext"),
    ];
    storage
        .sql("INSERT INTO a VALUES (?, ?, ?, ?)", &values)
        .unwrap();
    assert_eq!(
        one(&mut storage, "SELECT * FROM a", &[]),
        [
            Value::Integer(12),
            Value::Real(3.0),
            text("4.0"),
            text("blobtext")
        ]
    );
    assert_eq!(
        rows(
            &mut storage,
            "INSERT INTO t (id) VALUES (7); SELECT ?",
            &[number]
        )
        .unwrap(),
        [[Value::Real(3.0)]]
    );
}

#[test]
fn an_error_comes_after_the_rows_before_it() {
    let home = Home::new();
    let mut storage = setup(&home);
    let sql = "SELECT json(CASE id WHEN 3 THEN '{' ELSE id END) FROM t ORDER BY id";
    let mut cursor = storage.sql(sql, &[]).unwrap();
    assert_eq!(storage.rows(&mut cursor, 9).unwrap().len(), 2);
    assert!(!cursor.is_done());
    let error = storage.rows(&mut cursor, 9).unwrap_err().to_string();
    assert_eq!(error, "malformed JSON: SQLITE_ERROR");
    assert!(cursor.is_done());
    assert_eq!(text(&mut storage, "SELECT pow(2, 3)").unwrap(), ["8.0"]);
}

#[test]
fn cursors_read_as_they_go() {
    let home = Home::new();
    let mut storage = setup(&home);
    let sql = "SELECT id FROM t ORDER BY id";
    let mut a = storage.sql(sql, &[]).unwrap();
    assert_eq!(a.columns(), ["id"]);
    assert_eq!(storage.rows(&mut a, 1).unwrap(), [[Value::Integer(1)]]);
    let mut b = storage.sql(sql, &[]).unwrap();
    assert_eq!(storage.rows(&mut b, 1).unwrap(), [[Value::Integer(1)]]);
    storage.flush().unwrap().unwrap();
    assert_eq!(storage.rows(&mut a, 9).unwrap().len(), 2, "after a commit");
    assert!(a.is_done() && storage.rows(&mut a, 9).unwrap().is_empty());
    assert_eq!((a.rows_read(), a.rows_written()), (3, 0));
    storage.close_cursor(&mut b);
    assert!(b.is_done());
    let written = storage.sql("UPDATE t SET n = 1 WHERE id < 3", &[]).unwrap();
    assert_eq!((written.is_done(), written.rows_written()), (true, 2));
    let many = "WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";
    let mut endless = storage.sql(many, &[]).unwrap();
    assert_eq!(storage.rows(&mut endless, 1000).unwrap().len(), 1000);
    assert_eq!(endless.rows_read(), 1001, "one row ahead");
    // Whole rows are given in chunks.
    let large = "WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM c) SELECT zeroblob(100000) FROM c";
    let mut large = storage.sql(large, &[]).unwrap();
    assert_eq!(storage.rows(&mut large, 1000).unwrap().len(), 3);
    drop(storage);
    // What nobody took is no hindrance for the next one.
    home.storage("a").sql("DROP TABLE t", &[]).unwrap();
}

#[test]
fn writes_before_an_error_stay_and_a_transaction_takes_sql_along() {
    let home = Home::new();
    let mut storage = setup(&home);
    assert!(
        text(
            &mut storage,
            "INSERT INTO t (id) VALUES (50); INSERT INTO t (id) VALUES (50)"
        )
        .is_err()
    );
    assert_eq!(
        text(&mut storage, "SELECT count(*) FROM t WHERE id = 50").unwrap(),
        ["1"]
    );
    let level = storage.transaction().unwrap();
    storage
        .sql("CREATE TABLE u (a); INSERT INTO u VALUES (1)", &[])
        .unwrap();
    storage.put("k", b"1").unwrap();
    storage.rollback(level).unwrap();
    assert!(text(&mut storage, "SELECT * FROM u").is_err());
    assert_eq!(storage.get("k").unwrap(), None);
    storage.flush().unwrap();
    let mut again = home.reopen().storage("a");
    assert_eq!(text(&mut again, "SELECT count(*) FROM t").unwrap(), ["4"]);
}
