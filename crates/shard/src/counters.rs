//! What a shard counts, for tests and metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) commits: AtomicU64,
    pub(crate) groups: AtomicU64,
    pub(crate) log_bytes: AtomicU64,
    pub(crate) syncs: AtomicU64,
    pub(crate) segments: AtomicU64,
}

/// Counters of one open shard since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Commits handed to the engine.
    pub commits: u64,
    /// Groups of commits: each is one batch of the engine and one record of the log.
    pub groups: u64,
    /// Bytes written to the local log, with all that surrounds the pages. 0 without a local log.
    pub log_bytes: u64,
    /// Syncs of the local log. 0 without a local log.
    pub syncs: u64,
    /// Files of the local log that were made or taken up again.
    pub segments: u64,
    /// The number of the last durable commit.
    pub durable: u64,
}

impl Counters {
    pub(crate) fn stats(&self, durable: u64) -> Stats {
        Stats {
            commits: self.commits.load(Relaxed),
            groups: self.groups.load(Relaxed),
            log_bytes: self.log_bytes.load(Relaxed),
            syncs: self.syncs.load(Relaxed),
            segments: self.segments.load(Relaxed),
            durable,
        }
    }
}
