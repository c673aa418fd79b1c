//! Durable one-row updates: cells beside plain SQLite files, and beside the bare cost of a sync, on
//! the same disk and in turns.
//!
//! ```text
//! cargo run --release -p cellhouse-cell --example durable -- FOLDER [SECONDS PER LINE] [ROUNDS]
//! ```
//!
//! First one client that waits for each of its updates, then 256 updates in flight over 1,000 cells or
//! files. SQLite syncs with `synchronous=FULL`, with a write-ahead log and with a rollback journal,
//! and has a thread for each update in flight; cells once as well, and once two threads with 128
//! tickets each, which is how isolates use them. The ratios are of the medians of the rounds.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use cellhouse_cell::rusqlite::{Connection, Transaction};
use cellhouse_cell::{Cell, CellName, Cells, Disk as _, Error, Options, RealDisk, Ticket};

const COUNT: usize = 1000;
const IN_FLIGHT: usize = 256;
const TABLE: &str =
    "CREATE TABLE t (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO t VALUES ('count', 0)";
const SCHEMA: &[&str] = &[TABLE];
const UPDATE: &str = "UPDATE t SET v = v + 1 WHERE k = 'count'";

#[derive(Debug)]
#[expect(dead_code, reason = "shown when main returns it")]
struct Failed(String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(e: E) -> Failed {
        Failed(e.to_string())
    }
}

/// What takes updates: `update` returns when the update is made, which is durable once the ticket,
/// if there is one, is.
trait Target: Send {
    fn update(&mut self) -> Result<Option<Ticket>, Failed>;
}

impl Target for Cell {
    fn update(&mut self) -> Result<Option<Ticket>, Failed> {
        let update = |tx: &Transaction<'_>| -> Result<(), Failed> {
            tx.prepare_cached(UPDATE)?.execute([])?;
            Ok(())
        };
        let ((), ticket) = self.write(update)?;
        Ok(Some(ticket))
    }
}

impl Target for Connection {
    fn update(&mut self) -> Result<Option<Ticket>, Failed> {
        self.prepare_cached(UPDATE)?.execute([])?;
        Ok(None)
    }
}

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or_else(|| Failed("usage: durable FOLDER [SECONDS] [ROUNDS]".to_owned()))?;
    let folder = Path::new(&folder);
    let time = Duration::from_secs(arguments.next().map_or(Ok(5), |text| text.parse())?);
    let rounds: usize = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let cells = Cells::open(&folder.join("cells"), Options::default())?;
    let mut in_cells = (0..COUNT)
        .map(|n| cells.cell(&CellName::new("bench", &format!("{n}"))?, SCHEMA))
        .collect::<Result<Vec<Cell>, Error>>()?;
    let mut wal = files(&folder.join("wal"), "WAL")?;
    let mut journal = files(&folder.join("journal"), "DELETE")?;
    let mut lines: [Line; 8] = [
        Line::new("write 4 KiB, fdatasync"),
        Line::new("cell, one client"),
        Line::new("SQLite WAL, one client"),
        Line::new("SQLite journal, one client"),
        Line::new("cells, 2 threads x 128 tickets"),
        Line::new("cells, 256 threads"),
        Line::new("SQLite WAL, 256 threads"),
        Line::new("SQLite journal, 256 threads"),
    ];
    // One client first: afterwards the disk is busy with what many have left to be merged.
    for round in 1..=rounds {
        println!("one client, round {round}, load {}", load());
        lines[0].add(sync_alone(folder, time)?, time);
        lines[1].add(one_client(&mut in_cells[0], time)?, time);
        lines[2].add(one_client(&mut wal[0], time)?, time);
        lines[3].add(one_client(&mut journal[0], time)?, time);
    }
    for round in 1..=rounds {
        println!("256 in flight, round {round}, load {}", load());
        lines[4].add(many(&mut in_cells, 2, time)?, time);
        lines[5].add(many(&mut in_cells, IN_FLIGHT, time)?, time);
        lines[6].add(many(&mut wal, IN_FLIGHT, time)?, time);
        lines[7].add(many(&mut journal, IN_FLIGHT, time)?, time);
    }
    let [sync, cell, wal_1, journal_1] = medians(&lines[..4]);
    let [tickets, threads, wal_256, journal_256] = medians(&lines[4..]);
    println!(
        "one client: {:.2} syncs each; {:.1} times SQLite WAL, {:.1} times SQLite journal",
        sync / cell,
        cell / wal_1,
        cell / journal_1
    );
    println!(
        "256 in flight: {:.1} times SQLite WAL ({:.1} with threads), {:.1} times SQLite journal ({:.1})",
        tickets / wal_256,
        threads / wal_256,
        tickets / journal_256,
        threads / journal_256
    );
    drop(in_cells);
    cells.close()?;
    Ok(())
}

fn files(folder: &Path, mode: &str) -> Result<Vec<Connection>, Failed> {
    std::fs::create_dir_all(folder)?;
    let open = |n: usize| -> Result<Connection, Failed> {
        let connection = Connection::open(folder.join(format!("{n}.sqlite")))?;
        connection.pragma_update(None, "journal_mode", mode)?;
        // While it is filled; nobody measures that.
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.execute_batch(&format!("DROP TABLE IF EXISTS t; {TABLE}"))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(connection)
    };
    (0..COUNT).map(open).collect()
}

fn sync_alone(folder: &Path, time: Duration) -> Result<Vec<Duration>, Failed> {
    let path = folder.join("sync-alone");
    let file = RealDisk.preallocate(&path, 16 << 20)?;
    file.sync_all()?;
    let mut latencies = Vec::new();
    let end = Instant::now() + time;
    while Instant::now() < end {
        let start = Instant::now();
        file.write_at(&[7; 4096], (latencies.len() % 4096) as u64 * 4096)?;
        file.sync_data()?;
        latencies.push(start.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(latencies)
}

fn one_client(target: &mut impl Target, time: Duration) -> Result<Vec<Duration>, Failed> {
    client(std::slice::from_mut(target), 1, Instant::now() + time)
}

/// Splits the targets and the updates in flight among threads.
fn many(
    targets: &mut [impl Target],
    threads: usize,
    time: Duration,
) -> Result<Vec<Duration>, Failed> {
    let (start, flying) = (&Barrier::new(threads), IN_FLIGHT / threads);
    let mut rest = targets;
    std::thread::scope(|scope| {
        let mut clients = Vec::new();
        for left in (1..=threads).rev() {
            let share = rest.len() / left;
            let (mine, others) = std::mem::take(&mut rest).split_at_mut(share);
            rest = others;
            clients.push(scope.spawn(move || {
                start.wait();
                client(mine, flying, Instant::now() + time)
            }));
        }
        let mut latencies = Vec::new();
        for client in clients {
            latencies.append(&mut client.join().expect("no client panics")?);
        }
        Ok(latencies)
    })
}

/// Updates its targets in turn, with so many updates in flight, until the time is over.
fn client(
    targets: &mut [impl Target],
    flying: usize,
    end: Instant,
) -> Result<Vec<Duration>, Failed> {
    let mut latencies = Vec::new();
    let mut waiting = VecDeque::new();
    let mut turn = 0;
    while Instant::now() < end {
        while waiting.len() < flying {
            let start = Instant::now();
            waiting.push_back((start, targets[turn].update()?));
            turn = (turn + 1) % targets.len();
        }
        if let Some((start, ticket)) = waiting.pop_front() {
            ticket.map_or(Ok(()), |ticket| ticket.wait())?;
            latencies.push(start.elapsed());
        }
    }
    Ok(latencies)
}

/// One kind of measurement, over all rounds.
struct Line {
    name: &'static str,
    rates: Vec<f64>,
}

impl Line {
    fn new(name: &'static str) -> Line {
        let rates = Vec::new();
        Line { name, rates }
    }

    fn add(&mut self, mut latencies: Vec<Duration>, time: Duration) {
        latencies.sort_unstable();
        let last = latencies.len() - 1;
        let at = |share: f64| latencies[(last as f64 * share) as usize].as_secs_f64() * 1e3;
        self.rates.push(latencies.len() as f64 / time.as_secs_f64());
        println!(
            "{:<31} {:>8.0}/s, median {:.3} ms, 99% {:.3} ms, worst {:.1} ms",
            self.name,
            self.rates[self.rates.len() - 1],
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }

    fn median(&self) -> f64 {
        let mut rates = self.rates.clone();
        rates.sort_unstable_by(f64::total_cmp);
        rates[rates.len() / 2]
    }
}

fn medians(lines: &[Line]) -> [f64; 4] {
    std::array::from_fn(|n| lines[n].median())
}

fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("unknown").to_owned()
}
