//! One open cell: reading, and writing in transactions.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::cells::Inner;
use crate::shared::Shared;
use crate::{CellName, Error, Ticket};

/// A handle to an open cell. Cheap to clone, usable from any thread; callers take turns.
///
/// The closures given to [`Cell::read`] and [`Cell::write`] run on the caller's thread while all
/// other callers of this cell wait, so they should only talk to SQLite. They must not use the same
/// cell again: that would wait for ever.
#[derive(Clone)]
pub struct Cell {
    shared: Arc<Shared>,
    /// Keeps the workers alive that make this cell's commits durable.
    _cells: Arc<Inner>,
}

/// Counters of one cell since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Commits made.
    pub commits: u64,
    /// Commits on disk.
    pub durable: u64,
    /// Syncs of the log: commits divided by this is the size of a commit group.
    pub flushes: u64,
    /// Times that the log was copied into the database.
    pub checkpoints: u64,
}

impl Cell {
    pub(crate) fn new(shared: Arc<Shared>, cells: Arc<Inner>) -> Cell {
        Cell {
            shared,
            _cells: cells,
        }
    }

    /// The name it was opened with.
    pub fn name(&self) -> &CellName {
        &self.shared.name
    }

    /// Runs `f` on the database as it is after the last commit.
    ///
    /// The ticket stands for all commits that `f` could see. What `f` returned must not leave the
    /// process before it is durable.
    pub fn read<T>(
        &self,
        f: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<(T, Ticket), Error> {
        let connection = self.shared.connection()?;
        let before = self.commits();
        let result = f(&connection);
        let ticket = self.shared.ticket(before);
        Ok((result.map_err(Error::sqlite(&self.shared.name))?, ticket))
    }

    /// Runs `f` in one transaction and commits it, or rolls it back if `f` fails or panics.
    ///
    /// When this returns the commit is in the cell and every later reader sees it; its ticket says
    /// when it cannot be lost any more. An error after which nothing of `f` remains may still tell
    /// what `f` saw: see [`Cell::ticket`].
    pub fn write<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<(T, Ticket), E> {
        let _gate = self.shared.gate.lock();
        let mut connection = self.shared.connection()?;
        let before = self.commits();
        let result = self.transact(&mut connection, f);
        let ticket = self.shared.ticket(before);
        Ok((result?, ticket))
    }

    fn transact<T, E: From<Error>>(
        &self,
        connection: &mut Connection,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let sqlite = Error::sqlite(&self.shared.name);
        let behavior = TransactionBehavior::Immediate;
        let transaction = connection
            .transaction_with_behavior(behavior)
            .map_err(&sqlite)?;
        let value = f(&transaction)?;
        transaction.commit().map_err(&sqlite)?;
        Ok(value)
    }

    /// The ticket for everything that is committed now: what an error tells about the cell is
    /// covered by it too.
    pub fn ticket(&self) -> Ticket {
        Ticket {
            cell: self.shared.clone(),
            commit: self.commits(),
        }
    }

    /// What the cell has done so far.
    pub fn stats(&self) -> Stats {
        let shared = &self.shared;
        Stats {
            commits: self.commits(),
            durable: shared.durable(),
            flushes: shared.flushes.load(SeqCst),
            checkpoints: shared.checkpoints.load(SeqCst),
        }
    }

    fn commits(&self) -> u64 {
        self.shared.commits.count.load(SeqCst)
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
