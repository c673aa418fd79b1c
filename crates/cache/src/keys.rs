//! The names under which entries are kept, the same for every backend:
//! `cellhouse:cache:<app>:<store>:<key>`.
//!
//! `<app>` is empty for a cache that belongs to no app. App and store are percent-encoded wherever
//! they hold a character that means something here, so two different triples never share a name;
//! the key stands as it is.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Also the pattern of a Redis ACL that allows all that Cellhouse touches: `~cellhouse:cache:*`.
const ROOT: &str = "cellhouse:cache:";

/// A name that no entry can have (entries have an app and a store), written to learn whether a
/// server takes writes.
pub(crate) const PROBE: &str = "cellhouse:cache:probe";

/// `:` separates, `%` escapes, and `{}` would choose a Redis Cluster slot for the whole store.
const RESERVED: &AsciiSet = &CONTROLS.add(b':').add(b'%').add(b'{').add(b'}');

/// All that comes before the key, for one store of one app.
pub(crate) fn prefix(app: &str, store: &str) -> String {
    let app = utf8_percent_encode(app, RESERVED);
    let store = utf8_percent_encode(store, RESERVED);
    format!("{ROOT}{app}:{store}:")
}

/// All that comes before the URL, for the HTTP responses of one app in the cache of this name, or in its
/// default cache. No store's prefix: an escape is `%` and two hexadecimal digits, and `r` is none.
pub(crate) fn responses_prefix(app: &str, cache: Option<&str>) -> String {
    let app = utf8_percent_encode(app, RESERVED);
    match cache {
        None => format!("{ROOT}{app}:%r:"),
        Some(cache) => {
            let cache = utf8_percent_encode(cache, RESERVED);
            format!("{ROOT}{app}:%r.{cache}:")
        }
    }
}

/// The full name of one entry.
pub(crate) fn full(prefix: &str, key: &str) -> String {
    [prefix, key].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_readable() {
        assert_eq!(
            full(&prefix("", "default"), "a"),
            "cellhouse:cache::default:a"
        );
        assert_eq!(
            full(&prefix("shop", "sessions"), "user:{1}"),
            "cellhouse:cache:shop:sessions:user:{1}"
        );
        assert_eq!(prefix("a:b", "c{d}%"), "cellhouse:cache:a%3Ab:c%7Bd%7D%25:");
    }

    #[test]
    fn responses_are_no_store() {
        assert_eq!(responses_prefix("a", None), "cellhouse:cache:a:%r:");
        assert_eq!(responses_prefix("a", Some("")), "cellhouse:cache:a:%r.:");
        assert_eq!(
            responses_prefix("a", Some("b:c")),
            "cellhouse:cache:a:%r.b%3Ac:"
        );
        assert_eq!(prefix("a", "%r"), "cellhouse:cache:a:%25r:");
    }

    proptest! {
        #[test]
        fn different_entries_have_different_names(a in triple(), b in triple()) {
            let name = |(app, store, key): &(String, String, String)| full(&prefix(app, store), key);
            prop_assert_eq!(name(&a) == name(&b), a == b);
            prop_assert_ne!(name(&a), PROBE);
        }
    }

    fn triple() -> impl Strategy<Value = (String, String, String)> {
        ("[a:%{}3A]{0,3}", "[a:%{}3A]{0,3}", "[a:%{}3A]{0,3}")
    }
}
