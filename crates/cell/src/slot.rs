//! What there is of one cell in this process: its pages while they are in memory, the SQLite
//! connection while it is open, and what its handles share when neither is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

use cellhouse_shard::CellKey;
use parking_lot::{Condvar, Mutex, MutexGuard};
use rusqlite::InterruptHandle;

use crate::cells::Current;
use crate::image::{Image, Latest, Source};
use crate::open::Open;
use crate::readers::Readers;
use crate::{CellName, Error, Options, Setup, schema};

/// What a slot and its entry in the table of cells take, about.
const SLOT_BYTES: usize = 512;

pub(crate) struct Slot {
    pub(crate) name: CellName,
    pub(crate) key: CellKey,
    schema: &'static [&'static str],
    pub(crate) setup: Option<Setup>,
    /// Whether it keeps what its commits change.
    history: bool,
    pub(crate) latest: Arc<Latest>,
    pub(crate) readers: Readers,
    state: Mutex<State>,
    /// A session has let go of its turn.
    free: Condvar,
    /// Stops what runs on the connection that was opened last.
    interrupt: Mutex<Option<InterruptHandle>>,
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
    /// The turn of the session that keeps the cell between its calls.
    holder: Option<u64>,
    /// Turns that sessions have kept so far.
    turns: u64,
}

impl Slot {
    pub(crate) fn new(
        name: &CellName,
        schema: &'static [&'static str],
        setup: Option<Setup>,
        history: bool,
        current: &Current,
    ) -> Arc<Slot> {
        Arc::new(Slot {
            name: name.clone(),
            key: name.key(),
            schema,
            setup,
            history,
            latest: Arc::new(Latest::new(current.origin.clone())),
            readers: Readers::default(),
            state: Mutex::default(),
            free: Condvar::new(),
            interrupt: Mutex::default(),
            last_use: AtomicU64::new(0),
            listed: AtomicBool::new(false),
            bytes: AtomicUsize::new(0),
        })
    }

    /// Waits for whoever uses the cell, and for a session that keeps it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        while state.holder.is_some() {
            self.free.wait(&mut state);
        }
        state
    }

    /// For the session that keeps the cell with this turn; `None` when that was taken from it.
    pub(crate) fn lock_kept(&self, turn: u64) -> Option<MutexGuard<'_, State>> {
        let state = self.state.lock();
        (state.holder == Some(turn)).then_some(state)
    }

    /// The session that kept the cell does so no longer.
    pub(crate) fn let_go(&self, state: &mut State) {
        state.holder = None;
        // All of them: those who do not keep the cell tell nobody when they are done.
        self.free.notify_all();
    }

    /// Nobody uses the cell, no session keeps it, and it is locked now.
    fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        let state = self.state.try_lock()?;
        state.holder.is_none().then_some(state)
    }

    /// Stops the SQL that runs on the cell now, if any does. From any thread; waits for nobody.
    pub(crate) fn interrupt(&self) {
        if let Some(handle) = &*self.interrupt.lock() {
            handle.interrupt();
        }
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
        if !open.is_connected() {
            self.connect(open, options)?;
        }
        open.end_transaction().map_err(Error::sqlite(&self.name))?;
        open.image.lock().drop_left_overs();
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
        let mut image = Image::load(source, path, options, self.latest.clone())?;
        if self.history && !options.history.is_zero() {
            image.keep_history(options);
        }
        let mut open = Open::new(image, current.clone());
        let migrated = self.migrate(&mut open, options);
        // What was refused says more than what SQLite made of it.
        let refusal = open.image.lock().take_refusal();
        migrated.map_err(|error| refusal.unwrap_or(error))?;
        Ok(open)
    }

    /// A new cell stays out of the store until somebody writes to it.
    pub(crate) fn migrate(&self, open: &mut Open, options: &Options) -> Result<(), Error> {
        let new = open.image.lock().is_new();
        open.image.lock().set_drafting(new);
        self.connect(open, options)?;
        schema::migrate(open.connection(), &self.name, self.schema)?;
        open.image.lock().set_drafting(false);
        Ok(())
    }

    pub(crate) fn connect(&self, open: &mut Open, options: &Options) -> Result<(), Error> {
        let connected = open.connect(options, self.setup);
        connected.map_err(Error::sqlite(&self.name))?;
        *self.interrupt.lock() = Some(open.connection().get_interrupt_handle());
        Ok(())
    }

    /// Frees the memory of the cell's connection, and with `pages_too` that of its pages if its last
    /// commit is durable: the bytes that are left, or `None` if somebody uses the cell.
    pub(crate) fn shrink(&self, pages_too: bool) -> Option<usize> {
        let mut state = self.try_lock()?;
        let Some(open) = &mut state.open else {
            return Some(0);
        };
        if open.has_queries() {
            return Some(state.memory() + self.readers.bytes());
        }
        open.disconnect();
        // Whoever reads now, reads the pages that are in memory.
        let unread = self.readers.clear();
        if pages_too && unread && self.latest.ticket().is_durable() {
            open.image.lock().close();
            state.open = None;
            return Some(0);
        }
        Some(state.memory() + self.readers.bytes())
    }

    /// Whether nothing of it is in memory and nobody is about to bring it back.
    pub(crate) fn is_gone(&self) -> bool {
        let state = self.try_lock();
        state.is_some_and(|state| state.open.is_none())
    }

    /// Closes the cell for good. Waits for whoever uses it; a session that keeps it loses its turn,
    /// and what it has not committed.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.holder = None;
        self.free.notify_all();
        if let Some(open) = &mut state.open {
            open.disconnect();
            if self.latest.ticket().is_durable() {
                open.image.lock().close();
            }
        }
        state.open = None;
        drop(state);
        self.readers.clear();
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

    /// Lets go of what is in memory, whatever it is.
    pub(crate) fn forget(&mut self) {
        self.open = None;
    }

    /// A session keeps the cell until [`Slot::let_go`]: the turn to come back with.
    pub(crate) fn keep(&mut self) -> u64 {
        self.turns += 1;
        self.holder = Some(self.turns);
        self.turns
    }

    /// The memory that the cell takes, about. What SQLite takes is measured now and then only.
    pub(crate) fn memory(&mut self) -> usize {
        self.operations = self.operations.wrapping_add(1);
        let measure = self.operations.is_power_of_two() || self.operations.is_multiple_of(256);
        let Some(open) = &mut self.open else {
            return SLOT_BYTES;
        };
        SLOT_BYTES + open.memory(measure)
    }
}
