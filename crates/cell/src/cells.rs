//! A data directory full of cells: its store, which cells are open, and what happens when the store
//! fails.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cellhouse_shard::{CellKey, Shard, ShardOptions, Store, Ticket};
use parking_lot::{Mutex, RwLock};

use crate::room::Room;
use crate::slot::{Slot, State};
use crate::vfs::{Layer, Sources};
use crate::{Cell, CellName, Error, Options, Setup, directory, restore};

/// A data directory, held by this process alone. Cheap to clone.
///
/// [`Cells::close`] ends it with an error if something could not be saved. Dropping the last handle
/// and the last of its cells does the same and only logs; both block until the disk has everything.
///
/// When the store fails (a sync that fails, a full disk), the tickets of what is not durable fail.
/// The next use of any cell opens the store again: cells whose last commit was durable go on, the
/// others go back to what is durable. As long as the store cannot be opened every use fails.
#[derive(Clone)]
pub struct Cells {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    root: PathBuf,
    images: PathBuf,
    pub(crate) options: Options,
    shard_options: ShardOptions,
    /// `None` once it is closed: the store's folder is free when the last handle on it goes.
    current: RwLock<Option<Arc<Current>>>,
    recovering: Mutex<()>,
    table: Mutex<Table>,
    room: Room,
}

/// One opening of the store.
pub(crate) struct Current {
    pub(crate) shard: Shard,
    /// Stands for everything that was there when it was opened, which is durable.
    pub(crate) origin: Ticket,
    /// What SQLite runs on.
    pub(crate) layer: Arc<Layer>,
}

/// The cells that have handles or are in memory, and some that had.
struct Table {
    slots: HashMap<CellKey, Arc<Slot>>,
    /// How many there may be before it is worth looking for those that nobody has.
    tidy_at: usize,
}

/// A table with fewer cells is not worth tidying.
const TIDY_AT: usize = 4096;

/// How much of its memory a data directory uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// Cells in memory.
    pub cells: usize,
    /// Bytes that they take, about.
    pub bytes: usize,
}

impl Current {
    fn new(shard: Shard, layer: Arc<Layer>) -> Arc<Current> {
        let origin = shard.ticket();
        Arc::new(Current {
            shard,
            origin,
            layer,
        })
    }
}

impl Cells {
    /// Takes the directory `root` for this process; creates it if it is not there.
    pub fn open(root: &Path, options: Options) -> Result<Cells, Error> {
        directory::create(root)?;
        let root = root.canonicalize().map_err(Error::io("open", root))?;
        restore::refuse_half_restored(&root)?;
        let store = options.store.clone();
        let store = store.unwrap_or_else(|| Store::File(root.join("store")));
        let mut shard_options = ShardOptions::new(store);
        shard_options.disk = options.disk.clone();
        shard_options.clock = options.clock.clone();
        shard_options.entropy = options.entropy.clone();
        let layer = layer(&root, &options)?;
        let current = Current::new(Shard::open(shard_options.clone())?, layer);
        Ok(Cells {
            inner: Arc::new(Inner {
                images: root.join("images"),
                root,
                room: Room::new(options.memory_bytes),
                options,
                shard_options,
                current: RwLock::new(Some(current)),
                recovering: Mutex::default(),
                table: Mutex::new(Table {
                    slots: HashMap::new(),
                    tidy_at: TIDY_AT,
                }),
            }),
        })
    }

    /// The cell of that name, brought to the newest version of `schema`. One that is not there yet
    /// is made with the first write to it.
    ///
    /// `schema[n]` is the SQL that makes version n + 1 out of version n; versions that were once
    /// released never change. A cell that is open already is the same cell.
    pub fn cell(&self, name: &CellName, schema: &'static [&'static str]) -> Result<Cell, Error> {
        self.open_cell(name, schema, None, false)
    }

    /// As [`Cells::cell`], for a cell whose connections need preparing: `setup` runs on each one
    /// before anything else does, the schema included.
    pub fn cell_with(
        &self,
        name: &CellName,
        schema: &'static [&'static str],
        setup: Setup,
    ) -> Result<Cell, Error> {
        self.open_cell(name, schema, Some(setup), false)
    }

    /// As [`Cells::cell_with`], for a cell that can go back: it keeps what its commits change for
    /// as long as [`Options::history`](crate::Options::history) says.
    pub fn cell_with_history(
        &self,
        name: &CellName,
        schema: &'static [&'static str],
        setup: Setup,
    ) -> Result<Cell, Error> {
        self.open_cell(name, schema, Some(setup), true)
    }

    fn open_cell(
        &self,
        name: &CellName,
        schema: &'static [&'static str],
        setup: Option<Setup>,
        history: bool,
    ) -> Result<Cell, Error> {
        let current = self.inner.current()?;
        let slot = self
            .inner
            .slot(name, || Slot::new(name, schema, setup, history, &current));
        let mut state = slot.lock();
        self.inner.make_ready(&slot, &mut state)?;
        self.inner.done(&slot, state);
        Ok(Cell::new(slot, self.inner.clone()))
    }

    /// Removes a cell with all that is in it; one that is not there too. Handles that are around are
    /// of an empty cell from then on. Waits for whoever uses it. See
    /// [`Shard::delete_cell`](cellhouse_shard::Shard::delete_cell) for what a crash may leave.
    pub fn remove(&self, name: &CellName) -> Result<Ticket, Error> {
        let current = self.inner.current()?;
        let table = self.inner.table.lock();
        let Some(slot) = table.slots.get(&name.key()).cloned() else {
            // Nobody opens it meanwhile: that takes the table.
            return Ok(current.shard.delete_cell(name.key())?);
        };
        drop(table);
        let mut state = slot.lock();
        state.forget();
        let ticket = current.shard.delete_cell(slot.key)?;
        slot.latest.set(ticket.clone());
        self.inner.done(&slot, state);
        Ok(ticket)
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// The store below, as it is open now.
    pub fn shard(&self) -> Result<Shard, Error> {
        Ok(self.inner.current()?.shard.clone())
    }

    /// The memory that open cells take.
    pub fn memory(&self) -> Memory {
        Memory {
            cells: self.inner.room.cells(),
            bytes: self.inner.room.used(),
        }
    }

    /// Waits until every commit is durable, closes all cells, and lets go of the directory. Blocks.
    /// Handles that are still around get errors from then on.
    pub fn close(&self) -> Result<(), Error> {
        self.inner.close()
    }
}

impl Inner {
    fn slot(&self, name: &CellName, new: impl FnOnce() -> Arc<Slot>) -> Arc<Slot> {
        let key = name.key();
        let mut table = self.table.lock();
        if let Some(slot) = table.slots.get(&key) {
            return slot.clone();
        }
        table.tidy();
        let slot = new();
        table.slots.insert(key, slot.clone());
        slot
    }

    /// The cell with that key, if it has handles or is in memory.
    pub(crate) fn known(&self, key: CellKey) -> Option<Arc<Slot>> {
        self.table.lock().slots.get(&key).cloned()
    }

    /// The store, opened again if it failed.
    pub(crate) fn current(&self) -> Result<Arc<Current>, Error> {
        let current = self.opened()?;
        match current.shard.failure() {
            None => Ok(current),
            Some(error) => self.recover(&current, error.into()),
        }
    }

    fn opened(&self) -> Result<Arc<Current>, Error> {
        self.current.read().clone().ok_or_else(|| self.closed())
    }

    pub(crate) fn closed(&self) -> Error {
        Error::Closed {
            path: self.root.clone(),
        }
    }

    /// One thread tries; whoever comes meanwhile shares what it achieves.
    fn recover(&self, failed: &Arc<Current>, error: Error) -> Result<Arc<Current>, Error> {
        let (_only_one, waited) = match self.recovering.try_lock() {
            Some(guard) => (guard, false),
            None => (self.recovering.lock(), true),
        };
        let now = self.opened()?;
        if !Arc::ptr_eq(&now, failed) {
            return Ok(now);
        }
        if waited {
            return Err(error);
        }
        match self.open_again(&failed.shard) {
            Ok(shard) => {
                let current = Current::new(shard, failed.layer.clone());
                *self.current.write() = Some(current.clone());
                Ok(current)
            }
            Err(e) => {
                tracing::error!("{error}; opening it again: {e}");
                Err(error)
            }
        }
    }

    /// The first time without letting go of the store in between; if that failed, as any process
    /// would.
    fn open_again(&self, failed: &Shard) -> Result<Shard, cellhouse_shard::Error> {
        match (failed.reopen(), &self.shard_options.store) {
            (Err(cellhouse_shard::Error::Closed { .. }), store)
                if !matches!(store, Store::Memory) =>
            {
                Shard::open(self.shard_options.clone())
            }
            (opened, _) => opened,
        }
    }

    /// Makes a cell ready for use. Whoever calls it calls [`Inner::done`] afterwards.
    pub(crate) fn make_ready(&self, slot: &Arc<Slot>, state: &mut State) -> Result<(), Error> {
        let current = self.current()?;
        if slot.make_ready(state, &current, &self.options, &self.images)? {
            self.room.enter(slot);
        }
        Ok(())
    }

    /// The use of a cell ends. Others may have to leave memory for it.
    pub(crate) fn done(&self, slot: &Arc<Slot>, mut state: parking_lot::MutexGuard<'_, State>) {
        self.room
            .account(slot, state.memory() + slot.readers.bytes());
        drop(state);
        self.room.make(|gone| self.forget(&gone));
    }

    /// A reader of a cell is done, and takes this much more than before (or less, wrapped round).
    pub(crate) fn was_read(&self, slot: &Arc<Slot>, more: usize) {
        self.room.add(slot, more);
        self.room.make(|gone| self.forget(&gone));
    }

    pub(crate) fn flushes(&self) -> u64 {
        let current = self.current.read();
        current
            .as_ref()
            .map_or(0, |current| current.shard.stats().groups)
    }

    /// Lets go of a cell that nobody has a handle on.
    fn forget(&self, slot: &Arc<Slot>) {
        let mut table = self.table.lock();
        // The table and the caller. New handles come from the table only, which is locked.
        if Arc::strong_count(slot) == 2 {
            table.slots.remove(&slot.key);
        }
    }

    fn close(&self) -> Result<(), Error> {
        let _no_recovery = self.recovering.lock();
        let Some(current) = self.current.write().take() else {
            return Ok(());
        };
        let shard = &current.shard;
        let written = shard.ticket().wait();
        let slots = std::mem::take(&mut self.table.lock().slots);
        slots.values().for_each(|slot| slot.close());
        self.room.clear();
        let closed = shard.close();
        written.and(closed).map_err(Error::from)
    }
}

/// The file layer of the directory's cells.
fn layer(root: &Path, options: &Options) -> Result<Arc<Layer>, Error> {
    let layer = Layer::new(Sources {
        clock: options.clock.clone(),
        entropy: options.entropy.clone(),
    });
    let layer = layer.map_err(|e| Error::io("start SQLite for", root)(std::io::Error::other(e)))?;
    Ok(Arc::new(layer))
}

impl Table {
    fn tidy(&mut self) {
        if self.slots.len() < self.tidy_at {
            return;
        }
        self.slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        self.tidy_at = TIDY_AT.max(self.slots.len() * 2);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(e) = self.close() {
            tracing::error!("closing {}: {e}", self.root.display());
        }
    }
}
