//! The memory backend: a map for all stores, bounded by bytes, the least recently used entry
//! leaving first.
//!
//! One lock, held for well under a microsecond per call, makes the bound and the order exact.
//! Expired entries are never returned, and any later call frees them; no thread and no timer is
//! involved. (moka was tried: its deferred freeing held 192 to 308 MB with a bound of 64 MB and
//! values of 1 MB.)

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hashlink::LinkedHashMap;
use parking_lot::Mutex;

#[cfg(test)]
mod tests;

/// Monotonic time since any fixed point. Given to the cache so that tests decide what time it is.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The machine's monotonic clock.
pub(crate) fn system_clock() -> Clock {
    let start = Instant::now();
    Arc::new(move || start.elapsed())
}

/// Bytes that an entry costs beside its key and value: two reference-counted headers, the map's
/// node and slot, the node of the expiry index, and what the allocator adds. Measured as the growth
/// of the resident memory by a million small entries: 231 bytes each beyond their text with a ttl,
/// 164 without.
const ENTRY_OVERHEAD: u64 = 240;

/// Expired entries that one call frees at most, so that a million which end together do not hold up
/// one request.
const SWEEP_PER_CALL: usize = 64;

/// A value as the bound sees it.
pub(crate) trait Weigh {
    /// Bytes that it takes, of what is bounded.
    fn bytes(&self) -> u64;
}

impl Weigh for str {
    fn bytes(&self) -> u64 {
        self.len() as u64
    }
}

impl Weigh for Arc<str> {
    fn bytes(&self) -> u64 {
        self.len() as u64
    }
}

pub(crate) struct Memory<V = Arc<str>> {
    clock: Clock,
    entries: Mutex<Entries<V>>,
}

impl Memory {
    /// [`Memory::put`] of a text.
    pub(crate) fn set(&self, key: String, value: &str, ttl: Option<Duration>) {
        // Copying a large value takes time that no other thread needs to wait for.
        self.put(key, Arc::from(value), ttl);
    }
}

impl<V: Weigh + Clone> Memory<V> {
    pub(crate) fn new(max_bytes: u64, clock: Clock) -> Self {
        Self {
            clock,
            entries: Mutex::new(Entries::new(max_bytes)),
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        Arc::clone(&self.clock)
    }

    pub(crate) fn get(&self, key: &str) -> Option<V> {
        let mut entries = self.entries.lock();
        // The clock is read under the lock: time must not run backwards between two calls.
        let now = (self.clock)();
        entries.sweep(now);
        let entry = entries.map.to_back(key)?;
        if entry.expired(now) {
            entries.remove(key);
            return None;
        }
        Some(entry.value.clone())
    }

    /// Without a `ttl` the entry stays until it is overwritten or evicted, whatever an earlier
    /// entry's ttl was.
    pub(crate) fn put(&self, key: String, value: V, ttl: Option<Duration>) {
        let added = match ttl {
            Some(Duration::ZERO) => None,
            _ => Some((Arc::from(key.as_str()), value)),
        };
        let mut entries = self.entries.lock();
        let now = (self.clock)();
        entries.sweep(now);
        let old = entries.remove(&key);
        let evicted = added.map(|(key, value)| {
            let deadline = ttl.map(|ttl| now.saturating_add(ttl));
            entries.insert(key, Entry { value, deadline }, now)
        });
        drop(entries);
        // Freeing a large value takes time that no other thread needs to wait for.
        drop((old, evicted));
    }

    /// Whether there was an entry that had not expired.
    pub(crate) fn remove(&self, key: &str) -> bool {
        let mut entries = self.entries.lock();
        let now = (self.clock)();
        let old = entries.remove(key);
        drop(entries);
        old.is_some_and(|entry| !entry.expired(now))
    }

    /// Bytes in use, by the same account that the bound is kept by.
    #[cfg(test)]
    fn bytes(&self) -> u64 {
        self.entries.lock().bytes
    }
}

struct Entry<V> {
    value: V,
    deadline: Option<Duration>,
}

impl<V> Entry<V> {
    fn expired(&self, now: Duration) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }
}

/// Invariants: `bytes` is the sum of [`cost`] over `map` and at most `max_bytes`; `deadlines` holds
/// exactly the entries of `map` that have a deadline.
struct Entries<V> {
    /// From the least to the most recently used.
    map: LinkedHashMap<Arc<str>, Entry<V>>,
    deadlines: BTreeSet<(Duration, Arc<str>)>,
    bytes: u64,
    max_bytes: u64,
}

impl<V: Weigh> Entries<V> {
    fn new(max_bytes: u64) -> Self {
        Self {
            map: LinkedHashMap::new(),
            deadlines: BTreeSet::new(),
            bytes: 0,
            max_bytes,
        }
    }

    /// Adds an entry whose key is not there, and returns those that had to go for it. An entry that
    /// is larger than the whole cache is not kept, and costs no other its place.
    fn insert(&mut self, key: Arc<str>, entry: Entry<V>, now: Duration) -> Vec<Entry<V>> {
        let cost = cost(&key, &entry.value);
        if cost > self.max_bytes {
            return vec![entry];
        }
        let evicted = self.make_room(cost, now);
        if let Some(deadline) = entry.deadline {
            self.deadlines.insert((deadline, Arc::clone(&key)));
        }
        self.bytes += cost;
        self.map.insert(key, entry);
        evicted
    }

    fn make_room(&mut self, cost: u64, now: Duration) -> Vec<Entry<V>> {
        let mut evicted = Vec::new();
        while self.bytes + cost > self.max_bytes {
            let gone = self
                .remove_expired(now)
                .unwrap_or_else(|| self.remove_oldest());
            evicted.push(gone);
        }
        evicted
    }

    fn remove_oldest(&mut self) -> Entry<V> {
        let oldest = self
            .map
            .pop_front()
            .expect("an empty map holds no bytes, and what is added fits an empty cache");
        self.forget(oldest)
    }

    fn remove(&mut self, key: &str) -> Option<Entry<V>> {
        let removed = self.map.remove_entry(key)?;
        Some(self.forget(removed))
    }

    /// Takes an entry that has left the map out of the account too.
    fn forget(&mut self, (key, entry): (Arc<str>, Entry<V>)) -> Entry<V> {
        self.bytes -= cost(&key, &entry.value);
        if let Some(deadline) = entry.deadline {
            self.deadlines.remove(&(deadline, key));
        }
        entry
    }

    /// The entry whose time has been over for longest, if there is one.
    fn remove_expired(&mut self, now: Duration) -> Option<Entry<V>> {
        let (_, key) = self
            .deadlines
            .first()
            .filter(|(deadline, _)| *deadline <= now)?;
        let key = Arc::clone(key);
        self.remove(&key)
    }

    fn sweep(&mut self, now: Duration) {
        for _ in 0..SWEEP_PER_CALL {
            if self.remove_expired(now).is_none() {
                break;
            }
        }
    }
}

fn cost(key: &str, value: &(impl Weigh + ?Sized)) -> u64 {
    (key.len() as u64)
        .saturating_add(value.bytes())
        .saturating_add(ENTRY_OVERHEAD)
}
