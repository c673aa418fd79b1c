//! What a cell hands to the shard: one commit, with everything that must become durable with it.
//! Nothing here knows how it is stored.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::key::PAGE_SIZE;
use crate::{CellKey, Error};

/// What the shard knows about a cell besides its pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellMeta {
    /// The whole name, `kind/id`: what [`CellKey`] is the hash of.
    pub name: Arc<str>,
    /// Size of the database in pages. Pages with higher numbers do not exist. SQLite numbers its
    /// pages from 1; the shard takes 0 as well.
    pub pages: u32,
    /// Number of the cell's last transaction; it only grows. Two images of a cell with the same
    /// transaction are the same image, unless one of them was never durable.
    pub transaction: u64,
    /// Where its history is; `None` if it never had one.
    pub history: Option<HistoryMeta>,
}

/// Where the history of a cell is. See [`Before`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryMeta {
    /// The last epoch that began. Numbers of epochs only grow.
    pub epoch: u64,
    /// The first transaction that can be gone back to, or `None`: there were commits without
    /// history since the last one with.
    pub since: Option<u64>,
    /// Whether that epoch is the cell's first one: then it has no record, which would say that there
    /// was nothing. So a cell that is written once costs nothing here.
    pub first: bool,
}

/// What a commit of a cell with history keeps of what was there before. The time of a cell is cut
/// into epochs; of each, the store has what the epoch's commits have changed, as it was before the
/// first of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The epoch that the commit belongs to: when it began, in milliseconds since 1970, as far as
    /// the clock let it grow.
    pub epoch: u64,
    /// With the first commit of the epoch: the cell before it.
    pub begins: Option<Epoch>,
    /// With the first commit of the second epoch: the number of the first one, which gets its record
    /// now.
    pub first: Option<u64>,
    /// The pages that the epoch has not changed before, as they were.
    pub pages: Vec<(u32, Bytes)>,
}

/// A cell before the first commit of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch {
    /// Its last transaction.
    pub transaction: u64,
    /// Its size in pages.
    pub pages: u32,
    /// Whether the first commit brought back an earlier state.
    pub restores: bool,
}

impl Epoch {
    /// The first one of a cell: before it, there was nothing.
    pub const FIRST: Epoch = Epoch {
        transaction: 0,
        pages: 0,
        restores: false,
    };
}

/// One commit of one cell. All of it becomes visible and durable at one moment, or nothing.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The cell.
    pub cell: CellKey,
    /// Its meta record after this commit.
    pub meta: CellMeta,
    /// The pages that this commit writes, by number, each of at most [`PAGE_SIZE`] bytes. A number that
    /// occurs twice counts with its last page.
    pub pages: Vec<(u32, Bytes)>,
    /// When the database became smaller: its size in pages before, so that the pages beyond the new
    /// size are deleted. May be larger than the truth, which costs a little space for each page.
    pub truncated: Option<u32>,
    /// Keys outside of the cell that change at the same moment.
    pub extra: Vec<Extra>,
    /// What is kept of before, for a cell with history.
    pub before: Option<Before>,
}

/// A key of a small named keyspace (an index over cells, say) that changes together with a commit.
#[derive(Debug, Clone)]
pub struct Extra {
    /// The keyspace: at most 32 lower-case ASCII letters.
    pub keyspace: &'static str,
    /// The key in it; at most 1,024 bytes.
    pub key: Bytes,
    /// The new value, or `None` to remove the key.
    pub value: Option<Bytes>,
}

/// One row of the store as it is: what a backup consists of. See [`crate::Snapshot::rows`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The key; opaque, in ascending order.
    pub key: Bytes,
    /// The value.
    pub value: Bytes,
}

/// What waits in the queue.
pub(crate) enum Change {
    Commit(Commit),
    /// Removes these pages of a cell and writes its meta record, or removes that as well.
    Delete {
        cell: CellKey,
        pages: Range<u32>,
        meta: Option<CellMeta>,
    },
    Rows(Vec<Row>),
    /// Changes these keys, as they are in the store.
    Keys(Vec<(Bytes, Option<Bytes>)>),
    /// Removes these keys.
    Remove(Vec<Bytes>),
}

/// What the store keeps for a key and a row besides the bytes themselves, about.
const ROW_OVERHEAD: usize = 64;

impl Change {
    /// What it holds in memory while it waits, about.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Change::Commit(commit) => commit.bytes(),
            Change::Delete { pages, .. } => (pages.len() + 1) * ROW_OVERHEAD,
            Change::Rows(rows) => rows
                .iter()
                .map(|row| row.key.len() + row.value.len() + ROW_OVERHEAD)
                .sum(),
            Change::Keys(rows) => rows
                .iter()
                .map(|(key, value)| key.len() + value.as_ref().map_or(0, Bytes::len) + ROW_OVERHEAD)
                .sum(),
            Change::Remove(keys) => keys.len() * ROW_OVERHEAD,
        }
    }
}

impl Commit {
    fn bytes(&self) -> usize {
        let extra: usize = self
            .extra
            .iter()
            .map(|extra| {
                extra.key.len() + extra.value.as_ref().map_or(0, Bytes::len) + ROW_OVERHEAD
            })
            .sum();
        let deleted = self.deleted_pages().len() * ROW_OVERHEAD;
        let pages: usize = self
            .pages
            .iter()
            .map(|(_, page)| page.len() + ROW_OVERHEAD)
            .sum();
        let before = self.before.iter().flat_map(|before| &before.pages);
        let before: usize = before.map(|(_, page)| page.len() + ROW_OVERHEAD).sum();
        pages + before + extra + deleted + 2 * ROW_OVERHEAD
    }

    /// The numbers of the pages that this commit deletes.
    pub(crate) fn deleted_pages(&self) -> Range<u32> {
        let before = self.truncated.unwrap_or(0);
        // Page numbers start at 1, so the page with the number of the size is the last one.
        let first = self.meta.pages.saturating_add(1);
        first..before.saturating_add(1).max(first)
    }

    /// Says no to what could not be stored, before anything of it is.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let refuse = |problem: String| {
            Err(Error::BadCommit {
                cell: self.meta.name.clone(),
                problem,
            })
        };
        for (number, page) in &self.pages {
            if page.len() > PAGE_SIZE {
                return refuse(format!(
                    "page {number} has {} bytes, more than {PAGE_SIZE}",
                    page.len()
                ));
            }
            if *number > self.meta.pages {
                return refuse(format!(
                    "page {number} is beyond the end of the database, {} pages",
                    self.meta.pages
                ));
            }
        }
        self.extra
            .iter()
            .try_for_each(|extra| extra.check(&self.meta.name))
    }
}

impl Extra {
    /// Says no to a key that could not be stored; `cell` is for whom it is.
    pub(crate) fn check(&self, cell: &str) -> Result<(), Error> {
        let refuse = |problem| {
            Err(Error::BadCommit {
                cell: cell.into(),
                problem,
            })
        };
        let name = self.keyspace;
        if name.is_empty() || name.len() > 32 || !name.bytes().all(|b| b.is_ascii_lowercase()) {
            return refuse(format!("{name:?} cannot name a keyspace"));
        }
        if self.key.len() > 1024 {
            return refuse(format!(
                "a key of {} bytes is too long for keyspace {name}",
                self.key.len()
            ));
        }
        Ok(())
    }
}
