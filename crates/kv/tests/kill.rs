//! `kill -9` in the middle of puts, updates, deletes and sweeps: whatever the killed process
//! acknowledged is there.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cellhouse_cell::{Cells, Options};
use cellhouse_kv::{PutOptions, Store, StoreOptions};
use serde_json::Value;
use tempfile::TempDir;

const DIRECTORY: &str = "CELLHOUSE_TEST_KILL_DIRECTORY";
const ROUND: &str = "CELLHOUSE_TEST_KILL_ROUND";
const WRITERS: u64 = 3;

fn open(dir: &Path) -> Store {
    let cells = Cells::open(dir, Options::default()).unwrap();
    Store::open(&cells, "default", StoreOptions::default()).unwrap()
}

/// Runs only as the child of the test below. Each line that it prints is durable when it is
/// printed.
#[test]
#[ignore = "the child process of another test"]
fn child() {
    let (Ok(dir), Ok(round)) = (std::env::var(DIRECTORY), std::env::var(ROUND)) else {
        return;
    };
    let store = open(Path::new(&dir));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (store, round) = (&store, &round);
            scope.spawn(move || {
                for n in 0.. {
                    write(store, writer, round, n);
                }
            });
        }
    });
}

fn write(store: &Store, writer: u64, round: &str, n: u64) {
    let value = format!(
        "{round}/{n}/{}",
        "x".repeat(usize::try_from(n % 3000).unwrap())
    );
    let doomed = format!("doomed{writer}/{round}/{n}");
    store.put(&doomed, b"1", &PutOptions::default()).unwrap();
    store.delete(&doomed).unwrap();
    store
        .put(
            &format!("put{writer}"),
            value.as_bytes(),
            &PutOptions::default(),
        )
        .unwrap();
    let update = format!("{{\"$inc\":{{\"writer{writer}\":1}},\"$push\":{{\"log{writer}\":{n}}}}}");
    store.update("counters", &update).unwrap().wait().unwrap();
    let mut out = std::io::stdout().lock();
    writeln!(out, "ack {writer} {n}")
        .and_then(|()| out.flush())
        .unwrap();
}

#[test]
fn every_acknowledged_write_is_there_after_kill_9() {
    let dir = TempDir::new().unwrap();
    let mut total: BTreeMap<u64, u64> = BTreeMap::new();
    for round in 0..5 {
        let acknowledged = run_and_kill(dir.path(), round);
        let store = open(dir.path());
        let counters = store.get("counters", None).unwrap().0.unwrap().value;
        let counters: Value = serde_json::from_slice(&counters).unwrap();
        for (writer, last) in acknowledged {
            check(
                &store,
                &counters,
                round,
                writer,
                last,
                total.get(&writer).copied().unwrap_or(0),
            );
        }
        for writer in 0..WRITERS {
            total.insert(
                writer,
                counters[format!("writer{writer}")].as_u64().unwrap_or(0),
            );
        }
    }
    assert!(
        total.values().sum::<u64>() > 50,
        "too few writes to mean anything: {total:?}"
    );
}

/// `last` was acknowledged in this round; `before` is what the counter was before the round.
fn check(store: &Store, counters: &Value, round: u64, writer: u64, last: u64, before: u64) {
    let count = counters[format!("writer{writer}")].as_u64().unwrap();
    assert!(
        count > before + last,
        "round {round}, writer {writer}: {count} of {}",
        before + last + 1
    );
    let log = counters[format!("log{writer}")].as_array().unwrap();
    assert_eq!(log.len() as u64, count, "an update is whole or not there");
    let put = store
        .get(&format!("put{writer}"), None)
        .unwrap()
        .0
        .unwrap()
        .value;
    let put = String::from_utf8(put).unwrap();
    let mut parts = put.split('/');
    let (found, n) = (
        parts.next().unwrap(),
        parts.next().unwrap().parse::<u64>().unwrap(),
    );
    assert_eq!(found, round.to_string());
    assert!(
        n >= last,
        "round {round}, writer {writer}: the put of {last} is lost, found {n}"
    );
    assert!(
        store
            .get(&format!("doomed{writer}/{round}/{last}"), None)
            .unwrap()
            .0
            .is_none()
    );
}

/// Lets a child write for a while and kills it; the last acknowledged number of each writer.
fn run_and_kill(dir: &Path, round: u64) -> BTreeMap<u64, u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "child",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(DIRECTORY, dir)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let parse = |line: String| {
        let (writer, n) = line.strip_prefix("ack ")?.split_once(' ')?;
        Some((writer.parse::<u64>().ok()?, n.parse::<u64>().ok()?))
    };
    let first = lines
        .by_ref()
        .find_map(parse)
        .expect("the child wrote something");
    let killer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(80 + 60 * round));
        child.kill().unwrap();
        child.wait().unwrap();
    });
    let mut last = BTreeMap::from([first]);
    last.extend(lines.filter_map(parse));
    killer.join().unwrap();
    last
}
