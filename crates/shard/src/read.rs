//! Reading a shard: cells, pages, keyspaces. Every read first waits until the engine has all commits
//! that were handed in before it.

use std::ops::{Bound, Range};

use bytes::Bytes;
use slatedb::DbIterator;
use slatedb::config::ScanOptions;

use crate::{CellKey, CellMeta, Error, Shard, Snapshot, key, meta};

/// What a scan reads ahead: a small cell in one go.
const READ_AHEAD: usize = 256 << 10;

pub(crate) type KeyRange = (Bound<Bytes>, Bound<Bytes>);

impl Shard {
    /// The meta record of a cell, if there is such a cell. `name` is the whole name that `cell` is
    /// the key of; [`Error::NameTaken`] when another cell is there under this key.
    pub fn meta(&self, cell: CellKey, name: &str) -> Result<Option<CellMeta>, Error> {
        check_name(cell, name, self.read_meta(cell)?)
    }

    pub(crate) fn read_meta(&self, cell: CellKey) -> Result<Option<CellMeta>, Error> {
        let value = self.get(key::meta(cell))?;
        decode_meta(self.store(), cell, value)
    }

    /// One page of a cell, copied. The caller asks only for pages within the size in the meta
    /// record: beyond, there may be left-overs of a deleted cell.
    pub fn page(&self, cell: CellKey, number: u32) -> Result<Option<Bytes>, Error> {
        let page = self.get(key::page(cell, number))?;
        Ok(page.map(|page| Bytes::copy_from_slice(&page)))
    }

    /// The pages of a cell with these numbers, copied, in ascending order; all within the size in
    /// the meta record. All of them are held in memory: take large cells in parts.
    pub fn pages(&self, cell: CellKey, numbers: Range<u32>) -> Result<Vec<(u32, Bytes)>, Error> {
        let range = key::pages(cell, numbers);
        self.scan(range, usize::MAX, |key, value| {
            Some((key::number_of_page(key)?, Bytes::copy_from_slice(value)))
        })
    }

    /// At most `limit` cells with greater keys than `after`, in ascending order of keys.
    pub fn cells(
        &self,
        after: Option<CellKey>,
        limit: usize,
    ) -> Result<Vec<(CellKey, CellMeta)>, Error> {
        let records = self.scan(key::metas(after), limit, cell_record)?;
        decode_cells(self.store(), records)
    }

    /// The value of a key of a keyspace.
    pub fn extra(&self, keyspace: &str, key: &[u8]) -> Result<Option<Bytes>, Error> {
        self.get(key::extra(keyspace, key))
    }

    /// At most `limit` keys of a keyspace from `from` (included) on, in ascending order.
    pub fn extras(
        &self,
        keyspace: &str,
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, Error> {
        self.scan(key::extras(keyspace, from), limit, |key, value| {
            Some((key::key_of_extra(keyspace, key), value.clone()))
        })
    }

    /// Whether the store holds no cell and no key at all.
    pub fn is_empty(&self) -> Result<bool, Error> {
        let all = (Bound::Unbounded, Bound::Unbounded);
        Ok(self.scan(all, 1, |_, _| Some(()))?.is_empty())
    }

    /// All cells at one moment: after every commit handed in before, and before every later one.
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        let last = self.inner.outcome.queue.wait_applied()?;
        let snapshot = self.inner.engine.db.snapshot();
        let snapshot = snapshot.map_err(self.unreadable())?;
        Ok(Snapshot::new(self.clone(), snapshot, last))
    }

    fn get(&self, key: Bytes) -> Result<Option<Bytes>, Error> {
        self.inner.outcome.queue.wait_applied()?;
        let engine = &self.inner.engine;
        self.again_if_gone(|| engine.block_on(engine.db.get(&key)))
    }

    pub(crate) fn scan<T>(
        &self,
        range: KeyRange,
        limit: usize,
        row: impl Fn(&Bytes, &Bytes) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        self.inner.outcome.queue.wait_applied()?;
        let engine = &self.inner.engine;
        self.again_if_gone(|| {
            engine.block_on(async {
                let range = range.clone();
                let rows = engine.db.scan_with_options(range, &scan_options()).await?;
                collect(rows, limit, &row).await
            })
        })
    }

    /// Reads, and once more if a file is missing: a read that took longer than the files that it
    /// began with are kept finds everything in newer ones.
    pub(crate) fn again_if_gone<T>(
        &self,
        read: impl Fn() -> Result<T, slatedb::Error>,
    ) -> Result<T, Error> {
        match read().map_err(self.unreadable()) {
            Err(Error::Damaged { .. }) => read().map_err(self.unreadable()),
            result => result,
        }
    }

    fn unreadable(&self) -> impl Fn(slatedb::Error) -> Error + use<> {
        let failure = self.failure();
        let engine = Error::engine(self.store(), "be read");
        move |error| match &failure {
            Some(first) => first.clone(),
            None => engine(error),
        }
    }
}

pub(crate) fn scan_options() -> ScanOptions {
    ScanOptions::default().with_read_ahead_bytes(READ_AHEAD)
}

pub(crate) async fn collect<T>(
    mut rows: DbIterator,
    limit: usize,
    row: impl Fn(&Bytes, &Bytes) -> Option<T>,
) -> Result<Vec<T>, slatedb::Error> {
    let mut out = Vec::new();
    while out.len() < limit {
        let Some(next) = rows.next().await? else {
            break;
        };
        out.extend(row(&next.key, &next.value));
    }
    Ok(out)
}

pub(crate) fn cell_record(key: &Bytes, value: &Bytes) -> Option<(CellKey, Bytes)> {
    Some((key::cell_of_meta(key)?, value.clone()))
}

pub(crate) fn decode_cells(
    store: &str,
    records: Vec<(CellKey, Bytes)>,
) -> Result<Vec<(CellKey, CellMeta)>, Error> {
    let decode = |(cell, value)| {
        let meta = decode_meta(store, cell, Some(value))?;
        Ok((cell, meta.expect("a record was given")))
    };
    records.into_iter().map(decode).collect()
}

pub(crate) fn decode_meta(
    store: &str,
    cell: CellKey,
    value: Option<Bytes>,
) -> Result<Option<CellMeta>, Error> {
    let decoded = value.map(|value| meta::decode(&value)).transpose();
    decoded.map_err(|problem| Error::Damaged {
        file: format!("{store}: the record of cell {cell:?}"),
        problem,
    })
}

pub(crate) fn check_name(
    cell: CellKey,
    name: &str,
    meta: Option<CellMeta>,
) -> Result<Option<CellMeta>, Error> {
    match meta {
        Some(meta) if *meta.name != *name => Err(Error::NameTaken {
            key: cell,
            expected: name.into(),
            found: meta.name,
        }),
        meta => Ok(meta),
    }
}
