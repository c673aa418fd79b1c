//! What storage operations cost: `cargo run --release -p cellhouse-objects --example objects_measure`.
//!
//! One object in a new directory; the times are of one thread, without waiting for the disk except
//! where it says so, with the bytes in the log for each. With the argument `no-history` objects cannot
//! go back; with another one only the lines that contain it are run. All of it takes less than an
//! epoch of history.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cellhouse_cell::{Cells, Options};
use cellhouse_objects::{Binding, Namespace, Objects, ObjectsOptions};

struct Bench {
    cells: Cells,
    only: Option<String>,
}

impl Bench {
    fn measure(&self, what: &str, count: u32, mut f: impl FnMut(u32)) {
        if self.only.as_ref().is_some_and(|only| !what.contains(only)) {
            return;
        }
        let logged = self.logged();
        let begin = Instant::now();
        (0..count).for_each(&mut f);
        let each = begin.elapsed().as_secs_f64() / f64::from(count);
        let bytes = (self.logged() - logged) as f64 / f64::from(count);
        println!(
            "{what:<52} {:>9.3} us  {:>11.0}/s  {bytes:>8.1} bytes",
            each * 1e6,
            1.0 / each
        );
    }

    /// Bytes in the log, when all is there.
    fn logged(&self) -> u64 {
        let shard = self.cells.shard().expect("an open store");
        shard.ticket().wait().expect("a disk");
        shard.stats().log_bytes
    }
}

/// 16 bytes that no other number has.
fn value(n: u32) -> [u8; 16] {
    [n.to_le_bytes(); 4].concat().try_into().expect("16 bytes")
}

fn main() {
    let dir = tempfile::TempDir::new().expect("a temporary directory");
    let mut options = Options::default();
    let mut only = None;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "no-history" => options.history = Duration::ZERO,
            _ => only = Some(argument),
        }
    }
    let cells = Cells::open(dir.path(), options).expect("a new store");
    let objects = Objects::new(&cells, ObjectsOptions::default());
    let bench = Bench {
        cells: cells.clone(),
        only,
    };
    let namespace = Namespace::new("measure");
    let id = namespace.id_from_name("one");
    let mut storage = objects.storage(&namespace, &id).expect("a new object");
    let keys: Vec<String> = (0..1_000).map(|n| format!("key-{n}")).collect();
    let key = |n: u32| keys[n as usize % keys.len()].as_str();

    storage.put("first", b"1").expect("room");
    bench.measure("put, 16 bytes, in an open transaction", 200_000, |n| {
        storage.put(key(n), b"sixteen bytes !!").expect("room");
    });
    bench.measure("get, in an open transaction", 200_000, |n| {
        black_box(storage.get(key(n)).expect("it is there"));
    });
    storage
        .sql("CREATE TABLE t (a, b)", &[])
        .expect("a new table");
    bench.measure("sql insert, in an open transaction", 100_000, |n| {
        let bindings = [Binding::Number(f64::from(n)), Binding::Text("b")];
        storage
            .sql("INSERT INTO t VALUES (?, ?)", &bindings)
            .expect("room");
    });
    storage.flush().expect("a flush");
    bench.measure("get, no transaction open", 200_000, |n| {
        black_box(storage.get(key(n)).expect("it is there"));
    });
    bench.measure("sql select of one row, no transaction open", 100_000, |n| {
        let bindings = [Binding::Number(f64::from(n))];
        let sql = "SELECT * FROM t WHERE rowid = ?";
        let mut cursor = storage.sql(sql, &bindings).expect("the table");
        black_box(storage.rows(&mut cursor, 10).expect("a row"));
    });
    bench.measure("put and flush, not waiting", 50_000, |n| {
        storage.put(key(n), &value(n)).expect("room");
        storage.flush().expect("a flush");
    });
    bench.measure("a counter: get, put and flush, not waiting", 50_000, |n| {
        black_box(storage.get("count").expect("it can be read"));
        storage.put("count", &value(n)).expect("room");
        storage.flush().expect("a flush");
    });
    let kilobyte = [7; 1_000];
    bench.measure("put 1,000 bytes under a new key and flush", 20_000, |n| {
        storage.put(&format!("new-{n}"), &kilobyte).expect("room");
        storage.flush().expect("a flush");
    });
    bench.measure("put, get and flush, waiting for the disk", 1_000, |n| {
        storage.put(key(n), &value(n)).expect("room");
        black_box(storage.get(key(n)).expect("it is there"));
        let ticket = storage.flush().expect("a flush").expect("a write");
        ticket.wait().expect("a disk");
    });
    bench.measure("a new object: open, put, flush, not waiting", 5_000, |n| {
        let id = namespace.id_from_name(&n.to_string());
        let mut storage = objects.storage(&namespace, &id).expect("a new object");
        storage.put("k", b"v").expect("room");
        storage.flush().expect("a flush");
    });
    bench.measure("set an alarm and flush, not waiting", 5_000, |n| {
        storage.set_alarm(2e12 + f64::from(n)).expect("a time");
        storage.flush().expect("a flush");
    });
}
