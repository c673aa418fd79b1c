//! Files of SQL, exports, migrations, and going back in time.

mod support;

use cellhouse_cell::Options;
use cellhouse_d1::{ErrorKind, ExportOptions, Ledger, Value};
use support::{Home, home, home_of};

fn exported(home: &Home, options: &ExportOptions) -> Vec<String> {
    let mut lines = Vec::new();
    let export = home.db.export(options, |line| {
        lines.push(line.to_owned());
        true
    });
    export.unwrap();
    lines
}

fn filled() -> Home {
    let home = home();
    let text = "PRAGMA foreign_keys=OFF; BEGIN TRANSACTION;
        CREATE TABLE \"a b\" (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, r REAL, x BLOB, g AS (id + 1));
        INSERT INTO \"a b\" (t, r, x) VALUES ('it''s;\n-- no comment', 1.0, x'00ff'), (NULL, -9e999, x'');
        INSERT INTO \"a b\" (t) VALUES (char(97, 0, 98));
        CREATE INDEX i ON \"a b\" (t);
        CREATE TRIGGER tr AFTER INSERT ON \"a b\" BEGIN SELECT 1; END;
        CREATE VIEW v AS SELECT t FROM \"a b\";
        COMMIT;";
    let done = home.db.script(text.as_bytes(), None, |_| true).unwrap();
    assert_eq!((done.statements, done.rows_written), (7, 3));
    home
}

#[test]
fn an_export_makes_the_same_database() {
    let from = filled();
    let lines = exported(&from, &ExportOptions::default());
    let to = home();
    to.db
        .script(lines.join("\n").as_bytes(), None, |_| true)
        .unwrap();
    for sql in [
        "SELECT id, t, typeof(t), r, typeof(r), x, g FROM \"a b\" ORDER BY id",
        "SELECT type, name, tbl_name FROM sqlite_schema ORDER BY name",
        "SELECT * FROM sqlite_sequence",
    ] {
        assert_eq!(from.values(sql), to.values(sql), "{sql}");
    }
    assert_eq!(exported(&to, &ExportOptions::default()).len(), lines.len());
}

#[test]
fn parts_of_an_export() {
    let home = filled();
    home.run("CREATE TABLE other (a)");
    home.run("INSERT INTO other VALUES (7)");
    let rows = ExportOptions {
        tables: vec!["other".into()],
        no_schema: true,
        ..ExportOptions::default()
    };
    assert_eq!(
        exported(&home, &rows),
        [
            "PRAGMA defer_foreign_keys=TRUE;",
            "INSERT INTO \"other\" (\"a\") VALUES(7);"
        ]
    );
    let schema = ExportOptions {
        no_data: true,
        ..ExportOptions::default()
    };
    assert!(
        exported(&home, &schema)
            .iter()
            .all(|line| !line.starts_with("INSERT"))
    );
    home.run("CREATE VIRTUAL TABLE f USING fts5(a)");
    let error = home.db.export(&schema, |_| true).unwrap_err();
    assert_eq!(
        error.to_string(),
        "D1 Export error: cannot export databases with Virtual Tables (fts5)"
    );
}

#[test]
fn a_file_is_done_wholly_or_not_at_all() {
    let home = home();
    let text = "CREATE TABLE t (a);\nINSERT INTO t VALUES (1);\n\nSELEC 1;";
    let error = home.db.script(text.as_bytes(), None, |_| true).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 4: near \"SELEC\": syntax error at offset 0: SQLITE_ERROR"
    );
    assert!(home.values("SELECT name FROM sqlite_schema").is_empty());
    // Nobody wants it any more.
    home.db
        .script(&b"CREATE TABLE t (a)"[..], None, |_| false)
        .unwrap_err();
    assert!(home.values("SELECT name FROM sqlite_schema").is_empty());
    // Statements may be longer than those of an app, and later ones of the app may not.
    let long = format!(
        "CREATE TABLE t (a); INSERT INTO t VALUES ('{}')",
        "x".repeat(500_000)
    );
    home.db.script(long.as_bytes(), None, |_| true).unwrap();
    assert_eq!(home.one("SELECT length(a) FROM t"), Value::Integer(500_000));
    home.refused(&long);
}

#[test]
fn migrations_are_recorded_with_what_they_do() {
    let home = home();
    let ledger = Ledger::new(&home.db, "d1_migrations");
    assert!(ledger.applied().unwrap().is_empty());
    ledger.prepare().unwrap();
    ledger.apply("0001_a.sql", "CREATE TABLE t (a);").unwrap();
    ledger
        .apply("0002_b.sql", "INSERT INTO t VALUES (1); SELEC")
        .unwrap_err();
    ledger.apply("0003_c.sql", "-- nothing").unwrap();
    let names: Vec<_> = ledger.applied().unwrap();
    let names: Vec<_> = names
        .iter()
        .map(|one| (one.id, one.name.as_str()))
        .collect();
    assert_eq!(names, [(1, "0001_a.sql"), (2, "0003_c.sql")]);
    assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(0));
    let sql = home.one("SELECT sql FROM sqlite_schema WHERE name = 'd1_migrations'");
    let Value::Text(sql) = sql else {
        panic!("{sql:?}")
    };
    assert!(
        sql.contains("applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL"),
        "{sql}"
    );
}

#[test]
fn a_database_goes_back_to_a_bookmark_and_forth_again() {
    let home = home();
    home.run("CREATE TABLE t (a)");
    home.run("INSERT INTO t VALUES (1)");
    let (bookmark, _) = home.db.bookmark(None).unwrap();
    home.run("DROP TABLE t");
    home.run("CREATE TABLE u (a)");
    let (undo, _) = home.db.restore(&bookmark).unwrap();
    assert_eq!(home.values("SELECT a FROM t"), [Value::Integer(1)]);
    home.db.restore(&undo).unwrap();
    assert_eq!(
        home.values("SELECT name FROM sqlite_schema"),
        [Value::Text("u".into())]
    );
    let wrong = home.db.restore("nonsense").unwrap_err().to_string();
    assert!(wrong.contains("nonsense"), "{wrong}");
}

#[test]
fn a_file_that_changes_too_much_is_refused_whole_and_told_how_to_split_it() {
    let home = home_of(Options {
        transaction_bytes: 1 << 20,
        ..Options::default()
    });
    home.run("CREATE TABLE t (a)");
    let rows = |count: usize| {
        let row = format!("INSERT INTO t VALUES ('{}');\n", "x".repeat(10_000));
        format!("-- a dump\n{}", row.repeat(count))
    };
    let error = home.db.script(rows(200).as_bytes(), None, |_| true);
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    let message = error.to_string();
    let line = message
        .strip_prefix("line ")
        .and_then(|rest| rest.split(':').next());
    let line: usize = line.unwrap().parse().unwrap();
    assert!((50..=201).contains(&line), "{message}");
    assert!(
        message.ends_with(
            ": up to here the SQL changes more than 1 MiB of the database, the most that one transaction \
             may, and nothing of it was done; split it into several files and run them one after the other"
        ),
        "{message}"
    );
    assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(0));
    for _ in 0..4 {
        home.db.script(rows(50).as_bytes(), None, |_| true).unwrap();
    }
    assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(200));
}
