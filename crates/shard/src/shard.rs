//! The shard: opening, committing, closing. Reading is in `read.rs`.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use crate::commit::Change;
use crate::engine::{Engine, Started, watch};
use crate::outcome::Outcome;
use crate::place::Place;
use crate::{CellKey, Commit, Error, Row, ShardOptions, Stats, Ticket, driver};

/// One SlateDB database with the pages of many cells. Cheap to clone, usable from any thread.
///
/// Commits are numbered in the order in which [`Shard::commit`] is called and become durable in that
/// order, in groups. Reads see every commit that was handed in before, durable or not; who lets
/// out what a read saw waits for [`Shard::ticket`] first. All reads block the thread (a few
/// microseconds when the data is in memory) and work on any thread.
///
/// When the last handle goes without [`Shard::close`], commits that are not durable are lost, as in
/// a crash.
#[derive(Clone)]
pub struct Shard {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) outcome: Outcome,
    options: ShardOptions,
    closed: AtomicBool,
    driver: parking_lot::Mutex<Option<tokio::task::JoinHandle<()>>>,
}

/// Pages of a deleted cell that go with one commit.
const DELETED_AT_ONCE: u32 = 16_384;

impl Shard {
    /// Opens the store, or makes it. Blocks until the log has been read: about as long as writing
    /// [`ShardOptions::unflushed_bytes`] to disk takes, at worst.
    ///
    /// Whatever is wrong with the store is said without changing it.
    pub fn open(options: ShardOptions) -> Result<Shard, Error> {
        let place = Place::take(&options.store)?;
        Shard::open_at(place, options)
    }

    fn open_at(place: Place, options: ShardOptions) -> Result<Shard, Error> {
        let outcome = Outcome::new(place.name.clone(), options.queue_bytes);
        let Started { engine, last } = Engine::open(place, &options, &outcome)?;
        outcome.start(last);
        engine
            .work()
            .spawn(watch(engine.db.clone(), outcome.clone()));
        let drive = driver::drive(engine.db.clone(), outcome.clone(), engine.own_log(), last);
        let driver = engine.write().spawn(drive);
        Ok(Shard {
            inner: Arc::new(Inner {
                engine,
                outcome,
                options,
                closed: AtomicBool::new(false),
                driver: parking_lot::Mutex::new(Some(driver)),
            }),
        })
    }

    /// Hands in a commit. It is in the shard when this returns, and every later read sees it; the
    /// ticket says when it cannot be lost any more.
    ///
    /// Never waits for the disk, except while more than [`ShardOptions::queue_bytes`] wait to be
    /// written. An error means that nothing of the commit is or will be in the store.
    pub fn commit(&self, commit: Commit) -> Result<Ticket, Error> {
        commit.check()?;
        self.push(Change::Commit(commit))
    }

    /// Removes a cell with all its pages. A no-op when there is no such cell.
    ///
    /// From its first moment on the cell is empty; a crash before the ticket is durable may leave
    /// it empty instead of removed, and pages beyond its size that nobody sees. The caller sees to
    /// it that nobody commits to the cell meanwhile.
    pub fn delete_cell(&self, cell: CellKey) -> Result<Ticket, Error> {
        let Some(mut meta) = self.read_meta(cell)? else {
            return Ok(self.ticket());
        };
        let mut end = meta.pages.saturating_add(1);
        meta.pages = 0;
        meta.transaction += 1;
        loop {
            let start = end.saturating_sub(DELETED_AT_ONCE);
            let ticket = self.push(Change::Delete {
                cell,
                pages: start..end,
                meta: (start > 0).then(|| meta.clone()),
            })?;
            if start == 0 {
                return Ok(ticket);
            }
            end = start;
        }
    }

    /// Writes rows of a backup, as [`crate::Snapshot::rows`] gave them. For a store that holds
    /// nothing: see [`Shard::is_empty`]. All rows of one call become durable at one moment.
    pub fn restore(&self, rows: Vec<Row>) -> Result<Ticket, Error> {
        if rows.is_empty() {
            return Ok(self.ticket());
        }
        self.push(Change::Rows(rows))
    }

    fn push(&self, change: Change) -> Result<Ticket, Error> {
        let commit = self.inner.outcome.queue.push(change)?;
        Ok(Ticket::new(self.inner.outcome.progress.clone(), commit))
    }

    /// Stands for all commits handed in so far: what a read may have seen.
    pub fn ticket(&self) -> Ticket {
        let outcome = &self.inner.outcome;
        Ticket::new(outcome.progress.clone(), outcome.queue.last())
    }

    /// Why the shard refuses everything, when it does. It stays so: see [`Shard::reopen`].
    pub fn failure(&self) -> Option<Error> {
        self.inner.outcome.progress.failure().cloned()
    }

    /// Counters since it was opened.
    pub fn stats(&self) -> Stats {
        let outcome = &self.inner.outcome;
        outcome.counters.stats(outcome.progress.durable())
    }

    /// The identity of the store, made up when it was made: 16 random bytes.
    pub fn id(&self) -> [u8; 16] {
        self.inner.engine.id
    }

    /// What errors call the store.
    pub fn store(&self) -> &str {
        &self.inner.outcome.store
    }

    /// Writes everything that waits, makes it durable and ends. Later calls on any handle fail with
    /// [`Error::Closed`]; closing again is a no-op. An error says that something may be lost.
    pub fn close(&self) -> Result<(), Error> {
        self.inner.close()
    }

    /// Opens the same store anew in this process, without letting go of it in between: the way on
    /// after [`Shard::failure`]. The new shard holds what is durable. All handles and tickets of the
    /// old one have failed or been closed for good, also when opening fails.
    pub fn reopen(&self) -> Result<Shard, Error> {
        let place = self.inner.engine.place().clone();
        // A failure that is known already is why this is called.
        let closed = self.inner.close();
        if self.failure().is_none() {
            closed?;
        }
        Shard::open_at(place, self.inner.options.clone())
    }
}

impl Inner {
    fn close(&self) -> Result<(), Error> {
        let outcome = &self.outcome;
        let mut driver = self.driver.lock();
        if !self.closed.swap(true, SeqCst) {
            outcome.queue.close(Error::Closed {
                store: outcome.store.to_string(),
            });
            if let Some(driver) = driver.take() {
                // It ends when the queue is empty; if it panicked, that shows as a failure below.
                let _ = self.engine.block_on(driver);
            }
            self.engine.close()?;
            let last = Ticket::new(outcome.progress.clone(), outcome.queue.last());
            last.wait()?;
        }
        match outcome.progress.failure() {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if !self.closed.load(SeqCst) {
            let error = Error::Closed {
                store: self.outcome.store.to_string(),
            };
            self.outcome.queue.fail(error.clone());
            self.outcome.progress.fail(error);
        }
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shard({})", self.store())
    }
}
