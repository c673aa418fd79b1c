//! What there is of one cell in this process: its pages while they are in memory, the SQLite
//! connection while it is open, and what its handles share when neither is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

use cellhouse_shard::CellKey;
use parking_lot::{Mutex, MutexGuard};
use rusqlite::Connection;

use crate::cells::Current;
use crate::image::{Image, Latest, Source};
use crate::vfs::Database;
use crate::{CellName, Error, Options, schema, vfs};

/// Prepared statements kept per connection: more than the stores of this project use.
const STATEMENTS: usize = 64;

/// What a slot and its entry in the table of cells take, about.
const SLOT_BYTES: usize = 512;

/// What a connection takes before it was measured, about: see `examples/memory.rs`.
const CONNECTION_BYTES: usize = 16 << 10;

pub(crate) struct Slot {
    pub(crate) name: CellName,
    pub(crate) key: CellKey,
    schema: &'static [&'static str],
    pub(crate) latest: Arc<Latest>,
    state: Mutex<State>,
    /// When it was last used, on the counter of [`crate::room::Room`].
    pub(crate) last_use: AtomicU64,
    /// Whether it is on the list of cells in memory.
    pub(crate) listed: AtomicBool,
    /// The memory that is accounted for it.
    pub(crate) bytes: AtomicUsize,
}

/// Held by whoever uses the cell.
#[derive(Default)]
pub(crate) struct State {
    open: Option<Open>,
    operations: u32,
}

/// A cell in memory.
pub(crate) struct Open {
    /// Before the image, which it uses.
    connection: Option<Database>,
    connection_bytes: usize,
    pub(crate) image: Arc<Mutex<Image>>,
    current: Arc<Current>,
}

impl Slot {
    pub(crate) fn new(
        name: CellName,
        key: CellKey,
        schema: &'static [&'static str],
        current: &Current,
    ) -> Arc<Slot> {
        Arc::new(Slot {
            name,
            key,
            schema,
            latest: Arc::new(Latest::new(current.origin.clone())),
            state: Mutex::default(),
            last_use: AtomicU64::new(0),
            listed: AtomicBool::new(false),
            bytes: AtomicUsize::new(0),
        })
    }

    /// Waits for whoever uses the cell.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Makes the cell ready for use on `current`: loads what is not in memory, and loads it again if
    /// it shows what may be lost. Whether it was loaded.
    pub(crate) fn make_ready(
        &self,
        state: &mut State,
        current: &Arc<Current>,
        options: &Options,
        images: &std::path::Path,
    ) -> Result<bool, Error> {
        if let Some(open) = &mut state.open
            && !Arc::ptr_eq(&open.current, current)
            && !self.follow(open, current)?
        {
            state.open = None;
        }
        let load = state.open.is_none();
        if load {
            state.open = Some(self.load(current, options, images)?);
        }
        let open = state
            .open
            .as_mut()
            .expect("it was loaded if it was not there");
        open.image.lock().take_refusal();
        if open.connection.is_none() {
            open.connect(options).map_err(Error::sqlite(&self.name))?;
        }
        open.end_transaction().map_err(Error::sqlite(&self.name))?;
        Ok(load)
    }

    /// After the store was opened again: whether what is in memory is what the store has.
    fn follow(&self, open: &mut Open, current: &Arc<Current>) -> Result<bool, Error> {
        let durable = self.latest.ticket().is_durable();
        let same = durable && open.image.lock().rebind(&current.shard)?;
        if same {
            open.current = current.clone();
        }
        self.latest.set(current.origin.clone());
        Ok(same)
    }

    fn load(
        &self,
        current: &Arc<Current>,
        options: &Options,
        images: &std::path::Path,
    ) -> Result<Open, Error> {
        let source = Source {
            shard: current.shard.clone(),
            key: self.key,
            full_name: self.name.to_string().into(),
            name: self.name.clone(),
        };
        let path = images.join(self.name.path());
        let image = Image::load(source, path, options, self.latest.clone())?;
        let mut open = Open {
            connection: None,
            connection_bytes: 0,
            image: Arc::new(Mutex::new(image)),
            current: current.clone(),
        };
        let migrated = self.migrate(&mut open, options);
        // What was refused says more than what SQLite made of it.
        let refusal = open.image.lock().take_refusal();
        migrated.map_err(|error| refusal.unwrap_or(error))?;
        Ok(open)
    }

    /// A new cell stays out of the store until somebody writes to it.
    fn migrate(&self, open: &mut Open, options: &Options) -> Result<(), Error> {
        let new = open.image.lock().is_new();
        open.image.lock().set_drafting(new);
        open.connect(options).map_err(Error::sqlite(&self.name))?;
        let connection = open.connection.as_mut().expect("it was just connected");
        schema::migrate(connection, &self.name, self.schema)?;
        open.image.lock().set_drafting(false);
        Ok(())
    }

    /// Frees the memory of the cell's connection, and with `pages_too` that of its pages if its last
    /// commit is durable: the bytes that are left, or `None` if somebody uses the cell.
    pub(crate) fn shrink(&self, pages_too: bool) -> Option<usize> {
        let mut state = self.state.try_lock()?;
        let Some(open) = &mut state.open else {
            return Some(0);
        };
        open.connection = None;
        if pages_too && self.latest.ticket().is_durable() {
            open.image.lock().close();
            state.open = None;
            return Some(0);
        }
        Some(state.memory())
    }

    /// Whether nothing of it is in memory and nobody is about to bring it back.
    pub(crate) fn is_gone(&self) -> bool {
        let state = self.state.try_lock();
        state.is_some_and(|state| state.open.is_none())
    }

    /// Closes the cell for good. Waits for whoever uses it.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        if let Some(open) = &mut state.open {
            open.connection = None;
            if self.latest.ticket().is_durable() {
                open.image.lock().close();
            }
        }
        state.open = None;
    }
}

impl State {
    /// The cell, which [`Slot::make_ready`] has made ready.
    pub(crate) fn open(&mut self) -> &mut Open {
        self.open.as_mut().expect("the cell was made ready")
    }

    /// The cell, if it is in memory.
    pub(crate) fn resident(&mut self) -> Option<&mut Open> {
        self.open.as_mut()
    }

    /// The memory that the cell takes, about. What SQLite takes is measured now and then only.
    pub(crate) fn memory(&mut self) -> usize {
        self.operations = self.operations.wrapping_add(1);
        let measure = self.operations.is_power_of_two() || self.operations.is_multiple_of(256);
        let Some(open) = &mut self.open else {
            return SLOT_BYTES;
        };
        let connection = match &open.connection {
            Some(connection) if measure => {
                open.connection_bytes = vfs::memory(connection) + CONNECTION_BYTES / 2;
                open.connection_bytes
            }
            Some(_) => open.connection_bytes,
            None => 0,
        };
        SLOT_BYTES + connection + open.image.lock().memory()
    }
}

impl Open {
    fn connect(&mut self, options: &Options) -> rusqlite::Result<()> {
        let connection = vfs::open(&self.current.layer, self.image.clone(), options.cache_bytes)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        self.connection_bytes = CONNECTION_BYTES;
        self.connection = Some(connection);
        Ok(())
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .expect("a cell that is ready is connected")
    }

    /// Ends a transaction that could not be rolled back when its closure failed.
    fn end_transaction(&mut self) -> rusqlite::Result<()> {
        match self.connection() {
            connection if connection.is_autocommit() => Ok(()),
            connection => connection.execute_batch("ROLLBACK"),
        }
    }

    /// Why SQLite was told that something failed, if it was in this use of the cell.
    pub(crate) fn take_refusal(&self) -> Option<Error> {
        self.image.lock().take_refusal()
    }
}
