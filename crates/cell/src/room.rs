//! Memory: which cells leave it when all of them together take too much.
//!
//! Each use of a cell takes the next number of a counter. Whoever finds that too much is taken puts
//! the cells in order of their last use and frees an eighth: first the connections of those not used
//! for longest, which take most and come back in tens of microseconds, then their pages. Sorting is
//! paid for by that eighth, and using a cell costs no more than the counter.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use parking_lot::Mutex;

use crate::slot::Slot;

pub(crate) struct Room {
    limit: usize,
    used: AtomicUsize,
    uses: AtomicU64,
    cells: Mutex<Vec<Arc<Slot>>>,
    /// Held by the one that frees memory.
    freeing: Mutex<()>,
}

impl Room {
    pub(crate) fn new(limit: usize) -> Room {
        Room {
            limit,
            used: AtomicUsize::new(0),
            uses: AtomicU64::new(0),
            cells: Mutex::default(),
            freeing: Mutex::default(),
        }
    }

    /// Bytes that the cells in memory take.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// Cells in memory.
    pub(crate) fn cells(&self) -> usize {
        self.cells.lock().len()
    }

    /// A cell has come into memory.
    pub(crate) fn enter(&self, slot: &Arc<Slot>) {
        let mut cells = self.cells.lock();
        // It may have left memory a moment ago, and still be on the list.
        if !slot.listed.swap(true, Relaxed) {
            cells.push(slot.clone());
        }
    }

    /// A cell was used and takes this much now.
    pub(crate) fn account(&self, slot: &Slot, bytes: usize) {
        slot.last_use
            .store(self.uses.fetch_add(1, Relaxed), Relaxed);
        self.resize(slot, bytes);
    }

    /// A cell was read and takes this much more, or less, wrapped round.
    pub(crate) fn add(&self, slot: &Slot, more: usize) {
        slot.last_use
            .store(self.uses.fetch_add(1, Relaxed), Relaxed);
        if more != 0 {
            slot.bytes.fetch_add(more, Relaxed);
            self.used.fetch_add(more, Relaxed);
        }
    }

    fn resize(&self, slot: &Slot, bytes: usize) {
        let before = slot.bytes.swap(bytes, Relaxed);
        if bytes != before {
            // Wraps round to the right sum when it became less.
            self.used.fetch_add(bytes.wrapping_sub(before), Relaxed);
        }
    }

    /// Frees memory if the limit does not hold. `gone` is told of each cell of which nothing is left
    /// in memory.
    pub(crate) fn make(&self, gone: impl Fn(Arc<Slot>)) {
        if self.used() <= self.limit {
            return;
        }
        let Some(_only_one) = self.freeing.try_lock() else {
            return;
        };
        let mut cells = self.cells.lock().clone();
        cells.sort_by_cached_key(|slot| slot.last_use.load(Relaxed));
        let any_gone = self.shrink(&cells);
        drop(cells);
        if any_gone {
            self.let_go(gone);
        }
    }

    /// Whether any cell has left memory.
    fn shrink(&self, cells: &[Arc<Slot>]) -> bool {
        let (half, most) = (cells.len().div_ceil(2), cells.len() - cells.len() / 4);
        // First the connections of all but the newest quarter, then the pages of the older half;
        // then the rest, from the older to the newer.
        let order = [
            (&cells[..most], false),
            (&cells[..half], true),
            (cells, true),
        ];
        let mut any_gone = false;
        for (cells, pages_too) in order {
            for slot in cells {
                if self.used() <= self.limit - self.limit / 8 {
                    return any_gone;
                }
                if let Some(left) = slot.shrink(pages_too) {
                    self.resize(slot, left);
                    any_gone |= left == 0;
                }
            }
        }
        any_gone
    }

    /// Takes the cells off the list that have left memory, and were not brought back since.
    fn let_go(&self, gone: impl Fn(Arc<Slot>)) {
        let mut cells = self.cells.lock();
        let out: Vec<_> = cells.extract_if(.., |slot| slot.is_gone()).collect();
        for slot in &out {
            slot.listed.store(false, Relaxed);
        }
        drop(cells);
        out.into_iter().for_each(gone);
    }

    pub(crate) fn clear(&self) {
        self.cells.lock().clear();
        self.used.store(0, Relaxed);
    }
}
