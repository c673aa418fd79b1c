//! Changes as those who watch a store are told of them: each once, in the order of its cell, with the change
//! or not at all.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use cellhouse_kv::{Action, Change, PutOptions, Store, Watcher};
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
    let all = store.changes(1_000).unwrap().0;
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
    home.store.watch(&watcher);
    home.store.watch(&watcher);
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
    home.store.watch(&watcher);
    for key in ["swept", "again", "deleted"] {
        for_a_minute(&home, key);
    }
    let first = home.store.changes(1_000).unwrap().0;
    let last = first.last().unwrap();
    home.store.forget_changes(&last.source, last.seq).unwrap();
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
    home.store.watch(&watcher);
    for key in 0..40 {
        home.put(&format!("k{key}"), "1");
    }
    let mut seen = std::collections::BTreeMap::new();
    let mut count = 0;
    loop {
        let page = home.store.changes(7).unwrap().0;
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 7);
        for change in page {
            let last = seen.insert(change.source.clone(), change.seq);
            assert!(last.is_none_or(|last| last < change.seq));
            home.store
                .forget_changes(&change.source, change.seq)
                .unwrap();
            count += 1;
        }
    }
    assert_eq!(count, 40);
    home.put("k0", "2");
    let next = home.store.changes(1).unwrap().0.remove(0);
    assert!(next.seq > seen[&next.source]);
}

#[test]
fn nobody_watches_and_nothing_is_noted() {
    let home = Home::new();
    let (watcher, calls) = counting();
    home.put("a", "1");
    assert_eq!(changes(&home.store), []);
    home.store.watch(&watcher);
    home.put("b", "1");
    home.store.unwatch(&watcher);
    home.put("c", "1");
    assert_eq!(changes(&home.store), expected(&[("b", Action::Created)]));
    assert_eq!(calls.load(SeqCst), 1);
}
