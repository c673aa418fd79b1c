//! Whether every cell is in order: what the store has of it is a sound database, and what is in
//! memory is what the store has.
//!
//! A check never changes anything. It works beside readers and writers: each cell is looked at as it
//! was at one moment, and held only while its pages in memory are compared.

use std::collections::BTreeMap;

use cellhouse_shard::{CellKey, CellMeta, Snapshot};
use parking_lot::Mutex;
use std::sync::Arc;

use crate::image::Image;
use crate::moment::{self, Stored};
use crate::page::{PAGE_SIZE, Page};
use crate::vfs::Layer;
use crate::{Cells, Error};

/// Cells listed at a time.
const LISTED: usize = 1_000;
/// Pages compared at a time.
const CHUNK: u32 = 64;
/// Problems that SQLite lists for one cell, at most.
const PROBLEMS: usize = 20;

/// What was found out about one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// Its name, `kind/id`.
    pub name: String,
    /// Size of its database in bytes.
    pub bytes: u64,
    /// What is wrong with it, for a person to read; nothing if it is in order.
    pub problems: Vec<String>,
}

/// How far a check, a backup or a restoring is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How much is done.
    pub done: u64,
    /// How much there is to do.
    pub total: u64,
}

impl Cells {
    /// Checks all cells one after the other and tells `each` what was found. Cells that are made
    /// meanwhile may be missed. Blocks; needs about 20 MiB of memory, whatever the cells' size.
    pub fn check(&self, mut each: impl FnMut(&Checked, Progress)) -> Result<(), Error> {
        let shard = self.shard()?;
        let mut progress = Progress {
            done: 0,
            total: self.count()?,
        };
        let mut after = None;
        loop {
            let cells = shard.cells(after, LISTED)?;
            let Some((last, _)) = cells.last() else {
                return Ok(());
            };
            after = Some(*last);
            for (key, meta) in cells {
                // It may have gone since it was listed.
                if let Some(checked) = self.check_cell(key, &meta.name)? {
                    progress.done += 1;
                    progress.total = progress.total.max(progress.done);
                    each(&checked, progress);
                }
            }
        }
    }

    fn count(&self) -> Result<u64, Error> {
        let (shard, mut count, mut after) = (self.shard()?, 0, None);
        loop {
            let cells = shard.cells(after, LISTED)?;
            let Some((last, _)) = cells.last() else {
                return Ok(count);
            };
            after = Some(*last);
            count += cells.len() as u64;
        }
    }

    fn check_cell(&self, key: CellKey, name: &str) -> Result<Option<Checked>, Error> {
        let mut problems = Vec::new();
        let (snapshot, meta) = match self.inner.known(key) {
            Some(slot) => {
                // While it is held nobody commits to it, so store and memory are at one moment.
                let mut state = slot.lock();
                let snapshot = self.shard()?.snapshot()?;
                let meta = snapshot.meta(key, name)?;
                if let (Some(meta), Some(open)) = (&meta, state.resident()) {
                    let mut image = open.image.lock();
                    compare(&mut image, &snapshot, key, meta, &mut problems)?;
                }
                (snapshot, meta)
            }
            None => {
                let snapshot = self.shard()?.snapshot()?;
                let meta = snapshot.meta(key, name)?;
                (snapshot, meta)
            }
        };
        let Some(meta) = meta else {
            return Ok(None);
        };
        let current = self.inner.current()?;
        problems.extend(integrity(&current.layer, snapshot, key, &meta)?);
        Ok(Some(Checked {
            name: name.to_owned(),
            bytes: u64::from(meta.pages) * PAGE_SIZE as u64,
            problems,
        }))
    }
}

/// Compares what is in memory, or in the local file, with the store.
fn compare(
    image: &mut Image,
    snapshot: &Snapshot,
    key: CellKey,
    meta: &CellMeta,
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    let (size, transaction) = image.state();
    if (size, transaction) != (meta.pages, meta.transaction) {
        problems.push(format!(
            "in memory it has {size} pages after transaction {transaction}, in the store {} after {}",
            meta.pages, meta.transaction
        ));
        return Ok(());
    }
    let mut first = 1;
    while first <= size {
        let end = first.saturating_add(CHUNK).min(size.saturating_add(1));
        let stored: BTreeMap<_, _> = snapshot.pages(key, first..end)?.into_iter().collect();
        for number in first..end {
            let stored = stored.get(&number).cloned().unwrap_or_default();
            let page = Page::from_stored(stored);
            if page.is_none_or(|page| image.differs(number, &page)) {
                problems.push(format!("page {number} in memory is not that in the store"));
            }
        }
        first = end;
    }
    Ok(())
}

/// What SQLite finds wrong with the database in the store.
fn integrity(
    layer: &Arc<Layer>,
    snapshot: Snapshot,
    key: CellKey,
    meta: &CellMeta,
) -> Result<Vec<String>, Error> {
    let file = Stored::new(Arc::new(snapshot), key, meta);
    let found = ask(layer, file.clone());
    let mut file = file.lock();
    if let Some(error) = file.failure.take() {
        return Err(error);
    }
    let mut problems = match found {
        Ok(lines) if lines == ["ok"] => Vec::new(),
        Ok(lines) => lines,
        Err(error) => vec![error.to_string()],
    };
    problems.extend(file.wrong_size());
    Ok(problems)
}

fn ask(layer: &Arc<Layer>, file: Arc<Mutex<Stored>>) -> rusqlite::Result<Vec<String>> {
    let connection = moment::open(layer, file)?;
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({PROBLEMS})"))?;
    let lines = statement.query_map([], |row| row.get(0))?;
    lines.collect()
}
