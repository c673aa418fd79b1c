//! One cell of many gigabytes: written, closed, its local files deleted, opened again, read, checked.
//!
//! ```text
//! cargo run --release -p cellhouse-cell --example large -- FOLDER [GB]
//! ```
//!
//! Rows of 64 KiB of random bytes, 512 in each transaction, until there are that many GB (10^9 bytes,
//! 10 when not told). Needs several times the space.

use std::path::{Path, PathBuf};
use std::time::Instant;

use cellhouse_cell::rusqlite::{Connection, params};
use cellhouse_cell::{Cell, CellName, Cells, Options};

const ROW: u32 = 64 << 10;
const ROWS: u32 = 512;
const SCHEMA: &[&str] = &["CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB)"];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("usage: large FOLDER [GB]"));
    let gb: f64 = arguments
        .next()
        .map_or(10.0, |text| text.parse().expect("GB"));
    let rows = (gb * 1e9 / f64::from(ROW)) as u32;
    let (cells, cell) = timed("make", || open(&folder));
    timed("write", || write(&cell, rows));
    println!("{}", status());
    timed("close", || cells.close().expect("it closes"));
    drop((cell, cells));
    std::fs::remove_dir_all(folder.join("images")).expect("there is an image");
    let (cells, cell) = timed("open without local files", || open(&folder));
    let read = |n: u32| cell.read(|c| length(c, n)).expect("a row").0;
    timed("first row", || assert_eq!(read(0), ROW));
    timed("1,000 rows here and there", || {
        (0..1000).for_each(|n| assert_eq!(read(n * 7919 % rows), ROW));
    });
    timed("one update", || {
        let update = "UPDATE t SET v = randomblob(?1) WHERE n = ?2";
        let updated = cell.write(|tx| {
            Ok::<_, cellhouse_cell::Error>(tx.execute(update, params![ROW, 5]).unwrap())
        });
        updated.expect("an update").1.wait().expect("it is durable");
    });
    timed("integrity_check", || {
        let check = "PRAGMA integrity_check";
        let answer: String = cell
            .read(|c| c.query_row(check, [], |row| row.get(0)))
            .unwrap()
            .0;
        assert_eq!(answer, "ok");
    });
    println!("{}", status());
    cells.close().expect("it closes");
}

fn open(folder: &Path) -> (Cells, Cell) {
    let cells = Cells::open(folder, Options::default()).expect("a store");
    let name = CellName::new("test", "large").expect("a name");
    let cell = cells.cell(&name, SCHEMA).expect("a cell");
    (cells, cell)
}

fn write(cell: &Cell, rows: u32) {
    for first in (0..rows).step_by(ROWS as usize) {
        let written = cell.write(|tx| -> Result<(), cellhouse_cell::Error> {
            let mut insert = tx
                .prepare_cached("INSERT INTO t VALUES (?1, randomblob(?2))")
                .unwrap();
            for n in first..(first + ROWS).min(rows) {
                insert.execute(params![n, ROW]).unwrap();
            }
            Ok(())
        });
        written.expect("rows").1.wait().expect("they are durable");
    }
}

fn length(connection: &Connection, n: u32) -> cellhouse_cell::rusqlite::Result<u32> {
    connection.query_row("SELECT length(v) FROM t WHERE n = ?1", [n], |row| {
        row.get(0)
    })
}

fn timed<T>(what: &str, f: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let value = f();
    println!("{what}: {:.3} s", started.elapsed().as_secs_f64());
    value
}

/// The memory that the process has.
fn status() -> String {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let lines = status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    lines.collect::<Vec<_>>().join(", ")
}
