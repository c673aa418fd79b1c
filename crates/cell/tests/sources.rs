//! SQL in a cell gets the time and randomness that the cells were given, and no other.

mod support;

use std::sync::Arc;
use std::time::Duration;

use cellhouse_cell::{Cells, Options, Store};
use cellhouse_faults::{FaultyClock, SeededEntropy};
use support::cell;
use tempfile::TempDir;

/// 2026-01-01, at which the clock begins.
const BEGIN: i64 = 1_767_225_600;

fn open(dir: &TempDir, clock: &FaultyClock, seed: u64) -> Cells {
    let options = Options {
        store: Some(Store::Memory),
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(SeededEntropy::new(seed)),
        ..Options::default()
    };
    Cells::open(dir.path(), options).unwrap()
}

fn seconds(cells: &Cells, sql: &str) -> i64 {
    let cell = cell(cells, "a").unwrap();
    let sql = format!("SELECT CAST(strftime('%s', {sql}) AS INTEGER)");
    cell.read(|c| c.query_row(&sql, [], |row| row.get(0)))
        .unwrap()
        .0
}

fn numbers(dir: &TempDir, seed: u64) -> (i64, i64, Vec<u8>) {
    let cells = open(dir, &FaultyClock::default(), seed);
    let cell = cell(&cells, "a").unwrap();
    let sql = "SELECT random(), random(), randomblob(20)";
    let row = cell.read(|c| c.query_row(sql, [], |row| row.try_into()));
    row.unwrap().0
}

#[test]
fn sql_shows_the_time_that_cells_were_given() {
    let dir = TempDir::new().unwrap();
    let clock = FaultyClock::default();
    let cells = open(&dir, &clock, 1);
    for sql in [
        "CURRENT_TIMESTAMP",
        "'now'",
        "datetime('now')",
        "julianday('now')",
    ] {
        let shown = seconds(&cells, sql);
        assert!((BEGIN..BEGIN + 3600).contains(&shown), "{sql}: {shown}");
    }
    clock.set_back(Duration::from_secs(24 * 3600));
    let shown = seconds(&cells, "'now'");
    assert!(shown < BEGIN, "{shown}");
}

#[test]
fn sql_shows_the_randomness_that_cells_were_given() {
    let dirs = [(); 3].map(|()| TempDir::new().unwrap());
    let once = numbers(&dirs[0], 7);
    assert_ne!(once.0, once.1);
    assert_eq!(once, numbers(&dirs[1], 7), "the same seed");
    assert_ne!(once, numbers(&dirs[2], 8), "another seed");
}

#[test]
fn random_blobs_have_the_length_that_sqlite_gives_them() {
    let dir = TempDir::new().unwrap();
    let cells = open(&dir, &FaultyClock::default(), 1);
    let cell = cell(&cells, "a").unwrap();
    let length = |argument: &str| {
        let sql = format!("SELECT length(randomblob({argument}))");
        let length = cell.read(|c| c.query_row(&sql, [], |row| row.get::<_, i64>(0)));
        length.map(|(length, _)| length)
    };
    for (argument, expected) in [
        ("0", 1),
        ("-5", 1),
        ("NULL", 1),
        ("'12'", 12),
        ("100000", 100_000),
    ] {
        assert_eq!(length(argument).unwrap(), expected, "{argument}");
    }
    let error = length("9223372036854775807").unwrap_err().to_string();
    assert!(error.contains("too big"), "{error}");
}
