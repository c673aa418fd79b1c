//! A session: using a cell in transactions that stay open between calls, as the code of a Durable
//! Object does that writes, waits, and writes again.
//!
//! While a transaction is open the session keeps the cell to itself: other users wait, and the cell
//! stays in memory. With none open it holds nothing.

use std::fmt;

use cellhouse_shard::{Extra, Ticket};
use parking_lot::MutexGuard;

use crate::open::{CommitFailed, Open, run};
use crate::slot::State;
use crate::{Cell, Error, Queries};

/// A user of one cell. For one thread at a time, which may be a different one for each call; that
/// thread must not use the cell by another handle while a transaction is open: it would wait for
/// ever.
///
/// Dropping it rolls back what is open and forgets what was attached.
pub struct Session {
    cell: Cell,
    /// While it keeps the cell.
    turn: Option<u64>,
    extra: Vec<Extra>,
}

impl Session {
    pub(crate) fn new(cell: Cell) -> Session {
        Session {
            cell,
            turn: None,
            extra: Vec::new(),
        }
    }

    /// The cell.
    pub fn cell(&self) -> &Cell {
        &self.cell
    }

    /// Whether a transaction is open. After an error that was grave enough for SQLite to roll back
    /// by itself (a full disk, an interrupt) none is.
    pub fn is_open(&self) -> bool {
        self.turn.is_some()
    }

    /// Runs `f` on the cell, in the open transaction if there is one. When `f` leaves one open, the
    /// session keeps the cell from then on.
    ///
    /// The ticket stands for all commits that `f` could see. A failure below SQLite is the error,
    /// and not what SQLite or `f` made of it.
    pub fn with<T, E: From<Error>>(
        &mut self,
        f: impl FnOnce(&mut Queries<'_>) -> Result<T, E>,
    ) -> Result<(T, Ticket), E> {
        self.use_cell(|open| f(&mut open.queries()))
    }

    /// Opens a transaction that may write, unless one is open.
    pub fn begin(&mut self) -> Result<(), Error> {
        if self.is_open() {
            return Ok(());
        }
        let slot = self.cell.slot.clone();
        let sqlite = Error::sqlite(&slot.name);
        let begun = self.with(|queries| run(queries, "BEGIN IMMEDIATE").map_err(sqlite));
        begun.map(drop)
    }

    /// Keys of the shard that become durable at the same moment as the next commit.
    pub fn attach(&mut self, extra: impl IntoIterator<Item = Extra>) {
        self.extra.extend(extra);
    }

    /// Commits what is open, with what was attached; the ticket says when it cannot be lost any
    /// more. With nothing open and nothing attached, it stands for what is committed already.
    ///
    /// After an error nothing of the transaction, and of what was attached, is there.
    pub fn commit(&mut self) -> Result<Ticket, Error> {
        let extra = std::mem::take(&mut self.extra);
        if !self.is_open() && extra.is_empty() {
            return Ok(self.cell.ticket());
        }
        let slot = self.cell.slot.clone();
        let sqlite = Error::sqlite(&slot.name);
        let commit = |open: &mut Open| match open.commit(extra) {
            Ok(()) => Ok(()),
            Err(CommitFailed::Sqlite(error)) => Err(sqlite(error)),
            Err(CommitFailed::Cell(error)) => Err(error),
        };
        self.use_cell(commit).map(|((), ticket)| ticket)
    }

    /// Undoes what is open, and forgets what was attached.
    pub fn rollback(&mut self) -> Result<(), Error> {
        self.extra.clear();
        if !self.is_open() {
            return Ok(());
        }
        let slot = self.cell.slot.clone();
        let sqlite = Error::sqlite(&slot.name);
        self.use_cell(|open| open.end_transaction().map_err(sqlite))
            .map(drop)
    }

    fn use_cell<T, E: From<Error>>(
        &mut self,
        f: impl FnOnce(&mut Open) -> Result<T, E>,
    ) -> Result<(T, Ticket), E> {
        let slot = self.cell.slot.clone();
        let mut state = match self.turn {
            Some(turn) => match slot.lock_kept(turn) {
                Some(state) => state,
                None => {
                    self.turn = None;
                    return Err(self.cell.cells.closed().into());
                }
            },
            None => {
                let mut state = slot.lock();
                self.cell.cells.make_ready(&slot, &mut state)?;
                state
            }
        };
        let result = match f(state.open()) {
            Err(error) => Err(state.open().take_refusal().map_or(error, E::from)),
            ok => ok,
        };
        // Of what is committed when `f` ends, since `f` may have committed.
        let ticket = slot.latest.ticket();
        self.settle(state);
        Ok((result?, ticket))
    }

    /// Keeps the cell or lets go of it, as a transaction is open or not.
    fn settle(&mut self, mut state: MutexGuard<'_, State>) {
        let open = !state.open().connection().is_autocommit();
        match (open, self.turn) {
            (true, None) => self.turn = Some(state.keep()),
            (true, Some(_)) => {}
            (false, kept) => {
                let slot = &self.cell.slot;
                if kept.is_some() {
                    slot.let_go(&mut state);
                    self.turn = None;
                }
                self.cell.cells.done(slot, state);
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Closing the directory has rolled it back.
        if let Err(error) = self.rollback()
            && !matches!(error, Error::Closed { .. })
        {
            tracing::error!("rolling back what a session left open: {error}");
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("cell", &self.cell)
            .field("open", &self.is_open())
            .finish()
    }
}
