//! A power cut after every single commit: what its ticket called durable is on the disk at that very
//! moment, not only after a later sync. `crash.rs` tries far more, but by chance: one sync in ten that
//! is left out escapes it now and then, and never escapes this.

mod support;

use std::path::PathBuf;
use std::sync::Arc;

use cellhouse_faults::{FaultyDisk, Power, Random};
use cellhouse_shard::object_store::memory::InMemory;
use cellhouse_shard::{Shard, ShardOptions, Store};
use support::{cell, commit, options, page};

/// Enough to fill several segments.
const COMMITS: u64 = 40;

/// After each commit the power is cut in so many worlds: the disk keeps nothing that was not
/// synced, all of it, or some sectors.
const WORLDS: u64 = 5;

fn place(disk: &FaultyDisk, objects: Arc<InMemory>) -> ShardOptions {
    let store = Store::Objects {
        name: "test".to_owned(),
        objects,
        log: Some(PathBuf::from("/log")),
    };
    ShardOptions {
        disk: Arc::new(disk.clone()),
        segment_bytes: 64 << 10,
        ..options(store)
    }
}

/// The store as it is after a power cut now.
fn cut(disk: &FaultyDisk, objects: &InMemory, seed: u64) -> Shard {
    let disk = disk.after_crash(&mut Random::new(seed), Arc::new(Power::default()));
    let objects = Arc::new(objects.fork());
    Shard::open(place(&disk, objects)).expect("the store can be opened after a power cut")
}

#[test]
fn each_commit_is_on_disk_when_its_ticket_says_so() {
    let disk = FaultyDisk::new(Arc::new(Power::default()));
    let objects = Arc::new(InMemory::new());
    let shard = Shard::open(place(&disk, objects.clone())).unwrap();
    for n in 1..=COMMITS {
        let ticket = shard.commit(commit("a", n, 1, &[(1, n as u8)]));
        ticket.unwrap().wait().unwrap();
        for world in 0..WORLDS {
            let after = cut(&disk, &objects, n * WORLDS + world);
            let meta = after.meta(cell("a"), "kv/a").unwrap();
            let found = meta.map(|meta| meta.transaction);
            assert_eq!(found, Some(n), "commit {n}, world {world}");
            assert_eq!(after.page(cell("a"), 1).unwrap(), Some(page(n as u8)));
        }
    }
    shard.close().unwrap();
}
