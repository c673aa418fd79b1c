//! What storage operations cost: `cargo run --release -p cellhouse-objects --example objects_measure`.
//!
//! One object in a new directory; the times are of one thread, without waiting for the disk except
//! where it says so. With the argument `no-history` objects cannot go back.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cellhouse_cell::{Cells, Options};
use cellhouse_objects::{Binding, Namespace, Objects, ObjectsOptions};

fn measure(what: &str, count: u32, mut f: impl FnMut(u32)) {
    let begin = Instant::now();
    (0..count).for_each(&mut f);
    let each = begin.elapsed().as_secs_f64() / f64::from(count);
    println!("{what:<52} {:>9.3} us  {:>11.0}/s", each * 1e6, 1.0 / each);
}

fn main() {
    let dir = tempfile::TempDir::new().expect("a temporary directory");
    let mut options = Options::default();
    if std::env::args().any(|argument| argument == "no-history") {
        options.history = Duration::ZERO;
    }
    let cells = Cells::open(dir.path(), options).expect("a new store");
    let objects = Objects::new(&cells, ObjectsOptions::default());
    let namespace = Namespace::new("measure");
    let id = namespace.id_from_name("one");
    let mut storage = objects.storage(&namespace, &id).expect("a new object");
    let keys: Vec<String> = (0..1_000).map(|n| format!("key-{n}")).collect();
    let key = |n: u32| keys[n as usize % keys.len()].as_str();

    storage.put("first", b"1").expect("room");
    measure("put, 16 bytes, in an open transaction", 200_000, |n| {
        storage.put(key(n), b"sixteen bytes !!").expect("room");
    });
    measure("get, in an open transaction", 200_000, |n| {
        black_box(storage.get(key(n)).expect("it is there"));
    });
    measure("sql insert, in an open transaction", 1, |_| {
        storage
            .sql("CREATE TABLE t (a, b)", &[])
            .expect("a new table");
    });
    measure("sql insert, in an open transaction", 100_000, |n| {
        let bindings = [Binding::Number(f64::from(n)), Binding::Text("b")];
        storage
            .sql("INSERT INTO t VALUES (?, ?)", &bindings)
            .expect("room");
    });
    storage.flush().expect("a flush");
    measure("get, no transaction open", 200_000, |n| {
        black_box(storage.get(key(n)).expect("it is there"));
    });
    measure("sql select of one row, no transaction open", 100_000, |n| {
        let bindings = [Binding::Number(f64::from(n))];
        let sql = "SELECT * FROM t WHERE rowid = ?";
        let mut cursor = storage.sql(sql, &bindings).expect("the table");
        black_box(storage.rows(&mut cursor, 10).expect("a row"));
    });
    measure("put and flush, not waiting", 50_000, |n| {
        storage.put(key(n), b"sixteen bytes !!").expect("room");
        storage.flush().expect("a flush");
    });
    measure("put, get and flush, waiting for the disk", 1_000, |n| {
        storage.put(key(n), b"sixteen bytes !!").expect("room");
        let ticket = storage.flush().expect("a flush").expect("a write");
        ticket.wait().expect("a disk");
    });
    measure("a new object: open, put, flush, not waiting", 5_000, |n| {
        let id = namespace.id_from_name(&n.to_string());
        let mut storage = objects.storage(&namespace, &id).expect("a new object");
        storage.put("k", b"v").expect("room");
        storage.flush().expect("a flush");
    });
    measure("set an alarm and flush, not waiting", 5_000, |n| {
        storage.set_alarm(2e12 + f64::from(n)).expect("a time");
        storage.flush().expect("a flush");
    });
}
