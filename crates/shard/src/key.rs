//! Keys: the one that stands for a cell, and how every key of the store is laid out.
//!
//! | first byte | rest | value |
//! | --- | --- | --- |
//! | `c` | cell key, 16 bytes | the cell's meta record (`meta.rs`) |
//! | `H` | cell key, epoch (8 bytes, big-endian) | what the cell was before that epoch, or nothing: it expired (`history.rs`) |
//! | `h` | cell key, page number (4 bytes, big-endian), epoch (8 bytes) | that page as it was before that epoch |
//! | `p` | cell key, page number (4 bytes, big-endian) | a page, at most [`PAGE_SIZE`] bytes: what they are is up to the cell |
//! | `x` | length of the keyspace's name (1 byte), its name, a key | whatever its owner wrote |
//!
//! The layout is part of the store's format: a change needs a new format number in `format.rs`.

use std::fmt;
use std::ops::{Bound, Range};

use bytes::{BufMut, Bytes, BytesMut};
use sha2::{Digest, Sha256};

/// Bytes of a page. SQLite's default, and what fits a disk's block.
pub const PAGE_SIZE: usize = 4096;

const META: u8 = b'c';
const EPOCH: u8 = b'H';
const OLD_PAGE: u8 = b'h';
const PAGE: u8 = b'p';
const EXTRA: u8 = b'x';

/// Stands for a cell in the store: the first 16 bytes of the SHA-256 of `kind/id`, so that keys are
/// short, of one length, and spread evenly. The cell's meta record holds the whole name, and every
/// read of it checks that.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey([u8; 16]);

impl CellKey {
    /// The key of the cell with this kind and id. A kind contains no `/`; an id may.
    pub fn of(kind: &str, id: &str) -> CellKey {
        let mut hash = Sha256::new();
        hash.update(kind.as_bytes());
        hash.update(b"/");
        hash.update(id.as_bytes());
        let digest = hash.finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        CellKey(key)
    }

    /// The key with these bytes, as [`CellKey::bytes`] gave them.
    pub const fn from_bytes(bytes: [u8; 16]) -> CellKey {
        CellKey(bytes)
    }

    /// The bytes of the key.
    pub const fn bytes(&self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Debug for CellKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

pub(crate) fn meta(cell: CellKey) -> Bytes {
    let mut key = BytesMut::with_capacity(17);
    key.put_u8(META);
    key.put_slice(&cell.0);
    key.freeze()
}

pub(crate) fn page(cell: CellKey, number: u32) -> Bytes {
    let mut key = BytesMut::with_capacity(21);
    key.put_u8(PAGE);
    key.put_slice(&cell.0);
    key.put_u32(number);
    key.freeze()
}

pub(crate) fn extra(keyspace: &str, key: &[u8]) -> Bytes {
    let name = keyspace.as_bytes();
    let mut out = BytesMut::with_capacity(2 + name.len() + key.len());
    out.put_u8(EXTRA);
    out.put_u8(u8::try_from(name.len()).expect("a keyspace's name is short"));
    out.put_slice(name);
    out.put_slice(key);
    out.freeze()
}

/// All meta records after that of `after`, or all.
pub(crate) fn metas(after: Option<CellKey>) -> (Bound<Bytes>, Bound<Bytes>) {
    let start = match after {
        Some(cell) => Bound::Excluded(meta(cell)),
        None => Bound::Included(Bytes::from_static(&[META])),
    };
    (start, Bound::Excluded(Bytes::from_static(&[META + 1])))
}

/// The pages of a cell with these numbers.
pub(crate) fn pages(cell: CellKey, numbers: Range<u32>) -> (Bound<Bytes>, Bound<Bytes>) {
    (
        Bound::Included(page(cell, numbers.start)),
        Bound::Excluded(page(cell, numbers.end)),
    )
}

/// What the cell was before an epoch.
pub(crate) fn epoch(cell: CellKey, epoch: u64) -> Bytes {
    let mut key = BytesMut::with_capacity(25);
    key.put_u8(EPOCH);
    key.put_slice(&cell.0);
    key.put_u64(epoch);
    key.freeze()
}

/// A page as it was before an epoch.
pub(crate) fn old_page(cell: CellKey, number: u32, epoch: u64) -> Bytes {
    let mut key = BytesMut::with_capacity(29);
    key.put_u8(OLD_PAGE);
    key.put_slice(&cell.0);
    key.put_u32(number);
    key.put_u64(epoch);
    key.freeze()
}

/// The epochs of a cell from `first` on.
pub(crate) fn epochs(cell: CellKey, first: u64) -> (Bound<Bytes>, Bound<Bytes>) {
    (
        Bound::Included(epoch(cell, first)),
        Bound::Included(epoch(cell, u64::MAX)),
    )
}

/// The epochs of all cells, from the first one of `cell` on.
pub(crate) fn epochs_of_cells(cell: CellKey) -> (Bound<Bytes>, Bound<Bytes>) {
    (
        Bound::Included(epoch(cell, 0)),
        Bound::Excluded(Bytes::from_static(&[EPOCH + 1])),
    )
}

/// The old pages of a cell with these numbers.
pub(crate) fn old_pages(cell: CellKey, first: u32, last: u32) -> (Bound<Bytes>, Bound<Bytes>) {
    (
        Bound::Included(old_page(cell, first, 0)),
        Bound::Included(old_page(cell, last, u64::MAX)),
    )
}

/// The cell and the epoch of a key of [`epoch`].
pub(crate) fn of_epoch(key: &[u8]) -> Option<(CellKey, u64)> {
    let (&EPOCH, rest) = key.split_first()? else {
        return None;
    };
    let (cell, epoch) = rest.split_first_chunk::<16>()?;
    Some((CellKey(*cell), u64::from_be_bytes(epoch.try_into().ok()?)))
}

/// The number and the epoch of a key of [`old_page`].
pub(crate) fn of_old_page(key: &[u8]) -> Option<(u32, u64)> {
    let (&OLD_PAGE, rest) = key.split_first()? else {
        return None;
    };
    let (number, epoch) = rest.get(16..)?.split_first_chunk::<4>()?;
    let epoch = u64::from_be_bytes(epoch.try_into().ok()?);
    Some((u32::from_be_bytes(*number), epoch))
}

/// All of a keyspace from `from` (included) on.
pub(crate) fn extras(keyspace: &str, from: &[u8]) -> (Bound<Bytes>, Bound<Bytes>) {
    let mut end = extra(keyspace, &[]).to_vec();
    // The name's last byte may be raised by one: it is ASCII, so it does not overflow.
    *end.last_mut().expect("the key has a first byte") += 1;
    (
        Bound::Included(extra(keyspace, from)),
        Bound::Excluded(Bytes::from(end)),
    )
}

/// The cell of a meta record's key.
pub(crate) fn cell_of_meta(key: &[u8]) -> Option<CellKey> {
    match key.split_first()? {
        (&META, rest) => Some(CellKey(rest.try_into().ok()?)),
        _ => None,
    }
}

/// The number of a page's key.
pub(crate) fn number_of_page(key: &[u8]) -> Option<u32> {
    match key.split_first()? {
        (&PAGE, rest) => Some(u32::from_be_bytes(rest.get(16..)?.try_into().ok()?)),
        _ => None,
    }
}

/// The part of a keyspace's key that its owner chose.
pub(crate) fn key_of_extra(keyspace: &str, key: &Bytes) -> Bytes {
    key.slice(2 + keyspace.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_key_is_the_documented_hash() {
        // printf 'kv/default' | sha256sum
        assert_eq!(
            format!("{:?}", CellKey::of("kv", "default")),
            "cd7cef6ab2a6a5dac82f08226e5685e3"
        );
        assert_ne!(CellKey::of("kv", "a"), CellKey::of("d1", "a"));
    }

    #[test]
    fn keys_sort_by_cell_and_number_and_can_be_read_back() {
        let cell = CellKey::of("kv", "a");
        assert!(page(cell, 1) < page(cell, 256));
        assert_eq!(number_of_page(&page(cell, 70_000)), Some(70_000));
        assert_eq!(cell_of_meta(&meta(cell)), Some(cell));
        assert_eq!(cell_of_meta(&page(cell, 1)), None);
        let key = extra("alarms", b"abc");
        assert_eq!(&key_of_extra("alarms", &key)[..], b"abc");
    }

    #[test]
    fn a_keyspace_does_not_reach_into_the_next() {
        let (Bound::Included(from), Bound::Excluded(to)) = extras("alarms", b"") else {
            panic!("extras() makes a half-open range");
        };
        assert!(from <= extra("alarms", b"") && extra("alarms", &[0xff; 40]) < to);
        assert!(extra("alarmt", b"") >= to);
        assert!(extra("zzz", b"\xff") < from || extra("zzz", b"\xff") >= to);
    }
}
