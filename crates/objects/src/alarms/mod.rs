//! All alarms of a store: which object's is due next, and running them when it is time.
//!
//! The index in the shard is the truth. Of it, only the earliest few are in memory (`window.rs`), so
//! that a hundred thousand that wait cost nothing.

mod run;
mod window;

use std::sync::Arc;

use cellhouse_cell::{Cells, Clock};
use parking_lot::Mutex;
pub use run::NotRun;
use tokio::sync::Notify;
use window::Window;

use crate::alarm::millis;
use crate::{Address, Error, ObjectsOptions};

/// An object whose alarm may be due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The object.
    pub address: Address,
    /// Whether it is to run before its time.
    pub early: bool,
    /// When it is due as the index has it, in milliseconds since 1970. Meaningless with `early`.
    pub time: i64,
}

/// The alarms of a store. Cheap to clone.
#[derive(Clone)]
pub struct Alarms {
    inner: Arc<Inner>,
}

struct Inner {
    cells: Cells,
    clock: Arc<dyn Clock>,
    window: Mutex<Window>,
    /// The earliest alarm may be another one.
    changed: Notify,
}

impl Alarms {
    pub(crate) fn new(cells: Cells, options: &ObjectsOptions) -> Alarms {
        Alarms {
            inner: Arc::new(Inner {
                cells,
                clock: options.clock.clone(),
                window: Mutex::new(Window::new(options.alarms_in_memory)),
                changed: Notify::new(),
            }),
        }
    }

    /// A commit has changed when the alarm of an object is due.
    pub(crate) fn changed(&self, address: &Address, old: Option<i64>, new: Option<i64>) {
        let mut window = self.inner.window.lock();
        let earliest = window.next();
        if let Some(old) = old {
            window.remove(old, address);
        }
        if let Some(new) = new {
            window.insert(new, address);
        }
        let earlier = window.next() != earliest;
        drop(window);
        if earlier {
            self.inner.changed.notify_one();
        }
    }

    /// Runs the alarm of an object as soon as possible, whatever it is set for. Nothing happens when
    /// it has none.
    pub fn fire_now(&self, address: Address) {
        self.inner.window.lock().fire(address);
        self.inner.changed.notify_one();
    }

    /// How many alarms are in memory.
    pub fn in_memory(&self) -> usize {
        self.inner.window.lock().len()
    }

    fn now(&self) -> i64 {
        millis(self.inner.clock.now())
    }

    /// Alarms that may run now, at most `limit`; and when the next one may.
    fn take(&self, limit: usize) -> Result<(Vec<Due>, Option<i64>), Error> {
        let now = self.now();
        let mut window = self.inner.window.lock();
        window.follow(&self.inner.cells.shard()?);
        let mut due = Vec::new();
        while due.len() < limit {
            window.fill()?;
            match window.take(now) {
                Some(next) => due.push(next),
                None => break,
            }
        }
        Ok((due, window.next()))
    }
}
