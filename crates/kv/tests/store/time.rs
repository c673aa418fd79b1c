//! Expiry: what `put` takes, when entries are gone, sweeping.

use super::*;

#[test]
fn expirations_are_checked() {
    let home = Home::new();
    let ttl_error = "KV PUT failed: 400 Invalid expiration_ttl of";
    let at_error = "KV PUT failed: 400 Invalid expiration of";
    let past =
        "Please specify integer greater than the current number of seconds since the UNIX epoch.";
    let soon = "Expiration times must be at least 60 seconds in the future.";
    for (options, message) in [
        (
            ttl(0),
            format!("{ttl_error} 0. Please specify integer greater than 0."),
        ),
        (
            ttl(-1),
            format!("{ttl_error} -1. Please specify integer greater than 0."),
        ),
        (
            ttl(1),
            format!("{ttl_error} 1. Expiration TTL must be at least 60."),
        ),
        (
            ttl(59),
            format!("{ttl_error} 59. Expiration TTL must be at least 60."),
        ),
        (at(0), format!("{at_error} 0. {past}")),
        (at(1000), format!("{at_error} 1000. {past}")),
        (at(NOW), format!("{at_error} {NOW}. {past}")),
        (at(NOW + 59), format!("{at_error} {}. {soon}", NOW + 59)),
        (
            PutOptions {
                expiration: Some(NOW + 100),
                ..ttl(5)
            },
            format!("{ttl_error} 5. Expiration TTL must be at least 60."),
        ),
    ] {
        assert_eq!(refused(put(&home, "k", options)), message);
    }
    for options in [
        ttl(60),
        at(NOW + 60),
        at(NOW * 1000),
        ttl(i64::MAX),
        at(i64::MAX),
    ] {
        put(&home, "k", options).unwrap();
        assert!(home.entry("k").is_some());
    }
}

#[test]
fn a_store_can_allow_shorter_times() {
    let home = Home::with_min_ttl(1);
    put(&home, "k", ttl(1)).unwrap();
    home.clock.forward(999);
    assert!(home.entry("k").is_some());
    home.clock.forward(1);
    assert!(home.entry("k").is_none());
    put(&home, "k", at(home_now(&home) + 1)).unwrap();
    assert!(refused(put(&home, "k", ttl(0))).ends_with("Please specify integer greater than 0."));
}

fn home_now(home: &Home) -> i64 {
    cellhouse_kv::Clock::now_ms(&*home.clock) / 1000
}

#[test]
fn expired_entries_are_gone_to_the_millisecond_everywhere() {
    let home = Home::new();
    put(&home, "a", ttl(60)).unwrap();
    put(&home, "b", at(NOW + 60)).unwrap();
    home.put("c", "stays");
    let listed = |home: &Home| {
        list(&home.store, "", 0, None)
            .keys
            .into_iter()
            .map(|key| key.name)
            .collect::<String>()
    };
    let bulk = |home: &Home| {
        let found = home
            .store
            .get_many(&["a", "b", "c"], &BulkOptions::default())
            .unwrap()
            .0;
        found
            .into_iter()
            .filter(|(_, entry)| entry.is_some())
            .map(|(key, _)| key)
            .collect::<String>()
    };
    // `b` ends with a whole second, which is 500 ms before the 60 seconds of `a` are over.
    for (forward, alive) in [
        (59_499, "abc"),
        (1, "ac"),
        (499, "ac"),
        (1, "c"),
        (1_000_000, "c"),
    ] {
        home.clock.forward(forward);
        assert_eq!(
            (listed(&home), bulk(&home)),
            (alive.to_owned(), alive.to_owned())
        );
        assert_eq!(home.entry("a").is_some(), alive.contains('a'));
    }
}

#[test]
fn sweeping_removes_what_has_expired_and_nothing_else() {
    let home = Home::new();
    for n in 0..25 {
        put(&home, &format!("short{n}"), ttl(60 + n)).unwrap();
        put(&home, &format!("long{n}"), ttl(1000)).unwrap();
        put(&home, &format!("ever{n}"), PutOptions::default()).unwrap();
    }
    let swept = |rows| home.store.sweep(rows).unwrap().0;
    let commits = home.store.stats().commits;
    assert_eq!(swept(100), 0);
    assert_eq!(
        home.store.stats().commits,
        commits,
        "nothing to remove costs no commit"
    );
    home.clock.forward(69_000);
    home.put("short0", "put again");
    assert_eq!(swept(3), 3);
    assert_eq!(swept(100), 6);
    assert_eq!(swept(100), 0);
    home.clock.forward(1_000_000);
    assert_eq!(swept(100), 40);
    let left = list(&home.store, "", 0, None);
    assert_eq!(left.keys.len(), 26);
    assert_eq!(home.text("short0").as_deref(), Some("put again"));
}
