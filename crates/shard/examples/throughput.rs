//! Durable commits per second of a shard, beside the bare cost of a sync on the same disk.
//!
//! ```text
//! cargo run --release -p cellhouse-shard --example throughput -- FOLDER [SECONDS]
//! ```
//!
//! Prints: what an idle shard costs; one `fdatasync` of an 8 KiB append; one client committing one
//! page at a time; 256 commits in flight over 1,000 cells; the files. Run it on a quiet machine, on
//! the disk that is meant.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cellhouse_shard::disk::{Disk as _, RealDisk};
use cellhouse_shard::{CellKey, CellMeta, Commit, PAGE_SIZE, Shard, ShardOptions, Store, Ticket};

const IN_FLIGHT: usize = 256;
const CELLS: usize = 1000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(
        arguments
            .next()
            .expect("usage: throughput FOLDER [SECONDS]"),
    );
    let seconds = arguments.next().map_or(5, |text| {
        text.parse()
            .expect("the second argument is a number of seconds")
    });
    let time = Duration::from_secs(seconds);
    let before = memory("VmRSS");
    let shard = Shard::open(ShardOptions::new(Store::File(folder.join("store")))).expect("a store");
    idle(before);
    sync_alone(&folder, time);
    one_client(&shard, time);
    let before = shard.stats();
    many_in_flight(&shard, time);
    let stats = shard.stats();
    println!(
        "groups of {:.0} commits, {:.0} bytes of log per commit",
        (stats.commits - before.commits) as f64 / (stats.groups - before.groups) as f64,
        (stats.log_bytes - before.log_bytes) as f64 / (stats.commits - before.commits) as f64
    );
    println!(
        "memory now {} KiB, at most {} KiB; files {} MiB",
        memory("VmRSS"),
        memory("VmHWM"),
        bytes_in(&folder) >> 20
    );
    let closing = Instant::now();
    shard.close().expect("everything is durable");
    println!("closed in {:?}", closing.elapsed());
    let opening = Instant::now();
    let shard = Shard::open(ShardOptions::new(Store::File(folder.join("store")))).expect("a store");
    println!("opened in {:?}", opening.elapsed());
    shard.close().expect("nothing was written");
}

/// What a shard costs that nobody uses. `before`: memory before it was opened, in KiB.
fn idle(before: u64) {
    let (start, time) = (cpu_ticks(), Duration::from_secs(5));
    std::thread::sleep(time);
    let ticks = cpu_ticks() - start;
    println!(
        "idle: {:.2}% of a CPU, {} KiB more memory than without",
        ticks as f64 / time.as_secs_f64(), // A tick is a hundredth of a second.
        memory("VmRSS").saturating_sub(before)
    );
}

fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.split_whitespace().skip(13).take(2);
    fields.filter_map(|text| text.parse::<u64>().ok()).sum()
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("the folder can be listed");
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_in(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0, // Collected meanwhile.
    };
    entries.flatten().map(size).sum()
}

fn sync_alone(folder: &Path, time: Duration) {
    RealDisk.create_dir(folder).expect("a folder");
    let path = folder.join("sync-alone");
    let file = RealDisk.preallocate(&path, 16 << 20).expect("a file");
    file.sync_all().expect("a sync");
    let bytes = [7; 8192];
    let mut latencies = Vec::new();
    let end = Instant::now() + time;
    while Instant::now() < end {
        let start = Instant::now();
        let offset = (latencies.len() % 2048) as u64 * 8192;
        file.write_at(&bytes, offset).expect("a write");
        file.sync_data().expect("a sync");
        latencies.push(start.elapsed());
    }
    RealDisk.remove(&path).expect("the file can be removed");
    report("write 8 KiB, fdatasync", latencies, time);
}

fn one_client(shard: &Shard, time: Duration) {
    let mut latencies = Vec::new();
    let end = Instant::now() + time;
    while Instant::now() < end {
        let start = Instant::now();
        let ticket = commit(shard, 0, latencies.len() as u64);
        ticket.wait().expect("the commit is durable");
        latencies.push(start.elapsed());
    }
    report("one client, one page", latencies, time);
}

fn many_in_flight(shard: &Shard, time: Duration) {
    let mut latencies = Vec::new();
    let mut handing_in = Duration::ZERO;
    let mut flying: VecDeque<(Instant, Ticket)> = VecDeque::new();
    let end = Instant::now() + time;
    let mut number = 0u64;
    while Instant::now() < end {
        while flying.len() < IN_FLIGHT {
            number += 1;
            let start = Instant::now();
            let cell = number as usize * 7919 % CELLS;
            flying.push_back((start, commit(shard, cell, number)));
            handing_in += start.elapsed();
        }
        let (start, ticket) = flying.pop_front().expect("some are in flight");
        ticket.wait().expect("the commit is durable");
        latencies.push(start.elapsed());
    }
    report("256 in flight, 1,000 cells, one page", latencies, time);
    println!(
        "handing in a commit: {:.2} us",
        handing_in.as_secs_f64() * 1e6 / number as f64
    );
}

fn commit(shard: &Shard, cell: usize, number: u64) -> Ticket {
    let name = format!("bench/{cell}");
    let mut page = vec![0; PAGE_SIZE];
    page[..8].copy_from_slice(&number.to_le_bytes());
    let commit = Commit {
        cell: CellKey::of("bench", &cell.to_string()),
        meta: CellMeta {
            name: name.into(),
            pages: 8,
            transaction: number,
            history: None,
        },
        pages: vec![((number % 8) as u32 + 1, Bytes::from(page))],
        truncated: None,
        extra: Vec::new(),
        before: None,
    };
    shard.commit(commit).expect("the shard takes it")
}

fn report(what: &str, mut latencies: Vec<Duration>, time: Duration) {
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    println!(
        "{what}: {:.0}/s, median {:.0} us, 99% {:.0} us, worst {:.1} ms",
        latencies.len() as f64 / time.as_secs_f64(),
        at(0.5).as_secs_f64() * 1e6,
        at(0.99).as_secs_f64() * 1e6,
        at(1.0).as_secs_f64() * 1e3
    );
}
