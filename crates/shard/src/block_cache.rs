//! What was read from sorted files, kept in memory up to a budget: the least recently used goes
//! first. Indexes and filters are in it too, so that a page that is on disk costs one read.
//!
//! Our own, because the caches that SlateDB brings have threads, timers and tens of packages.

use async_trait::async_trait;
use hashlink::LinkedHashMap;
use parking_lot::Mutex;
use slatedb::Error;
use slatedb::db_cache::{CachedEntry, CachedKey, DbCache};

pub(crate) struct BlockCache {
    entries: Mutex<Entries>,
    budget: usize,
}

#[derive(Default)]
struct Entries {
    by_use: LinkedHashMap<CachedKey, CachedEntry>,
    bytes: usize,
}

/// What an entry costs besides its own bytes, about.
const OVERHEAD: usize = 128;

impl BlockCache {
    pub(crate) fn new(budget: usize) -> BlockCache {
        BlockCache {
            entries: Mutex::default(),
            budget,
        }
    }

    fn get(&self, key: &CachedKey) -> Option<CachedEntry> {
        self.entries.lock().by_use.to_back(key).cloned()
    }

    fn put(&self, key: CachedKey, entry: CachedEntry) {
        let size = cost(&entry);
        if size > self.budget / 2 {
            return; // It would drive out everything else.
        }
        let mut entries = self.entries.lock();
        entries.bytes += size;
        if let Some(before) = entries.by_use.insert(key, entry) {
            entries.bytes -= cost(&before);
        }
        while entries.bytes > self.budget {
            let Some((_, oldest)) = entries.by_use.pop_front() else {
                break;
            };
            entries.bytes -= cost(&oldest);
        }
    }
}

fn cost(entry: &CachedEntry) -> usize {
    entry.size() + OVERHEAD
}

#[async_trait]
impl DbCache for BlockCache {
    async fn get_block(&self, key: &CachedKey) -> Result<Option<CachedEntry>, Error> {
        Ok(self.get(key))
    }

    async fn get_index(&self, key: &CachedKey) -> Result<Option<CachedEntry>, Error> {
        Ok(self.get(key))
    }

    async fn get_filter(&self, key: &CachedKey) -> Result<Option<CachedEntry>, Error> {
        Ok(self.get(key))
    }

    async fn get_stats(&self, key: &CachedKey) -> Result<Option<CachedEntry>, Error> {
        Ok(self.get(key))
    }

    async fn insert(&self, key: CachedKey, value: CachedEntry) {
        self.put(key, value);
    }

    async fn remove(&self, key: &CachedKey) {
        let mut entries = self.entries.lock();
        if let Some(before) = entries.by_use.remove(key) {
            entries.bytes -= cost(&before);
        }
    }

    fn entry_count(&self) -> u64 {
        self.entries.lock().by_use.len() as u64
    }
}
