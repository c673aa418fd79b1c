//! One fault at a time: what a shard says and does when its log stalls or fails, the disk is full,
//! another owner comes, or files were changed behind its back.

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cellhouse_faults::{FaultyClock, FaultyDisk, FaultyObjects, Moods, Power, Random, Valve};
use cellhouse_shard::object_store::ObjectStore;
use cellhouse_shard::object_store::memory::InMemory;
use cellhouse_shard::{Error, Shard, ShardOptions, Store};
use support::{cell, commit, options, page};

/// A store in memory whose parts a test can get at.
struct Parts {
    disk: FaultyDisk,
    objects: Arc<dyn ObjectStore>,
}

impl Parts {
    fn new() -> Parts {
        Parts {
            disk: FaultyDisk::new(Arc::default()),
            objects: Arc::new(InMemory::new()),
        }
    }

    fn options(&self) -> ShardOptions {
        let store = Store::Objects {
            name: "test".to_owned(),
            objects: self.objects.clone(),
            log: Some(PathBuf::from("/log")),
        };
        ShardOptions {
            disk: Arc::new(self.disk.clone()),
            segment_bytes: 64 << 10,
            ..options(store)
        }
    }

    fn open(&self) -> Result<Shard, Error> {
        Shard::open(self.options())
    }

    /// The segments in the order of their names, with their bytes.
    fn segments(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = self.disk.files(Path::new("/log"));
        let segments = files
            .into_iter()
            .filter(|(path, _)| path.to_string_lossy().ends_with(".log"))
            .filter(|(path, _)| !path.to_string_lossy().contains("free-"));
        segments
            .map(|(path, _)| {
                let mut bytes = Vec::new();
                self.disk.edit(&path, |file| bytes = file.clone());
                (path, bytes)
            })
            .collect()
    }

    /// Thirty commits, each durable by itself, in several segments.
    fn fill(&self) {
        let shard = self.open().unwrap();
        for n in 1..=30 {
            let ticket = shard
                .commit(commit("a", n, 3, &[(1, n as u8), (2, 7)]))
                .unwrap();
            ticket.wait().unwrap();
        }
        shard.close().unwrap();
    }

    fn check_filled(&self) {
        let shard = self.open().unwrap();
        assert_eq!(shard.page(cell("a"), 1).unwrap(), Some(page(30)));
        shard.close().unwrap();
    }
}

#[test]
fn a_log_that_stalls_holds_tickets_back_and_nothing_else() {
    let valve = Valve::default();
    let folder = tempfile::tempdir().unwrap();
    let shard = Shard::open(ShardOptions {
        disk: Arc::new(valve.clone()),
        ..options(Store::File(folder.path().to_owned()))
    })
    .unwrap();
    shard
        .commit(commit("a", 1, 1, &[(1, 1)]))
        .unwrap()
        .wait()
        .unwrap();
    valve.close();
    let second = shard.commit(commit("a", 2, 1, &[(1, 2)])).unwrap();
    assert_eq!(shard.page(cell("a"), 1).unwrap(), Some(page(2)));
    let third = shard.commit(commit("b", 1, 1, &[(1, 3)])).unwrap();
    assert_eq!(shard.page(cell("b"), 1).unwrap(), Some(page(3)));
    assert!(!second.is_durable() && !third.is_durable());
    valve.open();
    third.wait().unwrap();
    assert!(second.is_durable());
    shard.close().unwrap();
}

#[test]
fn a_log_that_fails_fails_what_is_not_durable_and_can_be_opened_again() {
    let valve = Valve::default();
    let folder = tempfile::tempdir().unwrap();
    let shard = Shard::open(ShardOptions {
        disk: Arc::new(valve.clone()),
        ..options(Store::File(folder.path().to_owned()))
    })
    .unwrap();
    let first = shard.commit(commit("a", 1, 1, &[(1, 1)])).unwrap();
    first.wait().unwrap();
    valve.close();
    let second = shard.commit(commit("a", 2, 1, &[(1, 2)])).unwrap();
    let third = shard.commit(commit("b", 1, 1, &[(1, 3)])).unwrap();
    valve.fail();
    for lost in [&second, &third] {
        let error = lost.wait().unwrap_err();
        assert!(matches!(error, Error::NotDurable { .. }), "{error}");
        assert!(error.to_string().contains("the disk is broken"), "{error}");
    }
    assert!(first.wait().is_ok());
    assert!(matches!(shard.failure(), Some(Error::NotDurable { .. })));
    assert!(shard.commit(commit("a", 3, 1, &[])).is_err());
    assert!(shard.page(cell("a"), 1).is_err());
    valve.open();
    let again = shard.reopen().unwrap();
    let found = again.meta(cell("a"), "kv/a").unwrap().unwrap();
    assert!(found.transaction >= 1);
    let next = again.commit(commit("a", 9, 1, &[(1, 9)])).unwrap();
    next.wait().unwrap();
    assert!(second.wait().is_err());
    again.close().unwrap();
}

#[test]
fn a_full_disk_is_an_error_and_space_is_the_way_out() {
    let parts = Parts::new();
    let shard = parts.open().unwrap();
    shard
        .commit(commit("a", 1, 3, &[(1, 1)]))
        .unwrap()
        .wait()
        .unwrap();
    parts.disk.set_capacity(Some(64 << 10));
    let mut durable = 1;
    let error = loop {
        let n = durable + 1;
        let ticket = shard.commit(commit("a", n, 3, &[(1, n as u8), (2, 1), (3, 1)]));
        match ticket.and_then(|ticket| ticket.wait()) {
            Ok(()) => durable = n,
            Err(error) => break error,
        }
        assert!(durable < 100, "the disk is never full");
    };
    let message = error.to_string();
    assert!(message.contains("no storage space"), "{message}");
    assert!(message.contains("/log/"), "{message}");
    assert!(shard.reopen().is_err());
    parts.disk.set_capacity(None);
    let shard = parts.open().unwrap();
    let meta = shard.meta(cell("a"), "kv/a").unwrap().unwrap();
    assert!(meta.transaction >= durable);
    shard
        .commit(commit("a", 99, 3, &[]))
        .unwrap()
        .wait()
        .unwrap();
}

#[test]
fn a_second_owner_takes_over_and_the_first_knows() {
    let parts = Parts::new();
    let first = parts.open().unwrap();
    first
        .commit(commit("a", 1, 1, &[(1, 1)]))
        .unwrap()
        .wait()
        .unwrap();
    let second = parts.open().unwrap();
    let late = first.commit(commit("a", 2, 1, &[(1, 2)]));
    let error = late.and_then(|ticket| ticket.wait()).unwrap_err();
    assert!(matches!(error, Error::Fenced { .. }), "{error}");
    assert_eq!(second.page(cell("a"), 1).unwrap(), Some(page(1)));
    second
        .commit(commit("a", 2, 1, &[(1, 5)]))
        .unwrap()
        .wait()
        .unwrap();
    second.close().unwrap();
    let third = parts.open().unwrap();
    assert_eq!(third.page(cell("a"), 1).unwrap(), Some(page(5)));
}

#[test]
fn a_changed_byte_in_the_log_is_an_error_that_names_the_file() {
    let parts = Parts::new();
    parts.fill();
    let segments = parts.segments();
    assert!(segments.len() > 3);
    let mut random = Random::new(7);
    for (path, bytes) in &segments {
        let records = (4096..bytes.len()).step_by(4096);
        let used: Vec<_> = records
            .filter(|at| bytes[at + 52..at + 60] != [0; 8])
            .collect();
        let header = [8, 40];
        // The last block of a record is used for a bit more than 100 bytes.
        let in_records = used.iter().map(|at| at + random.below(100) as usize);
        for at in header.into_iter().chain(in_records) {
            parts.disk.edit(path, |file| file[at] ^= 0x10);
            let error = parts.open().unwrap_err();
            let Error::Damaged { file, .. } = &error else {
                panic!("byte {at} of {}: {error}", path.display());
            };
            assert_eq!(file, &path.display().to_string());
            // Nothing was made worse.
            parts.disk.edit(path, |file| *file = bytes.clone());
        }
    }
    parts.check_filled();
}

#[test]
fn a_missing_or_cut_off_segment_is_an_error_that_names_the_file() {
    let parts = Parts::new();
    parts.fill();
    for (path, bytes) in parts.segments() {
        let name = path.display().to_string();
        parts.disk.edit(&path, |file| file.truncate(20_000));
        let error = parts.open().unwrap_err().to_string();
        assert!(
            error.contains(&name) && error.contains("was cut off"),
            "{error}"
        );
        parts.disk.edit(&path, |file| *file = bytes);
    }
    let (second, _) = parts.segments().swap_remove(1);
    parts.disk.erase(&second);
    let error = parts.open().unwrap_err().to_string();
    let name = second.display().to_string();
    assert!(
        error.contains(&name) && error.contains("is missing"),
        "{error}"
    );
}

#[test]
fn a_log_of_another_store_is_refused() {
    let parts = Parts::new();
    parts.fill();
    let other = Parts {
        disk: parts.disk.clone(),
        objects: Arc::new(InMemory::new()),
    };
    let error = other.open().unwrap_err().to_string();
    assert!(error.contains("belongs to another store"), "{error}");
    parts.check_filled();
}

#[test]
fn a_newer_store_and_a_stranger_are_refused_untouched() {
    for (text, expected) in [
        ("cellhouse store\nformat 9\nid 00\n", "has format 9"),
        ("something else", "is not a cellhouse store"),
        ("cellhouse store\n", "does not say which format"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("format"), text).unwrap();
        let place = options(Store::File(folder.path().to_owned()));
        let error = Shard::open(place).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!folder.path().join("db").exists() && !folder.path().join("log").exists());
    }
}

#[test]
fn a_missing_sorted_file_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = || ShardOptions {
        memtable_bytes: 64 << 10,
        ..options(Store::File(folder.path().to_owned()))
    };
    let shard = Shard::open(place()).unwrap();
    for n in 1..=200u32 {
        let change = commit("a", n.into(), n, &[(n, 1)]);
        shard.commit(change).unwrap().wait().unwrap();
    }
    shard.close().unwrap();
    let files = folder.path().join("db/compacted");
    for file in std::fs::read_dir(files).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    let read = Shard::open(place()).and_then(|shard| shard.pages(cell("a"), 1..201));
    let error = read.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    assert!(error.to_string().contains(".sst is missing"), "{error}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let error = Shard::open(options(Store::File(file.join("store")))).unwrap_err();
    assert!(
        error.to_string().contains("cannot create the folder"),
        "{error}"
    );
}

#[test]
fn an_object_store_in_a_mood_costs_time_and_nothing_else() {
    let moods = Moods {
        refused: 10,
        answer_lost: 10,
        slow: 20,
        twice: 20,
    };
    let power = Arc::new(Power::default());
    let objects = FaultyObjects::new(power.clone(), moods, 3);
    let place = |log: Option<PathBuf>| ShardOptions {
        memtable_bytes: 64 << 10,
        unflushed_bytes: 512 << 10,
        disk: Arc::new(FaultyDisk::new(power.clone())),
        ..options(Store::Objects {
            name: "moody".to_owned(),
            objects: Arc::new(objects.clone()),
            log,
        })
    };
    let shard = Shard::open(place(None)).unwrap();
    for n in 1..=60u64 {
        let ticket = shard
            .commit(commit("a", n, 60, &[(n as u32, n as u8)]))
            .unwrap();
        if n % 10 == 0 {
            ticket.wait().unwrap();
        }
    }
    let shard = shard.reopen().unwrap();
    for n in 1..=60u32 {
        assert_eq!(shard.page(cell("a"), n).unwrap(), Some(page(n as u8)));
    }
    shard.close().unwrap();
}

/// SlateDB refuses sorted files that are older than those it has, and fails for good.
#[test]
fn a_clock_that_was_set_back_stops_nothing() {
    let parts = Parts::new();
    let clock = FaultyClock::default();
    for life in 0..4u64 {
        let shard = Shard::open(ShardOptions {
            memtable_bytes: 64 << 10,
            log_collection: Duration::from_millis(2),
            clock: Arc::new(clock.clone()),
            ..parts.options()
        });
        let shard = shard.unwrap();
        for n in 1..=60 {
            let pages: Vec<_> = (1..=4).map(|page| (page, n as u8)).collect();
            let ticket = shard.commit(commit("a", life * 60 + n, 4, &pages));
            ticket.unwrap().wait().unwrap();
        }
        assert_eq!(shard.failure().map(|e| e.to_string()), None);
        shard.close().unwrap();
        clock.set_back(Duration::from_secs(3600));
    }
}

#[test]
fn closing_waits_for_what_is_still_being_written_to_a_slow_bucket() {
    let moods = Moods {
        slow: 100,
        ..Moods::default()
    };
    for seed in 0..4 {
        let objects = FaultyObjects::new(Arc::default(), moods, seed);
        let place = || {
            options(Store::Objects {
                name: "test".to_owned(),
                objects: Arc::new(objects.clone()),
                log: None,
            })
        };
        let shard = Shard::open(place()).unwrap();
        let mut tickets = Vec::new();
        for n in 1..=4 {
            tickets.push(shard.commit(commit("a", n, 1, &[(1, n as u8)])).unwrap());
            // Reading makes a group of what waits, so that several are under way.
            assert_eq!(shard.page(cell("a"), 1).unwrap(), Some(page(n as u8)));
        }
        shard.close().unwrap();
        assert!(tickets.iter().all(|ticket| ticket.is_durable()));
        let again = Shard::open(place()).unwrap();
        assert_eq!(again.page(cell("a"), 1).unwrap(), Some(page(4)));
        again.close().unwrap();
    }
}
