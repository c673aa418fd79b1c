//! Who waits for whom: readers for nobody, writers for each other; long queries are stopped when
//! their time is over or when nobody wants them; interactive transactions.

mod support;

use std::time::Duration;

use cellhouse_d1::{Control, DatabasesOptions, ErrorKind, Statement, Value};
use support::{Home, block_on, home, home_with};

/// Takes for ever, about.
const ENDLESS: &str = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) \
                       SELECT count(*) FROM x";

fn short(query_time: Duration) -> Home {
    home_with(DatabasesOptions {
        query_time,
        ..DatabasesOptions::default()
    })
}

fn statements(sql: &[&str]) -> Vec<Statement> {
    sql.iter().map(|sql| Statement::new(sql)).collect()
}

#[test]
fn a_long_query_leaves_its_callers_thread_and_is_known_from_then_on() {
    let home = home();
    home.run("CREATE TABLE t (a)");
    let long = statements(&[
        "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x \
                             WHERE n < 200000) SELECT count(*) FROM x",
    ]);
    assert!(home.db.now(&long).is_none());
    let answer = block_on(home.db.run(long.clone())).unwrap();
    assert_eq!(answer.outputs[0].values, [Value::Integer(200_000)]);
    assert!(home.db.now(&long).is_none());
    // One that writes has written nothing when it leaves.
    let long = statements(
        &["INSERT INTO t WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL \
                             SELECT n + 1 FROM x WHERE n < 100000) SELECT n FROM x"],
    );
    assert!(home.db.now(&long).is_none());
    assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(0));
    block_on(home.db.run(long)).unwrap();
    assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(100_000));
}

#[test]
fn a_query_that_takes_too_long_is_stopped() {
    let home = short(Duration::from_millis(50));
    home.run("CREATE TABLE t (a)");
    let write = format!("INSERT INTO t {ENDLESS}");
    for sql in [ENDLESS, &write] {
        let error = block_on(home.db.run(statements(&[sql]))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(
            error.to_string(),
            "D1 DB storage operation exceeded timeout which caused object to be reset."
        );
    }
    home.run("INSERT INTO t VALUES (1)");
    assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(1));
}

#[test]
fn others_go_on_while_a_query_runs_and_it_ends_when_nobody_wants_it() {
    let home = home();
    home.run("CREATE TABLE t (a)");
    block_on(async {
        let long = home.db.run(statements(&[ENDLESS]));
        let write = format!("INSERT INTO t {ENDLESS}");
        let also = home.db.run(statements(&[&write]));
        let others = async {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_millis(1)).await;
                let read = home.db.now(&statements(&["SELECT count(*) FROM t"]));
                assert_eq!(
                    read.unwrap().unwrap().outputs[0].values,
                    [Value::Integer(0)]
                );
            }
        };
        tokio::select! {
            _ = long => panic!("it never ends"),
            _ = also => panic!("it never ends"),
            () = others => {}
        }
    });
    // Both have been dropped; the one that writes gives its turn back.
    home.run("INSERT INTO t VALUES (1)");
    assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(1));
}

#[test]
fn writes_of_many_are_exact() {
    let home = home();
    home.run("CREATE TABLE t (n)");
    home.run("INSERT INTO t VALUES (0)");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..250 {
                    home.ask(&statements(&["UPDATE t SET n = n + 1"])).unwrap();
                }
            });
        }
    });
    assert_eq!(home.one("SELECT n FROM t"), Value::Integer(1_000));
}

#[test]
fn a_transaction_is_there_when_it_is_committed_and_gone_when_it_is_not() {
    let home = home();
    home.run("CREATE TABLE t (a UNIQUE)");
    let limit = Duration::from_secs(60);
    block_on(async {
        let tx = home.db.begin(limit).await.unwrap();
        tx.run(statements(&["INSERT INTO t VALUES (1)"]))
            .await
            .unwrap();
        assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(0));
        assert!(
            home.db
                .now(&statements(&["INSERT INTO t VALUES (9)"]))
                .is_none()
        );
        // A call that fails undoes itself only.
        let bad = statements(&["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (1)"]);
        tx.run(bad).await.unwrap_err();
        let seen = tx
            .run(statements(&["SELECT count(*) FROM t"]))
            .await
            .unwrap();
        assert_eq!(seen.outputs[0].values, [Value::Integer(1)]);
        tx.commit().await.unwrap();
        let late = tx.run(statements(&["SELECT 1"])).await.unwrap_err();
        assert_eq!(
            late.to_string(),
            "the transaction has been committed already"
        );

        let tx = home.db.begin(limit).await.unwrap();
        tx.run(statements(&["DELETE FROM t"])).await.unwrap();
        tx.rollback().await.unwrap();
        let tx = home.db.begin(limit).await.unwrap();
        tx.run(statements(&["DELETE FROM t"])).await.unwrap();
        drop(tx);
    });
    assert_eq!(home.one("SELECT count(*) FROM t"), Value::Integer(1));
}

#[test]
fn savepoints_within_a_transaction() {
    let home = home();
    home.run("CREATE TABLE t (a)");
    let control = |sql: &str| Control::parse(sql).unwrap();
    block_on(async {
        let tx = home.db.begin(Duration::from_secs(60)).await.unwrap();
        tx.control(&control("savepoint sp0")).await.unwrap();
        tx.run(statements(&["INSERT INTO t VALUES (1)"]))
            .await
            .unwrap();
        tx.control(&control("rollback to sp0")).await.unwrap();
        tx.run(statements(&["INSERT INTO t VALUES (2)"]))
            .await
            .unwrap();
        tx.control(&control("release sp0")).await.unwrap();
        let wrong = tx.control(&control("release sp0")).await.unwrap_err();
        assert!(
            wrong.to_string().starts_with("no such savepoint: sp0"),
            "{wrong}"
        );
        tx.control(&control("begin")).await.unwrap_err();
        tx.commit().await.unwrap();
    });
    assert_eq!(home.values("SELECT a FROM t"), [Value::Integer(2)]);
}

#[test]
fn a_transaction_that_is_open_for_too_long_gives_its_turn_to_the_next() {
    let home = home();
    home.run("CREATE TABLE t (a)");
    block_on(async {
        let tx = home.db.begin(Duration::from_millis(30)).await.unwrap();
        tx.run(statements(&["INSERT INTO t VALUES (1)"]))
            .await
            .unwrap();
        // Waits for the turn, and takes it when the time is over.
        home.db
            .run(statements(&["INSERT INTO t VALUES (2)"]))
            .await
            .unwrap();
        let late = tx.commit().await.unwrap_err();
        assert_eq!(
            late.to_string(),
            "the transaction was rolled back: it was open for more than 30 ms"
        );
        // A statement of one is stopped at its end too.
        let tx = home.db.begin(Duration::from_millis(30)).await.unwrap();
        let error = tx.run(statements(&[ENDLESS])).await.unwrap_err();
        assert!(error.to_string().contains("more than 30 ms"), "{error}");
    });
    assert_eq!(home.values("SELECT a FROM t"), [Value::Integer(2)]);
}
