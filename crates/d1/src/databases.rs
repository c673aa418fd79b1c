//! The databases of a data directory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_cell::{CellName, Cells, Clock, RealClock};
use parking_lot::Mutex;

use crate::Error;
use crate::database::{Database, Inner};
use crate::limits::{BUDGET, QUERY_TIME, SETUP};
use crate::pool::Pool;

/// How databases behave.
#[derive(Clone)]
pub struct DatabasesOptions {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long the queries of one call may take.
    pub query_time: Duration,
    /// How long they may keep the thread of their caller; zero never does.
    pub budget: Duration,
    /// Threads for queries that take longer: so many that read, and so many that write.
    pub threads: usize,
}

impl Default for DatabasesOptions {
    /// 30 s and 1 ms; 16 threads.
    fn default() -> DatabasesOptions {
        DatabasesOptions {
            clock: Arc::new(RealClock::default()),
            query_time: QUERY_TIME,
            budget: BUDGET,
            threads: 16,
        }
    }
}

/// The databases of a data directory. Cheap to clone; clones share the threads and what is open.
#[derive(Clone)]
pub struct Databases {
    cells: Cells,
    shared: Arc<Shared>,
    open: Arc<Mutex<HashMap<String, Database>>>,
}

/// What all databases use.
pub(crate) struct Shared {
    pub(crate) options: DatabasesOptions,
    /// For queries that read, which may all be long.
    pub(crate) readers: Pool,
    /// For those that write, at most one of each database.
    pub(crate) writers: Pool,
}

impl Databases {
    /// Those of this directory.
    pub fn new(cells: &Cells, options: DatabasesOptions) -> Databases {
        let pool = || Pool::new(options.threads.max(1));
        let (readers, writers) = (pool(), pool());
        Databases {
            cells: cells.clone(),
            shared: Arc::new(Shared {
                options,
                readers,
                writers,
            }),
            open: Arc::default(),
        }
    }

    /// The database of that name; an empty one if there is none, which stays out of the store until
    /// somebody writes to it.
    pub fn open(&self, name: &str) -> Result<Database, Error> {
        let mut open = self.open.lock();
        if let Some(database) = open.get(name) {
            return Ok(database.clone());
        }
        let cell = CellName::new("d1", name)?;
        let cell = self.cells.cell_with_history(&cell, &[], SETUP)?;
        let database = Database::new(Inner::new(name, cell, self.shared.clone()));
        database.measure()?;
        open.insert(name.to_owned(), database.clone());
        Ok(database)
    }
}
