//! Reads block the thread, also one that runs a task of an async runtime: tokio gives each task a
//! budget of operations, after which everything of tokio says "not yet" until the task has yielded,
//! which a blocked one never does.

mod support;

use std::sync::mpsc;
use std::time::Duration;

use cellhouse_shard::{Shard, ShardOptions, Store};
use support::{cell, commit, options};

/// More pages than the budget has operations.
const PAGES: u32 = 1000;

/// Far longer than it takes, so that only what never ends runs into it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pages are in memory or, with a small memtable, in sorted files.
fn read_in_a_task(memtable_bytes: usize) {
    let folder = tempfile::tempdir().unwrap();
    let place = || ShardOptions {
        memtable_bytes,
        ..options(Store::File(folder.path().to_owned()))
    };
    let shard = Shard::open(place()).unwrap();
    for first in (1..=PAGES).step_by(100) {
        let pages: Vec<_> = (first..first + 100).map(|number| (number, 7)).collect();
        let written = shard.commit(commit("a", first.into(), PAGES, &pages));
        written.unwrap().wait().unwrap();
    }
    shard.close().unwrap();
    let shard = Shard::open(place()).unwrap();
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let task = async move {
            let all = shard.pages(cell("a"), 0..u32::MAX).unwrap().len();
            let single = (1..=PAGES).filter(|n| shard.page(cell("a"), *n).unwrap().is_some());
            (all, single.count())
        };
        let _ = done.send(runtime.block_on(runtime.spawn(task)).unwrap());
    });
    let read = result.recv_timeout(PATIENCE).expect("the read ends");
    assert_eq!(read, (PAGES as usize, PAGES as usize));
}

#[test]
fn a_read_of_many_pages_in_memory_ends_inside_a_task() {
    read_in_a_task(64 << 20);
}

#[test]
fn a_read_of_many_pages_on_disk_ends_inside_a_task() {
    read_in_a_task(64 << 10);
}
