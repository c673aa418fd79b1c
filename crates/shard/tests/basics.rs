//! What a shard promises when nothing goes wrong: commits are seen at once, in order, and are there
//! after it was closed and opened again.

mod support;

use bytes::Bytes;
use cellhouse_shard::{Commit, Error, Extra, Shard, ShardOptions, Store};
use support::{cell, commit, options, page};

fn places() -> Vec<(&'static str, ShardOptions, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let file = options(Store::File(folder.path().join("store")));
    vec![
        ("memory", options(Store::Memory), None),
        ("file", file, Some(folder)),
    ]
}

#[test]
fn a_commit_is_seen_at_once_and_is_there_after_reopening() {
    for (name, options, _folder) in places() {
        let shard = Shard::open(options).unwrap();
        let a = cell("a");
        assert_eq!(shard.meta(a, "kv/a").unwrap(), None);
        assert!(shard.is_empty().unwrap());
        let first = shard
            .commit(commit("a", 1, 2, &[(1, 10), (2, 20)]))
            .unwrap();
        let second = shard
            .commit(commit("a", 2, 3, &[(2, 21), (3, 30)]))
            .unwrap();
        assert!(second.commit() > first.commit());
        let seen = |shard: &Shard| {
            let meta = shard.meta(a, "kv/a").unwrap().unwrap();
            assert_eq!((meta.transaction, meta.pages), (2, 3), "{name}");
            let pages = shard.pages(a, 1..4).unwrap();
            assert_eq!(pages, [(1, page(10)), (2, page(21)), (3, page(30))]);
            assert_eq!(shard.page(a, 2).unwrap(), Some(page(21)));
            assert_eq!(shard.page(a, 4).unwrap(), None);
        };
        seen(&shard);
        second.wait().unwrap();
        assert!(first.is_durable());
        let again = shard.reopen().unwrap();
        seen(&again);
        assert!(matches!(
            shard.commit(commit("a", 3, 3, &[])),
            Err(Error::Closed { .. })
        ));
        let third = again.commit(commit("a", 3, 3, &[])).unwrap();
        assert!(third.commit() > second.commit());
        again.close().unwrap();
        again.close().unwrap();
        assert!(third.is_durable());
        assert!(matches!(again.reopen(), Err(Error::Closed { .. })));
    }
}

#[test]
fn a_closed_store_is_free_for_others_whoever_still_has_a_handle() {
    let folder = tempfile::tempdir().unwrap();
    let place = || options(Store::File(folder.path().to_owned()));
    let first = Shard::open(place()).unwrap();
    let error = Shard::open(place()).unwrap_err();
    let message = error.to_string();
    let pid = format!("(pid {})", std::process::id());
    assert!(message.contains(&pid), "{message}");
    assert!(
        message.contains(folder.path().to_str().unwrap()),
        "{message}"
    );
    first.commit(commit("a", 1, 1, &[(1, 1)])).unwrap();
    first.close().unwrap();
    let second = Shard::open(place()).unwrap();
    assert_eq!(second.page(cell("a"), 1).unwrap(), Some(page(1)));
    drop(second);
    Shard::open(place()).unwrap();
}

#[test]
fn pages_beyond_a_smaller_size_are_gone() {
    let shard = Shard::open(options(Store::Memory)).unwrap();
    let a = cell("a");
    shard
        .commit(commit("a", 1, 4, &[(1, 1), (2, 2), (3, 3), (4, 4)]))
        .unwrap();
    shard
        .commit(Commit {
            truncated: Some(4),
            ..commit("a", 2, 2, &[(1, 9)])
        })
        .unwrap();
    assert_eq!(shard.pages(a, 0..9).unwrap(), [(1, page(9)), (2, page(2))]);
    // Growing again in the same group as shrinking.
    shard
        .commit(Commit {
            truncated: Some(2),
            ..commit("a", 3, 1, &[])
        })
        .unwrap();
    shard.commit(commit("a", 4, 2, &[(2, 7)])).unwrap();
    assert_eq!(shard.pages(a, 0..9).unwrap(), [(1, page(9)), (2, page(7))]);
}

#[test]
fn cells_are_listed_in_parts_and_can_be_deleted() {
    let shard = Shard::open(options(Store::Memory)).unwrap();
    for id in ["a", "b", "c"] {
        shard.commit(commit(id, 1, 2, &[(1, 1), (2, 2)])).unwrap();
    }
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let part = shard.cells(after, 2).unwrap();
        let Some((last, _)) = part.last() else { break };
        after = Some(*last);
        names.extend(part.iter().map(|(_, meta)| meta.name.to_string()));
    }
    names.sort();
    assert_eq!(names, ["kv/a", "kv/b", "kv/c"]);
    shard.delete_cell(cell("b")).unwrap().wait().unwrap();
    assert_eq!(shard.meta(cell("b"), "kv/b").unwrap(), None);
    assert_eq!(shard.pages(cell("b"), 0..9).unwrap(), []);
    assert_eq!(shard.cells(None, 9).unwrap().len(), 2);
    shard.delete_cell(cell("b")).unwrap().wait().unwrap();
}

#[test]
fn a_large_cell_is_deleted_in_several_commits() {
    let shard = Shard::open(options(Store::Memory)).unwrap();
    let pages: Vec<_> = [1, 20_000, 40_000].map(|number| (number, 1)).into();
    shard.commit(commit("a", 1, 40_000, &pages)).unwrap();
    shard.delete_cell(cell("a")).unwrap().wait().unwrap();
    assert!(shard.is_empty().unwrap());
}

#[test]
fn another_cell_under_the_same_key_is_an_error() {
    let shard = Shard::open(options(Store::Memory)).unwrap();
    shard.commit(commit("a", 1, 1, &[(1, 1)])).unwrap();
    let error = shard.meta(cell("a"), "kv/other").unwrap_err();
    assert!(matches!(error, Error::NameTaken { .. }), "{error}");
}

#[test]
fn a_malformed_commit_changes_nothing() {
    let shard = Shard::open(options(Store::Memory)).unwrap();
    let long = Commit {
        pages: vec![(1, Bytes::from(vec![1; 4097]))],
        ..commit("a", 1, 1, &[])
    };
    let beyond = commit("a", 1, 1, &[(2, 1)]);
    let keyspace = Commit {
        extra: vec![Extra {
            keyspace: "Alarms",
            key: Bytes::new(),
            value: None,
        }],
        ..commit("a", 1, 1, &[])
    };
    for bad in [long, beyond, keyspace] {
        let error = shard.commit(bad).unwrap_err();
        assert!(matches!(error, Error::BadCommit { .. }), "{error}");
    }
    assert!(shard.is_empty().unwrap());
}

#[test]
fn extra_keys_change_with_the_commit() {
    let shard = Shard::open(options(Store::Memory)).unwrap();
    let extra = |key: &'static str, value: Option<&'static str>| Extra {
        keyspace: "alarms",
        key: key.into(),
        value: value.map(Bytes::from),
    };
    let with = |transaction, extra| Commit {
        extra,
        ..commit("a", transaction, 1, &[(1, 1)])
    };
    shard
        .commit(with(1, vec![extra("2", Some("a")), extra("1", Some("b"))]))
        .unwrap();
    assert_eq!(shard.extra("alarms", b"2").unwrap(), Some("a".into()));
    assert_eq!(
        shard.extras("alarms", b"", 9).unwrap(),
        [("1".into(), "b".into()), ("2".into(), "a".into())]
    );
    shard.commit(with(2, vec![extra("1", None)])).unwrap();
    assert_eq!(
        shard.extras("alarms", b"1", 9).unwrap(),
        [("2".into(), "a".into())]
    );
    assert_eq!(shard.extras("alarm", b"", 9).unwrap(), []);
}

#[test]
fn a_snapshot_does_not_change_and_can_be_restored() {
    let shard = Shard::open(options(Store::Memory)).unwrap();
    shard.commit(commit("a", 1, 2, &[(1, 1), (2, 2)])).unwrap();
    shard.commit(commit("b", 1, 1, &[(1, 5)])).unwrap();
    let snapshot = shard.snapshot().unwrap();
    shard.commit(commit("a", 2, 2, &[(2, 3)])).unwrap();
    shard.delete_cell(cell("b")).unwrap();
    assert_eq!(
        snapshot.pages(cell("a"), 1..3).unwrap(),
        [(1, page(1)), (2, page(2))]
    );
    snapshot.ticket().wait().unwrap();
    let copy = Shard::open(options(Store::Memory)).unwrap();
    let mut after = None;
    loop {
        let rows = snapshot.rows(after.as_ref(), 2).unwrap();
        let Some(last) = rows.last() else { break };
        after = Some(last.clone());
        copy.restore(rows).unwrap();
    }
    assert_eq!(
        copy.cells(None, 9).unwrap(),
        snapshot.cells(None, 9).unwrap()
    );
    assert_eq!(copy.page(cell("b"), 1).unwrap(), Some(page(5)));
    assert_eq!(copy.page(cell("a"), 2).unwrap(), Some(page(2)));
}

#[test]
fn many_threads_at_once() {
    for (name, options, _folder) in places() {
        let shard = Shard::open(options).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let shard = shard.clone();
                scope.spawn(move || {
                    let id = format!("cell{thread}");
                    for n in 1..=50 {
                        let ticket = shard.commit(commit(&id, n, 1, &[(1, n as u8)])).unwrap();
                        let meta = shard.meta(cell(&id), &format!("kv/{id}")).unwrap();
                        assert_eq!(meta.unwrap().transaction, n, "{name}");
                        if n % 7 == 0 {
                            ticket.wait().unwrap();
                        }
                    }
                });
            }
        });
        shard.ticket().wait().unwrap();
        let stats = shard.stats();
        assert_eq!(stats.commits, 400);
        assert!(stats.groups <= 400);
    }
}
