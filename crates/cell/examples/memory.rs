//! What cells cost in memory and in the store: many small cells in one store, some of them resident.
//!
//! `cargo run --release -p cellhouse-cell --example memory [cells] [resident] [directory]`, 1,000,000
//! and 10,000 when not told. Each cell has a table with an index, and one row of 100 bytes.

use std::path::PathBuf;
use std::time::Instant;

use cellhouse_cell::rusqlite::{Connection, Transaction};
use cellhouse_cell::{Cell, CellName, Cells, Error, Options};

const SCHEMA: &[&str] = &[
    "CREATE TABLE t (k TEXT PRIMARY KEY, expires INTEGER, v BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE INDEX t_by_expiry ON t (expires) WHERE expires IS NOT NULL",
];

type Failure = Box<dyn std::error::Error>;

/// So that `?` works on both kinds of errors in a transaction.
#[derive(Debug)]
struct Failed(String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(e: E) -> Failed {
        Failed(e.to_string())
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |usual: u64| {
        let text = arguments.next();
        text.map_or(Ok(usual), |text| text.parse::<u64>())
    };
    let (count, resident) = (number(1_000_000)?, number(10_000)?);
    let usual = || std::env::temp_dir().join(format!("cellhouse-memory-{}", std::process::id()));
    let dir = std::env::args().nth(3).map_or_else(usual, PathBuf::from);
    let before = resident_memory();
    let options = || Options {
        memory_bytes: 1 << 40,
        ..Options::default()
    };
    create(&dir, count)?;
    let cells = Cells::open(&dir, options())?;
    let stored = files(&dir.join("store"))?;
    println!("store: {} bytes per cold cell on disk", stored / count);
    report("opened a store", before, 1);
    let opened = resident_memory();
    let handles = open(&cells, resident)?;
    report("resident, connected", opened, resident);
    println!(
        "  as accounted: {} bytes each",
        cells.memory().bytes as u64 / resident
    );
    measure(&handles, &cells)?;
    report(
        "resident, connected, after reads and writes",
        opened,
        resident,
    );
    drop((handles, cells));
    pages_only(&dir, resident)?;
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

fn name(n: u64) -> Result<CellName, Error> {
    CellName::new("bench", &format!("cell{n:07}"))
}

fn create(dir: &std::path::Path, count: u64) -> Result<(), Failure> {
    let cells = Cells::open(dir, Options::default())?;
    let start = Instant::now();
    for n in 0..count {
        put(&cells.cell(&name(n)?, SCHEMA)?, n)?;
    }
    cells.shard()?.ticket().wait()?;
    let each = start.elapsed().as_secs_f64() * 1e6 / count as f64;
    println!(
        "created {count} cells, {each:.1} us each; {:?}",
        cells.memory()
    );
    println!("{:?}", cells.shard()?.stats());
    cells.close()?;
    Ok(())
}

fn put(cell: &Cell, n: u64) -> Result<(), Failure> {
    let value = [n as u8; 100];
    let put = |tx: &Transaction<'_>| -> Result<(), Failed> {
        let sql = "REPLACE INTO t (k, v) VALUES ('key', ?1)";
        tx.prepare_cached(sql)?.execute([value])?;
        Ok(())
    };
    cell.write(put).map_err(|Failed(text)| text)?;
    Ok(())
}

fn get(cell: &Cell) -> Result<Vec<u8>, Error> {
    let get = |c: &Connection| {
        c.prepare_cached("SELECT v FROM t WHERE k = ?1")?
            .query_row(["key"], |row| row.get(0))
    };
    Ok(cell.read(get)?.0)
}

fn open(cells: &Cells, resident: u64) -> Result<Vec<Cell>, Failure> {
    let start = Instant::now();
    let handles = (0..resident).map(|n| cells.cell(&name(n)?, SCHEMA));
    let handles: Vec<Cell> = handles.collect::<Result<_, Error>>()?;
    let each = start.elapsed().as_secs_f64() * 1e6 / resident as f64;
    println!("opened {resident} cells from the store, {each:.1} us each");
    Ok(handles)
}

fn measure(handles: &[Cell], cells: &Cells) -> Result<(), Failure> {
    let start = Instant::now();
    for cell in handles {
        get(cell)?;
    }
    println!("first read: {:.2} us each", micros(start, handles.len()));
    let start = Instant::now();
    for cell in handles {
        get(cell)?;
    }
    println!("second read: {:.2} us each", micros(start, handles.len()));
    let start = Instant::now();
    for (n, cell) in handles.iter().enumerate() {
        put(cell, n as u64 + 7)?;
    }
    println!("first write: {:.2} us each", micros(start, handles.len()));
    cells.shard()?.ticket().wait()?;
    let start = Instant::now();
    for round in 0..20_000 {
        put(&handles[0], round)?;
    }
    println!("write to one cell: {:.2} us each", micros(start, 20_000));
    Ok(())
}

fn micros(start: Instant, count: usize) -> f64 {
    start.elapsed().as_secs_f64() * 1e6 / count as f64
}

/// The same cells without their connections: with memory for one of them only, all others lose it.
fn pages_only(dir: &std::path::Path, resident: u64) -> Result<(), Failure> {
    let options = Options {
        memory_bytes: 4_000 * resident as usize,
        ..Options::default()
    };
    let cells = Cells::open(dir, options)?;
    let before = resident_memory();
    let handles = open(&cells, resident)?;
    let memory = cells.memory();
    println!("with 4,000 bytes for each: {memory:?}");
    report(
        "resident, mostly without connection",
        before,
        memory.cells as u64,
    );
    let start = Instant::now();
    for cell in &handles {
        get(cell)?;
    }
    println!(
        "read of a cell without connection: {:.2} us each",
        micros(start, handles.len())
    );
    Ok(())
}

fn report(what: &str, before: u64, count: u64) {
    let now = resident_memory();
    let each = now.saturating_sub(before) / count;
    println!("{what}: {each} bytes each; process {} MiB", now >> 20);
}

/// Bytes of memory of this process.
fn resident_memory() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|text| text.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

fn files(folder: &std::path::Path) -> Result<u64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += match entry.file_type()?.is_dir() {
            true => files(&entry.path())?,
            false => entry.metadata()?.len(),
        };
    }
    Ok(bytes)
}
