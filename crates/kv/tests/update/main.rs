//! `update()`: a table of every rule, then what tables cannot hold: sizes, sharing, durability of
//! what stays.

#[path = "../support/mod.rs"]
mod support;
mod tables;

use cellhouse_kv::{ErrorKind, ListOptions, PutOptions};
use support::{Home, NOW_MS};
use tables::{FAILS, WORKS};

#[test]
fn what_works() {
    let home = Home::new();
    for (before, update, after) in WORKS {
        assert_eq!(
            home.updated(before, update).as_deref(),
            Ok(*after),
            "{before} {update}"
        );
    }
}

#[test]
fn what_fails_names_the_key_and_the_path_and_changes_nothing() {
    let home = Home::new();
    for (before, update, message) in FAILS {
        let error = home.updated(before, update).expect_err(update);
        assert!(error.starts_with("update of key \"k\": "), "{error}");
        assert!(error.ends_with(message), "{before} {update}: {error}");
    }
}

#[test]
fn a_missing_or_expired_key_starts_from_an_empty_object() {
    let home = Home::new();
    for (key, update, after) in [
        ("a", r#"{"$inc":{"pageViews":1}}"#, r#"{"pageViews":1}"#),
        ("b", r#"{"$push":{"a.b":1}}"#, r#"{"a":{"b":[1]}}"#),
        ("c", r#"{"$unset":{"a":1}}"#, "{}"),
        ("d", r#"{"$pop":{"a":1}}"#, "{}"),
        ("e", r#"{"$set":{"0":1}}"#, r#"{"0":1}"#),
    ] {
        home.store.update(key, update).unwrap();
        assert_eq!(home.text(key).as_deref(), Some(after));
    }
    let options = PutOptions {
        expiration_ttl: Some(60),
        metadata: Some("1"),
        ..PutOptions::default()
    };
    home.store.put("gone", br#"{"old":1}"#, &options).unwrap();
    home.clock.forward(60_000);
    home.store.update("gone", r#"{"$inc":{"n":1}}"#).unwrap();
    let entry = home.entry("gone").unwrap();
    assert_eq!(
        (entry.value.as_slice(), entry.metadata),
        (&br#"{"n":1}"#[..], None)
    );
    home.clock.forward(1_000_000_000);
    assert!(
        home.entry("gone").is_some(),
        "the new entry does not inherit the old expiration"
    );
}

#[test]
fn metadata_and_expiration_stay() {
    let home = Home::new();
    let options = PutOptions {
        expiration_ttl: Some(100),
        metadata: Some(r#"{"m":1}"#),
        ..PutOptions::default()
    };
    home.store.put("k", br#"{"a":1}"#, &options).unwrap();
    home.store.update("k", r#"{"$inc":{"a":1}}"#).unwrap();
    let key = &home.store.list(&ListOptions::default()).unwrap().0.keys[0];
    assert_eq!(
        (key.expiration, key.metadata.as_deref()),
        (Some(NOW_MS / 1000 + 100), Some(r#"{"m":1}"#))
    );
    home.clock.forward(99_999);
    assert_eq!(home.text("k").as_deref(), Some(r#"{"a":2}"#));
    home.clock.forward(1);
    assert_eq!(home.text("k"), None);
}

#[test]
fn the_key_is_checked_as_in_put() {
    let home = Home::new();
    let message = |key: &str| home.store.update(key, r#"{"$inc":{"n":1}}"#).unwrap_err();
    assert_eq!(message("").to_string(), "Key name cannot be empty.");
    assert_eq!(
        message("..").to_string(),
        "\"..\" is not allowed as a key name."
    );
    let long = message(&"é".repeat(300));
    assert_eq!(
        long.to_string(),
        "KV UPDATE failed: 414 UTF-8 encoded length of 600 exceeds key length limit of 512."
    );
    assert_eq!(long.kind(), ErrorKind::Refused(414));
}

#[test]
fn bytes_that_hold_json_are_json() {
    let home = Home::new();
    // Seven bytes behind a header that SQLite's binary JSON could have too: 0x7b is '{' and "array
    // of 7 bytes".
    home.store
        .put("k", br#"{"a":12}"#, &PutOptions::default())
        .unwrap();
    home.store.update("k", r#"{"$inc":{"a":1}}"#).unwrap();
    assert_eq!(home.text("k").as_deref(), Some(r#"{"a":13}"#));
    home.store
        .put("k", &[0x7b, 0xff, 0x7d], &PutOptions::default())
        .unwrap();
    assert!(
        home.store
            .update("k", r#"{"$inc":{"a":1}}"#)
            .unwrap_err()
            .to_string()
            .contains("not JSON")
    );
}

#[test]
fn thousands_of_fields_in_one_update() {
    let home = Home::new();
    let fields = |value: &dyn Fn(usize) -> String| {
        let all: Vec<String> = (0..5000)
            .map(|n| format!("\"field{n}.x\":{}", value(n)))
            .collect();
        all.join(",")
    };
    let set = format!("{{\"$set\":{{{}}}}}", fields(&|n| n.to_string()));
    home.store.update("k", &set).unwrap();
    let inc = format!("{{\"$inc\":{{{}}}}}", fields(&|_| "1".to_owned()));
    home.store.update("k", &inc).unwrap();
    let expected: Vec<String> = (0..5000)
        .map(|n| format!("\"field{n}\":{{\"x\":{}}}", n + 1))
        .collect();
    assert_eq!(
        home.text("k").unwrap(),
        format!("{{{}}}", expected.join(","))
    );
    let unset = format!(
        "{{\"$unset\":{{{}}},\"$push\":{{\"p\":1}}}}",
        fields(&|_| "1".to_owned())
    );
    home.store.update("k", &unset).unwrap();
    let expected: Vec<String> = (0..5000).map(|n| format!("\"field{n}\":{{}}")).collect();
    assert_eq!(
        home.text("k").unwrap(),
        format!("{{{},\"p\":[1]}}", expected.join(","))
    );
}

#[test]
fn nesting_ends_with_a_clear_error() {
    let home = Home::new();
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let path = |depth: usize| vec!["a"; depth].join(".");
    for (names, value) in [(1, 999), (999, 1), (1000, 0), (500, 500)] {
        let value = if value == 0 {
            "1".to_owned()
        } else {
            nested(value)
        };
        let update = format!("{{\"$set\":{{\"{}\":{value}}}}}", path(names));
        let after = home.updated("{}", &update).unwrap();
        let again = home.updated(&after, r#"{"$set":{"b":1}}"#).unwrap();
        assert_eq!(again, format!("{},\"b\":1}}", &after[..after.len() - 1]));
    }
    for (names, value) in [(1, 1000), (1000, 1), (501, 500), (1001, 1), (1, 100_000)] {
        let update = format!("{{\"$set\":{{\"{}\":{}}}}}", path(names), nested(value));
        let error = home.updated("{}", &update).unwrap_err();
        assert!(
            error.contains("nested 100")
                || error.contains("nested 1")
                || error.contains("1001 names"),
            "{error}"
        );
    }
    let error = home
        .updated(&nested(1001), r#"{"$unset":{"0":1}}"#)
        .unwrap_err();
    assert!(error.contains("not JSON"), "{error}");
}

#[test]
fn a_value_cannot_grow_beyond_the_limit() {
    let home = Home::new();
    let half = "x".repeat(13 << 20);
    home.put("k", &format!("{{\"a\":\"{half}\"}}"));
    let error = home
        .store
        .update("k", &format!("{{\"$set\":{{\"b\":\"{half}\"}}}}"))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "KV UPDATE failed: 413 Value length of 27262991 exceeds limit of 26214400."
    );
    home.store.update("k", r#"{"$set":{"b":1}}"#).unwrap();
    assert_eq!(home.entry("k").unwrap().value.len(), (13 << 20) + 14);
}

#[test]
fn ten_thousand_increments_from_many_threads_are_ten_thousand() {
    let home = Home::new();
    home.put("k", r#"{"n":0,"log":[]}"#);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let store = home.store.clone();
            scope.spawn(move || {
                for n in 0..1250 {
                    let push = if n % 50 == 0 {
                        format!(",\"$push\":{{\"log\":\"{thread}/{n}\"}}")
                    } else {
                        String::new()
                    };
                    store
                        .update("k", &format!("{{\"$inc\":{{\"n\":1}}{push}}}"))
                        .unwrap();
                }
            });
        }
    });
    let value: serde_json::Value = serde_json::from_str(&home.text("k").unwrap()).unwrap();
    assert_eq!(value["n"], 10_000);
    let log: std::collections::HashSet<_> = value["log"].as_array().unwrap().iter().collect();
    assert_eq!(log.len(), 8 * 25);
}
