//! How many operations per second a store does on this machine, and how many commits share one sync
//! of the disk.
//!
//! `cargo run --release -p cellhouse-kv --example kv_throughput [seconds per line] [directory]`. Each
//! writer waits until its write is durable before it starts the next one, as a client of a server
//! would.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use cellhouse_cell::{Cells, Options, Ticket};
use cellhouse_kv::{Error, ListOptions, PutOptions, Store, StoreOptions};

/// Keys that the operations go round.
const KEYS: u64 = 10_000;
/// Makes each value new: SQLite writes nothing for one that is the same as before.
static COUNTER: AtomicU64 = AtomicU64::new(0);

type Operation = fn(&Store, u64) -> Result<Ticket, Error>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().map_or(Ok(2.0), |text| text.parse())?;
    let time = Duration::from_secs_f64(seconds);
    let default =
        || std::env::temp_dir().join(format!("cellhouse-throughput-{}", std::process::id()));
    let dir = arguments.next().map_or_else(default, PathBuf::from);
    let cells = Cells::open(&dir, Options::default())?;
    let store = Store::open(&cells, "throughput", StoreOptions::default())?;
    for n in 0..KEYS {
        put(&store, n)?;
    }
    store.ticket().wait()?;
    println!(
        "{:<22} {:>8} {:>12} {:>12} {:>12}",
        "operation", "clients", "per second", "us each", "per sync"
    );
    let lines: [(&str, Operation); 6] = [
        ("get", get),
        ("list of 100", list),
        ("put 100 bytes", put),
        ("update $inc", increment),
        ("update 10 fields", ten_fields),
        ("delete and put", replace),
    ];
    for (name, operation) in lines {
        let reads = matches!(name, "get" | "list of 100");
        for clients in if reads {
            &[1, 2][..]
        } else {
            &[1, 16, 64, 256]
        } {
            measure(&store, name, operation, *clients, time)?;
        }
    }
    for (name, operation) in lines {
        without_waiting(&store, name, operation)?;
    }
    many_fields(&store)?;
    drop(store);
    cells.close()?;
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

fn measure(
    store: &Store,
    name: &str,
    operation: Operation,
    clients: u64,
    time: Duration,
) -> Result<(), Error> {
    let before = store.stats();
    let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let run = |client: u64| -> Result<(), Error> {
        let mut n = client * 1_000_003;
        while !stop.load(Relaxed) {
            let ticket = operation(store, n % KEYS)?;
            ticket.wait().map_err(cellhouse_cell::Error::from)?;
            n += 7;
            done.fetch_add(1, Relaxed);
        }
        Ok(())
    };
    let (start, run) = (Instant::now(), &run);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|client| scope.spawn(move || run(client)))
            .collect();
        std::thread::sleep(time);
        stop.store(true, Relaxed);
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().expect("no operation panics"))
    })?;
    let (elapsed, done, after) = (
        start.elapsed().as_secs_f64(),
        done.load(Relaxed) as f64,
        store.stats(),
    );
    let group =
        (after.commits - before.commits) as f64 / (after.flushes - before.flushes).max(1) as f64;
    let each = elapsed * 1e6 * clients as f64 / done;
    println!(
        "{name:<22} {clients:>8} {:>12.0} {each:>12.1} {group:>12.1}",
        done / elapsed
    );
    Ok(())
}

/// What a call costs the thread that makes it, which never waits for the disk.
fn without_waiting(store: &Store, name: &str, operation: Operation) -> Result<(), Error> {
    const CALLS: u64 = 20_000;
    let start = Instant::now();
    for n in 0..CALLS {
        operation(store, n * 7 % KEYS)?;
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / CALLS as f64;
    store.ticket().wait().map_err(cellhouse_cell::Error::from)?;
    println!("{name:<22} {each:>8.1} us per call on the caller's thread");
    Ok(())
}

fn key(n: u64) -> String {
    format!("key:{n:06}")
}

fn get(store: &Store, n: u64) -> Result<Ticket, Error> {
    Ok(store.get(&key(n), None)?.1)
}

fn list(store: &Store, n: u64) -> Result<Ticket, Error> {
    let prefix = &key(n)[..8];
    Ok(store
        .list(&ListOptions {
            prefix: Some(prefix),
            limit: Some(100),
            ..ListOptions::default()
        })?
        .1)
}

fn put(store: &Store, n: u64) -> Result<Ticket, Error> {
    let n = (n, COUNTER.fetch_add(1, Relaxed));
    let value = format!("{{\"n\":{},\"text\":\"{}\"}}", n.1, "x".repeat(80));
    store.put(&key(n.0), value.as_bytes(), &PutOptions::default())
}

fn increment(store: &Store, n: u64) -> Result<Ticket, Error> {
    store.update(&key(n), r#"{"$inc":{"n":1}}"#)
}

fn ten_fields(store: &Store, n: u64) -> Result<Ticket, Error> {
    let update = r#"{"$set":{"a":1,"b.c":2,"b.d":3,"text":"y"},"$inc":{"n":1,"m.o":2,"m.p":0.5},"$unset":{"z":1},"$push":{"t":1},"$pop":{"u":1}}"#;
    store.put(
        &key(n),
        br#"{"n":1,"z":2,"u":[1,2,3]}"#,
        &PutOptions::default(),
    )?;
    store.update(&key(n), update)
}

fn replace(store: &Store, n: u64) -> Result<Ticket, Error> {
    store.delete(&key(n))?;
    put(store, n)
}

/// One update of many fields: what grows with their number.
fn many_fields(store: &Store) -> Result<(), Error> {
    for fields in [100, 1000, 5000] {
        let all: Vec<String> = (0..fields).map(|n| format!("\"field{n}\":1")).collect();
        let update = format!("{{\"$inc\":{{{}}}}}", all.join(","));
        let start = Instant::now();
        store.update(&format!("many{fields}"), &update)?;
        let made = start.elapsed();
        let start = Instant::now();
        store.update(&format!("many{fields}"), &update)?;
        println!(
            "one update of {fields} fields: {made:.1?} to make them, {:.1?} to change them",
            start.elapsed()
        );
    }
    Ok(())
}
