//! Copying the log into the database beside writers and readers: the log stays small, and nobody
//! notices.

use cellhouse_cell::{Cell, CellName, Cells, Error, Options};
use rusqlite::Connection;
use tempfile::TempDir;

const SCHEMA: &[&str] = &["CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB)"];

fn name() -> CellName {
    CellName::new("test", "a").unwrap()
}

fn all(cell: &Cell) -> Vec<i64> {
    let numbers = |c: &Connection| {
        c.prepare("SELECT n FROM t ORDER BY n")?
            .query_map([], |row| row.get(0))?
            .collect()
    };
    cell.read(numbers).unwrap().0
}

#[derive(Debug)]
#[expect(dead_code, reason = "shown by unwrap")]
struct Failure(String);

impl From<Error> for Failure {
    fn from(e: Error) -> Failure {
        Failure(e.to_string())
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(e: rusqlite::Error) -> Failure {
        Failure(e.to_string())
    }
}

#[test]
fn the_log_is_begun_anew_while_writers_go_on() {
    let dir = TempDir::new().unwrap();
    let options = Options {
        checkpoint_bytes: 100_000,
        ..Options::default()
    };
    let home = Cells::open(dir.path(), options).unwrap();
    let cell = home.cell(&name(), SCHEMA).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let cell = &cell;
            scope.spawn(move || (0..2500).for_each(|n| write_some(cell, thread * 10_000 + n)));
        }
    });
    cell.ticket().wait().unwrap();
    let log = std::fs::metadata(dir.path().join("cells/test/a.db-wal"))
        .unwrap()
        .len();
    assert!(cell.stats().checkpoints > 3, "{:?}", cell.stats());
    assert!(
        log < 20_000_000,
        "the log did not shrink: {log} of more than 40 MB written"
    );
    let check: String = cell
        .read(|c| c.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
        .unwrap()
        .0;
    assert_eq!((check.as_str(), all(&cell).len()), ("ok", 10_000));
}

#[test]
fn a_checkpoint_after_every_commit_disturbs_nobody() {
    let dir = TempDir::new().unwrap();
    let home = Cells::open(
        dir.path(),
        Options {
            checkpoint_bytes: 1,
            ..Options::default()
        },
    )
    .unwrap();
    let cell = home.cell(&name(), SCHEMA).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let cell = &cell;
            scope.spawn(move || (1..8000).for_each(|n| write_some(cell, thread * 10_000 + n)));
        }
    });
    home.close().unwrap();
    let cell = Cells::open(dir.path(), Options::default())
        .unwrap()
        .cell(&name(), SCHEMA)
        .unwrap();
    assert_eq!(all(&cell).len(), 2 * 7999);
}

/// One row, waiting for the disk now and then.
fn write_some(cell: &Cell, n: i64) {
    let value = vec![0; usize::try_from(n % 7).unwrap() * 100];
    let insert = |tx: &rusqlite::Transaction<'_>| -> Result<(), Failure> {
        tx.execute("INSERT INTO t VALUES (?1, ?2)", (n, &value))?;
        Ok(())
    };
    let (_, ticket) = cell.write(insert).unwrap();
    cell.read(|c| c.query_row("SELECT max(n) FROM t", [], |row| row.get::<_, i64>(0)))
        .unwrap();
    if n % 50 == 0 {
        ticket.wait().unwrap();
    }
}
