//! The memory backend against a model, and the corners of its account of bytes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;

/// A clock that stands still until it is told to move, in milliseconds.
#[derive(Clone, Default)]
struct Hands(Arc<AtomicU64>);

impl Hands {
    fn advance(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || Duration::from_millis(hands.0.load(Ordering::SeqCst)))
    }
}

fn memory(max_bytes: u64) -> (Memory, Hands) {
    let hands = Hands::default();
    (Memory::new(max_bytes, hands.clock()), hands)
}

fn set(memory: &Memory, key: &str, value: &str, ttl_millis: Option<u64>) {
    memory.set(key.to_owned(), value, ttl_millis.map(Duration::from_millis));
}

fn get(memory: &Memory, key: &str) -> Option<String> {
    memory.get(key).map(|value| value.to_string())
}

#[test]
fn an_entry_lives_to_the_millisecond() {
    let (memory, hands) = memory(1 << 20);
    set(&memory, "a", "1", Some(1500));
    hands.advance(1499);
    assert_eq!(get(&memory, "a").as_deref(), Some("1"));
    hands.advance(1);
    assert_eq!(get(&memory, "a"), None);
    assert_eq!(memory.bytes(), 0, "an expired entry is freed");
}

#[test]
fn reading_does_not_lengthen_a_life() {
    let (memory, hands) = memory(1 << 20);
    set(&memory, "a", "1", Some(10));
    for _ in 0..9 {
        hands.advance(1);
        assert!(get(&memory, "a").is_some());
    }
    hands.advance(1);
    assert_eq!(get(&memory, "a"), None);
}

#[test]
fn a_set_without_ttl_clears_an_old_one() {
    let (memory, hands) = memory(1 << 20);
    set(&memory, "a", "1", Some(10));
    set(&memory, "a", "2", None);
    hands.advance(1_000_000);
    assert_eq!(get(&memory, "a").as_deref(), Some("2"));
}

#[test]
fn a_ttl_of_zero_removes_what_was_there() {
    let (memory, _) = memory(1 << 20);
    set(&memory, "a", "1", None);
    set(&memory, "a", "2", Some(0));
    assert_eq!(get(&memory, "a"), None);
    assert_eq!(memory.bytes(), 0);
}

#[test]
fn the_longest_ttl_never_ends() {
    let (memory, hands) = memory(1 << 20);
    memory.set("a".to_owned(), "1", Some(Duration::MAX));
    memory.set("b".to_owned(), "1", Some(crate::MAX_TTL));
    hands.advance(1 << 52);
    assert!(get(&memory, "a").is_some() && get(&memory, "b").is_some());
}

#[test]
fn expired_entries_of_others_are_freed_by_any_call() {
    let (memory, hands) = memory(1 << 20);
    for index in 0..100 {
        set(&memory, &format!("k{index}"), "value", Some(5));
    }
    hands.advance(5);
    assert_eq!(
        get(&memory, "k99"),
        None,
        "expired, and beyond what one call frees"
    );
    assert_eq!(get(&memory, "another"), None);
    assert_eq!(memory.bytes(), 0);
}

#[test]
fn the_least_recently_used_entry_leaves_first() {
    let room_for_three = 3 * cost("a", "1");
    let (memory, _) = memory(room_for_three);
    for key in ["a", "b", "c"] {
        set(&memory, key, "1", None);
    }
    get(&memory, "a");
    set(&memory, "d", "1", None);
    let kept = ["a", "b", "c", "d"].map(|key| get(&memory, key).is_some());
    assert_eq!(kept, [true, false, true, true]);
}

#[test]
fn expired_entries_make_room_before_living_ones() {
    let (memory, hands) = memory(2 * cost("a", "1"));
    set(&memory, "a", "1", None);
    set(&memory, "b", "1", Some(1));
    hands.advance(1);
    set(&memory, "c", "1", None);
    assert!(get(&memory, "a").is_some() && get(&memory, "c").is_some());
}

#[test]
fn a_value_larger_than_the_whole_is_not_kept_and_evicts_nothing() {
    let (memory, _) = memory(1000);
    set(&memory, "a", "1", None);
    set(&memory, "b", "old", None);
    set(&memory, "b", &"x".repeat(1000), None);
    assert_eq!(
        get(&memory, "b"),
        None,
        "the overwritten value must not come back"
    );
    assert_eq!(get(&memory, "a").as_deref(), Some("1"));
}

#[test]
fn a_cache_of_no_bytes_keeps_nothing() {
    let (memory, _) = memory(0);
    set(&memory, "", "", None);
    assert_eq!(get(&memory, ""), None);
}

#[test]
fn threads_share_one_bound() {
    let memory = Memory::new(64 * 1024, system_clock());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let memory = &memory;
            scope.spawn(move || {
                for index in 0..2000 {
                    memory.set(
                        format!("{thread}-{}", index % 300),
                        &"v".repeat(index % 400),
                        None,
                    );
                    memory.get(&format!("{}-{}", (thread + 1) % 4, index % 300));
                    assert!(memory.bytes() <= 64 * 1024);
                }
            });
        }
    });
    let entries = memory.entries.lock();
    assert_eq!(
        entries.bytes,
        entries
            .map
            .iter()
            .map(|(key, entry)| cost(key, &entry.value))
            .sum::<u64>()
    );
}

#[derive(Debug, Clone)]
enum Step {
    Set {
        key: u8,
        length: usize,
        ttl: Option<u64>,
    },
    Get {
        key: u8,
    },
    Wait {
        millis: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12u8, 0..400usize, proptest::option::of(0..40u64)).prop_map(|(key, length, ttl)| Step::Set { key, length, ttl }),
        4 => (0..12u8).prop_map(|key| Step::Get { key }),
        1 => (0..20u64).prop_map(|millis| Step::Wait { millis }),
    ]
}

/// What the cache must do, written the slow and obvious way.
#[derive(Default)]
struct Model {
    now: u64,
    tick: u64,
    /// Key to value, deadline and the time of the last use.
    entries: BTreeMap<String, (String, Option<u64>, u64)>,
}

impl Model {
    fn expire(&mut self) {
        let now = self.now;
        self.entries
            .retain(|_, (_, deadline, _)| deadline.is_none_or(|deadline| deadline > now));
    }

    fn bytes(&self) -> u64 {
        self.entries
            .iter()
            .map(|(key, (value, ..))| cost(key, value.as_str()))
            .sum()
    }

    fn set(&mut self, key: &str, value: &str, ttl: Option<u64>, max_bytes: u64) {
        self.expire();
        self.tick += 1;
        self.entries.remove(key);
        if ttl == Some(0) || cost(key, value) > max_bytes {
            return;
        }
        while self.bytes() + cost(key, value) > max_bytes {
            let oldest = self
                .entries
                .iter()
                .min_by_key(|(_, (.., used))| *used)
                .map(|(key, _)| key.clone())
                .unwrap();
            self.entries.remove(&oldest);
        }
        let deadline = ttl.map(|ttl| self.now + ttl);
        self.entries
            .insert(key.to_owned(), (value.to_owned(), deadline, self.tick));
    }

    fn get(&mut self, key: &str) -> Option<String> {
        self.expire();
        self.tick += 1;
        let tick = self.tick;
        self.entries.get_mut(key).map(|(value, _, used)| {
            *used = tick;
            value.clone()
        })
    }
}

proptest! {
    #[test]
    fn behaves_as_the_model(max_bytes in 0..4000u64, steps in proptest::collection::vec(step(), 0..200)) {
        let (memory, hands) = memory(max_bytes);
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Set { key, length, ttl } => {
                    let (key, value) = (format!("k{key}"), "v".repeat(length));
                    set(&memory, &key, &value, ttl);
                    model.set(&key, &value, ttl, max_bytes);
                }
                Step::Get { key } => {
                    let key = format!("k{key}");
                    prop_assert_eq!(get(&memory, &key), model.get(&key));
                }
                Step::Wait { millis } => {
                    hands.advance(millis);
                    model.now += millis;
                }
            }
            prop_assert!(memory.bytes() <= max_bytes);
        }
        model.expire();
        get(&memory, "no such key");
        prop_assert_eq!(memory.bytes(), model.bytes());
    }
}
