//! A data directory full of cells: opening them, each once, and closing all of them in good order.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::directory::{self, Lock};
use crate::shared::{Shared, Workers};
use crate::worker::Worker;
use crate::{Cell, CellName, Error, Options, file};

/// A data directory, held by this process alone. Cheap to clone.
///
/// [`Cells::close`] ends it with an error if something could not be saved. Dropping the last handle
/// and the last of its cells does the same and only logs; both block until the disk has everything.
#[derive(Clone)]
pub struct Cells {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    root: PathBuf,
    options: Options,
    open: Mutex<Open>,
    flusher: Worker,
    checkpointer: Worker,
}

/// The lock goes with the last cell.
struct Open {
    cells: HashMap<CellName, Arc<Shared>>,
    lock: Option<Lock>,
}

impl Cells {
    /// Takes the directory `root` for this process; creates it if it is not there.
    pub fn open(root: &Path, options: Options) -> Result<Cells, Error> {
        directory::create(root)?;
        let root = root.canonicalize().map_err(Error::io("open", root))?;
        let lock = Lock::take(&root)?;
        let thread =
            |name, job| Worker::start(name, job).map_err(Error::io("start a thread for", &root));
        let flusher = thread("cell-flush", Shared::flush)?;
        let checkpointer = thread("cell-checkpoint", Shared::checkpoint)?;
        let open = Mutex::new(Open {
            cells: HashMap::new(),
            lock: Some(lock),
        });
        Ok(Cells {
            inner: Arc::new(Inner {
                root,
                options,
                open,
                flusher,
                checkpointer,
            }),
        })
    }

    /// The cell of that name, created if it is not there and brought to the newest version of
    /// `schema`.
    ///
    /// `schema[n]` is the SQL that makes version n + 1 out of version n; versions that were once
    /// released never change. A cell that is open already is the same cell. Everything seen in a
    /// newly opened cell is durable.
    pub fn cell(&self, name: &CellName, schema: &'static [&'static str]) -> Result<Cell, Error> {
        let inner = &self.inner;
        let mut open = inner.open.lock();
        if open.lock.is_none() {
            return Err(Error::Closed {
                path: inner.root.clone(),
            });
        }
        let shared = match open.cells.get(name) {
            Some(shared) => shared.clone(),
            None => {
                let shared = inner.open_cell(name, schema)?;
                open.cells.insert(name.clone(), shared.clone());
                shared
            }
        };
        Ok(Cell::new(shared, inner.clone()))
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// Waits until every commit is on disk, empties all logs into their databases, closes them, and
    /// lets go of the directory. Blocks. Handles that are still around get errors from then on.
    /// Returns the first error of any cell.
    pub fn close(&self) -> Result<(), Error> {
        self.inner.close()
    }
}

impl Inner {
    fn open_cell(&self, name: &CellName, schema: &[&str]) -> Result<Arc<Shared>, Error> {
        let path = self.root.join("cells").join(name.path());
        let opened = file::open(name, &path, schema, &self.options)?;
        let workers = Workers {
            flusher: self.flusher.queue(),
            checkpointer: self.checkpointer.queue(),
        };
        Shared::new(
            name.clone(),
            self.root.clone(),
            opened,
            self.options.clone(),
            workers,
        )
    }

    fn close(&self) -> Result<(), Error> {
        let mut open = self.open.lock();
        let results: Vec<_> = open.cells.drain().map(|(_, cell)| cell.close()).collect();
        self.flusher.stop();
        self.checkpointer.stop();
        open.lock = None;
        results.into_iter().collect()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(e) = self.close() {
            tracing::error!("closing {}: {e}", self.root.display());
        }
    }
}
