//! Changes as those who watch a store are told of them: each once, in the order of its cell, with the change
//! or not at all.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use cellhouse_kv::{Action, Change, KEPT, PutOptions, Store, StoreOptions, Watcher};
use support::Home;

fn counting() -> (Watcher, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let watcher: Watcher = Arc::new(move || {
        counted.fetch_add(1, SeqCst);
    });
    (watcher, calls)
}

fn changes(store: &Store) -> Vec<(String, Action)> {
    let all = store.changes("app", 1_000).unwrap().0;
    all.into_iter()
        .map(|Change { key, action, .. }| (key, action))
        .collect()
}

fn expected(list: &[(&str, Action)]) -> Vec<(String, Action)> {
    let owned = |(key, action): &(&str, Action)| (key.to_string(), *action);
    list.iter().map(owned).collect()
}

fn for_a_minute(home: &Home, key: &str) {
    let options = PutOptions {
        expiration_ttl: Some(60),
        ..PutOptions::default()
    };
    home.store.put(key, b"1", &options).unwrap();
}

#[test]
fn each_change_is_told_once_in_its_order() {
    let home = Home::new();
    let (watcher, calls) = counting();
    home.put("before", "1");
    home.store.watch("app", &watcher).unwrap();
    home.store.watch("app", &watcher).unwrap();
    home.put("a", "1");
    home.put("a", "2");
    home.store.update("u", r#"{"$set":{"n":1}}"#).unwrap();
    home.store.update("u", r#"{"$inc":{"n":1}}"#).unwrap();
    home.store.update("u", r#"{"$unset":{"none":1}}"#).unwrap();
    home.store.update("a", "no JSON").unwrap_err();
    home.store.delete("a").unwrap();
    home.store.delete("a").unwrap();
    home.store.delete("before").unwrap();
    use Action::{Created, Deleted, Updated};
    let all = [
        ("a", Created),
        ("a", Updated),
        ("u", Created),
        ("u", Updated),
        ("a", Deleted),
        ("before", Deleted),
    ];
    assert_eq!(changes(&home.store), expected(&all));
    assert!(calls.load(SeqCst) >= all.len());
}

#[test]
fn what_expires_is_told_of_when_it_goes() {
    let home = Home::new();
    let (watcher, _) = counting();
    home.store.watch("app", &watcher).unwrap();
    for key in ["swept", "again", "deleted"] {
        for_a_minute(&home, key);
    }
    let first = home.store.changes("app", 1_000).unwrap().0;
    let last = first.last().unwrap();
    forget(&home, last);
    assert_eq!(changes(&home.store), []);
    home.clock.forward(60_000);
    assert_eq!(home.entry("swept"), None);
    home.put("again", "2");
    home.store.delete("deleted").unwrap();
    assert_eq!(home.store.sweep(100).unwrap().0, 1);
    use Action::{Created, Expired};
    let all = [
        ("again", Expired),
        ("again", Created),
        ("deleted", Expired),
        ("swept", Expired),
    ];
    assert_eq!(changes(&home.store), expected(&all));
}

#[test]
fn numbers_go_on_after_all_is_forgotten_and_reads_are_limited() {
    let home = Home::with(60, 4);
    let (watcher, _) = counting();
    home.store.watch("app", &watcher).unwrap();
    for key in 0..40 {
        home.put(&format!("k{key}"), "1");
    }
    let mut seen = std::collections::BTreeMap::new();
    let mut count = 0;
    loop {
        let page = home.store.changes("app", 7).unwrap().0;
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 7);
        for change in page {
            let last = seen.insert(change.source.clone(), change.seq);
            assert!(last.is_none_or(|last| last < change.seq));
            forget(&home, &change);
            count += 1;
        }
    }
    assert_eq!(count, 40);
    home.put("k0", "2");
    let next = home.store.changes("app", 1).unwrap().0.remove(0);
    assert!(next.seq > seen[&next.source]);
}

/// The app has taken all up to this one.
fn forget(home: &Home, change: &Change) {
    let forgotten = home.store.forget_changes("app", &change.source, change.seq);
    forgotten.unwrap();
}

#[test]
fn nobody_watches_and_nothing_is_noted() {
    let home = Home::new();
    let (watcher, calls) = counting();
    home.put("a", "1");
    home.store.watch("app", &watcher).unwrap();
    home.put("b", "1");
    home.store.unwatch(&watcher);
    home.put("c", "1");
    use Action::Created;
    let noted = [("b", Created), ("c", Created)];
    assert_eq!(
        changes(&home.store),
        expected(&noted),
        "the app does not run"
    );
    home.store.forget_watcher("app").unwrap();
    home.put("d", "1");
    home.store.watch("app", &watcher).unwrap();
    assert_eq!(changes(&home.store), [], "the app did not watch");
    assert_eq!(calls.load(SeqCst), 1);
}

/// As a command does, in this process or in another one.
#[test]
fn what_is_written_through_another_handle_is_noted() {
    for slices in [1, 3] {
        let home = Home::with(60, slices);
        let (watcher, _) = counting();
        home.store.watch("app", &watcher).unwrap();
        let options = StoreOptions {
            clock: home.clock.clone(),
            ..StoreOptions::default()
        };
        let other = Store::open(&home.cells, "default", options).unwrap();
        other.put("a", b"1", &PutOptions::default()).unwrap();
        other.delete("a").unwrap();
        use Action::{Created, Deleted};
        let all = [("a", Created), ("a", Deleted)];
        assert_eq!(changes(&home.store), expected(&all));
        assert_eq!(changes(&other), expected(&all));
    }
}

#[test]
fn each_app_takes_its_changes_by_itself() {
    let home = Home::new();
    let (watcher, _) = counting();
    home.store.watch("app", &watcher).unwrap();
    home.put("a", "1");
    home.store.watch("other", &watcher).unwrap();
    home.put("b", "1");
    let of_other = home.store.changes("other", 10).unwrap().0;
    assert_eq!(of_other.len(), 1);
    let Change { source, seq, .. } = &of_other[0];
    home.store.forget_changes("other", source, *seq).unwrap();
    assert_eq!(home.store.changes("other", 10).unwrap().0, []);
    use Action::Created;
    let both = [("a", Created), ("b", Created)];
    assert_eq!(changes(&home.store), expected(&both));
    home.store.forget_watcher("other").unwrap();
    assert_eq!(changes(&home.store), expected(&both));
}

#[test]
fn an_app_that_is_gone_for_long_is_forgotten() {
    let home = Home::with(60, 2);
    let (here, _) = counting();
    let (gone, _) = counting();
    home.store.watch("app", &here).unwrap();
    home.store.watch("gone", &gone).unwrap();
    home.store.unwatch(&gone);
    home.put("a", "1");
    let kept = i64::try_from(KEPT.as_millis()).unwrap();
    for forward in [kept, 2] {
        home.clock.forward(forward);
        home.store.sweep(1).unwrap();
    }
    assert_eq!(home.store.changes("gone", 10).unwrap().0, []);
    assert_eq!(changes(&home.store), expected(&[("a", Action::Created)]));
    home.put("b", "1");
    assert_eq!(home.store.changes("gone", 10).unwrap().0, []);
    assert_eq!(changes(&home.store).len(), 2, "it runs");
}
