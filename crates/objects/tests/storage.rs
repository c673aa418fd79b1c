//! Keys and values, transactions, `deleteAll`, and what is left after a flush and without one.

mod support;

use std::sync::Arc;

use cellhouse_cell::{Cells, Options};
use cellhouse_faults::Valve;
use cellhouse_objects::{
    Error, ErrorKind, ListOptions, Namespace, Objects, ObjectsOptions, Storage,
};
use support::Home;

fn keys(storage: &mut Storage, options: ListOptions<'_>) -> Vec<String> {
    let pairs = storage.list(&options).unwrap();
    pairs.into_iter().map(|(key, _)| key).collect()
}

fn all(storage: &mut Storage) -> Vec<String> {
    keys(storage, ListOptions::default())
}

fn fill(storage: &mut Storage, keys: &[&str]) {
    for key in keys {
        storage.put(key, format!("v{key}").as_bytes()).unwrap();
    }
}

fn refused<T>(result: Result<T, Error>) -> (ErrorKind, String) {
    let Err(error) = result else {
        panic!("it was not refused");
    };
    (error.kind(), error.to_string())
}

#[test]
fn values_are_there_until_they_are_deleted() {
    let home = Home::new();
    let mut storage = home.storage("a");
    assert_eq!(storage.get("a").unwrap(), None);
    fill(&mut storage, &["b", "a", "é", "a\0b", ""]);
    storage.put("a", &[]).unwrap();
    assert_eq!(storage.get("a").unwrap(), Some(Vec::new()));
    assert_eq!(storage.get("").unwrap(), Some(b"v".to_vec()));
    let many = storage.get_many(&["b", "zz", "a", "b"]).unwrap();
    assert_eq!(
        many,
        [
            ("a".to_owned(), Vec::new()),
            ("b".to_owned(), b"vb".to_vec())
        ]
    );
    assert!(storage.delete("a").unwrap() && !storage.delete("a").unwrap());
    assert_eq!(storage.delete_many(&["b", "b", "zz", "é"]).unwrap(), 2);
    assert_eq!(storage.delete_many(&[]).unwrap(), 0);
    assert_eq!(all(&mut storage), ["", "a\0b"]);
}

#[test]
fn lists() {
    let home = Home::new();
    let mut storage = home.storage("a");
    let utf8 = ["z", "\u{e000}", "\u{ff5e}", "\u{1f389}"];
    fill(&mut storage, &["\u{1f389}", "\u{ff5e}", "\u{e000}", "z"]);
    assert_eq!(all(&mut storage), utf8);
    storage.delete_all().unwrap();
    fill(&mut storage, &["d", "b", "a", "c", "b0", "ba"]);
    let none = ListOptions::default();
    let cases: [(ListOptions<'_>, &[&str]); 13] = [
        (
            ListOptions {
                start: Some("b0"),
                ..none
            },
            &["b0", "ba", "c", "d"],
        ),
        (
            ListOptions {
                start_after: Some("b"),
                ..none
            },
            &["b0", "ba", "c", "d"],
        ),
        (
            ListOptions {
                end: Some("b"),
                ..none
            },
            &["a"],
        ),
        (
            ListOptions {
                start: Some("b"),
                end: Some("b"),
                ..none
            },
            &[],
        ),
        (
            ListOptions {
                start: Some("c"),
                end: Some("a"),
                ..none
            },
            &[],
        ),
        (
            ListOptions {
                prefix: Some("b"),
                ..none
            },
            &["b", "b0", "ba"],
        ),
        (
            ListOptions {
                prefix: Some("b"),
                start: Some("b1"),
                ..none
            },
            &["ba"],
        ),
        (
            ListOptions {
                prefix: Some("b"),
                start: Some("c"),
                ..none
            },
            &[],
        ),
        (
            ListOptions {
                prefix: Some("b"),
                end: Some("b1"),
                ..none
            },
            &["b", "b0"],
        ),
        (
            ListOptions {
                prefix: Some("b"),
                end: Some("z"),
                reverse: true,
                ..none
            },
            &["ba", "b0", "b"],
        ),
        (
            ListOptions {
                reverse: true,
                limit: Some(2),
                ..none
            },
            &["d", "c"],
        ),
        (
            ListOptions {
                reverse: true,
                start: Some("b"),
                end: Some("c"),
                ..none
            },
            &["ba", "b0", "b"],
        ),
        (
            ListOptions {
                limit: Some(1),
                prefix: Some(""),
                ..none
            },
            &["a"],
        ),
    ];
    for (options, expected) in cases {
        assert_eq!(keys(&mut storage, options), expected, "{options:?}");
    }
}

#[test]
fn bad_arguments_are_refused_in_cloudflares_words_and_change_nothing() {
    let home = Home::new();
    let mut storage = home.storage("a");
    let long = "k".repeat(2049);
    let (range, words) = refused(storage.put(&long, b"1"));
    assert_eq!(range, ErrorKind::Range);
    assert_eq!(
        words,
        "Keys cannot be larger than 2048 bytes. A key of size 2049 was provided."
    );
    assert_eq!(refused(storage.get(&long)).1, words);
    let large = vec![0; (2 << 20) + 1];
    let big = refused(storage.put_many(&[("a", b"1"), ("b", &large)]));
    assert_eq!(big.1, "string or blob too big: SQLITE_TOOBIG");
    storage.put(&long[1..], &large[1..]).unwrap();
    storage.delete_all().unwrap();
    let keys: Vec<String> = (0..129).map(|n| n.to_string()).collect();
    let many: Vec<&str> = keys.iter().map(String::as_str).collect();
    let words = "Maximum number of keys is 128.".to_owned();
    assert_eq!(
        refused(storage.get_many(&many)),
        (ErrorKind::Range, words.clone())
    );
    assert_eq!(refused(storage.delete_many(&many)).1, words);
    assert!(storage.get_many(&many[1..]).unwrap().is_empty());
    let pairs: Vec<(&str, &[u8])> = many.iter().map(|key| (*key, &b"1"[..])).collect();
    assert_eq!(
        refused(storage.put_many(&pairs)).1,
        "Maximum number of key value pairs is 128. 129 pairs were provided."
    );
    let both = ListOptions {
        start: Some("a"),
        start_after: Some("a"),
        ..ListOptions::default()
    };
    assert_eq!(
        refused(storage.list(&both)),
        (
            ErrorKind::Type,
            "list() cannot be called with both start and startAfter values.".to_owned()
        )
    );
    for limit in [0, -1] {
        let options = ListOptions {
            limit: Some(limit),
            ..ListOptions::default()
        };
        assert_eq!(
            refused(storage.list(&options)).1,
            "List limit must be positive."
        );
    }
    assert_eq!(all(&mut storage), [""; 0]);
}

#[test]
fn what_was_flushed_stays_and_the_rest_goes_with_the_storage() {
    let home = Home::new();
    let mut storage = home.storage("a");
    assert!(storage.flush().unwrap().is_none() && !storage.exists());
    fill(&mut storage, &["a", "b"]);
    let ticket = storage.flush().unwrap().unwrap();
    assert!(storage.exists());
    assert!(storage.flush().unwrap().is_none());
    ticket.wait().unwrap();
    fill(&mut storage, &["c"]);
    drop(storage);
    let home = home.reopen();
    let mut storage = home.storage("a");
    assert!(storage.exists());
    assert_eq!(all(&mut storage), ["a", "b"]);
    assert_eq!(all(&mut home.storage("b")), [""; 0]);
}

#[test]
fn transactions_nest_and_roll_back_alone() {
    let home = Home::new();
    let mut storage = home.storage("a");
    let outer = storage.transaction().unwrap();
    storage.put("a", b"1").unwrap();
    let inner = storage.transaction().unwrap();
    storage.put("b", b"1").unwrap();
    assert_eq!(
        refused(storage.rollback(outer)).1,
        "Cannot roll back an outer transaction while a nested transaction is still running."
    );
    assert_eq!(
        refused(storage.delete_all()).1,
        "Cannot call deleteAll() within a transaction"
    );
    storage.rollback(inner).unwrap();
    assert!(storage.rollback(inner).is_err(), "it has ended");
    storage.put("c", b"1").unwrap();
    assert!(storage.flush().unwrap().is_none(), "it is still open");
    storage.commit(outer).unwrap();
    assert_eq!(all(&mut storage), ["a", "c"]);
    let level = storage.transaction().unwrap();
    storage.put("d", b"1").unwrap();
    storage.rollback(level).unwrap();
    storage.flush().unwrap().unwrap();
    assert_eq!(all(&mut home.reopen().storage("a")), ["a", "c"]);
}

#[test]
fn delete_all_takes_tables_and_alarm_and_what_the_store_knows() {
    let home = Home::new();
    let mut storage = home.storage("a");
    fill(&mut storage, &["a"]);
    let tables = "CREATE TABLE p (id INTEGER PRIMARY KEY AUTOINCREMENT, v);
        CREATE TABLE q (p REFERENCES p(id)); INSERT INTO p (v) VALUES (zeroblob(500000)); INSERT INTO q VALUES (1);
        CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('fox');
        CREATE VIEW \"v\"\"w\" AS SELECT * FROM p; CREATE TRIGGER t AFTER INSERT ON p BEGIN SELECT 1; END;
        ANALYZE; SELECT * FROM p";
    storage.sql(tables, &[]).unwrap();
    storage.set_alarm(9e12).unwrap();
    storage.flush().unwrap();
    let large = storage.database_size().unwrap();
    assert_eq!(
        (
            home.index("alarms"),
            home.index("objects"),
            home.index("objectnames")
        ),
        (1, 1, 1)
    );
    let _open = storage
        .sql("SELECT * FROM p UNION ALL SELECT 1, 2", &[])
        .unwrap();
    storage.delete_all().unwrap();
    assert_eq!(all(&mut storage), [""; 0]);
    assert_eq!(storage.alarm().unwrap(), None);
    storage.flush().unwrap().unwrap();
    assert!(!storage.exists());
    assert_eq!(
        (
            home.index("alarms"),
            home.index("objects"),
            home.index("objectnames")
        ),
        (0, 0, 0)
    );
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut left = storage.sql(names, &[]).unwrap();
    assert_eq!(
        storage.rows(&mut left, 99).unwrap().len(),
        3,
        "ours and sqlite_sequence"
    );
    let small = storage.database_size().unwrap();
    assert!(small < large / 4 && small <= 8 * 4096, "{small} of {large}");
    let listed = home
        .objects
        .find(&home.namespace, &home.namespace.id_from_name("a"));
    assert_eq!(listed.unwrap(), None);
    // It begins anew.
    fill(&mut storage, &["b"]);
    storage.flush().unwrap().unwrap();
    assert_eq!(home.index("objects"), 1);
    assert_eq!(all(&mut home.reopen().storage("a")), ["b"]);
}

#[test]
fn an_interrupt_undoes_the_transaction_and_the_storage_says_so() {
    let home = Home::new();
    let mut storage = home.storage("a");
    storage.sql("CREATE TABLE t (n)", &[]).unwrap();
    storage.flush().unwrap();
    fill(&mut storage, &["a"]);
    // As an interrupt does.
    storage
        .sql("INSERT OR ROLLBACK INTO t VALUES (1)", &[])
        .unwrap();
    storage.sql("CREATE UNIQUE INDEX i ON t (n)", &[]).unwrap();
    let error = storage.sql("INSERT OR ROLLBACK INTO t VALUES (1)", &[]);
    let (kind, words) = refused(error.map(drop));
    assert_eq!(kind, ErrorKind::Storage);
    assert!(words.contains("UNIQUE constraint failed: t.n"), "{words}");
    assert_eq!(refused(storage.put("b", b"1")).1, words);
    assert_eq!(refused(storage.flush()).1, words);
    drop(storage);
    assert_eq!(all(&mut home.storage("a")), [""; 0]);
}

#[test]
fn when_what_was_flushed_is_lost_the_storage_says_so_and_a_new_one_works() {
    let dir = tempfile::TempDir::new().unwrap();
    let valve = Valve::default();
    let options = Options {
        disk: Arc::new(valve.clone()),
        ..Options::default()
    };
    let cells = Cells::open(dir.path(), options).unwrap();
    let objects = Objects::new(&cells, ObjectsOptions::default());
    let namespace = Namespace::new("app-Test");
    let open = || {
        objects
            .storage(&namespace, &namespace.id_from_name("a"))
            .unwrap()
    };
    let mut storage = open();
    storage.put("a", b"1").unwrap();
    storage.flush().unwrap().unwrap().wait().unwrap();
    valve.fail();
    storage.put("b", b"1").unwrap();
    let lost = storage.flush().unwrap().unwrap();
    assert!(lost.wait().is_err());
    valve.open();
    assert_eq!(refused(storage.get("b")).0, ErrorKind::Storage);
    assert_eq!(refused(storage.put("c", b"1")).0, ErrorKind::Storage);
    drop(storage);
    let mut storage = open();
    // It may be on the disk or not, as nobody was told.
    let found = all(&mut storage);
    assert!(found == ["a"] || found == ["a", "b"], "{found:?}");
    storage.put("d", b"1").unwrap();
    storage.flush().unwrap().unwrap().wait().unwrap();
}
