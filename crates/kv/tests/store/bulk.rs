//! Bulk get, and `cacheTtl` of both kinds of get.

use super::*;

#[test]
fn cache_ttl_is_checked_and_changes_nothing() {
    let home = Home::new();
    home.put("k", "1");
    assert!(home.store.get("k", Some(30)).unwrap().0.is_some());
    let message = |result| refused::<()>(result);
    assert_eq!(
        message(home.store.get("missing", Some(29)).map(drop)),
        "KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30."
    );
    let options = BulkOptions {
        cache_ttl: Some(0),
        ..BulkOptions::default()
    };
    assert_eq!(
        message(home.store.get_many(&["k"], &options).map(drop)),
        "KV GET_BULK failed: 400 Invalid cache_ttl of 0. Cache TTL must be at least 30."
    );
}

#[test]
fn bulk_get_keeps_the_order_and_drops_duplicates() {
    let home = Home::new();
    put(&home, "b", metadata("7")).unwrap();
    home.put("a", "{}");
    let (found, ticket) = home
        .store
        .get_many(&["b", "zz", "a", "b"], &BulkOptions::default())
        .unwrap();
    ticket.wait().unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|(key, entry)| (key.as_str(), entry.as_ref().map(|e| e.metadata.as_deref())))
        .collect();
    assert_eq!(
        found,
        [("b", Some(Some("7"))), ("zz", None), ("a", Some(None))]
    );
}

#[test]
fn a_byte_order_mark_is_left_out_of_many_values_and_not_of_one() {
    let home = Home::new();
    home.put("a", "\u{feff}[1]");
    assert_eq!(home.entry("a").unwrap().value, "\u{feff}[1]".as_bytes());
    let options = BulkOptions {
        kind: Some("json"),
        cache_ttl: None,
    };
    let (found, _) = home.store.get_many(&["a"], &options).unwrap();
    assert_eq!(found[0].1.as_ref().unwrap().value, b"[1]");
}

#[test]
fn bulk_get_is_checked_as_a_whole() {
    let home = Home::new();
    home.put("a", "nope");
    home.put("n", "null");
    let get = |keys: &[&str], kind| {
        home.store
            .get_many(
                keys,
                &BulkOptions {
                    kind,
                    cache_ttl: None,
                },
            )
            .map(drop)
    };
    let keys: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    get(&keys[..100], None).unwrap();
    get(&["n", "zz"], Some("json")).unwrap();
    for (keys, kind, message) in [
        (&keys[..], None, "400 You can request a maximum of 100 keys"),
        (&[], None, "400 You must request a minimum of 1 key"),
        (
            &["a"],
            Some("stream"),
            "400 \"stream\" is not a valid type. Use \"json\" or \"text\"",
        ),
        (
            &["n", "a"],
            Some("json"),
            "400 At least one of the requested keys corresponds to a non-json value",
        ),
        (&["a", ""], None, "400 Key names must not be empty"),
        // What comes first is told.
        (
            &["a", ""],
            Some("json"),
            "400 At least one of the requested keys corresponds to a non-json value",
        ),
        (&["", "a"], Some("json"), "400 Key names must not be empty"),
        (
            &["a", "."],
            None,
            "400 Illegal key name \".\". Please use a different name.",
        ),
        (
            &["a".repeat(513).as_str()],
            None,
            "414 UTF-8 encoded length of 513 exceeds key length limit of 512.",
        ),
    ] {
        assert_eq!(
            refused(get(keys, kind)),
            format!("KV GET_BULK failed: {message}")
        );
    }
    for key in ["a", "b", "c"] {
        home.store
            .put(key, &vec![b'x'; 9 << 20], &PutOptions::default())
            .unwrap();
    }
    get(&["a", "b", "a"], None).unwrap();
    let message = "KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB";
    assert_eq!(refused(get(&["a", "b", "c"], None)), message);
}
