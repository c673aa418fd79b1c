//! The history of cells: what commits have changed, as it was before, by cell and epoch (see
//! [`Before`]). Writing it with the commits, reading it, and removing what has expired. What an epoch
//! is, when one begins and what a bookmark is, is up to the cell.
//!
//! The record of an epoch: a version byte (1), the transaction (8 bytes) and the size in pages (4
//! bytes) before it, both little-endian, and whether it begins with the restoring of an earlier state
//! (1 byte). Nothing at all: the epoch has expired, and its old pages are being removed.

use bytes::{BufMut, Bytes, BytesMut};
use slatedb::DbIterator;

use crate::commit::Change;
use crate::group::Rows;
use crate::read::{KeyRange, scan_options};
use crate::{Before, CellKey, Epoch, Error, Row, Shard, Snapshot, key};

const VERSION: u8 = 1;

/// Keys of a deleted cell's history that go with one commit.
const DELETED_AT_ONCE: usize = 4_096;

pub(crate) fn add(rows: &mut Rows, cell: CellKey, before: Before) {
    if let Some(number) = before.first {
        rows.push((key::epoch(cell, number), Some(encode(&Epoch::FIRST))));
    }
    if let Some(epoch) = before.begins {
        rows.push((key::epoch(cell, before.epoch), Some(encode(&epoch))));
    }
    for (number, page) in before.pages {
        rows.push((key::old_page(cell, number, before.epoch), Some(page)));
    }
}

fn encode(epoch: &Epoch) -> Bytes {
    let mut out = BytesMut::with_capacity(14);
    out.put_u8(VERSION);
    out.put_u64_le(epoch.transaction);
    out.put_u32_le(epoch.pages);
    out.put_u8(u8::from(epoch.restores));
    out.freeze()
}

/// `Err` for what cannot be a record.
fn decode(bytes: &[u8]) -> Result<Option<Epoch>, ()> {
    match bytes {
        [] => Ok(None),
        [VERSION, rest @ ..] => {
            let (transaction, rest) = rest.split_first_chunk::<8>().ok_or(())?;
            let (pages, rest) = rest.split_first_chunk::<4>().ok_or(())?;
            Ok(Some(Epoch {
                transaction: u64::from_le_bytes(*transaction),
                pages: u32::from_le_bytes(*pages),
                restores: matches!(rest, [1]),
            }))
        }
        _ => Err(()),
    }
}

impl Snapshot {
    /// At most `limit` epochs of a cell from `first` (included) on, in ascending order; without a
    /// record, those that have expired.
    pub fn epochs(
        &self,
        cell: CellKey,
        first: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Option<Epoch>)>, Error> {
        let rows = self.scan(key::epochs(cell, first), limit, |key, value| {
            Some((key::of_epoch(key)?.1, decode(value)))
        })?;
        let checked = rows.into_iter().map(|(number, epoch)| match epoch {
            Ok(epoch) => Ok((number, epoch)),
            Err(()) => Err(Error::Damaged {
                file: format!("{}: epoch {number} of cell {cell:?}", self.shard.store()),
                problem: "is not such a record".to_owned(),
            }),
        });
        checked.collect()
    }

    /// The pages of a cell up to the number `last` that were changed since an epoch began, as they
    /// were before it. Ends early when they have more than `most` bytes.
    pub fn pages_before(
        &self,
        cell: CellKey,
        epoch: u64,
        last: u32,
        most: usize,
    ) -> Result<Vec<(u32, Bytes)>, Error> {
        let read = async |mut rows: DbIterator| {
            let (mut pages, mut bytes) = (Vec::new(), 0);
            while let Some(row) = rows.next().await? {
                let Some((number, of)) = key::of_old_page(&row.key) else {
                    continue;
                };
                if of < epoch {
                    rows.seek(key::old_page(cell, number, epoch)).await?;
                    continue;
                }
                bytes += row.value.len();
                pages.push((number, Bytes::copy_from_slice(&row.value)));
                if bytes > most || number == last {
                    break;
                }
                rows.seek(key::old_page(cell, number + 1, epoch)).await?;
            }
            Ok(pages)
        };
        match last {
            0 => Ok(Vec::new()),
            _ => self.walk(key::old_pages(cell, 1, last), read),
        }
    }

    fn walk<T>(
        &self,
        range: KeyRange,
        read: impl AsyncFn(DbIterator) -> Result<T, slatedb::Error>,
    ) -> Result<T, Error> {
        let engine = &self.shard.inner.engine;
        self.shard.again_if_gone(|| {
            engine.block_on(async {
                let options = scan_options();
                let rows = self.snapshot.scan_with_options(range.clone(), &options);
                read(rows.await?).await
            })
        })
    }
}

/// A way through the histories of all cells that removes what is older than some moment, in steps.
#[derive(Debug)]
pub struct Sweep {
    /// Epochs with smaller numbers go.
    before: u64,
    cell: CellKey,
    /// The page of that cell that is next.
    page: u32,
}

/// What one look at a cell found.
struct Found {
    old: Vec<Bytes>,
    /// The page to go on with; `None`: that was all.
    next: Option<u32>,
}

impl Sweep {
    /// Removes the epochs that began before `epoch` (milliseconds since 1970).
    pub fn new(epoch: u64) -> Sweep {
        Sweep {
            before: epoch,
            cell: CellKey::from_bytes([0; 16]),
            page: 0,
        }
    }
}

impl Shard {
    /// The next step of a sweep: looks at about `rows` rows, at least at one cell. Whether there is
    /// more to do. From the moment when the first row of an epoch is removed the epoch counts as
    /// expired, also after a crash.
    pub fn sweep(&self, sweep: &mut Sweep, rows: usize) -> Result<bool, Error> {
        let mut left = rows.max(1);
        while left > 0 {
            let snapshot = self.snapshot()?;
            let range = key::epochs_of_cells(sweep.cell);
            let first = snapshot.scan(range, 1, |key, _| key::of_epoch(key))?;
            let Some(&(cell, oldest)) = first.first() else {
                return Ok(false);
            };
            left -= 1;
            if cell != sweep.cell {
                (sweep.cell, sweep.page) = (cell, 0);
            }
            if oldest >= sweep.before || self.sweep_cell(&snapshot, sweep, &mut left)? {
                let Some(next) = after(cell) else {
                    return Ok(false);
                };
                (sweep.cell, sweep.page) = (next, 0);
            }
        }
        Ok(true)
    }

    /// Whether nothing of the cell is left to do.
    fn sweep_cell(
        &self,
        snapshot: &Snapshot,
        sweep: &mut Sweep,
        left: &mut usize,
    ) -> Result<bool, Error> {
        let (cell, before) = (sweep.cell, sweep.before);
        // One more than may be looked at, to see whether that is all.
        let most = (*left).max(1);
        let epochs = snapshot.epochs(cell, 0, most + 1)?;
        let gone = epochs.iter().take_while(|(number, _)| *number < before);
        let mut gone: Vec<u64> = gone.map(|(number, _)| *number).collect();
        let all = gone.len() <= most;
        let Some(last) = gone.pop() else {
            return Ok(true);
        };
        // The last one stays for now, so that the next step comes here again.
        self.push(Change::Rows(vec![Row {
            key: key::epoch(cell, last),
            value: Bytes::new(),
        }]))?;
        *left = left.saturating_sub(gone.len());
        self.remove(gone.into_iter().map(|number| key::epoch(cell, number)))?;
        if !all {
            return Ok(false);
        }
        let found = snapshot.old_pages(cell, sweep.page, before, most)?;
        *left = left.saturating_sub(found.old.len());
        self.remove(found.old)?;
        if let Some(page) = found.next {
            (sweep.page, *left) = (page, 0);
            return Ok(false);
        }
        self.remove([key::epoch(cell, last)])?;
        Ok(true)
    }

    /// Removes all history of a cell.
    pub(crate) fn delete_history(&self, cell: CellKey) -> Result<(), Error> {
        for range in [key::old_pages(cell, 0, u32::MAX), key::epochs(cell, 0)] {
            loop {
                let keys = self.scan(range.clone(), DELETED_AT_ONCE, |key, _| Some(key.clone()))?;
                if keys.is_empty() {
                    break;
                }
                self.remove(keys)?;
            }
        }
        Ok(())
    }

    fn remove(&self, keys: impl IntoIterator<Item = Bytes>) -> Result<(), Error> {
        let keys: Vec<Bytes> = keys.into_iter().collect();
        match keys.is_empty() {
            true => Ok(()),
            false => self.push(Change::Remove(keys)).map(drop),
        }
    }
}

impl Snapshot {
    /// The keys of the cell's old pages from the number `first` on that are of epochs before
    /// `before`, of `rows` rows.
    fn old_pages(
        &self,
        cell: CellKey,
        first: u32,
        before: u64,
        rows: usize,
    ) -> Result<Found, Error> {
        self.walk(key::old_pages(cell, first, u32::MAX), async |mut iter| {
            let (mut old, mut looked) = (Vec::new(), 0);
            while let Some(row) = iter.next().await? {
                let Some((number, epoch)) = key::of_old_page(&row.key) else {
                    continue;
                };
                if looked == rows {
                    let next = Some(number);
                    return Ok(Found { old, next });
                }
                looked += 1;
                if epoch < before {
                    old.push(row.key.clone());
                } else if let Some(next) = number.checked_add(1) {
                    iter.seek(key::old_page(cell, next, 0)).await?;
                }
            }
            Ok(Found { old, next: None })
        })
    }
}

/// The smallest key after this one.
fn after(cell: CellKey) -> Option<CellKey> {
    let next = u128::from_be_bytes(cell.bytes()).checked_add(1)?;
    Some(CellKey::from_bytes(next.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        for restores in [false, true] {
            let epoch = Epoch {
                transaction: 7,
                pages: 9,
                restores,
            };
            assert_eq!(decode(&encode(&epoch)), Ok(Some(epoch)));
        }
        assert_eq!(decode(&[]), Ok(None));
        assert_eq!(decode(&[1, 2]), Err(()));
        assert_eq!(decode(&[2; 14]), Err(()));
    }
}
