//! The pages of one open cell as SQLite sees them, and the turning of its commits into commits of
//! the shard.
//!
//! An image is the pages of the last commit (`base.rs`: in memory, or in a local file for a large
//! cell) and, over them, the pages that SQLite has written since. A page that SQLite writes back as
//! it was is no change, so the changes are exact whatever SQLite does: a transaction that spilled
//! its cache and rolled back, or one whose commit was refused, ends with none.
//!
//! At SQLite's sync the changes go to the shard; only when the shard has taken them do they become
//! the new base. So base and shard are the same at every moment, and what the shard does not take
//! is never seen.

mod base;
mod cache_file;
mod history;
mod mark;
mod snapshots;
mod view;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

use cellhouse_shard::{CellKey, CellMeta, Commit, Extra, HistoryMeta, Shard, Ticket};
use parking_lot::Mutex;

use crate::page::{PAGE_SIZE, Page};
use crate::vfs::{PageFile, Refused, database_pages};
use crate::{CellName, Error, Options};
use base::Base;
use history::History;
pub(crate) use history::millis;
use snapshots::Snapshots;
pub(crate) use view::View;

/// Where the pages of a cell come from and go to.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) shard: Shard,
    pub(crate) key: CellKey,
    pub(crate) name: CellName,
    /// What the shard calls it.
    pub(crate) full_name: Arc<str>,
}

/// What a cell's handles may know without waiting for who is using the cell.
pub(crate) struct Latest {
    ticket: Mutex<Ticket>,
    pub(crate) commits: AtomicU64,
    /// The number of the last commit, once the cell was in memory.
    pub(crate) transaction: AtomicU64,
}

impl Latest {
    pub(crate) fn new(ticket: Ticket) -> Latest {
        Latest {
            ticket: Mutex::new(ticket),
            commits: AtomicU64::new(0),
            transaction: AtomicU64::new(0),
        }
    }

    /// The ticket of the last commit.
    pub(crate) fn ticket(&self) -> Ticket {
        self.ticket.lock().clone()
    }

    pub(crate) fn set(&self, ticket: Ticket) {
        *self.ticket.lock() = ticket;
    }
}

/// An open cell's pages.
pub(crate) struct Image {
    source: Source,
    base: Base,
    /// Size after the last commit, in pages.
    size: u32,
    /// Number of the last commit; 0 while the shard has nothing of the cell.
    transaction: u64,
    changes: Changes,
    /// Whether commits stay here: a new cell is in the shard only once somebody writes to it.
    drafting: bool,
    /// Why SQLite was told that something failed.
    refusal: Option<Error>,
    /// Keys of the shard that change with the next commit.
    extra: Vec<Extra>,
    latest: Arc<Latest>,
    limits: Limits,
    /// What the shard knows of the cell's history after the last commit.
    kept: Option<HistoryMeta>,
    /// For a cell that keeps its history now.
    history: Option<History>,
    snapshots: Snapshots,
}

/// What SQLite has written since the last commit.
struct Changes {
    pages: BTreeMap<u32, Page>,
    bytes: usize,
    /// Size of the file as SQLite sees it.
    size: u32,
}

struct Limits {
    large_bytes: u64,
    transaction_bytes: usize,
    /// The file of a large cell.
    path: PathBuf,
}

impl Image {
    /// The cell as the shard has it; an empty one if it has nothing. `path` is the place for its
    /// file should it be large.
    pub(crate) fn load(
        source: Source,
        path: PathBuf,
        options: &Options,
        latest: Arc<Latest>,
    ) -> Result<Image, Error> {
        let meta = source.shard.meta(source.key, &source.full_name)?;
        let kept = meta.as_ref().and_then(|meta| meta.history);
        let (size, transaction) = meta.map_or((0, 0), |meta| (meta.pages, meta.transaction));
        latest.transaction.store(transaction, SeqCst);
        let base = match is_large(size, options.large_bytes) {
            true => Base::open_file(&source, &path, transaction, size)?,
            false => Base::read(&source, &path, size)?,
        };
        Ok(Image {
            source,
            base,
            size,
            transaction,
            changes: Changes::none(size),
            drafting: false,
            refusal: None,
            extra: Vec::new(),
            latest,
            limits: Limits {
                large_bytes: options.large_bytes,
                transaction_bytes: options.transaction_bytes,
                path,
            },
            kept,
            history: None,
            snapshots: Snapshots::default(),
        })
    }

    /// Whether the shard has nothing of this cell.
    pub(crate) fn is_new(&self) -> bool {
        self.transaction == 0
    }

    /// While drafting, commits of a new cell stay here; the first one after that takes all pages
    /// along.
    pub(crate) fn set_drafting(&mut self, drafting: bool) {
        debug_assert!(!drafting || self.is_new(), "only a new cell can be a draft");
        self.drafting = drafting;
    }

    /// Why SQLite was told that something failed, if it was since the last call.
    pub(crate) fn take_refusal(&mut self) -> Option<Error> {
        self.refusal.take()
    }

    /// These keys of the shard change with the next commit.
    pub(crate) fn attach(&mut self, extra: Vec<Extra>) {
        self.extra = extra;
    }

    /// What no commit has taken of [`Image::attach`].
    pub(crate) fn detach(&mut self) -> Vec<Extra> {
        std::mem::take(&mut self.extra)
    }

    /// A commit of keys of the shard that changes no page.
    pub(crate) fn hand_in_alone(&mut self, extra: Vec<Extra>) -> Result<(), Error> {
        self.extra = extra;
        self.hand_in(self.size)
    }

    /// No transaction is open. SQLite does not write pages back that were free before the one that
    /// it rolled back: what it wrote to those means nothing, and must not count for the next one.
    pub(crate) fn drop_left_overs(&mut self) {
        if !self.changes.pages.is_empty() {
            self.changes = Changes::none(self.size);
        }
    }

    /// Commits what [`Image::stage`] brought, with these keys of the shard. After an error it is
    /// still there.
    pub(crate) fn commit_staged(&mut self, extra: Vec<Extra>) -> Result<(), Error> {
        self.extra = extra;
        let size = self.changes.size;
        self.hand_in(size)?;
        self.apply(size);
        Ok(())
    }

    /// Goes on with another opening of the same store, if that has the same state of the cell.
    /// Every commit of the image must be durable.
    pub(crate) fn rebind(&mut self, shard: &Shard) -> Result<bool, Error> {
        let meta = shard.meta(self.source.key, &self.source.full_name)?;
        let transaction = meta.map_or(0, |meta| meta.transaction);
        if transaction != self.transaction {
            return Ok(false);
        }
        self.source.shard = shard.clone();
        Ok(true)
    }

    /// Bytes of memory, about.
    pub(crate) fn memory(&self) -> usize {
        let history = self.history.as_ref().map_or(0, History::memory);
        let changes = self.changes.bytes + self.changes.pages.len() * size_of::<Page>();
        self.base.memory() + changes + history + self.snapshots.memory()
    }

    /// Ends with the image, once no connection uses it and its last commit is durable: what a large
    /// cell has in its file is kept for the next time.
    pub(crate) fn close(&mut self) {
        if self.transaction > 0 {
            self.base.close(&self.source, self.transaction, self.size);
        }
    }

    /// Size and transaction after the last commit.
    pub(crate) fn state(&self) -> (u32, u64) {
        (self.size, self.transaction)
    }

    /// Whether the page is here and differs from `stored`.
    pub(crate) fn differs(&mut self, number: u32, stored: &Page) -> bool {
        self.base.known(number).is_some_and(|page| page != *stored)
    }

    fn too_large(&self) -> Error {
        Error::TooLarge {
            cell: self.source.name.clone(),
            limit: self.limits.transaction_bytes,
        }
    }

    fn refuse(&mut self, error: Error, how: Refused) -> Refused {
        self.refusal = Some(error);
        how
    }

    /// The size of the database at the end of a transaction.
    fn size_at_sync(&mut self) -> Result<u32, Refused> {
        let mut header = [0; 100];
        if self.changes.size > 0 {
            self.read(1, 0, &mut header)?;
        }
        let told = database_pages(&header).unwrap_or(self.changes.size);
        Ok(told.min(self.changes.size))
    }

    /// Gives the changes to the shard.
    fn hand_in(&mut self, size: u32) -> Result<(), Error> {
        let extra = std::mem::take(&mut self.extra);
        self.keep_replaced(size)?;
        let kept = self.keep_before(size)?;
        let mut pages = match self.is_new() {
            true => self.base.all(),
            false => Vec::new(),
        };
        let changes = self.changes.pages.iter();
        pages.extend(changes.map(|(number, page)| (*number, page.stored())));
        let meta = CellMeta {
            name: self.source.full_name.clone(),
            pages: size,
            transaction: self.transaction + 1,
            history: kept.meta,
        };
        let ticket = self.source.shard.commit(Commit {
            cell: self.source.key,
            meta,
            pages,
            truncated: (size < self.size).then_some(self.size),
            extra,
            before: kept.before,
        })?;
        self.transaction += 1;
        self.latest.transaction.store(self.transaction, SeqCst);
        self.kept = kept.meta;
        if let Some(history) = &mut self.history {
            history.handed_in(kept.running);
        }
        self.latest.set(ticket);
        self.latest.commits.fetch_add(1, SeqCst);
        Ok(())
    }

    /// Makes the changes part of the base.
    fn apply(&mut self, size: u32) {
        self.snapshots.committed();
        self.size = size;
        let changes = std::mem::replace(&mut self.changes, Changes::none(size));
        self.base.apply(changes.pages, size);
        if is_large(size, self.limits.large_bytes) {
            self.base.move_to_file(&self.source, &self.limits.path);
        }
    }
}

fn is_large(size: u32, large_bytes: u64) -> bool {
    u64::from(size) * PAGE_SIZE as u64 > large_bytes
}

impl Changes {
    fn none(size: u32) -> Changes {
        Changes {
            pages: BTreeMap::new(),
            bytes: 0,
            size,
        }
    }

    fn remove(&mut self, number: u32) {
        if let Some(page) = self.pages.remove(&number) {
            self.bytes -= page.len();
        }
    }

    fn insert(&mut self, number: u32, page: Page) {
        self.bytes += page.len();
        if let Some(old) = self.pages.insert(number, page) {
            self.bytes -= old.len();
        }
    }

    fn truncate(&mut self, size: u32) {
        self.size = self.size.min(size);
        if size < u32::MAX {
            for page in self.pages.split_off(&(size + 1)).values() {
                self.bytes -= page.len();
            }
        }
    }
}

impl PageFile for Image {
    fn pages(&self) -> u32 {
        self.changes.size
    }

    fn read(&mut self, number: u32, offset: usize, into: &mut [u8]) -> Result<(), Refused> {
        if let Some(page) = self.changes.pages.get(&number) {
            page.read(offset, into);
            return Ok(());
        }
        if number > self.size {
            into.fill(0);
            return Ok(());
        }
        let read = self.base.read_page(&self.source, number, offset, into);
        read.map_err(|error| self.refuse(error, Refused::Failed))
    }

    fn write(&mut self, number: u32, page: &[u8; PAGE_SIZE]) -> Result<(), Refused> {
        let page = Page::new(page);
        if number <= self.size && self.base.known(number).is_some_and(|base| base == page) {
            self.changes.remove(number);
        } else {
            if self.changes.bytes + page.len() > self.limits.transaction_bytes {
                let error = self.too_large();
                return Err(self.refuse(error, Refused::Full));
            }
            self.changes.insert(number, page);
        }
        self.changes.size = self.changes.size.max(number);
        Ok(())
    }

    fn truncate(&mut self, pages: u32) {
        self.changes.truncate(pages);
    }

    fn sync(&mut self) -> Result<(), Refused> {
        let size = self.size_at_sync()?;
        self.changes.truncate(size);
        if self.changes.pages.is_empty() && size == self.size && self.extra.is_empty() {
            return Ok(());
        }
        if !self.drafting
            && let Err(error) = self.hand_in(size)
        {
            let how = match error {
                Error::TooLarge { .. } => Refused::Full,
                _ => Refused::Failed,
            };
            return Err(self.refuse(error, how));
        }
        self.apply(size);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
