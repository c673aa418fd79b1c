//! get, put, delete, list, bulk get and sweep: values, limits and the messages of Cloudflare, time.

mod bulk;
mod limits;
mod list;
#[path = "../support/mod.rs"]
mod support;
mod time;

use cellhouse_kv::{
    BulkOptions, Error, ErrorKind, ListOptions, MAX_VALUE_BYTES, Page, PutOptions, Store,
    StoreOptions,
};
use support::{Home, NOW_MS};

const NOW: i64 = NOW_MS / 1000;

fn refused<T>(result: Result<T, Error>) -> String {
    let error = result.err().expect("this is refused");
    let status = match error.kind() {
        ErrorKind::Refused(status) => status.to_string(),
        other => panic!("{other:?} {error}"),
    };
    assert!(
        error.to_string().starts_with("KV ") && error.to_string().contains(&status),
        "{error}"
    );
    error.to_string()
}

fn type_error<T>(result: Result<T, Error>) -> String {
    let error = result.err().expect("this is an error");
    assert_eq!(error.kind(), ErrorKind::Type);
    error.to_string()
}

fn put<'a>(home: &Home, key: &str, options: PutOptions<'a>) -> Result<(), Error> {
    home.store.put(key, b"v", &options).map(drop)
}

fn ttl(seconds: i64) -> PutOptions<'static> {
    PutOptions {
        expiration_ttl: Some(seconds),
        ..PutOptions::default()
    }
}

fn at(seconds: i64) -> PutOptions<'static> {
    PutOptions {
        expiration: Some(seconds),
        ..PutOptions::default()
    }
}

fn metadata(text: &str) -> PutOptions<'_> {
    PutOptions {
        metadata: Some(text),
        ..PutOptions::default()
    }
}

fn list(store: &Store, prefix: &str, limit: i64, cursor: Option<&str>) -> Page {
    store
        .list(&ListOptions {
            prefix: Some(prefix),
            limit: Some(limit),
            cursor,
        })
        .unwrap()
        .0
}

fn names(page: &Page) -> Vec<&str> {
    page.keys.iter().map(|key| key.name.as_str()).collect()
}

#[test]
fn values_are_bytes() {
    let home = Home::new();
    let values: [&[u8]; 5] = [
        b"",
        b"a\0b",
        &[0xff, 0xfe, 0],
        "é🎉".as_bytes(),
        &[7; 100_000],
    ];
    for value in values {
        home.store.put("k", value, &PutOptions::default()).unwrap();
        assert_eq!(home.entry("k").unwrap().value, value);
    }
    home.store.delete("k").unwrap();
    home.store.delete("k").unwrap();
    assert_eq!(home.entry("k"), None);
}

#[test]
fn keys_are_exact() {
    let home = Home::new();
    let keys = [
        "a", "A", "a ", "a\0", "a\0b", "a%", "é", "e\u{301}", "...", "../x", "\u{feff}", "🎉", "1",
        "1.0",
    ];
    for key in keys {
        home.put(key, key);
    }
    for key in keys {
        assert_eq!(home.text(key).as_deref(), Some(key));
    }
    assert_eq!(list(&home.store, "", 0, None).keys.len(), keys.len());
}

#[test]
fn a_put_replaces_everything() {
    let home = Home::new();
    put(
        &home,
        "k",
        PutOptions {
            metadata: Some("1"),
            ..ttl(60)
        },
    )
    .unwrap();
    home.put("k", "new");
    home.clock.forward(100_000);
    let entry = home.entry("k").unwrap();
    assert_eq!(
        (entry.value.as_slice(), entry.metadata),
        (&b"new"[..], None)
    );
    assert_eq!(list(&home.store, "", 0, None).keys[0].expiration, None);
}

#[test]
fn a_refused_put_changes_nothing() {
    let home = Home::new();
    put(&home, "k", metadata("1")).unwrap();
    let before = home.entry("k");
    refused(home.store.put("k", b"other", &ttl(5)));
    refused(home.store.put(
        "k",
        b"other",
        &metadata(&format!("\"{}\"", "m".repeat(2000))),
    ));
    refused(
        home.store
            .put("k", &vec![0; MAX_VALUE_BYTES + 1], &PutOptions::default()),
    );
    assert_eq!(home.entry("k"), before);
}

#[test]
fn stores_are_separate() {
    let home = Home::new();
    let other = Store::open(&home.cells, "Default", StoreOptions::default()).unwrap();
    home.put("k", "1");
    assert_eq!(other.get("k", None).unwrap().0, None);
    let same = Store::open(&home.cells, "default", StoreOptions::default()).unwrap();
    assert_eq!(same.get("k", None).unwrap().0.unwrap().value, b"1");
}

#[test]
fn every_result_has_a_ticket_that_becomes_durable() {
    let home = Home::new();
    let put = home.store.put("k", b"1", &PutOptions::default()).unwrap();
    let (_, seen) = home.store.get("k", None).unwrap();
    let (_, listed) = home.store.list(&ListOptions::default()).unwrap();
    let refused = home.store.ticket();
    for ticket in [put, seen, listed, refused] {
        ticket.wait().unwrap();
        assert!(ticket.is_durable());
    }
    home.cells.close().unwrap();
    let error = home.store.get("k", None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.to_string().contains("is closed"), "{error}");
}
