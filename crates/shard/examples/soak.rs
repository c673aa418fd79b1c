//! Gigabytes of small commits, and what they cost over time, as CSV on the standard output.
//!
//! ```text
//! cargo run --release -p cellhouse-shard --example soak -- FOLDER [GB] [QUIET SECONDS] > soak.csv
//! ```
//!
//! 1,000 cells of 64 pages; each commit writes one page of a random cell, half of them of 1 KB (what
//! is left of a page that is a quarter full) and half of a whole page; the bytes are random. 256
//! commits are in flight, as fast as the shard takes them, until that many GB (10^9 bytes) of pages
//! were handed in, 5 when not told; then nothing for a while, 60 s when not told. One line a
//! second; a summary goes to the standard error. `docs/plot.py` draws the lines.
//!
//! `written` is what was handed to write calls (`wchar` of /proc/self/io): nothing is overwritten before
//! it is synced, so all of it goes to disk. `disk_written` (`write_bytes`) is what the kernel counts;
//! where ext4 keeps files in large folios it counts a whole folio for each page in it that a write
//! touches, many times what the disk gets. `device` is what all processes wrote to all disks.

use std::collections::VecDeque;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cellhouse_shard::{CellKey, CellMeta, Commit, PAGE_SIZE, Shard, ShardOptions, Store, Ticket};

const IN_FLIGHT: usize = 256;
const CELLS: u64 = 1000;
const PAGES: u32 = 64;
const SMALL: usize = 1024;
const POOL: usize = 1 << 20;
const TICK: Duration = Duration::from_secs(1);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: soak FOLDER [GB] [QUIET SECONDS]";
    let folder = PathBuf::from(arguments.next().expect(usage));
    let mut number = |usual: f64| {
        let text = arguments.next();
        text.map_or(usual, |text| text.parse().expect(usage))
    };
    let (bytes, quiet) = ((number(5.0) * 1e9) as u64, number(60.0));
    let shard = Shard::open(ShardOptions::new(Store::File(folder.clone()))).expect("a store");
    let mut soak = Soak::new(shard, folder);
    println!(
        "seconds,handed_in,commits,written,disk_written,device,log_written,store,live,rss,longest_ms"
    );
    soak.line();
    while soak.handed_in < bytes {
        soak.fill();
        soak.wait_for_one();
        soak.line_if_due();
    }
    while !soak.flying.is_empty() {
        soak.wait_for_one();
    }
    soak.line();
    soak.summary();
    let end = Instant::now() + Duration::from_secs_f64(quiet);
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(50));
        soak.line_if_due();
    }
    eprint!("after {quiet:.0} quiet seconds: ");
    soak.space();
    soak.shard.close().expect("everything is durable");
}

struct Soak {
    shard: Shard,
    folder: PathBuf,
    start: Instant,
    next_line: Instant,
    random: u64,
    pool: Vec<u8>,
    flying: VecDeque<(Instant, Ticket)>,
    handed_in: u64,
    commits: u64,
    /// Bytes of the page that each place holds.
    places: Vec<u16>,
    live: u64,
    /// The longest that a commit took since the last line, from handing it in to durable.
    longest: Duration,
    longest_of_all: Duration,
    most_memory: u64,
    latencies: Vec<u32>,
}

impl Soak {
    fn new(shard: Shard, folder: PathBuf) -> Soak {
        let mut random = 1;
        let pool = (0..POOL + PAGE_SIZE).map(|_| next(&mut random) as u8);
        Soak {
            shard,
            folder,
            pool: pool.collect(),
            start: Instant::now(),
            next_line: Instant::now() + TICK,
            random,
            flying: VecDeque::new(),
            handed_in: 0,
            commits: 0,
            places: vec![0; (CELLS * u64::from(PAGES)) as usize],
            live: 0,
            longest: Duration::ZERO,
            longest_of_all: Duration::ZERO,
            most_memory: 0,
            latencies: Vec::new(),
        }
    }

    fn fill(&mut self) {
        while self.flying.len() < IN_FLIGHT {
            let commit = self.commit();
            let start = Instant::now();
            let ticket = self.shard.commit(commit).expect("the shard takes it");
            self.flying.push_back((start, ticket));
        }
    }

    fn commit(&mut self) -> Commit {
        let random = next(&mut self.random);
        let (cell, page) = (random % CELLS, (random >> 20) as u32 % PAGES);
        let size = if page < PAGES / 2 { SMALL } else { PAGE_SIZE };
        let offset = (random >> 32) as usize % POOL;
        let mut bytes = self.pool[offset..offset + size].to_vec();
        bytes[..8].copy_from_slice(&self.commits.to_le_bytes());
        self.commits += 1;
        self.handed_in += size as u64;
        let place = &mut self.places[(cell * u64::from(PAGES) + u64::from(page)) as usize];
        self.live += size as u64 - u64::from(*place);
        *place = size as u16;
        Commit {
            cell: CellKey::of("soak", &cell.to_string()),
            meta: CellMeta {
                name: format!("soak/{cell}").into(),
                pages: PAGES,
                transaction: self.commits,
                history: None,
            },
            pages: vec![(page + 1, Bytes::from(bytes))],
            truncated: None,
            extra: Vec::new(),
            before: None,
        }
    }

    fn wait_for_one(&mut self) {
        let Some((start, ticket)) = self.flying.pop_front() else {
            return;
        };
        ticket.wait().expect("the commit is durable");
        let took = start.elapsed();
        self.longest = self.longest.max(took);
        self.latencies.push(took.as_micros() as u32);
    }

    fn line_if_due(&mut self) {
        if Instant::now() >= self.next_line {
            self.line();
        }
    }

    fn line(&mut self) {
        let rss = field("/proc/self/status", "VmRSS:") << 10;
        println!(
            "{:.2},{},{},{},{},{},{},{},{},{rss},{:.2}",
            self.start.elapsed().as_secs_f64(),
            self.handed_in,
            self.commits,
            field("/proc/self/io", "wchar:"),
            field("/proc/self/io", "write_bytes:"),
            device(),
            self.shard.stats().log_bytes,
            bytes_in(&self.folder),
            self.live,
            self.longest.as_secs_f64() * 1e3,
        );
        self.longest_of_all = self.longest_of_all.max(self.longest);
        self.longest = Duration::ZERO;
        self.most_memory = self.most_memory.max(rss);
        self.next_line = Instant::now() + TICK;
    }

    fn summary(&mut self) {
        let seconds = self.start.elapsed().as_secs_f64();
        let written = field("/proc/self/io", "wchar:");
        let counted = field("/proc/self/io", "write_bytes:");
        let handed_in = self.handed_in as f64;
        self.latencies.sort_unstable();
        let at = |share: f64| self.latencies[((self.latencies.len() - 1) as f64 * share) as usize];
        eprintln!(
            "{} commits, {handed_in:.3e} bytes handed in, {seconds:.1} s: {:.0}/s, {:.1} MB/s",
            self.commits,
            self.commits as f64 / seconds,
            handed_in / seconds / 1e6
        );
        eprintln!(
            "written {:.2} times ({:.2} as the kernel counts it; {:.2} by the log)",
            written as f64 / handed_in,
            counted as f64 / handed_in,
            self.shard.stats().log_bytes as f64 / handed_in
        );
        eprintln!(
            "durable after: median {} us, 99% {} us, longest {:.1} ms",
            at(0.5),
            at(0.99),
            self.longest_of_all.as_secs_f64() * 1e3
        );
        eprintln!("memory: at most {} MiB", self.most_memory >> 20);
        self.space();
    }

    fn space(&self) {
        let store = bytes_in(&self.folder);
        let times = store as f64 / self.live as f64;
        eprintln!(
            "{} MB on disk, {} MB of pages: {times:.2} times",
            store / 1_000_000,
            self.live / 1_000_000
        );
    }
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn field(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).expect("Linux tells about this process");
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|text| text.parse().ok())
        .expect("a number follows the name")
}

/// Bytes written to disks since the machine was started, by anybody.
fn device() -> u64 {
    let text = std::fs::read_to_string("/proc/vmstat").expect("Linux tells about the machine");
    let line = text.lines().find_map(|line| line.strip_prefix("pgpgout "));
    // In KiB.
    line.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) << 10
}

/// What the files of a folder take on disk.
fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0; // Collected meanwhile, as below.
    };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_in(&entry.path()),
        Ok(metadata) => metadata.blocks() * 512,
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}
