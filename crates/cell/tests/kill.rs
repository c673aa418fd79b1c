//! `kill -9` in the middle of writing: a child process prints each commit after its ticket became
//! durable, is killed at some moment, and everything that it printed must be there when the cell is
//! opened again.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cellhouse_cell::{Cell, CellName, Cells, Error, Options};
use tempfile::TempDir;

const SCHEMA: &[&str] = &["CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB)"];
const DIRECTORY: &str = "CELLHOUSE_TEST_KILL_DIRECTORY";
const START: &str = "CELLHOUSE_TEST_KILL_START";
const WRITERS: i64 = 4;

#[derive(Debug)]
struct Failure;

impl<E: std::error::Error> From<E> for Failure {
    fn from(_: E) -> Failure {
        Failure
    }
}

fn open(dir: &Path) -> Result<Cell, Error> {
    let cells = Cells::open(dir, Options::default())?;
    cells.cell(&CellName::new("test", "a")?, SCHEMA)
}

/// Runs only as the child of the test below.
#[test]
#[ignore = "the child process of another test"]
fn child() {
    let (Ok(dir), Ok(start)) = (std::env::var(DIRECTORY), std::env::var(START)) else {
        return;
    };
    let start: i64 = start.parse().unwrap();
    let cell = open(Path::new(&dir)).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let cell = &cell;
            scope.spawn(move || {
                for n in (start + writer..).step_by(WRITERS as usize) {
                    let value = vec![7u8; (n % 5000) as usize];
                    let write = |tx: &rusqlite::Transaction<'_>| -> Result<(), Failure> {
                        tx.execute("INSERT INTO t VALUES (?1, ?2)", (n, &value))?;
                        Ok(())
                    };
                    cell.write(write).unwrap().1.wait().unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "ack {n}").and_then(|()| out.flush()).unwrap();
                }
            });
        }
    });
}

#[test]
fn every_acknowledged_commit_is_there_after_kill_9() {
    let dir = TempDir::new().unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..6u64 {
        acknowledged.extend(run_and_kill(
            dir.path(),
            (round * 1_000_000) as i64,
            Duration::from_millis(60 + 45 * round),
        ));
        let cell = open(dir.path()).unwrap();
        let read = |c: &rusqlite::Connection| {
            let check: String = c.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
            let found = c
                .prepare("SELECT n FROM t WHERE length(v) = n % 5000")?
                .query_map([], |row| row.get(0))?
                .collect();
            Ok((check, found))
        };
        let (check, found): (String, rusqlite::Result<BTreeSet<i64>>) = cell.read(read).unwrap().0;
        assert_eq!(check, "ok");
        let found = found.unwrap();
        let lost: Vec<_> = acknowledged.difference(&found).collect();
        assert!(
            lost.is_empty(),
            "round {round}: lost {lost:?} of {}",
            acknowledged.len()
        );
    }
    assert!(
        acknowledged.len() > 50,
        "too few commits to mean anything: {}",
        acknowledged.len()
    );
}

/// Starts the child, lets it write for `time` after its first commit, kills it, and returns what it
/// acknowledged.
fn run_and_kill(dir: &Path, start: i64, time: Duration) -> Vec<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "child",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(DIRECTORY, dir)
        .env(START, start.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let number = |line: String| line.strip_prefix("ack ").and_then(|n| n.parse().ok());
    let first: i64 = lines
        .by_ref()
        .find_map(number)
        .expect("the child committed something");
    let killer = std::thread::spawn(move || {
        std::thread::sleep(time);
        child.kill().unwrap();
        child.wait().unwrap();
    });
    let rest: Vec<i64> = lines.filter_map(number).collect();
    killer.join().unwrap();
    std::iter::once(first).chain(rest).collect()
}
