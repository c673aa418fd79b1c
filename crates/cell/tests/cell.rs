//! What a cell promises while nothing fails: transactions, tickets, one writer, one process,
//! schemas.

use std::path::Path;
use std::sync::Arc;

use cellhouse_cell::{Cell, CellName, Cells, Error, Options, Ticket, Tickets};
use rusqlite::Connection;
use tempfile::TempDir;

const SCHEMA: &[&str] = &["CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB)"];
const NEWER: &[&str] = &[
    SCHEMA[0],
    "ALTER TABLE t ADD COLUMN w DEFAULT 7",
    "UPDATE t SET w = w + 1",
];
const BROKEN: &[&str] = &[SCHEMA[0], "", "", "CREATE TABLE u (n); nonsense"];
const NEWEST: &[&str] = &[SCHEMA[0], "", "", "CREATE TABLE u (n)"];

fn name(id: &str) -> CellName {
    CellName::new("test", id).unwrap()
}

fn cells(dir: &Path) -> Cells {
    Cells::open(dir, Options::default()).unwrap()
}

fn insert(cell: &Cell, n: i64) -> Ticket {
    let write = cell.write(|tx| -> Result<_, Failure> {
        Ok(tx.execute("INSERT INTO t (n) VALUES (?1)", [n])?)
    });
    write.unwrap().1
}

fn numbers(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare("SELECT n FROM t ORDER BY n")?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn all(cell: &Cell) -> Vec<i64> {
    cell.read(numbers).unwrap().0
}

#[derive(Debug)]
#[expect(dead_code, reason = "shown by unwrap")]
enum Failure {
    Cell(Error),
    Sqlite(rusqlite::Error),
    Own,
}

impl From<Error> for Failure {
    fn from(e: Error) -> Failure {
        Failure::Cell(e)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(e: rusqlite::Error) -> Failure {
        Failure::Sqlite(e)
    }
}

#[test]
fn what_is_written_is_read_and_survives_closing() {
    let dir = TempDir::new().unwrap();
    let home = cells(&dir.path().join("deep/er"));
    let cell = home.cell(&name("a"), SCHEMA).unwrap();
    insert(&cell, 1).wait().unwrap();
    insert(&cell, 2);
    assert_eq!(all(&cell), [1, 2]);
    home.close().unwrap();
    let again = cells(&dir.path().join("deep/er"));
    let cell = again.cell(&name("a"), SCHEMA).unwrap();
    let (found, ticket) = cell.read(numbers).unwrap();
    assert_eq!(found, [1, 2]);
    assert!(
        ticket.is_durable(),
        "what a newly opened cell shows is on disk"
    );
}

#[test]
fn a_cell_that_nobody_wrote_to_leaves_nothing_behind() {
    let dir = TempDir::new().unwrap();
    let home = cells(dir.path());
    let cell = home.cell(&name("a"), SCHEMA).unwrap();
    let (found, ticket) = cell.read(numbers).unwrap();
    assert!(found.is_empty() && ticket.is_durable());
    assert_eq!(home.shard().unwrap().cells(None, 10).unwrap(), []);
    insert(&cell, 1);
    let stored = home.shard().unwrap().cells(None, 10).unwrap();
    assert_eq!((stored.len(), &*stored[0].1.name), (1, "test/a"));
    assert_eq!(
        stored[0].1.transaction, 1,
        "the schema goes with the first write"
    );
}

#[test]
fn cells_are_separate_and_each_is_opened_once() {
    let dir = TempDir::new().unwrap();
    let home = cells(dir.path());
    let (a, b) = (
        home.cell(&name("a"), SCHEMA).unwrap(),
        home.cell(&name("A"), SCHEMA).unwrap(),
    );
    insert(&a, 1);
    insert(&home.cell(&name("a"), SCHEMA).unwrap(), 2);
    assert_eq!((all(&a), all(&b)), (vec![1, 2], vec![]));
}

#[test]
fn a_failing_or_panicking_transaction_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let cell = cells(dir.path()).cell(&name("a"), SCHEMA).unwrap();
    insert(&cell, 1);
    let failed = cell.write(|tx| -> Result<(), Failure> {
        tx.execute("INSERT INTO t (n) VALUES (2)", [])?;
        Err(Failure::Own)
    });
    assert!(matches!(failed, Err(Failure::Own)));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        cell.write(|tx| -> Result<(), Failure> {
            tx.execute("INSERT INTO t (n) VALUES (3)", [])?;
            panic!("in the middle of a transaction")
        })
    }));
    assert!(panicked.is_err());
    let constraint = cell
        .write(|tx| -> Result<_, Failure> { Ok(tx.execute("INSERT INTO t (n) VALUES (1)", [])?) });
    assert!(matches!(constraint, Err(Failure::Sqlite(_))));
    insert(&cell, 4);
    assert_eq!(all(&cell), [1, 4]);
}

#[test]
fn an_error_in_a_read_names_the_cell() {
    let dir = TempDir::new().unwrap();
    let cell = cells(dir.path()).cell(&name("a"), SCHEMA).unwrap();
    let error = cell
        .read(|connection| connection.execute("SELECT missing", []))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cell test/a: no such column: missing"),
        "{error}"
    );
}

#[test]
fn writers_on_many_threads_lose_nothing() {
    let dir = TempDir::new().unwrap();
    let home = cells(dir.path());
    let cell = home
        .cell(
            &name("a"),
            &["CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)"],
        )
        .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..250 {
                    let add = |tx: &rusqlite::Transaction<'_>| -> Result<(), Failure> {
                        let n: i64 = tx.query_row("SELECT n FROM t", [], |row| row.get(0))?;
                        tx.execute("UPDATE t SET n = ?1", [n + 1])?;
                        Ok(())
                    };
                    cell.write(add).unwrap();
                }
            });
        }
    });
    cell.ticket().wait().unwrap();
    assert_eq!(
        cell.read(|c| c.query_row("SELECT n FROM t", [], |row| row.get::<_, i64>(0)))
            .unwrap()
            .0,
        2000
    );
    let stats = cell.stats();
    assert_eq!(stats.commits, 2000);
    assert!(stats.flushes < 2000, "commits form groups: {stats:?}");
}

#[test]
fn a_write_that_changes_nothing_needs_no_sync() {
    let dir = TempDir::new().unwrap();
    let cell = cells(dir.path()).cell(&name("a"), SCHEMA).unwrap();
    let (_, ticket) = cell
        .write(|tx| -> Result<_, Failure> { Ok(tx.execute("DELETE FROM t WHERE n = 5", [])?) })
        .unwrap();
    assert!(ticket.is_durable());
    assert_eq!(cell.stats().commits, 0);
}

#[test]
fn a_commit_made_by_hand_gets_its_sync_too() {
    let dir = TempDir::new().unwrap();
    let cell = cells(dir.path()).cell(&name("a"), SCHEMA).unwrap();
    cell.read(|c| c.execute("INSERT INTO t (n) VALUES (1)", []))
        .unwrap()
        .1
        .wait()
        .unwrap();
    let failed = cell.write(|tx| -> Result<(), Failure> {
        tx.execute_batch("INSERT INTO t (n) VALUES (2); COMMIT")?;
        Err(Failure::Own)
    });
    assert!(matches!(failed, Err(Failure::Own)));
    cell.ticket().wait().unwrap();
    assert_eq!(all(&cell), [1, 2]);
}

#[test]
fn tickets_of_many_cells_wait_in_any_runtime() {
    let dir = TempDir::new().unwrap();
    let home = cells(dir.path());
    let opened: Vec<_> = (0..4)
        .map(|i| home.cell(&name(&i.to_string()), SCHEMA).unwrap())
        .collect();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let opened = &opened;
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    for round in 0..20 {
                        let mut tickets = Tickets::new();
                        for cell in opened {
                            tickets.add(insert(cell, thread * 1000 + round));
                        }
                        let late = opened.iter().map(Cell::ticket).collect::<Vec<_>>();
                        tickets.durable().await.unwrap();
                        for ticket in late {
                            ticket.durable().await.unwrap();
                            assert!(ticket.is_durable());
                        }
                    }
                });
            });
        }
    });
    assert!(opened.iter().all(|cell| all(cell).len() == 80));
}

#[test]
fn a_set_of_tickets_keeps_one_per_cell_and_none_that_is_done() {
    let dir = TempDir::new().unwrap();
    let cell = cells(dir.path()).cell(&name("a"), SCHEMA).unwrap();
    let mut tickets = Tickets::new();
    tickets.add(cell.ticket());
    assert!(tickets.is_empty());
    for n in 0..3 {
        let mut more = Tickets::new();
        more.add(insert(&cell, n));
        tickets.merge(more);
    }
    tickets.clone().wait().unwrap();
    assert!(tickets.is_empty());
}

#[test]
fn a_second_process_or_handle_is_kept_out() {
    let dir = TempDir::new().unwrap();
    let home = cells(dir.path());
    let error = Cells::open(dir.path(), Options::default())
        .err()
        .unwrap()
        .to_string();
    let expected = format!(
        "is in use by another cellhouse process (pid {})",
        std::process::id()
    );
    assert!(error.contains(&expected), "{error}");
    home.close().unwrap();
    cells(dir.path());
}

#[test]
fn handles_of_a_closed_directory_say_so() {
    let dir = TempDir::new().unwrap();
    let home = cells(dir.path());
    let cell = home.cell(&name("a"), SCHEMA).unwrap();
    let ticket = insert(&cell, 1);
    home.close().unwrap();
    home.close().unwrap();
    assert!(ticket.is_durable());
    let expected = format!("the data directory {} is closed", home.root().display());
    assert_eq!(cell.read(numbers).unwrap_err().to_string(), expected);
    assert_eq!(
        home.cell(&name("b"), SCHEMA).unwrap_err().to_string(),
        expected
    );
}

#[test]
fn a_schema_grows_by_versions_and_never_shrinks() {
    let dir = TempDir::new().unwrap();
    let open = |schema| cells(dir.path()).cell(&name("a"), schema);
    insert(&open(SCHEMA).unwrap(), 1);
    let cell = open(NEWER).unwrap();
    assert_eq!(
        cell.read(|c| c.query_row("SELECT n + w FROM t", [], |row| row.get::<_, i64>(0)))
            .unwrap()
            .0,
        9
    );
    drop(cell);
    let error = open(SCHEMA).unwrap_err().to_string();
    assert!(
        error.contains("has schema version 3, but this cellhouse knows versions up to 1"),
        "{error}"
    );
    drop(open(NEWER).unwrap());
    let error = open(BROKEN).unwrap_err().to_string();
    assert!(
        error.starts_with("cell test/a: near \"nonsense\""),
        "{error}"
    );
    let cell = open(NEWEST).unwrap();
    assert_eq!(all(&cell), [1], "a version that failed left nothing");
}

#[test]
fn a_place_where_nothing_can_be_made_is_a_clear_error() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let error = Cells::open(&dir.path().join("file/data"), Options::default())
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.starts_with("cannot create the directory ") && error.contains("file"),
        "{error}"
    );
}

#[test]
fn dropping_everything_without_close_keeps_everything() {
    let dir = TempDir::new().unwrap();
    let home = cells(dir.path());
    let cell = home.cell(&name("a"), SCHEMA).unwrap();
    drop(home);
    let tickets: Vec<_> = (0..50).map(|n| insert(&cell, n)).collect();
    let other = Arc::new(cell.clone());
    drop((cell, other));
    assert!(tickets.iter().all(Ticket::is_durable));
    assert_eq!(
        all(&cells(dir.path()).cell(&name("a"), SCHEMA).unwrap()).len(),
        50
    );
}
