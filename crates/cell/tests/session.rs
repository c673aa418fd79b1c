//! Sessions: transactions that stay open between calls, who waits for them, and what is left of them
//! when they are dropped, when the store fails, when the directory is closed.

mod support;

use std::sync::mpsc;
use std::thread;

use cellhouse_cell::rusqlite::types::ValueRef;
use cellhouse_cell::{Cells, Error, Extra, Options, Queries, Session, SqlError, Ticket};
use cellhouse_faults::Valve;
use support::{Failure, all, cell, check, insert};
use tempfile::TempDir;

fn home() -> (Cells, TempDir) {
    let dir = TempDir::new().unwrap();
    (Cells::open(dir.path(), Options::default()).unwrap(), dir)
}

fn put(session: &mut Session, n: i64) -> Result<Ticket, Failure> {
    session.begin()?;
    let put = |queries: &mut Queries<'_>| -> Result<(), Failure> {
        queries.execute("INSERT INTO t (n) VALUES (?1)", [n])?;
        Ok(())
    };
    Ok(session.with(put)?.1)
}

fn extra(key: &'static str, value: Option<&'static str>) -> Extra {
    Extra {
        keyspace: "session",
        key: key.into(),
        value: value.map(Into::into),
    }
}

#[test]
fn a_transaction_stays_open_until_it_is_committed() {
    let (cells, _dir) = home();
    let cell = cell(&cells, "a").unwrap();
    let mut session = cell.session();
    let before = cell.stats().commits;
    for n in 0..3 {
        put(&mut session, n).unwrap();
        assert!(session.is_open());
    }
    assert_eq!(cell.stats().commits, before, "nothing is committed yet");
    let ticket = session.commit().unwrap();
    assert!(!session.is_open());
    assert_eq!(cell.stats().commits, before + 1);
    ticket.wait().unwrap();
    assert_eq!(all(&cell).unwrap(), [0, 1, 2]);
    let again = session.commit().unwrap();
    assert_eq!(again.commit(), ticket.commit(), "nothing to commit");
}

#[test]
fn others_wait_while_one_is_open_and_see_all_or_nothing() {
    let (cells, _dir) = home();
    let cell = cell(&cells, "a").unwrap();
    let mut session = cell.session();
    put(&mut session, 1).unwrap();
    let (send, receive) = mpsc::channel();
    let others: Vec<_> = (0..4)
        .map(|_| {
            let (cell, send) = (cell.clone(), send.clone());
            thread::spawn(move || {
                send.send(()).unwrap();
                all(&cell).unwrap()
            })
        })
        .collect();
    for _ in &others {
        receive.recv().unwrap();
    }
    // So that they wait by now, most of the time; what is asserted holds either way.
    thread::yield_now();
    put(&mut session, 2).unwrap();
    session.commit().unwrap();
    for other in others {
        assert_eq!(other.join().unwrap(), [1, 2]);
    }
}

#[test]
fn sessions_take_turns() {
    let (cells, _dir) = home();
    let cell = cell(&cells, "a").unwrap();
    insert(&cell, 0, 0).unwrap();
    let add = |session: &mut Session| -> Result<(), Failure> {
        session.begin()?;
        let count = |queries: &mut Queries<'_>| -> Result<i64, Failure> {
            Ok(queries.query_row("SELECT max(n) FROM t", [], |row| row.get(0))?)
        };
        let n = session.with(count)?.0;
        put(session, n + 1)?;
        session.commit()?;
        Ok(())
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut session = cell.session();
                (0..50).for_each(|_| add(&mut session).unwrap());
            });
        }
    });
    assert_eq!(all(&cell).unwrap(), (0..=200).collect::<Vec<i64>>());
}

#[test]
fn rolled_back_or_dropped_it_was_never_there() {
    let (cells, _dir) = home();
    let cell = cell(&cells, "a").unwrap();
    insert(&cell, 1, 10).unwrap();
    let mut session = cell.session();
    put(&mut session, 2).unwrap();
    session.attach([extra("a", Some("1"))]);
    session.rollback().unwrap();
    assert_eq!(all(&cell).unwrap(), [1]);
    put(&mut session, 3).unwrap();
    session.attach([extra("a", Some("1"))]);
    drop(session);
    assert_eq!(all(&cell).unwrap(), [1]);
    let shard = cells.shard().unwrap();
    assert_eq!(shard.extra("session", b"a").unwrap(), None);
    check(&cell);
}

#[test]
fn attached_keys_change_with_the_commit_also_with_one_of_nothing_else() {
    let (cells, _dir) = home();
    let cell = cell(&cells, "a").unwrap();
    let shard = cells.shard().unwrap();
    let value = |key: &str| shard.extra("session", key.as_bytes()).unwrap();
    let mut session = cell.session();
    put(&mut session, 1).unwrap();
    session.attach([extra("a", Some("1")), extra("b", Some("2"))]);
    assert_eq!(value("a"), None);
    session.commit().unwrap();
    assert_eq!(value("a"), Some("1".into()));
    session.attach([extra("a", None)]);
    session.commit().unwrap().wait().unwrap();
    assert_eq!((value("a"), value("b")), (None, Some("2".into())));
    session.begin().unwrap();
    session.attach([extra("c", Some("3"))]);
    session.commit().unwrap();
    assert_eq!(value("c"), Some("3".into()));
    check(&cell);
}

#[test]
fn a_constraint_that_fails_at_the_end_leaves_nothing_open() {
    let (cells, _dir) = home();
    let cell = cell(&cells, "a").unwrap();
    let mut session = cell.session();
    session.begin().unwrap();
    let made = session.with(|queries| -> Result<(), Failure> {
        queries.execute_batch(
            "CREATE TABLE p (id INTEGER PRIMARY KEY);
             CREATE TABLE q (p REFERENCES p DEFERRABLE INITIALLY DEFERRED);
             INSERT INTO q VALUES (7)",
        )?;
        Ok(())
    });
    made.unwrap();
    session.attach([extra("a", Some("1"))]);
    let error = session.commit().unwrap_err().to_string();
    assert!(error.contains("FOREIGN KEY constraint failed"), "{error}");
    assert!(!session.is_open());
    put(&mut session, 1).unwrap();
    session.commit().unwrap();
    assert_eq!(all(&cell).unwrap(), [1]);
    assert_eq!(cells.shard().unwrap().extra("session", b"a").unwrap(), None);
}

#[test]
fn when_the_store_fails_the_commit_fails_and_the_next_one_works() {
    let dir = TempDir::new().unwrap();
    let valve = Valve::default();
    let options = Options {
        disk: std::sync::Arc::new(valve.clone()),
        ..Options::default()
    };
    let cells = Cells::open(dir.path(), options).unwrap();
    let cell = cell(&cells, "a").unwrap();
    insert(&cell, 1, 10).unwrap().wait().unwrap();
    let mut session = cell.session();
    put(&mut session, 2).unwrap();
    valve.fail();
    let lost = insert(&support::cell(&cells, "b").unwrap(), 1, 10).unwrap();
    assert!(lost.wait().is_err());
    let error = session.commit().unwrap_err();
    assert!(matches!(error, Error::Store(_)), "{error}");
    assert!(!session.is_open());
    valve.open();
    put(&mut session, 3).unwrap();
    session.commit().unwrap().wait().unwrap();
    assert_eq!(all(&cell).unwrap(), [1, 3]);
}

#[test]
fn closing_the_directory_ends_it() {
    let (cells, dir) = home();
    let cell = cell(&cells, "a").unwrap();
    let mut session = cell.session();
    put(&mut session, 1).unwrap();
    cells.close().unwrap();
    let error = session.commit().unwrap_err();
    assert!(matches!(error, Error::Closed { .. }), "{error}");
    drop(session);
    let again = Cells::open(dir.path(), Options::default()).unwrap();
    assert_eq!(
        all(&support::cell(&again, "a").unwrap()).unwrap(),
        [0i64; 0]
    );
}

#[test]
fn queries_live_between_calls_and_end_with_their_connection() {
    let (cells, _dir) = home();
    let cell = cell(&cells, "a").unwrap();
    for n in 1..=3 {
        insert(&cell, n, 1).unwrap();
    }
    let mut session = cell.session();
    let sql = "SELECT n FROM t WHERE n >= ?1 ORDER BY n";
    let start = |queries: &mut Queries<'_>| -> Result<_, Failure> {
        let (id, end) = queries.query(sql)?.unwrap();
        assert_eq!((end, queries.parameters(id)?), (sql.len(), 1));
        queries.bind(id, 1, ValueRef::Integer(2))?;
        Ok(id)
    };
    let id = session.with(start).unwrap().0;
    let next = |queries: &mut Queries<'_>| -> Result<Option<i64>, Failure> {
        if !queries.step(id)? {
            return Ok(None);
        }
        let value = queries.row(id)?.next().unwrap();
        Ok(Some(value.as_i64()?))
    };
    assert_eq!(session.with(next).unwrap().0, Some(2));
    assert!(!session.is_open(), "a query that reads keeps nothing");
    // Others write meanwhile.
    insert(&cell, 4, 1).unwrap();
    assert_eq!(session.with(next).unwrap().0, Some(3));
    assert_eq!(session.with(next).unwrap().0, Some(4));
    assert_eq!(session.with(next).unwrap().0, None);
    let closed = session.with(|queries| -> Result<_, Failure> {
        queries.close(id);
        Ok(queries.step(id))
    });
    let error: SqlError = closed.unwrap().0.unwrap_err();
    assert!(error.closed);
    let error = session
        .with(|queries| -> Result<_, Failure> { Ok(queries.query("SELECT nope FROM t")) })
        .unwrap()
        .0
        .unwrap_err();
    assert_eq!((error.offset, error.code), (Some(7), 1));
    assert_eq!(error.message, "no such column: nope");
}
