//! All cells of a shard at one moment, for backups and checks, while commits go on.

use std::fmt;
use std::ops::{Bound, Range};
use std::sync::Arc;

use bytes::Bytes;
use slatedb::DbSnapshot;

use crate::read::{
    KeyRange, cell_record, check_name, collect, decode_cells, decode_meta, scan_options,
};
use crate::{CellKey, CellMeta, Error, Row, Shard, Ticket, key};

/// A shard as it was at one moment. Holds on to old versions of rows, so a store with a snapshot
/// that is kept for long grows. Each call is a short read of its own; between calls nothing is held
/// but the moment.
pub struct Snapshot {
    pub(crate) shard: Shard,
    pub(crate) snapshot: Arc<DbSnapshot>,
    last: u64,
}

impl Snapshot {
    pub(crate) fn new(shard: Shard, snapshot: Arc<DbSnapshot>, last: u64) -> Snapshot {
        Snapshot {
            shard,
            snapshot,
            last,
        }
    }

    /// Stands for all commits that it shows: a backup is not done before this is durable.
    pub fn ticket(&self) -> Ticket {
        Ticket::new(self.shard.inner.outcome.progress.clone(), self.last)
    }

    /// At most `limit` rows with greater keys than `after`, in ascending order: everything that the
    /// store holds. For [`Shard::restore`].
    pub fn rows(&self, after: Option<&Row>, limit: usize) -> Result<Vec<Row>, Error> {
        let start = match after {
            Some(row) => Bound::Excluded(row.key.clone()),
            None => Bound::Unbounded,
        };
        self.scan((start, Bound::Unbounded), limit, |key, value| {
            Some(Row {
                key: Bytes::copy_from_slice(key),
                value: Bytes::copy_from_slice(value),
            })
        })
    }

    /// As [`Shard::cells`].
    pub fn cells(
        &self,
        after: Option<CellKey>,
        limit: usize,
    ) -> Result<Vec<(CellKey, CellMeta)>, Error> {
        let records = self.scan(key::metas(after), limit, cell_record)?;
        decode_cells(self.shard.store(), records)
    }

    /// As [`Shard::meta`].
    pub fn meta(&self, cell: CellKey, name: &str) -> Result<Option<CellMeta>, Error> {
        let engine = &self.shard.inner.engine;
        let get = || engine.block_on(self.snapshot.get(key::meta(cell)));
        let value = self.shard.again_if_gone(get)?;
        check_name(cell, name, decode_meta(self.shard.store(), cell, value)?)
    }

    /// As [`Shard::pages`].
    pub fn pages(&self, cell: CellKey, numbers: Range<u32>) -> Result<Vec<(u32, Bytes)>, Error> {
        self.scan(key::pages(cell, numbers), usize::MAX, |key, value| {
            Some((key::number_of_page(key)?, Bytes::copy_from_slice(value)))
        })
    }

    pub(crate) fn scan<T>(
        &self,
        range: KeyRange,
        limit: usize,
        row: impl Fn(&Bytes, &Bytes) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let engine = &self.shard.inner.engine;
        self.shard.again_if_gone(|| {
            engine.block_on(async {
                let options = scan_options();
                let rows = self.snapshot.scan_with_options(range.clone(), &options);
                collect(rows.await?, limit, &row).await
            })
        })
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Snapshot({} at commit {})",
            self.shard.store(),
            self.last
        )
    }
}
