//! Memory: which cells leave it when all of them together take too much.
//!
//! The cells in memory stand in a ring. Whoever finds that too much is taken goes round it: a cell
//! that was used since the last time is passed over once, one that was not loses its connection, and
//! the next time its pages. That is nearly "least recently used", and using a cell costs no more
//! than setting a flag.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use parking_lot::Mutex;

use crate::slot::{Shrunk, Slot};

/// Times that each cell may be looked at before the search is given up: once because it was used,
/// once for its connection, once for its pages.
const ROUNDS: usize = 3;

pub(crate) struct Room {
    limit: usize,
    used: AtomicUsize,
    ring: Mutex<VecDeque<Arc<Slot>>>,
    /// Held by the one that goes round.
    going_round: Mutex<()>,
}

impl Room {
    pub(crate) fn new(limit: usize) -> Room {
        Room {
            limit,
            used: AtomicUsize::new(0),
            ring: Mutex::default(),
            going_round: Mutex::default(),
        }
    }

    /// Bytes that the cells in memory take.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// Cells in memory.
    pub(crate) fn cells(&self) -> usize {
        self.ring.lock().len()
    }

    /// A cell has come into memory.
    pub(crate) fn enter(&self, slot: &Arc<Slot>) {
        self.ring.lock().push_back(slot.clone());
    }

    /// A cell takes this much now.
    pub(crate) fn account(&self, slot: &Slot, bytes: usize) {
        let before = slot.bytes.swap(bytes, Relaxed);
        if bytes != before {
            // Wraps round to the right sum when it became less.
            self.used.fetch_add(bytes.wrapping_sub(before), Relaxed);
        }
    }

    /// Frees memory until the limit holds or nothing more can go. `gone` is told of each cell of
    /// which nothing is left in memory.
    pub(crate) fn make(&self, gone: impl Fn(Arc<Slot>)) {
        if self.used() <= self.limit {
            return;
        }
        let Some(_only_one) = self.going_round.try_lock() else {
            return;
        };
        let looks = self.cells() * ROUNDS;
        for _ in 0..looks {
            if self.used() <= self.limit {
                return;
            }
            let Some(slot) = self.ring.lock().pop_front() else {
                return;
            };
            if slot.used.swap(false, Relaxed) {
                self.enter(&slot);
                continue;
            }
            match slot.shrink() {
                Shrunk::Gone => {
                    self.account(&slot, 0);
                    gone(slot);
                }
                Shrunk::Pages(bytes) => {
                    self.account(&slot, bytes);
                    self.enter(&slot);
                }
                Shrunk::Busy => self.enter(&slot),
            }
        }
    }

    pub(crate) fn clear(&self) {
        self.ring.lock().clear();
        self.used.store(0, Relaxed);
    }
}
