//! A group of commits: what goes into the log and into the engine as one, all or nothing.

use std::ops::Range;
use std::sync::OnceLock;

use bytes::Bytes;
use parking_lot::Mutex;
use slatedb::WriteBatch;

use crate::commit::Change;
use crate::{CellKey, CellMeta, Commit, history, key, meta};

/// Keys, each once, with their new values, or `None` to remove them.
pub(crate) type Rows = Vec<(Bytes, Option<Bytes>)>;

pub(crate) struct Group {
    /// Consecutive over all groups; in our own log, the id of the record.
    pub(crate) id: u64,
    /// Number of its last commit, and the sequence number of its rows in the engine.
    pub(crate) last: u64,
    /// How many commits it has.
    pub(crate) commits: u64,
    /// What its changes take up, about.
    pub(crate) bytes: usize,
    changes: Mutex<Vec<Change>>,
    rows: OnceLock<Rows>,
}

impl Group {
    pub(crate) fn new(id: u64, last: u64, changes: Vec<Change>, bytes: usize) -> Group {
        Group {
            id,
            last,
            commits: changes.len() as u64,
            bytes,
            changes: Mutex::new(changes),
            rows: OnceLock::new(),
        }
    }

    /// Its rows, in ascending order of keys. Made by whoever needs them first. Where two commits
    /// write one key, the later one counts.
    pub(crate) fn rows(&self) -> &Rows {
        self.rows.get_or_init(|| {
            let changes = std::mem::take(&mut *self.changes.lock());
            let mut rows = Rows::with_capacity(2 * changes.len());
            for change in changes {
                add(&mut rows, change);
            }
            latest_of_each_key(rows)
        })
    }

    /// Its rows as the engine takes them.
    pub(crate) fn batch(&self) -> WriteBatch {
        let mut batch = WriteBatch::new();
        for (key, value) in self.rows() {
            match value {
                Some(value) => batch.put_bytes(key.clone(), value.clone()),
                None => batch.delete(key),
            }
        }
        batch
    }
}

fn latest_of_each_key(mut rows: Rows) -> Rows {
    // Stable, so that rows of one key stay in the order in which they were handed in.
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    rows.reverse();
    rows.dedup_by(|later, kept| later.0 == kept.0);
    rows.reverse();
    rows
}

fn add(rows: &mut Rows, change: Change) {
    match change {
        Change::Commit(commit) => add_commit(rows, commit),
        Change::Delete { cell, pages, meta } => add_delete(rows, cell, pages, meta),
        Change::Remove(keys) => rows.extend(keys.into_iter().map(|key| (key, None))),
        Change::Keys(more) => rows.extend(more),
        Change::Rows(more) => rows.extend(more.into_iter().map(|row| (row.key, Some(row.value)))),
    }
}

fn add_commit(rows: &mut Rows, commit: Commit) {
    let cell = commit.cell;
    add_delete(rows, cell, commit.deleted_pages(), Some(commit.meta));
    for (number, page) in commit.pages {
        rows.push((key::page(cell, number), Some(page)));
    }
    if let Some(before) = commit.before {
        history::add(rows, cell, before);
    }
    for extra in commit.extra {
        rows.push((key::extra(extra.keyspace, &extra.key), extra.value));
    }
}

fn add_delete(rows: &mut Rows, cell: CellKey, pages: Range<u32>, meta: Option<CellMeta>) {
    for number in pages {
        rows.push((key::page(cell, number), None));
    }
    rows.push((key::meta(cell), meta.map(|meta| meta::encode(&meta))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_row_of_each_key_counts() {
        let row = |key: &'static str, value: Option<&'static str>| {
            (Bytes::from(key), value.map(Bytes::from))
        };
        let rows = vec![
            row("b", Some("1")),
            row("a", Some("2")),
            row("b", None),
            row("a", Some("3")),
            row("c", Some("4")),
        ];
        let expected = vec![row("a", Some("3")), row("b", None), row("c", Some("4"))];
        assert_eq!(latest_of_each_key(rows), expected);
    }
}
