//! What cells cost in memory and in the store: many small cells in one store, some of them resident.
//!
//! `cargo run --release -p cellhouse-cell --example memory [cells] [resident] [directory]`, 1,000,000
//! and 10,000 when not told. Each cell has a table with an index, and one row of 100 bytes. A
//! directory that is told is kept, and its cells are not made again when it is there already. Each
//! stage is a process of its own, so that none counts what an earlier one left in the heap.

use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

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
    let told = std::env::args().nth(3);
    let dir = told.clone().map_or_else(usual, PathBuf::from);
    if let Some(stage) = std::env::args().nth(4) {
        return match stage.as_str() {
            "create" => create(&dir, count),
            "settle" => settle(&dir, count),
            "connected" => connected(&dir, resident),
            "pages" => pages_only(&dir, resident),
            other => Err(format!("{other:?} is no stage").into()),
        };
    }
    let there = dir.exists();
    for stage in ["create", "settle", "connected", "pages"] {
        if !(there && stage == "create") {
            run(stage, count, resident, &dir)?;
        }
    }
    if told.is_none() {
        std::fs::remove_dir_all(&dir)?;
    }
    Ok(())
}

fn run(stage: &str, count: u64, resident: u64, dir: &Path) -> Result<(), Failure> {
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args([count.to_string(), resident.to_string()]);
    println!("-- {stage}");
    match command.arg(dir).arg(stage).status()? {
        status if status.success() => Ok(()),
        status => Err(format!("{stage}: {status}").into()),
    }
}

/// Waits until merging and collecting are over: until the store has kept its size for 45 seconds,
/// longer than anything that is garbage is kept.
fn settle(dir: &Path, count: u64) -> Result<(), Failure> {
    let store = dir.join("store");
    let found = files(&store)?;
    let cells = Cells::open(dir, Options::default())?;
    let (mut size, mut since) = (found, Instant::now());
    while since.elapsed() < Duration::from_secs(45) {
        std::thread::sleep(Duration::from_secs(1));
        let now = files(&store)?;
        if now != size {
            (size, since) = (now, Instant::now());
        }
    }
    cells.close()?;
    let log = files(&store.join("log"))?;
    println!(
        "store: {} bytes per cold cell as found, {} settled, and {} MiB of log",
        found / count,
        (files(&store)? - log) / count,
        log >> 20
    );
    Ok(())
}

fn connected(dir: &Path, resident: u64) -> Result<(), Failure> {
    let before = resident_memory();
    let options = Options {
        memory_bytes: 1 << 40,
        ..Options::default()
    };
    let start = Instant::now();
    let cells = Cells::open(dir, options)?;
    println!("opened the store in {:.1} ms", micros(start, 1) / 1e3);
    report("opened a store", before, 1);
    warm_up(&cells, resident)?;
    let opened = resident_memory();
    let handles = open(&cells, 0..resident)?;
    report("resident, connected", opened, resident);
    println!(
        "  as accounted: {} bytes each",
        cells.memory().bytes as u64 / resident
    );
    measure(&handles, &cells)?;
    report("connected, after reads and writes", opened, resident);
    Ok(())
}

fn name(n: u64) -> Result<CellName, Error> {
    CellName::new("bench", &format!("cell{n:07}"))
}

fn create(dir: &Path, count: u64) -> Result<(), Failure> {
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

fn open(cells: &Cells, which: Range<u64>) -> Result<Vec<Cell>, Failure> {
    let count = (which.end - which.start) as usize;
    let (mut handles, mut times) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for n in which {
        let start = Instant::now();
        handles.push(cells.cell(&name(n)?, SCHEMA)?);
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    println!(
        "opened {count} cold cells: {:.1} us each; median {:.1}, 99% {:.1}, worst {:.1}",
        us(times.iter().sum()) / count as f64,
        us(times[count / 2]),
        us(times[count * 99 / 100]),
        us(times[count - 1])
    );
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

/// The same cells with so little memory that three quarters of them lose their connections, and
/// none its pages. The newest quarter of all cells keeps them longest.
fn pages_only(dir: &Path, resident: u64) -> Result<(), Failure> {
    // For a single cell that loses its connection at once, and for one that keeps it.
    let (without, with) = (accounted(dir, 5_000)?, accounted(dir, 1 << 20)?);
    println!("as accounted: {without} bytes without connection, {with} with one");
    let options = Options {
        memory_bytes: (with + 3 * without) / 3 * resident as usize,
        ..Options::default()
    };
    let cells = Cells::open(dir, options)?;
    warm_up(&cells, resident)?;
    let before = resident_memory();
    let handles = open(&cells, 0..resident)?;
    let memory = cells.memory();
    let connected = memory.bytes.saturating_sub(memory.cells * without) / (with - without);
    println!("{memory:?}, about {connected} with a connection");
    report("resident, some connected", before, memory.cells as u64);
    let start = Instant::now();
    for cell in &handles {
        get(cell)?;
    }
    println!(
        "read of a cell that is mostly without connection: {:.2} us each",
        micros(start, handles.len())
    );
    Ok(())
}

fn accounted(dir: &Path, memory_bytes: usize) -> Result<usize, Failure> {
    let options = Options {
        memory_bytes,
        ..Options::default()
    };
    let cells = Cells::open(dir, options)?;
    let _cell = cells.cell(&name(0)?, SCHEMA)?;
    let bytes = cells.memory().bytes;
    cells.close()?;
    Ok(bytes)
}

/// Reads from the store what belongs to other cells, so that the memory that the store takes for
/// reading is not counted as that of cells.
fn warm_up(cells: &Cells, resident: u64) -> Result<(), Failure> {
    let shard = cells.shard()?;
    for n in resident..resident + 3_000 {
        let key = cellhouse_shard::CellKey::of("bench", &format!("cell{n:07}"));
        shard.pages(key, 1..3)?;
    }
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

/// What the files of a folder take on disk. Some may go while it looks.
fn files(folder: &Path) -> Result<u64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)?.flatten() {
        bytes += match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => files(&entry.path())?,
            Ok(metadata) => metadata.blocks() * 512,
            Err(_) => 0,
        };
    }
    Ok(bytes)
}
