//! Ploy's timers: one cell for each store of them, a row for each timer.

mod run;
mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use cellhouse_cell::{Cell, CellName, Cells, Clock, Ticket};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::options::now;
use crate::{Error, SchedulesOptions};
pub use run::NotRun;
pub use store::{MAX_PAYLOAD_BYTES, TimerStore};

/// A timer as it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Its id, one of its store.
    pub id: String,
    /// When it is due, in milliseconds since 1970; of one that repeats, when it is due next.
    pub scheduled: i64,
    /// JSON text.
    pub payload: Option<String>,
    /// Milliseconds between two times, if it repeats.
    pub interval: Option<i64>,
}

/// A timer that is to run.
#[derive(Debug, Clone)]
pub struct Due {
    /// The app whose handler it is for.
    pub app: String,
    /// The timer.
    pub timer: Timer,
    store: String,
    /// Tells settings of one id apart.
    seq: i64,
    failures: u32,
    /// Nobody may see the timer before.
    ticket: Ticket,
}

/// All timers of a data directory. Cheap to clone; one for each directory.
#[derive(Clone)]
pub struct Timers {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    cells: Cells,
    pub(crate) clock: Arc<dyn Clock>,
    open: Mutex<HashMap<String, Cell>>,
    /// The app whose handler the timers of a store are for.
    handlers: Mutex<BTreeMap<String, String>>,
    /// What runs of each store.
    running: Mutex<HashMap<String, BTreeSet<i64>>>,
    pub(crate) changed: Notify,
}

impl Timers {
    /// The timers of this directory.
    pub fn new(cells: &Cells, options: SchedulesOptions) -> Timers {
        Timers {
            inner: Arc::new(Inner {
                cells: cells.clone(),
                clock: options.clock,
                open: Mutex::default(),
                handlers: Mutex::default(),
                running: Mutex::default(),
                changed: Notify::new(),
            }),
        }
    }

    /// The timers of that name; none if there are none.
    pub fn store(&self, name: &str) -> Result<TimerStore, Error> {
        let cell = self.inner.cell(name)?;
        Ok(TimerStore::new(cell, self.inner.clone()))
    }

    /// The timers of these stores are for this app, and of the others that were for it for nobody. The
    /// first app that wants a store keeps it.
    pub fn set_handlers(&self, app: &str, stores: &[String]) {
        let mut handlers = self.inner.handlers.lock();
        handlers.retain(|_, handler| handler != app);
        for store in stores {
            handlers
                .entry(store.clone())
                .or_insert_with(|| app.to_owned());
        }
        drop(handlers);
        self.inner.changed.notify_one();
    }
}

impl Inner {
    pub(crate) fn now(&self) -> i64 {
        now(&*self.clock)
    }

    fn cell(&self, name: &str) -> Result<Cell, Error> {
        if let Some(cell) = self.open.lock().get(name) {
            return Ok(cell.clone());
        }
        let cell = self
            .cells
            .cell(&CellName::new("timers", name)?, store::SCHEMA)?;
        self.open.lock().insert(name.to_owned(), cell.clone());
        Ok(cell)
    }
}
