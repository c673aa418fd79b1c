//! What a commit, a read and an opening cost on the caller's thread.
//!
//! `cargo run --release -p cellhouse-cell --example commit [file:<directory>]`; in memory when not
//! told where.

use std::time::Instant;

use cellhouse_cell::rusqlite::{Connection, Transaction};
use cellhouse_cell::{Cell, CellName, Cells, Error, Options, Store};

const SCHEMA: &[&str] =
    &["CREATE TABLE t (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO t VALUES ('count', 0)"];
const COUNT: u32 = 100_000;

#[derive(Debug)]
#[expect(dead_code, reason = "shown when main returns it")]
struct Failed(String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(e: E) -> Failed {
        Failed(e.to_string())
    }
}

fn main() -> Result<(), Failed> {
    let url = std::env::args().nth(1);
    let store = Store::parse(url.as_deref().unwrap_or("memory:"))?;
    let dir = std::env::temp_dir().join(format!("cellhouse-commit-{}", std::process::id()));
    let options = Options {
        store: Some(store),
        ..Options::default()
    };
    let cells = Cells::open(&dir, options)?;
    let cell = cells.cell(&CellName::new("bench", "a")?, SCHEMA)?;
    each("update in one use of the cell, statement kept", || {
        in_one_use(&cell)
    })?;
    each("write() of one update", || writes(&cell))?;
    each("read() of one row", || reads(&cell))?;
    cell.ticket().wait()?;
    println!("{:?}", cells.shard()?.stats());
    cells.close()?;
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

fn each(what: &str, run: impl Fn() -> Result<(), Failed>) -> Result<(), Failed> {
    for _ in 0..3 {
        let start = Instant::now();
        run()?;
        let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(COUNT);
        println!("{what}: {each:.2} us");
    }
    Ok(())
}

/// What the file layer and handing over to the shard cost: SQLite commits each statement.
fn in_one_use(cell: &Cell) -> Result<(), Failed> {
    let update = |c: &Connection| {
        let mut statement = c.prepare_cached("UPDATE t SET v = v + 1 WHERE k = 'count'")?;
        (0..COUNT).try_for_each(|_| statement.execute([]).map(drop))
    };
    cell.read(update)?;
    Ok(())
}

fn writes(cell: &Cell) -> Result<(), Failed> {
    for _ in 0..COUNT {
        cell.write(|tx: &Transaction<'_>| -> Result<(), Failed> {
            tx.prepare_cached("UPDATE t SET v = v + 1 WHERE k = 'count'")?
                .execute([])?;
            Ok(())
        })?;
    }
    Ok(())
}

fn reads(cell: &Cell) -> Result<(), Failed> {
    for _ in 0..COUNT {
        let read = |c: &Connection| {
            c.prepare_cached("SELECT v FROM t WHERE k = 'count'")?
                .query_row([], |row| row.get::<_, i64>(0))
        };
        let _: (i64, _) = cell.read(read).map_err(|e: Error| e)?;
    }
    Ok(())
}
