//! Readers: what they see while somebody writes, that they wait for nobody, and what becomes of them
//! when the cell leaves memory, its schema changes, or too much of it does.

mod support;

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use cellhouse_cell::{Cell, CellName, Cells, Error, Options, Queries};
use support::{Failure, cell, check, insert};
use tempfile::TempDir;

/// All in memory, and all in a file.
const KINDS: [u64; 2] = [8 << 20, 0];

fn home(large_bytes: u64) -> (Cells, TempDir) {
    let dir = TempDir::new().unwrap();
    let options = Options {
        large_bytes,
        ..Options::default()
    };
    (Cells::open(dir.path(), options).unwrap(), dir)
}

fn count(queries: &mut Queries<'_>) -> Result<i64, Failure> {
    let mut statement = queries.prepare_cached("SELECT count(*) FROM t")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

#[test]
fn a_reader_sees_the_last_commit_and_not_what_is_open() {
    for kind in KINDS {
        let (cells, _dir) = home(kind);
        let cell = cell(&cells, "a").unwrap();
        assert_eq!(cell.look(count).unwrap().0, 0);
        insert(&cell, 1, 10).unwrap();
        let mut session = cell.session();
        session.begin().unwrap();
        session
            .with(|q| -> Result<_, Failure> { Ok(q.execute("INSERT INTO t (n) VALUES (2)", [])?) })
            .unwrap();
        // The session keeps the cell; a reader does not wait for it.
        let (seen, at) = cell.look(count).unwrap();
        assert_eq!((seen, at.transaction), (1, cell.last_transaction()));
        session.commit().unwrap();
        let (seen, at) = cell.look(count).unwrap();
        assert_eq!((seen, at.transaction), (2, cell.last_transaction()));
        at.ticket.wait().unwrap();
    }
}

#[test]
fn a_reader_writes_nothing() {
    let (cells, _dir) = home(KINDS[0]);
    let cell = cell(&cells, "a").unwrap();
    for sql in [
        "INSERT INTO t (n) VALUES (1)",
        "CREATE TABLE u (a)",
        "VACUUM",
    ] {
        let wrote = cell.look(|q| -> Result<_, Failure> { Ok(q.execute_batch(sql)?) });
        assert!(wrote.unwrap_err().0.contains("readonly"), "{sql}");
    }
    check(&cell);
}

#[test]
fn what_a_reader_has_begun_to_read_stays_while_commits_go_on() {
    for kind in KINDS {
        let (cells, _dir) = home(kind);
        let cell = cell(&cells, "a").unwrap();
        for n in 0..200 {
            insert(&cell, n, 900).unwrap();
        }
        let sums = |q: &mut Queries<'_>| -> Result<(i64, i64), Failure> {
            let sql = "SELECT count(*), sum(length(v)) FROM t";
            Ok(q.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
        };
        let (read, _) = cell
            .look(|q| -> Result<_, Failure> {
                q.execute_batch("BEGIN")?;
                let first = count(q)?;
                for n in 0..100 {
                    // Makes the database larger, smaller, and other than it was.
                    insert(&cell, 1_000 + n, 3_000)?;
                    cell.write(|tx| -> Result<_, Failure> {
                        tx.execute("DELETE FROM t WHERE n = ?1", [n])?;
                        Ok(tx.execute("UPDATE t SET v = x'00' WHERE n = ?1", [n + 100])?)
                    })?;
                }
                cell.write(|tx| -> Result<_, Failure> { Ok(tx.execute_batch("DELETE FROM t")?) })?;
                Ok((first, sums(q)?))
            })
            .unwrap();
        assert_eq!(read, (200, (200, 180_000)));
        assert_eq!(cell.look(count).unwrap().0, 0);
        check(&cell);
    }
}

#[test]
fn readers_side_by_side_always_see_whole_commits() {
    for kind in KINDS {
        let (cells, _dir) = home(kind);
        let cell = cell(&cells, "a").unwrap();
        let set_up = "CREATE TABLE bank (id INTEGER PRIMARY KEY, n INTEGER, pad BLOB);
            WITH RECURSIVE x(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM x WHERE id < 300)
            INSERT INTO bank SELECT id, 100, zeroblob(200) FROM x";
        cell.write(|tx| -> Result<_, Failure> { Ok(tx.execute_batch(set_up)?) })
            .unwrap();
        let (over, start) = (AtomicBool::new(false), Barrier::new(4));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    start.wait();
                    while !over.load(SeqCst) {
                        let total = cell.look(|q| -> Result<i64, Failure> {
                            let mut sum = q.prepare_cached("SELECT sum(n) FROM bank")?;
                            Ok(sum.query_row([], |row| row.get(0))?)
                        });
                        assert_eq!(total.unwrap().0, 30_000);
                    }
                });
            }
            start.wait();
            for n in 0..1_000_i64 {
                transfer(&cell, n * 7 % 300 + 1, n * 13 % 300 + 1);
            }
            over.store(true, SeqCst);
        });
        check(&cell);
    }
}

fn transfer(cell: &Cell, from: i64, to: i64) {
    cell.write(|tx| -> Result<_, Failure> {
        tx.execute("UPDATE bank SET n = n - 1 WHERE id = ?1", [from])?;
        Ok(tx.execute("UPDATE bank SET n = n + 1 WHERE id = ?1", [to])?)
    })
    .unwrap();
}

#[test]
fn a_new_schema_is_seen_by_statements_that_were_prepared_before() {
    let (cells, _dir) = home(KINDS[0]);
    let cell = cell(&cells, "a").unwrap();
    let columns = |q: &mut Queries<'_>| -> Result<usize, Failure> {
        let (id, _) = q.query("SELECT * FROM t")?.expect("a statement");
        q.step(id)?;
        let columns = q.columns(id)?.len();
        q.close(id);
        Ok(columns)
    };
    insert(&cell, 1, 1).unwrap();
    assert_eq!(cell.look(columns).unwrap().0, 2);
    cell.write(|tx| -> Result<_, Failure> { Ok(tx.execute_batch("ALTER TABLE t ADD w")?) })
        .unwrap();
    assert_eq!(cell.look(columns).unwrap().0, 3);
}

#[test]
fn a_reader_for_which_too_much_changes_has_to_begin_again() {
    let (cells, _dir) = home(KINDS[0]);
    let cell = cell(&cells, "a").unwrap();
    for n in 0..70 {
        insert(&cell, n, 1 << 20).unwrap();
    }
    let read = cell.look(|q| -> Result<_, Error> {
        q.execute_batch("BEGIN").expect("begins");
        count(q).expect("the first page is there");
        for n in 0..70 {
            let sql = "UPDATE t SET v = randomblob(1048576) WHERE n = ?1";
            cell.write(|tx| -> Result<_, Failure> { Ok(tx.execute(sql, [n])?) })
                .unwrap();
        }
        q.query_row("SELECT sum(instr(v, x'00ff')) FROM t", [], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(|_| Error::Outdated {
            cell: cell.name().clone(),
        })
    });
    assert!(matches!(read, Err(Error::Outdated { .. })));
    assert_eq!(cell.look(count).unwrap().0, 70);
}

#[test]
fn cells_with_readers_leave_memory_and_come_back() {
    let dir = TempDir::new().unwrap();
    let options = Options {
        memory_bytes: 1 << 20,
        ..Options::default()
    };
    let cells = Cells::open(dir.path(), options).unwrap();
    let all: Vec<Cell> = (0..40)
        .map(|n| {
            let cell = cell(&cells, &format!("c{n}")).unwrap();
            insert(&cell, n, 60_000).unwrap().wait().unwrap();
            cell
        })
        .collect();
    for _ in 0..3 {
        for cell in &all {
            assert_eq!(cell.look(count).unwrap().0, 1);
        }
    }
    let memory = cells.memory();
    assert!(memory.bytes < 3 << 20, "{memory:?}");
    let kept = &all[0];
    kept.look(|q| -> Result<_, Failure> {
        q.execute_batch("BEGIN")?;
        count(q)?;
        for cell in &all[1..] {
            cell.look(count)?;
        }
        // Its pages are still there.
        assert_eq!(count(q)?, 1);
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_closed_directory_has_no_readers() {
    let (cells, _dir) = home(KINDS[1]);
    let cell = cell(&cells, "a").unwrap();
    insert(&cell, 1, 5_000).unwrap();
    cell.look(count).unwrap();
    cells.close().unwrap();
    let read = cell.look(|q| -> Result<_, Error> { Ok(count(q).is_ok()) });
    assert!(matches!(read, Err(Error::Closed { .. })), "{read:?}");
}

#[test]
fn the_file_of_a_cell_is_one_of_sqlite() {
    for kind in KINDS {
        let (cells, dir) = home(kind);
        let name = CellName::new("test", "a").unwrap();
        let cell = cells.cell(&name, support::SCHEMA).unwrap();
        for n in 0..50 {
            insert(&cell, n, 500).unwrap();
        }
        let path = dir.path().join("copy.sqlite");
        std::fs::write(&path, cell.file().unwrap().0).unwrap();
        let copy = cellhouse_cell::rusqlite::Connection::open(&path).unwrap();
        let found: (i64, String) = copy
            .query_row(
                "SELECT count(*), (SELECT * FROM pragma_integrity_check) FROM t",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert_eq!(found, (50, "ok".to_owned()));
    }
}
