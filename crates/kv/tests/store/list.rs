//! Listing: order, prefixes, pages, options.

use super::*;

#[test]
fn list_shows_metadata_and_whole_seconds() {
    let home = Home::new();
    put(&home, "a", PutOptions::default()).unwrap();
    put(&home, "b", metadata("{\"z\":1}")).unwrap();
    put(&home, "c", ttl(100)).unwrap();
    put(&home, "d", at(NOW + 77)).unwrap();
    put(
        &home,
        "e",
        PutOptions {
            expiration: Some(NOW + 7777),
            ..ttl(120)
        },
    )
    .unwrap();
    let page = list(&home.store, "", 0, None);
    let found: Vec<_> = page
        .keys
        .iter()
        .map(|key| (key.expiration, key.metadata.as_deref()))
        .collect();
    let expected = [
        (None, None),
        (None, Some("{\"z\":1}")),
        (Some(NOW + 100), None),
        (Some(NOW + 77), None),
        (Some(NOW + 120), None),
    ];
    assert_eq!(found, expected);
    assert_eq!(page.cursor, None);
}

#[test]
fn list_is_in_byte_order_and_prefixes_are_exact() {
    let home = Home::new();
    let sorted = [
        "\u{1}",
        "-",
        "1",
        "10",
        "2",
        "A",
        "_",
        "a",
        "a\0",
        "a%b",
        "a*b",
        "a_b",
        "ab",
        "z",
        "é",
        "日",
        "\u{e000}",
        "\u{ff5e}",
        "\u{10000}",
        "🎉",
    ];
    for key in sorted.iter().rev() {
        home.put(key, "");
    }
    assert_eq!(names(&list(&home.store, "", 0, None)), sorted);
    for (prefix, expected) in [
        ("a", &["a", "a\0", "a%b", "a*b", "a_b", "ab"][..]),
        ("a%", &["a%b"]),
        ("a_", &["a_b"]),
        ("A", &["A"]),
        ("1", &["1", "10"]),
        ("🎉", &["🎉"]),
        ("\u{10ffff}", &[]),
        ("b", &[]),
    ] {
        assert_eq!(
            names(&list(&home.store, prefix, 0, None)),
            expected,
            "{prefix:?}"
        );
    }
}

#[test]
fn pages_follow_each_other() {
    let home = Home::new();
    for n in 0..5 {
        home.put(&format!("k{n}"), "");
    }
    let first = list(&home.store, "k", 2, None);
    assert_eq!(names(&first), ["k0", "k1"]);
    let cursor = first.cursor.as_deref();
    home.store.delete("k1").unwrap();
    home.store.delete("k2").unwrap();
    home.put("k11", "");
    let second = list(&home.store, "k", 2, cursor);
    assert_eq!(names(&second), ["k11", "k3"]);
    let last = list(&home.store, "k", 2, second.cursor.as_deref());
    assert_eq!((names(&last), last.cursor.as_deref()), (vec!["k4"], None));
    home.put("k5", "");
    let exact = list(&home.store, "k", 2, second.cursor.as_deref());
    assert_eq!(
        (names(&exact), exact.cursor.as_deref()),
        (vec!["k4", "k5"], None),
        "a full last page is the last"
    );
    assert_eq!(names(&list(&home.store, "", 10, Some(""))).len(), 5);
    assert_eq!(names(&list(&home.store, "z", 10, cursor)).len(), 0);
    assert_eq!(names(&list(&home.store, "k0", 10, cursor)).len(), 0);
}

#[test]
fn list_options_are_checked() {
    let home = Home::new();
    for n in 0..1003 {
        home.put(&format!("{n:04}"), "");
    }
    for (limit, count) in [
        (None, 1000),
        (Some(0), 1000),
        (Some(-5), 1000),
        (Some(1000), 1000),
        (Some(1), 1),
    ] {
        let page = home
            .store
            .list(&ListOptions {
                limit,
                ..ListOptions::default()
            })
            .unwrap()
            .0;
        assert_eq!(page.keys.len(), count);
    }
    let list = |prefix, limit, cursor| {
        home.store.list(&ListOptions {
            prefix,
            limit,
            cursor,
        })
    };
    assert_eq!(
        refused(list(None, Some(1001), None)),
        "KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000."
    );
    let long = "a".repeat(513);
    assert_eq!(
        refused(list(Some(&long), None, None)),
        "KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512."
    );
    for cursor in ["x", "zz", "6", "é", &"61".repeat(513)] {
        let expected = "KV GET failed: 400 Invalid cursor. Please use the cursor of a list() result unchanged.";
        assert_eq!(refused(list(None, None, Some(cursor))), expected);
    }
}
