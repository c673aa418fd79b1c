//! Stores whose keys are spread over several cells.

mod support;

use std::collections::BTreeSet;

use cellhouse_cell::{Cells, Options};
use cellhouse_kv::{
    BulkOptions, ErrorKind, ListOptions, MAX_SLICES, PutOptions, Store, StoreOptions,
};
use support::Home;
use tempfile::TempDir;

fn open(cells: &Cells, slices: u32) -> Store {
    let options = StoreOptions {
        slices,
        ..StoreOptions::default()
    };
    Store::open(cells, "default", options).unwrap()
}

fn put(store: &Store, key: &str) {
    store
        .put(key, key.as_bytes(), &PutOptions::default())
        .unwrap();
}

#[test]
fn the_number_is_that_of_the_making() {
    for (first, then, expected) in [(1, 4, 1), (4, 1, 4), (4, 7, 4)] {
        let dir = TempDir::new().unwrap();
        let cells = Cells::open(dir.path(), Options::default()).unwrap();
        let store = open(&cells, first);
        put(&store, "a");
        drop(store);
        cells.close().unwrap();
        drop(cells);
        let cells = Cells::open(dir.path(), Options::default()).unwrap();
        let store = open(&cells, then);
        assert_eq!(store.slices(), expected);
        assert_eq!(store.get("a", None).unwrap().0.unwrap().value, b"a");
    }
}

#[test]
fn a_number_that_cannot_be_is_refused() {
    let dir = TempDir::new().unwrap();
    let cells = Cells::open(dir.path(), Options::default()).unwrap();
    for slices in [0, MAX_SLICES + 1] {
        let options = StoreOptions {
            slices,
            ..StoreOptions::default()
        };
        let error = Store::open(&cells, "default", options).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Storage);
        assert!(error.to_string().contains("1 to 256 slices"), "{error}");
    }
    assert!(cells.shard().unwrap().is_empty().unwrap());
}

#[test]
fn keys_are_spread_and_listed_in_order_page_by_page() {
    let home = Home::with(60, 5);
    let keys: BTreeSet<String> = (0..500)
        .map(|n| format!("key:{}", n * 7919 % 1000))
        .collect();
    keys.iter().for_each(|key| home.put(key, key));
    home.store.ticket().wait().unwrap();
    let cells = home.cells.shard().unwrap().cells(None, 100).unwrap();
    let names: BTreeSet<String> = cells
        .iter()
        .map(|(_, meta)| meta.name.to_string())
        .collect();
    let expected = [
        "kv/default",
        "kvslice/1/default",
        "kvslice/2/default",
        "kvslice/3/default",
        "kvslice/4/default",
    ];
    assert!(names.iter().eq(expected));
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let options = ListOptions {
            prefix: Some("key:"),
            limit: Some(33),
            cursor: cursor.as_deref(),
        };
        let page = home.store.list(&options).unwrap().0;
        found.extend(page.keys.into_iter().map(|key| key.name));
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert!(found.iter().eq(&keys), "{} of {}", found.len(), keys.len());
}

#[test]
fn a_look_at_many_keys_is_one_moment() {
    let home = Home::with(60, 4);
    let keys: Vec<String> = (0..8).map(|n| format!("k{n}")).collect();
    keys.iter().for_each(|key| home.put(key, "0"));
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1.. {
                if stop.load(std::sync::atomic::Ordering::SeqCst) {
                    return;
                }
                keys.iter().for_each(|key| home.put(key, &n.to_string()));
            }
        });
        for _ in 0..300 {
            let (entries, ticket) = home.store.get_many(&keys, &BulkOptions::default()).unwrap();
            let numbers: Vec<u32> = entries
                .into_iter()
                .map(|(_, entry)| {
                    String::from_utf8(entry.unwrap().value)
                        .unwrap()
                        .parse()
                        .unwrap()
                })
                .collect();
            // The writer goes through the keys in order.
            assert!(
                numbers.windows(2).all(|pair| pair[0] >= pair[1]),
                "{numbers:?}"
            );
            assert!(numbers[0] - numbers[7] <= 1, "{numbers:?}");
            drop(ticket);
        }
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
    });
}
