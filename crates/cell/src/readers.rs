//! Readers of a cell: connections that only read, each on a snapshot, side by side with one another
//! and with whoever writes.
//!
//! A reader waits for nobody but for the copying of a page. The cell has as many as run at once, and
//! keeps a few for the next time; SQLite's cache of pages in them stays good for as long as nothing
//! is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use cellhouse_shard::Ticket;
use parking_lot::Mutex;

use crate::cells::Current;
use crate::image::{Image, View};
use crate::page::PAGE_SIZE;
use crate::query::{Queries, Statements};
use crate::slot::Slot;
use crate::vfs::{self, Database, PageFile as _};
use crate::{Cell, Error};

/// Readers that wait to be used again, per cell.
const IDLE: usize = 4;
/// What a reader takes besides what SQLite tells of, about.
const READER_BYTES: usize = 8 << 10;

/// What a reader has seen.
#[derive(Debug)]
#[non_exhaustive]
pub struct Seen {
    /// The number of the last commit that it could see; 0 if there was none.
    pub transaction: u64,
    /// Stands for all commits that it could see.
    pub ticket: Ticket,
}

/// The readers of one cell.
#[derive(Default)]
pub(crate) struct Readers {
    pool: Mutex<Pool>,
    bytes: AtomicUsize,
}

#[derive(Default)]
struct Pool {
    /// What they read, while the cell is in memory and somebody has read.
    from: Option<Origin>,
    idle: Vec<Reader>,
    /// How many are in use.
    active: usize,
    /// Counts how often all had to go.
    generation: u64,
}

#[derive(Clone)]
struct Origin {
    image: Arc<Mutex<Image>>,
    current: Arc<Current>,
}

struct Reader {
    /// Before the connection, which they use.
    statements: Statements,
    /// Before the view, which it uses.
    connection: Database,
    view: Arc<Mutex<View>>,
    generation: u64,
    uses: u32,
    /// What it is known to take, and accounted for.
    bytes: usize,
}

impl Readers {
    /// Bytes of memory, about.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    /// Lets go of the readers that wait. `false` if some are in use, and those go later.
    pub(crate) fn clear(&self) -> bool {
        let mut pool = self.pool.lock();
        pool.generation += 1;
        pool.from = None;
        let idle = std::mem::take(&mut pool.idle);
        let none = pool.active == 0;
        drop(pool);
        for reader in &idle {
            self.bytes.fetch_sub(reader.bytes, Relaxed);
        }
        none
    }
}

impl Cell {
    /// Runs `f` on a connection of its own that only reads. Several do so side by side, and beside a
    /// writer: what is written meanwhile is not seen by a statement that runs, nor by a transaction
    /// that `f` has begun. Settings of the connection do not last.
    ///
    /// [`Error::Outdated`] when what was being read is gone; `f` may run again.
    pub fn look<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&mut Queries<'_>) -> Result<T, E>,
    ) -> Result<(T, Seen), E> {
        let mut lent = self.borrow_reader()?;
        let reader = lent.reader.as_mut().expect("it is there until the drop");
        let result = f(&mut reader.queries());
        reader.end();
        let mut view = reader.view.lock();
        let (seen, refusal) = (view.take_seen(), view.take_refusal());
        drop(view);
        let seen = seen.unwrap_or_else(|| (self.last_transaction(), self.ticket()));
        let seen = Seen {
            transaction: seen.0,
            ticket: seen.1,
        };
        match (result, refusal) {
            (Ok(value), _) => Ok((value, seen)),
            (Err(_), Some(refusal)) => Err(refusal.into()),
            (Err(error), None) => Err(error),
        }
    }

    /// The whole database as a file of SQLite.
    pub fn file(&self) -> Result<(Vec<u8>, Seen), Error> {
        let lent = self.borrow_reader()?;
        let reader = lent.reader.as_ref().expect("it is there until the drop");
        let mut view = reader.view.lock();
        view.lock();
        let mut file = vec![0; view.pages() as usize * PAGE_SIZE];
        let pages = file.chunks_exact_mut(PAGE_SIZE);
        let read = (1..)
            .zip(pages)
            .try_for_each(|(number, page)| view.read(number, 0, page));
        view.unlock();
        let (seen, refusal) = (view.take_seen(), view.take_refusal());
        drop(view);
        match (read, seen, refusal) {
            (Ok(()), Some((transaction, ticket)), _) => Ok((
                file,
                Seen {
                    transaction,
                    ticket,
                },
            )),
            (_, _, Some(refusal)) => Err(refusal),
            _ => Err(Error::Outdated {
                cell: self.slot.name.clone(),
            }),
        }
    }

    fn borrow_reader(&self) -> Result<Lent<'_>, Error> {
        let current = self.cells.current()?;
        if let Some(lent) = self.lend(&current)? {
            return Ok(lent);
        }
        self.publish()?;
        let current = self.cells.current()?;
        let lent = self.lend(&current)?;
        lent.ok_or_else(|| Error::Outdated {
            cell: self.slot.name.clone(),
        })
    }

    /// Brings the cell into memory, and lets readers know where.
    fn publish(&self) -> Result<(), Error> {
        let mut state = self.slot.lock();
        self.cells.make_ready(&self.slot, &mut state)?;
        let open = state.open();
        let from = Origin {
            image: open.image.clone(),
            current: open.current.clone(),
        };
        let readers = &self.slot.readers;
        let same = |known: &Origin| Arc::ptr_eq(&known.image, &from.image);
        if !readers.pool.lock().from.as_ref().is_some_and(same) {
            readers.clear();
        }
        readers.pool.lock().from = Some(from);
        self.cells.done(&self.slot, state);
        Ok(())
    }

    /// A reader, unless the cell has to be made ready first.
    fn lend(&self, current: &Arc<Current>) -> Result<Option<Lent<'_>>, Error> {
        let slot = &*self.slot;
        let mut pool = slot.readers.pool.lock();
        let Some(from) = pool.from.clone() else {
            return Ok(None);
        };
        if !Arc::ptr_eq(&from.current, current) || from.image.lock().is_retired() {
            return Ok(None);
        }
        let idle = pool.idle.pop();
        pool.active += 1;
        let mut lent = Lent {
            slot,
            cell: self,
            reader: idle,
        };
        let generation = pool.generation;
        drop(pool);
        if lent.reader.is_none() {
            let made = self.make_reader(&from, generation);
            lent.reader = Some(made.map_err(Error::sqlite(&slot.name))?);
        }
        Ok(Some(lent))
    }

    fn make_reader(&self, from: &Origin, generation: u64) -> rusqlite::Result<Reader> {
        let view = Arc::new(Mutex::new(View::of(from.image.clone())));
        let cache_bytes = self.cells.options.cache_bytes;
        let mut connection = vfs::open_reader(&from.current.layer, view.clone(), cache_bytes)?;
        if let Some(setup) = self.slot.setup {
            setup(&mut connection)?;
        }
        Ok(Reader {
            statements: Statements::default(),
            connection,
            view,
            generation,
            uses: 0,
            bytes: 0,
        })
    }
}

impl Reader {
    fn queries(&mut self) -> Queries<'_> {
        Queries::new(&self.connection, &mut self.statements)
    }

    /// Ends what was left open.
    fn end(&mut self) {
        self.statements.close_all();
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!("ending the transaction of a reader: {error}");
        }
    }

    /// What it takes, measured now and then.
    fn measure(&mut self) {
        self.uses = self.uses.wrapping_add(1);
        if self.uses.is_power_of_two() || self.uses.is_multiple_of(256) {
            self.bytes = READER_BYTES + vfs::memory(&self.connection);
        }
    }
}

/// A reader in use.
struct Lent<'a> {
    slot: &'a Slot,
    cell: &'a Cell,
    reader: Option<Reader>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let readers = &self.slot.readers;
        let reader = self.reader.take().map(|mut reader| {
            let before = reader.bytes;
            reader.end();
            reader.measure();
            (before, reader)
        });
        let mut pool = readers.pool.lock();
        pool.active -= 1;
        let Some((before, reader)) = reader else {
            return;
        };
        let kept = reader.generation == pool.generation && pool.idle.len() < IDLE;
        let after = if kept { reader.bytes } else { 0 };
        readers.bytes.fetch_add(after.wrapping_sub(before), Relaxed);
        if kept {
            pool.idle.push(reader);
            drop(pool);
        } else {
            drop(pool);
            drop(reader);
        }
        self.cell
            .cells
            .was_read(&self.cell.slot, after.wrapping_sub(before));
    }
}
