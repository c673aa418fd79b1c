//! Backups with bodies, made while objects are put and deleted; restoring them; looking for bodies that are
//! missing and for those that nobody has.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use cellhouse_cell::{BackedUp, Cells, Options, Progress};
use cellhouse_r2::{BackupError, BodyOf, Fault, Finding, Metadata, R2, R2Options, Restorer};
use support::{Place, get, pattern, put, receive, run};
use tempfile::TempDir;

/// Bodies of this size are files.
const LARGE: usize = 40_000;

fn back_up(place: &Place, to: &Path) -> Result<BackedUp, BackupError> {
    back_up_with(place, to, |_, _| false, |_| true)
}

fn back_up_with(
    place: &Place,
    to: &Path,
    fault: impl FnMut(&BodyOf, Fault) -> bool,
    progress: impl FnMut(Progress) -> bool,
) -> Result<BackedUp, BackupError> {
    place
        .cells
        .backup_with(to, place.r2.for_backup(fault), progress)
}

/// A new data directory with what a backup holds.
fn restore(from: &Path) -> Place {
    let directory = TempDir::new().unwrap();
    let cells = Cells::open(directory.path(), Options::default()).unwrap();
    let mut bodies = Restorer::new(&cells, &R2Options::default()).unwrap();
    let restored = cells.restore_with(from, &mut bodies, |_| ()).unwrap();
    assert!(restored.files.is_some());
    cells.close().unwrap();
    drop((bodies, cells));
    Place::open(directory)
}

fn check(place: &Place) -> (Vec<Finding>, u64) {
    let mut found = Vec::new();
    let checked = place
        .r2
        .check(&place.cells, |one| found.push(one), |_| ())
        .unwrap();
    (found, checked.bodies)
}

/// Every object of the bucket, read to its end.
async fn all(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let bucket = place.bucket();
    let (page, _) = bucket.list(&Default::default()).unwrap();
    let mut found = BTreeMap::new();
    for object in page.objects {
        let bytes = get(&bucket, &object.key).await.unwrap();
        assert_eq!(bytes.len() as u64, object.size);
        found.insert(object.key, bytes);
    }
    found
}

/// Bytes that tell which put they are of: the key, the round, and a pattern.
fn body(key: usize, round: usize) -> Vec<u8> {
    let mut bytes = format!("{key} {round} ").into_bytes();
    bytes.extend(pattern(if round.is_multiple_of(3) { 500 } else { LARGE }));
    bytes
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_backup_has_every_body_that_its_index_names_whatever_is_written_meanwhile() {
    let place = Place::new();
    let away = TempDir::new().unwrap();
    let bucket = place.bucket();
    run(async {
        for key in 0..8 {
            put(&bucket, &key.to_string(), &body(key, 1)).await;
        }
    });
    let stop = AtomicBool::new(false);
    let backups: Vec<PathBuf> = std::thread::scope(|scope| {
        // Puts, replaces and deletes without end, and removes what was let go of at once.
        for writer in 0..2 {
            let (bucket, place, stop) = (&bucket, &place, &stop);
            scope.spawn(move || {
                run(async {
                    for round in 2.. {
                        if stop.load(Ordering::Relaxed) {
                            return;
                        }
                        for key in (writer..8).step_by(2) {
                            let name = key.to_string();
                            match (round + key) % 4 {
                                0 => drop(bucket.delete(&[&name]).unwrap()),
                                _ => drop(put(bucket, &name, &body(key, round)).await),
                            }
                            place.r2.tidy().await;
                        }
                    }
                });
            });
        }
        // Also where one fails.
        let _stop = Stop(&stop);
        let backups = (0..5).map(|n| {
            let to = away.path().join(n.to_string());
            back_up(&place, &to).unwrap();
            to
        });
        backups.collect()
    });
    for backup in backups {
        let restored = restore(&backup);
        assert_eq!(check(&restored).0, []);
        for (key, bytes) in run(all(&restored)) {
            let text = String::from_utf8_lossy(&bytes[..20]).into_owned();
            let round = text.split(' ').nth(1).unwrap().parse().unwrap();
            assert!(bytes == body(key.parse().unwrap(), round), "{key}: {text}");
        }
    }
    // What was held back goes afterwards.
    run(async {
        place.r2.durable().await.unwrap();
        place.r2.tidy().await;
    });
    let (found, bodies) = check(&place);
    assert_eq!((found, bodies), (vec![], place.files().len() as u64));
}

#[test]
fn what_is_deleted_after_the_moment_is_still_backed_up() {
    let place = Place::new();
    let away = TempDir::new().unwrap();
    let bucket = place.bucket();
    run(async {
        for key in ["a", "b", "c"] {
            put(&bucket, key, &pattern(LARGE)).await;
        }
    });
    let to = away.path().join("backup");
    let mut first = true;
    let each = |_: Progress| {
        if std::mem::take(&mut first) {
            // The moment was before the first byte.
            bucket.delete(&["a", "b", "c"]).unwrap().wait().unwrap();
            run(place.r2.tidy());
            run(place.r2.sweep()).unwrap();
        }
        true
    };
    let done = back_up_with(&place, &to, |_, _| false, each).unwrap();
    assert_eq!(done.files, 3);
    run(place.r2.tidy());
    assert_eq!(place.files(), Vec::<PathBuf>::new());
    let restored = restore(&to);
    assert_eq!(run(all(&restored)).len(), 3);
}

#[test]
fn a_bucket_that_is_removed_meanwhile_is_in_the_backup_and_gone_afterwards() {
    let place = Place::new();
    let away = TempDir::new().unwrap();
    let bucket = place.bucket();
    run(async { put(&bucket, "a", &pattern(LARGE)).await });
    let to = away.path().join("backup");
    let mut first = true;
    let each = |_: Progress| {
        if std::mem::take(&mut first) {
            bucket.delete(&["a"]).unwrap().wait().unwrap();
            place.r2.delete_bucket("things").unwrap();
            // A new one of the same name knows nothing of it.
            place.r2.bucket("things").unwrap();
            run(place.r2.sweep()).unwrap();
        }
        true
    };
    back_up_with(&place, &to, |_, _| false, each).unwrap();
    assert_eq!(run(all(&restore(&to))).len(), 1);
    run(place.r2.tidy());
    assert_eq!(place.files(), Vec::<PathBuf>::new());
}

#[test]
fn parts_of_uploads_under_way_are_in_a_backup() {
    let place = Place::new();
    let away = TempDir::new().unwrap();
    let bucket = place.bucket();
    let bytes = pattern((5 << 20) + 100);
    let (first, second) = bytes.split_at(5 << 20);
    let (id, _) = bucket.create_upload("m", &Metadata::default()).unwrap();
    let etags: Vec<_> = run(async {
        let mut etags = Vec::new();
        for (number, part) in [(1, first), (2, second)] {
            let received = receive(&bucket, part, &Default::default()).await;
            let (part, _) = bucket.put_part("m", &id, number, received).unwrap();
            etags.push((number, part.etag));
        }
        etags
    });
    let to = away.path().join("backup");
    back_up(&place, &to).unwrap();
    let restored = restore(&to);
    let bucket = restored.bucket();
    bucket.complete("m", &id, &etags).unwrap();
    assert!(run(get(&bucket, "m")).unwrap() == bytes);
}

#[test]
fn missing_and_cut_bodies_are_named_and_orphans_too() {
    let place = Place::new();
    let away = TempDir::new().unwrap();
    let bucket = place.bucket();
    let of = |key: &str| [key.as_bytes(), &pattern(LARGE)].concat();
    run(async {
        for key in ["gone", "cut", "whole"] {
            put(&bucket, key, &of(key)).await;
        }
    });
    assert_eq!(check(&place), (vec![], 3));
    let file_of = |key: &str| {
        let mut files = place.files().into_iter();
        let same = |file: &PathBuf| std::fs::read(file).unwrap() == of(key);
        files.find(same).unwrap()
    };
    std::fs::remove_file(file_of("gone")).unwrap();
    std::fs::write(file_of("cut"), &of("cut")[1..]).unwrap();
    let orphan = "things/00/00112233445566778899aabbccddeeff";
    let folder = place.directory.path().join("r2");
    std::fs::create_dir_all(folder.join("things/00")).unwrap();
    std::fs::write(folder.join(orphan), "1234").unwrap();
    std::fs::write(folder.join(format!("{orphan}#1")), "12").unwrap();

    let (found, bodies) = check(&place);
    assert_eq!(bodies, 3);
    let faults: BTreeMap<_, _> = found
        .iter()
        .filter_map(|one| match one {
            Finding::Fault { of, fault } => Some((of.key.as_str(), *fault)),
            _ => None,
        })
        .collect();
    let size = of("cut").len() as u64;
    let short = Fault::WrongSize {
        found: size - 1,
        expected: size,
    };
    assert_eq!(
        faults,
        BTreeMap::from([("gone", Fault::Missing), ("cut", short)])
    );
    let orphans: Vec<_> = found
        .iter()
        .filter_map(|one| match one {
            Finding::Orphan { file, bytes } => Some((file.clone(), *bytes)),
            _ => None,
        })
        .collect();
    assert_eq!(
        orphans,
        [(orphan.to_owned(), 4), (format!("{orphan}#1"), 2)]
    );

    let to = away.path().join("backup");
    let error = back_up(&place, &to).unwrap_err();
    assert!(matches!(error, BackupError::Body { .. }), "{error}");
    assert!(
        error.to_string().contains("of the bucket things"),
        "{error}"
    );
    assert_eq!(std::fs::read_dir(away.path()).unwrap().count(), 0);
    let mut without = Vec::new();
    let note = |of: &BodyOf, _: Fault| {
        without.push(of.key.clone());
        true
    };
    let done = back_up_with(&place, &to, note, |_| true).unwrap();
    without.sort();
    assert_eq!(
        (done.files, without),
        (1, vec!["cut".into(), "gone".into()])
    );
    let restored = restore(&to);
    assert!(run(get(&restored.bucket(), "whole")).unwrap() == of("whole"));
    assert_eq!(check(&restored).0.len(), 2);
}

#[test]
fn a_backup_that_nobody_wants_any_more_leaves_nothing() {
    let place = Place::new();
    let away = TempDir::new().unwrap();
    run(async { put(&place.bucket(), "a", &pattern(3 << 20)).await });
    let to = away.path().join("backup");
    let mut steps = 0;
    let stop_later = |_: Progress| {
        steps += 1;
        steps < 4
    };
    let error = back_up_with(&place, &to, |_, _| false, stop_later).unwrap_err();
    assert_eq!(error.to_string(), "nobody wants it any more");
    assert_eq!(std::fs::read_dir(away.path()).unwrap().count(), 0);
}

#[test]
fn a_damaged_backup_changes_nothing() {
    let place = Place::new();
    let away = TempDir::new().unwrap();
    run(async {
        put(&place.bucket(), "a", &pattern(LARGE)).await;
        put(&place.bucket(), "b", &pattern(2 << 20)).await;
    });
    let file = away.path().join("backup");
    back_up(&place, &file).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let new = TempDir::new().unwrap();
    let cells = Cells::open(new.path(), Options::default()).unwrap();
    let mut bodies = Restorer::new(&cells, &R2Options::default()).unwrap();
    let mut refused = |bytes: &[u8], what: &str| {
        std::fs::write(&file, bytes).unwrap();
        let error = cells.restore_with(&file, &mut bodies, |_| ()).unwrap_err();
        assert!(
            matches!(error, cellhouse_cell::Error::Backup { .. }),
            "{what}: {error}"
        );
        assert!(cells.shard().unwrap().is_empty().unwrap(), "{what}");
        let left = std::fs::read_dir(new.path().join("r2")).unwrap().count();
        assert_eq!(left, 0, "{what}");
    };
    let length = whole.len();
    for at in [length - 1, length - 15, length / 2, length / 3] {
        refused(&whole[..at], &format!("cut at {at}"));
    }
    for from_end in (1..=45).chain([1 << 20, 2_000_000, 2_100_000]) {
        let mut bytes = whole.clone();
        bytes[length - from_end] ^= 4;
        refused(&bytes, &format!("byte {from_end} before the end"));
    }
    refused(&[&whole[..], b"x"].concat(), "longer");
    std::fs::write(&file, &whole).unwrap();
    let restored = cells.restore_with(&file, &mut bodies, |_| ()).unwrap();
    assert_eq!(restored.files, Some(2));
}

#[test]
fn cells_alone_do_not_restore_what_has_bodies() {
    let place = Place::new();
    let away = TempDir::new().unwrap();
    run(async { put(&place.bucket(), "a", &pattern(LARGE)).await });
    let file = away.path().join("backup");
    back_up(&place, &file).unwrap();
    let new = TempDir::new().unwrap();
    let cells = Cells::open(new.path(), Options::default()).unwrap();
    let error = cells.restore(&file, |_| ()).unwrap_err().to_string();
    assert!(error.contains("it has a file \"things/"), "{error}");
    assert!(cells.shard().unwrap().is_empty().unwrap());
}

#[test]
fn what_a_removed_bucket_has_left_is_swept() {
    let place = Place::new();
    let folder = place.directory.path().join("r2/old-bucket/00");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("00112233445566778899aabbccddeeff"), "x").unwrap();
    let (found, _) = check(&place);
    assert!(
        matches!(&found[..], [Finding::Orphan { bytes: 1, .. }]),
        "{found:?}"
    );
    let r2: &R2 = &place.r2;
    run(r2.sweep()).unwrap();
    assert_eq!(check(&place).0, []);
}
