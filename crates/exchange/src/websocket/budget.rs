//! What many sockets may queue together. One slow reader is bounded by itself; a room with a thousand of them
//! would still take a thousand times that.
//!
//! Owns the sum alone; each queue decides by it, see [`Budget`].

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that a socket may queue whatever others do, so that slow readers do not silence the quick ones.
pub const ASSURED_BYTES: usize = 64 << 10;

/// A bound on what the apps' ends that were made with it queue together
/// ([`WebSocketEnd::pair_within`](super::WebSocketEnd::pair_within)). Once it is used up, a socket that has more
/// than [`ASSURED_BYTES`] waiting takes no further message ([`SendError::Overflow`](super::SendError::Overflow)).
/// Clones are the same budget.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    used: AtomicUsize,
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(limit: usize) -> Self {
        Budget(Arc::new(Inner {
            limit,
            used: AtomicUsize::new(0),
        }))
    }

    /// The bytes that wait now.
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// Whether `bytes` more fit.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.used().saturating_add(bytes) <= self.0.limit
    }

    pub(super) fn take(&self, bytes: usize) {
        self.0.used.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn give_back(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Default for Budget {
    /// 256 MiB, twice what Cloudflare gives to all that an isolate has in memory.
    fn default() -> Self {
        Budget::new(256 << 20)
    }
}
