//! Checking all cells, and backups of a running data directory.

mod support;

use std::path::Path;

use cellhouse_cell::{Cells, Error, Options, Progress};
use cellhouse_shard::{CellKey, CellMeta, Commit};
use support::{all, cell, check, insert};
use tempfile::TempDir;

fn open(dir: &Path) -> Cells {
    let options = Options {
        large_bytes: 100_000,
        ..Options::default()
    };
    Cells::open(dir, options).unwrap()
}

/// Twenty small cells and a large one.
fn fill(cells: &Cells) {
    for n in 0..20 {
        insert(&cell(cells, &n.to_string()).unwrap(), n, 200).unwrap();
    }
    let large = cell(cells, "large").unwrap();
    (0..60).for_each(|n| drop(insert(&large, n, 5_000).unwrap()));
}

/// Names and problems of the cells that are not in order.
fn problems(cells: &Cells) -> Vec<(String, Vec<String>)> {
    let (mut found, mut last) = (Vec::new(), None);
    let each = |checked: &cellhouse_cell::Checked, progress: Progress| {
        assert!(checked.bytes > 0);
        if !checked.problems.is_empty() {
            found.push((checked.name.clone(), checked.problems.clone()));
        }
        last = Some(progress);
    };
    cells.check(each).unwrap();
    assert_eq!(
        last,
        Some(Progress {
            done: 21,
            total: 21
        })
    );
    found
}

#[test]
fn sound_cells_have_no_problems_resident_or_not() {
    let dir = TempDir::new().unwrap();
    let cells = open(dir.path());
    fill(&cells);
    assert_eq!(problems(&cells), []);
    cells.close().unwrap();
    drop(cells);
    let cells = open(dir.path());
    assert_eq!(problems(&cells), []);
    // Some of a large cell's pages are in its local file, some are not.
    all(&cell(&cells, "large").unwrap()).unwrap();
    insert(&cell(&cells, "large").unwrap(), 100, 5_000).unwrap();
    assert_eq!(problems(&cells), []);
}

/// Puts a page of rubbish under a cell, behind its back.
fn harm(cells: &Cells, id: &str, page: u32, extra_transaction: u64) {
    let shard = cells.shard().unwrap();
    let (key, name) = (CellKey::of("test", id), format!("test/{id}"));
    let meta = shard.meta(key, &name).unwrap().unwrap();
    let commit = Commit {
        cell: key,
        meta: CellMeta {
            transaction: meta.transaction + extra_transaction,
            ..meta
        },
        pages: vec![(page, vec![0xee; 4096].into())],
        truncated: None,
        extra: Vec::new(),
        before: None,
    };
    shard.commit(commit).unwrap().wait().unwrap();
}

#[test]
fn a_harmed_cell_is_found() {
    let dir = TempDir::new().unwrap();
    let cells = open(dir.path());
    fill(&cells);
    let seven = cell(&cells, "7").unwrap();
    harm(&cells, "7", 2, 0);
    harm(&cells, "8", 1, 1);
    harm(&cells, "large", 30, 0);
    let found = problems(&cells);
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["test/7", "test/8", "test/large"], "{found:?}");
    let of = |name: &str| found.iter().find(|(n, _)| n == name).unwrap().1.join("\n");
    assert!(of("test/7").contains("page 2 in memory is not that in the store"));
    assert!(
        of("test/8").contains("after transaction"),
        "{}",
        of("test/8")
    );
    assert!(of("test/large").contains("page 30"), "{}", of("test/large"));
    assert_eq!(all(&seven).unwrap(), [7], "checking changes nothing");
}

#[test]
fn a_backup_is_one_moment_and_comes_back_whole() {
    let (dir, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let cells = open(dir.path());
    fill(&cells);
    let file = other.path().join("backup");
    let (a, b) = (cell(&cells, "0").unwrap(), cell(&cells, "1").unwrap());
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Always first the one, then the other.
            for n in 1_000.. {
                if stop.load(std::sync::atomic::Ordering::SeqCst) {
                    return;
                }
                insert(&a, n, 50).unwrap();
                insert(&b, n, 50).unwrap();
            }
        });
        while all(&b).unwrap().len() <= 50 {}
        let mut seen = Vec::new();
        let done = cells.backup(&file, |progress| seen.push(progress)).unwrap();
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(done.cells, 21);
        assert_eq!(done.bytes, std::fs::metadata(&file).unwrap().len());
        assert!(seen.is_sorted_by_key(|progress| progress.done));
        let last = seen.last().unwrap();
        assert_eq!((last.done, last.total), (done.bytes, done.bytes));
    });
    let restored = open(&other.path().join("new"));
    let mut last = None;
    restored
        .restore(&file, |progress| last = Some(progress))
        .unwrap();
    assert!(last.is_some_and(|last| last.done > last.total / 2));
    assert_eq!(problems(&restored), []);
    let (a, b) = (cell(&restored, "0").unwrap(), cell(&restored, "1").unwrap());
    let (a, b) = (all(&a).unwrap(), all(&b).unwrap());
    assert!(
        b.len() > 50 && (a.len() == b.len() || a.len() == b.len() + 1),
        "{} {}",
        a.len(),
        b.len()
    );
    let large = cell(&restored, "large").unwrap();
    assert_eq!(all(&large).unwrap().len(), 60);
    check(&large);
    insert(&large, 1000, 5).unwrap().wait().unwrap();
    restored.close().unwrap();
    drop((large, restored));
    assert_eq!(problems(&open(&other.path().join("new"))), []);
}

#[test]
fn a_backup_goes_only_into_an_empty_directory() {
    let dir = TempDir::new().unwrap();
    let cells = open(&dir.path().join("a"));
    fill(&cells);
    let file = dir.path().join("backup");
    cells.backup(&file, |_| ()).unwrap();
    let error = cells.backup(&file, |_| ()).unwrap_err().to_string();
    assert!(error.contains("cannot write a backup to"), "{error}");
    let error = cells.restore(&file, |_| ()).unwrap_err();
    assert!(matches!(error, Error::NotEmpty { .. }), "{error}");
    assert_eq!(problems(&cells), []);
}

#[test]
fn a_damaged_backup_is_refused_and_changes_nothing() {
    let dir = TempDir::new().unwrap();
    let cells = open(&dir.path().join("a"));
    fill(&cells);
    let file = dir.path().join("backup");
    cells.backup(&file, |_| ()).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let new = open(&dir.path().join("b"));
    let refused = |bytes: &[u8], what: &str| {
        std::fs::write(&file, bytes).unwrap();
        let error = new.restore(&file, |_| ()).unwrap_err();
        assert!(matches!(error, Error::Backup { .. }), "{what}: {error}");
        assert!(new.shard().unwrap().is_empty().unwrap(), "{what}");
    };
    for length in [0, 7, 31, 32, 40, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..length], &format!("cut at {length}"));
    }
    for at in (0..40).chain([
        whole.len() / 3,
        whole.len() - 20,
        whole.len() - 10,
        whole.len() - 1,
    ]) {
        // The id of the store says only where it came from.
        if !(12..32).contains(&at) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            refused(&bytes, &format!("byte {at}"));
        }
    }
    let longer = [&whole[..], &[0]].concat();
    refused(&longer, "longer");
    std::fs::write(&file, &whole).unwrap();
    new.restore(&file, |_| ()).unwrap();
    assert_eq!(problems(&new), []);
}

#[test]
fn a_half_restored_directory_is_refused() {
    let dir = TempDir::new().unwrap();
    open(dir.path()).close().unwrap();
    std::fs::write(dir.path().join("restoring"), "").unwrap();
    let error = Cells::open(dir.path(), Options::default()).err().unwrap();
    assert!(error.to_string().contains("was not finished"), "{error}");
}
