//! One cell: reading, and writing in transactions.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use cellhouse_shard::Ticket;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::cells::Inner;
use crate::open::Open;
use crate::slot::Slot;
use crate::{CellName, Error, Session};

/// A handle to a cell. Cheap to clone, usable from any thread; callers take turns. The cell may leave
/// memory while nobody uses it; the next use brings it back.
///
/// The closures given to [`Cell::read`] and [`Cell::write`] run on the caller's thread while all
/// other callers of this cell wait, so they should only talk to SQLite. They must not use the same
/// cell again: that would wait for ever.
#[derive(Clone)]
pub struct Cell {
    pub(crate) slot: Arc<Slot>,
    pub(crate) cells: Arc<Inner>,
}

/// Counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Commits made to the cell since it was first opened in this process.
    pub commits: u64,
    /// Groups of commits, of all cells, that the store has written since it was opened.
    pub flushes: u64,
}

impl Cell {
    pub(crate) fn new(slot: Arc<Slot>, cells: Arc<Inner>) -> Cell {
        Cell { slot, cells }
    }

    /// The name it was opened with.
    pub fn name(&self) -> &CellName {
        &self.slot.name
    }

    /// Runs `f` on the database as it is after the last commit.
    ///
    /// The ticket stands for all commits that `f` could see. What `f` returned must not leave the
    /// process before it is durable.
    pub fn read<T>(
        &self,
        f: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<(T, Ticket), Error> {
        self.with(|open, slot| {
            let result = f(open.connection()).map_err(Error::sqlite(&slot.name));
            Ok((result?, slot.latest.ticket()))
        })
    }

    /// Runs `f` in one transaction and commits it, or rolls it back if `f` fails or panics.
    ///
    /// When this returns the commit is in the cell and every later reader sees it; its ticket says
    /// when it cannot be lost any more. Blocks only while the store has more waiting than it may
    /// hold. An error after which nothing of `f` remains may still tell what `f` saw: see
    /// [`Cell::ticket`].
    pub fn write<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<(T, Ticket), E> {
        self.with(|open, slot| {
            let sqlite = Error::sqlite(&slot.name);
            let begun = open
                .connection()
                .transaction_with_behavior(TransactionBehavior::Immediate);
            let transaction = begun.map_err(&sqlite)?;
            let value = f(&transaction)?;
            transaction.commit().map_err(&sqlite)?;
            Ok((value, slot.latest.ticket()))
        })
    }

    /// Makes the cell ready, uses it, and lets go of it. When something below SQLite failed, that is
    /// the error, and not what SQLite or the caller made of it.
    pub(crate) fn with<T, E: From<Error>>(
        &self,
        use_it: impl FnOnce(&mut Open, &Slot) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.slot.lock();
        self.cells.make_ready(&self.slot, &mut state)?;
        let result = use_it(state.open(), &self.slot);
        let result = match result {
            Err(error) => Err(state.open().take_refusal().map_or(error, E::from)),
            ok => ok,
        };
        self.cells.done(&self.slot, state);
        result
    }

    /// The ticket for everything that is committed now: what an error tells about the cell is
    /// covered by it too.
    pub fn ticket(&self) -> Ticket {
        self.slot.latest.ticket()
    }

    /// The number of the last commit: one more with each, and 0 while there was none. Of a cell that
    /// has not been used yet it may be 0 too.
    pub fn last_transaction(&self) -> u64 {
        self.slot.latest.transaction.load(SeqCst)
    }

    /// A way to use the cell in transactions that stay open between calls.
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }

    /// Stops the SQL that runs on the cell now, which then fails with `SQLITE_INTERRUPT`; a write
    /// takes its whole transaction along. Nothing happens when none runs. From any thread.
    pub fn interrupt(&self) {
        self.slot.interrupt();
    }

    /// What the cell has done so far.
    pub fn stats(&self) -> Stats {
        Stats {
            commits: self.slot.latest.commits.load(SeqCst),
            flushes: self.cells.flushes(),
        }
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cell")
            .field(self.name())
            .field(&self.stats())
            .finish()
    }
}
