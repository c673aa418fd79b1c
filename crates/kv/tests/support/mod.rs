//! What the tests of stores share: a store in a folder of its own, with a clock that stands still
//! until told.

#![allow(dead_code, reason = "each test uses some of this")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use cellhouse_cell::{Cells, Options};
use cellhouse_kv::{Clock, Entry, ErrorKind, PutOptions, Store, StoreOptions};
use tempfile::TempDir;

/// 2026-11-21T05:06:40.500Z
pub const NOW_MS: i64 = 1_795_237_600_500;

pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now_ms(&self) -> i64 {
        self.0.load(SeqCst)
    }
}

impl Hands {
    pub fn forward(&self, ms: i64) {
        self.0.fetch_add(ms, SeqCst);
    }
}

pub struct Home {
    pub store: Store,
    pub clock: Arc<Hands>,
    pub cells: Cells,
    _dir: TempDir,
}
impl Home {
    pub fn new() -> Home {
        Home::with_min_ttl(60)
    }

    pub fn with_min_ttl(min_ttl_seconds: u32) -> Home {
        Home::with(min_ttl_seconds, 1)
    }

    pub fn with(min_ttl_seconds: u32, slices: u32) -> Home {
        let dir = TempDir::new().unwrap();
        let cells = Cells::open(dir.path(), Options::default()).unwrap();
        let clock = Arc::new(Hands(AtomicI64::new(NOW_MS)));
        let options = StoreOptions {
            min_ttl_seconds,
            clock: clock.clone(),
            slices,
        };
        let store = Store::open(&cells, "default", options).unwrap();
        Home {
            store,
            clock,
            cells,
            _dir: dir,
        }
    }

    pub fn put(&self, key: &str, value: &str) {
        self.store
            .put(key, value.as_bytes(), &PutOptions::default())
            .unwrap();
    }

    pub fn entry(&self, key: &str) -> Option<Entry> {
        self.store.get(key, None).unwrap().0
    }

    pub fn text(&self, key: &str) -> Option<String> {
        self.entry(key)
            .map(|entry| String::from_utf8(entry.value).unwrap())
    }

    /// The value after an update, or the message of its error, which must be a TypeError and change
    /// nothing.
    pub fn updated(&self, before: &str, document: &str) -> Result<String, String> {
        self.put("k", before);
        match self.store.update("k", document) {
            Ok(_) => Ok(self.text("k").unwrap()),
            Err(e) => {
                assert_eq!(e.kind(), ErrorKind::Type, "{e}");
                assert_eq!(
                    self.text("k").as_deref(),
                    Some(before),
                    "{document} failed and changed the value"
                );
                Err(e.to_string())
            }
        }
    }
}
