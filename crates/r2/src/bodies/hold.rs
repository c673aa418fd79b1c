//! Holding back the removal of bodies, in all buckets at once, while somebody goes by what the indexes said
//! at one moment.
//!
//! Whether a body may go is found out within [`Holds::unless_held`]. So what is found due was due before
//! any hold that is taken later: its row had durably gone, and a moment after the hold does not show it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;

/// How many hold removals back. Clones are of the same.
#[derive(Clone, Default)]
pub(crate) struct Holds(Arc<Inner>);

#[derive(Default)]
struct Inner {
    count: Mutex<usize>,
    last: AtomicU64,
}

/// Removals are held back until this is dropped. Nothing of it outlives the process: what was held back is
/// swept by the next one.
pub(crate) struct Hold(Holds);

impl Holds {
    pub(crate) fn hold(&self) -> Hold {
        *self.0.count.lock() += 1;
        Hold(self.clone())
    }

    /// Does `f` unless somebody holds; nobody begins to meanwhile.
    pub(super) fn unless_held<T>(&self, f: impl FnOnce() -> T) -> Option<T> {
        let count = self.0.count.lock();
        (*count == 0).then(f)
    }

    /// A number that nobody else gets.
    pub(super) fn number(&self) -> u64 {
        self.0.last.fetch_add(1, Relaxed)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        *self.0.0.count.lock() -= 1;
    }
}
