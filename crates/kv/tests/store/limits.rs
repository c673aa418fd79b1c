//! Keys, values and metadata that are too long or not allowed.

use super::*;

#[test]
fn keys_are_checked() {
    let home = Home::new();
    let none = PutOptions::default();
    let store = &home.store;
    for (key, message) in [
        ("", "Key name cannot be empty."),
        (".", "\".\" is not allowed as a key name."),
        ("..", "\"..\" is not allowed as a key name."),
    ] {
        assert_eq!(type_error(store.get(key, None)), message);
        assert_eq!(type_error(store.put(key, b"", &none)), message);
        assert_eq!(type_error(store.delete(key)), message);
    }
    let (long, longest) = ("é".repeat(300), "é".repeat(256));
    let message = "failed: 414 UTF-8 encoded length of 600 exceeds key length limit of 512.";
    assert_eq!(refused(store.get(&long, None)), format!("KV GET {message}"));
    assert_eq!(
        refused(store.put(&long, b"", &none)),
        format!("KV PUT {message}")
    );
    assert_eq!(refused(store.delete(&long)), format!("KV DELETE {message}"));
    store.put(&longest, b"x", &none).unwrap();
    assert!(home.entry(&longest).is_some());
}

#[test]
fn what_put_would_refuse_is_known_before_and_in_cloudflares_order() {
    let home = Home::new();
    home.put("k", "old");
    let long = "m".repeat(1025);
    let metadata = format!("\"{long}\"");
    let options = |ttl, metadata| PutOptions {
        expiration_ttl: ttl,
        metadata,
        ..PutOptions::default()
    };
    for (key, options, bytes, message) in [
        (
            "",
            options(Some(1), Some("{")),
            usize::MAX,
            "Key name cannot be empty.",
        ),
        (
            &long,
            options(Some(1), None),
            0,
            "KV PUT failed: 414 UTF-8 encoded length of 1025 exceeds key length limit of 512.",
        ),
        (
            "k",
            options(Some(1), Some(&metadata)),
            usize::MAX,
            "KV PUT failed: 400 Invalid expiration_ttl of 1. Expiration TTL must be at least 60.",
        ),
        (
            "k",
            options(Some(60), Some(&metadata)),
            usize::MAX,
            "KV PUT failed: 413 Metadata length of 1027 exceeds limit of 1024.",
        ),
        (
            "k",
            options(Some(60), None),
            MAX_VALUE_BYTES + 1,
            "KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.",
        ),
    ] {
        let error = home.store.check_put(key, bytes, &options).unwrap_err();
        assert_eq!(error.to_string(), message);
        let value = vec![0; bytes.min(MAX_VALUE_BYTES + 1)];
        let error = home.store.put(key, &value, &options).map(drop).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    home.store
        .check_put("k", MAX_VALUE_BYTES, &options(Some(60), None))
        .unwrap();
    assert_eq!(home.entry("k").unwrap().value, b"old");
}

#[test]
fn sizes_are_limited() {
    let home = Home::new();
    let none = PutOptions::default();
    home.store
        .put("k", &vec![1; MAX_VALUE_BYTES], &none)
        .unwrap();
    assert_eq!(home.entry("k").unwrap().value.len(), MAX_VALUE_BYTES);
    assert_eq!(
        refused(home.store.put("k", &vec![1; MAX_VALUE_BYTES + 1], &none)),
        "KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400."
    );
    put(&home, "m", metadata(&format!("\"{}\"", "m".repeat(1022)))).unwrap();
    assert_eq!(
        refused(put(
            &home,
            "m",
            metadata(&format!("\"{}\"", "é".repeat(600)))
        )),
        "KV PUT failed: 413 Metadata length of 1202 exceeds limit of 1024."
    );
    assert!(type_error(put(&home, "m", metadata("{a:1}"))).starts_with("metadata is not JSON: "));
    put(&home, "m", metadata(" null ")).unwrap();
    assert_eq!(home.entry("m").unwrap().metadata, None);
}
