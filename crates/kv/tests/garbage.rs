//! Anything at all as a value and as an update: an error or a valid value, never a panic, and an
//! error changes nothing.

mod support;

use cellhouse_kv::{ErrorKind, PutOptions};
use proptest::prelude::*;
use support::Home;

/// Text that is nearly JSON, so that it gets far.
fn nearly_json() -> impl Strategy<Value = String> {
    let pieces = vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "$set",
        "\"$set\":",
        "\"$inc\":",
        "\"$push\":",
        "\"$pop\":",
        "\"$unset\":",
        "\"a\":",
        "\"a.b\":",
        "\"a.0\":",
        "\".\":",
        "{\"a\":1}",
        "[1,2]",
        "1",
        "-1",
        "1e999",
        "0x1F",
        "null",
        "true",
        "\\u0000",
        "\\ud800",
        "\u{0}",
        "é",
        " ",
        "//",
        "Infinity",
        "'x'",
        "__proto__",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn garbage_is_refused_and_changes_nothing(
        rounds in prop::collection::vec((nearly_json(), nearly_json(), prop::collection::vec(any::<u8>(), 0..20)), 40)
    ) {
        let home = Home::new();
        for (value, update, bytes) in rounds {
            let fixed = r#"{"$set":{"a.b":1},"$inc":{"n":1},"$pop":{"q":1}}"#;
            for (value, update) in [(value.as_bytes(), fixed), (&bytes, fixed), (br#"{"a":[{}]}"#, &update), (value.as_bytes(), &update)] {
                home.store.put("k", value, &PutOptions::default()).unwrap();
                let result = home.store.update("k", update);
                let after = home.entry("k").unwrap().value;
                match result {
                    Ok(_) if after == value => {}
                    Ok(_) => prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&after).is_ok(), "{:?} {}", after, update),
                    Err(e) => {
                        prop_assert_eq!(e.kind(), ErrorKind::Type, "{}", e);
                        prop_assert_eq!(after, value);
                    }
                }
            }
        }
    }
}
