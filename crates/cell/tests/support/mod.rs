//! What the tests of cells share: a table of numbers in a cell, and disks that do as they are told.

#![allow(dead_code, reason = "each test uses some of this")]

pub mod power;

use cellhouse_cell::rusqlite::{Connection, Transaction};
use cellhouse_cell::{Cell, CellName, Cells, Error, Ticket};

pub const SCHEMA: &[&str] = &["CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB)"];

/// How often a property is tried: as often as `PROPTEST_CASES` says, in CI not for long.
pub fn cases(usual: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[derive(Debug)]
pub struct Failure(pub String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(e: E) -> Failure {
        Failure(e.to_string())
    }
}

pub fn cell(cells: &Cells, id: &str) -> Result<Cell, Error> {
    cells.cell(&CellName::new("test", id)?, SCHEMA)
}

/// Puts a number with that many bytes.
pub fn insert(cell: &Cell, n: i64, bytes: usize) -> Result<Ticket, Failure> {
    let value = vec![u8::try_from(n & 0xff).unwrap(); bytes];
    let write = |tx: &Transaction<'_>| -> Result<(), Failure> {
        tx.execute("INSERT INTO t VALUES (?1, ?2)", (n, &value))?;
        Ok(())
    };
    Ok(cell.write(write)?.1)
}

pub fn all(cell: &Cell) -> Result<Vec<i64>, Error> {
    let numbers = |c: &Connection| {
        c.prepare_cached("SELECT n FROM t ORDER BY n")?
            .query_map([], |row| row.get(0))?
            .collect()
    };
    Ok(cell.read(numbers)?.0)
}

pub fn check(cell: &Cell) {
    let check = |c: &Connection| c.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    let result: String = cell.read(check).unwrap().0;
    assert_eq!(result, "ok", "{}", cell.name());
}
