//! The shard: opening, committing, closing. Reading is in `read.rs`.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::task::JoinHandle;

use crate::commit::Change;
use crate::engine::{Engine, Started, watch};
use crate::lock::Released;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::threads::PATIENCE;
use crate::{CellKey, Commit, Error, Extra, Row, ShardOptions, Stats, Ticket, driver, key};

/// One SlateDB database with the pages of many cells. Cheap to clone, usable from any thread.
///
/// Commits are numbered in the order in which [`Shard::commit`] is called and become durable in that
/// order, in groups. Reads see every commit that was handed in before, durable or not; who lets
/// out what a read saw waits for [`Shard::ticket`] first. All reads block the thread (a few
/// microseconds when the data is in memory) and work on any thread.
///
/// When the last handle goes without [`Shard::close`], commits that are not durable are lost, as in
/// a crash; that blocks until the disk has done what it was doing, five seconds at most.
#[derive(Clone)]
pub struct Shard {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) outcome: Outcome,
    options: ShardOptions,
    /// What only the one who closes it needs; nothing is there when it is closed.
    open: Mutex<Option<Open>>,
    /// Declared last, to wait for all of the above.
    end: End,
}

/// Waits, when told to, until a store that was not closed is free for whoever opens it next.
#[derive(Default)]
struct End(Option<Released>);

impl Drop for End {
    fn drop(&mut self) {
        if let Some(released) = &self.0 {
            released.wait(PATIENCE);
        }
    }
}

struct Open {
    driver: JoinHandle<()>,
    /// With the lock of the store, which is let go of when all is closed.
    place: Place,
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
        let outcome = Outcome::new(place.name.clone(), options.queue_bytes, place.log.is_some());
        let Started { engine, last } = Engine::open(&place, &options, &outcome)?;
        outcome.start(last);
        engine
            .work()
            .spawn(watch(engine.db.clone(), outcome.clone()));
        let flush_on = (!engine.own_log()).then(|| engine.write());
        let (db, clock) = (engine.db.clone(), options.clock.clone());
        let drive = driver::drive(db, outcome.clone(), clock, flush_on, last);
        let driver = engine.write().spawn(drive);
        Ok(Shard {
            inner: Arc::new(Inner {
                engine,
                outcome,
                options,
                open: Mutex::new(Some(Open { driver, place })),
                end: End::default(),
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
        if let Some(history) = &mut meta.history {
            (history.since, history.first) = (None, false);
            self.push(Change::Delete {
                cell,
                pages: 0..0,
                meta: Some(meta.clone()),
            })?;
            self.delete_history(cell)?;
        }
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

    /// Changes keys that belong to no cell's commit, all at one moment: keyspaces as in [`Extra`].
    pub fn change(&self, extra: Vec<Extra>) -> Result<Ticket, Error> {
        if extra.is_empty() {
            return Ok(self.ticket());
        }
        extra.iter().try_for_each(|extra| extra.check("keys"))?;
        let rows = extra.into_iter();
        let rows = rows.map(|extra| (key::extra(extra.keyspace, &extra.key), extra.value));
        self.push(Change::Keys(rows.collect()))
    }

    pub(crate) fn push(&self, change: Change) -> Result<Ticket, Error> {
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
        self.inner.shut().1
    }

    /// Opens the same store anew in this process, without letting go of it in between: the way on
    /// after [`Shard::failure`]. The new shard holds what is durable. All handles and tickets of the
    /// old one have failed or been closed for good, also when opening fails; then and when it was
    /// closed before, [`Shard::open`] is the way.
    pub fn reopen(&self) -> Result<Shard, Error> {
        let (place, closed) = self.inner.shut();
        // A failure that is known already is why this is called.
        if self.failure().is_none() {
            closed?;
        }
        let place = place.ok_or_else(|| Error::Closed {
            store: self.store().to_owned(),
        })?;
        Shard::open_at(place, self.inner.options.clone())
    }
}

impl Inner {
    /// Closes, and gives what is needed to open again unless it was closed before.
    fn shut(&self) -> (Option<Place>, Result<(), Error>) {
        let mut open = self.open.lock();
        let place = open.take().map(|Open { driver, place }| {
            self.outcome.queue.close(self.closed());
            // It ends when the queue is empty. If it panicked, the wait below says so.
            let _ = self.engine.block_on(driver);
            place
        });
        let result = match place {
            Some(_) => self.end(),
            None => Ok(()),
        };
        match self.outcome.progress.failure() {
            Some(error) => (place, Err(error.clone())),
            None => (place, result),
        }
    }

    fn end(&self) -> Result<(), Error> {
        let outcome = &self.outcome;
        self.engine.close()?;
        if outcome.progress.durable() < outcome.queue.last() {
            outcome.failed("it ended before they were written".to_owned());
        }
        Ok(())
    }

    fn closed(&self) -> Error {
        Error::Closed {
            store: self.outcome.store.to_string(),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(open) = self.open.get_mut().take() {
            self.outcome.queue.fail(self.closed());
            self.outcome.progress.fail(self.closed());
            self.end = End(open.place.released());
        }
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shard({})", self.store())
    }
}
