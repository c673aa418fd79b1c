//! Records of the log: one for each batch of the engine, written and read here.
//!
//! A record begins on a block and fills whole blocks, so that writing one never touches a sector of
//! the one before. Numbers are little-endian.
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | `CHr1`: the kind of thing, and the version of this layout |
//! | 4 | kind: 1 rows, 2 the end of a log that was closed properly |
//! | 8 | epoch of the writer |
//! | 8 | id: consecutive over all records of a log |
//! | 8 | synced: all records up to this id were durable when this one was written |
//! | 8 | sequence number of all its rows |
//! | 4 | bytes of the body |
//! | 4 | CRC-32 of the body |
//! | 4 | CRC-32 of all of the above |
//!
//! The body is rows, each: 0 for a key that is removed or 1 for one with a value (1 byte), length of
//! the key (LEB128), with a value its length too, key, value.

use bytes::{Buf, BufMut, Bytes};
use slatedb::{RowEntry, ValueDeletable};

use crate::group::Rows;

/// What a disk writes as a whole, or a multiple of it; offsets of records are multiples of it.
pub(crate) const BLOCK: usize = 4096;

const MAGIC: u32 = u32::from_le_bytes(*b"CHr1");
const HEAD: usize = 52;

const REMOVED: u8 = 0;
const VALUE: u8 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rows = 1,
    End = 2,
}

/// The beginning of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) kind: Kind,
    pub(crate) epoch: u64,
    pub(crate) id: u64,
    pub(crate) synced: u64,
    pub(crate) seq: u64,
    pub(crate) body: u32,
    body_crc: u32,
}

impl Head {
    /// Bytes of the whole record in the file.
    pub(crate) fn size(&self) -> u64 {
        padded(HEAD + self.body as usize) as u64
    }

    /// The head at the start of a block, unless there is something else.
    pub(crate) fn read(block: &[u8]) -> Option<Head> {
        let (head, _) = block.split_at_checked(HEAD)?;
        let (mut fields, mut crc) = head.split_at(HEAD - 4);
        if crc32fast::hash(fields) != crc.get_u32_le() || fields.get_u32_le() != MAGIC {
            return None;
        }
        let kind = match fields.get_u32_le() {
            1 => Kind::Rows,
            2 => Kind::End,
            _ => return None,
        };
        Some(Head {
            kind,
            epoch: fields.get_u64_le(),
            id: fields.get_u64_le(),
            synced: fields.get_u64_le(),
            seq: fields.get_u64_le(),
            body: fields.get_u32_le(),
            body_crc: fields.get_u32_le(),
        })
    }

    /// The body of the record that begins with this head, if it is whole.
    pub(crate) fn body(&self, record: &Bytes) -> Option<Bytes> {
        let end = HEAD.checked_add(self.body as usize)?;
        let body = (end <= record.len()).then(|| record.slice(HEAD..end))?;
        (crc32fast::hash(&body) == self.body_crc).then_some(body)
    }
}

/// Who writes a record, and what is known then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) epoch: u64,
    pub(crate) id: u64,
    pub(crate) synced: u64,
}

fn padded(bytes: usize) -> usize {
    bytes.next_multiple_of(BLOCK)
}

/// Appends a record of these rows, which all have this sequence number. False if they are too many
/// bytes for one record; `out` is then as before.
pub(crate) fn write(out: &mut Vec<u8>, stamp: Stamp, seq: u64, rows: &Rows) -> bool {
    let start = out.len();
    out.resize(start + HEAD, 0);
    for (key, value) in rows {
        write_row(out, key, value.as_deref());
    }
    let whole = finish(out, start, Kind::Rows, stamp, seq);
    if !whole {
        out.truncate(start);
    }
    whole
}

/// Appends the record that ends a log.
pub(crate) fn write_end(out: &mut Vec<u8>, stamp: Stamp) {
    let start = out.len();
    out.resize(start + HEAD, 0);
    finish(out, start, Kind::End, stamp, 0);
}

/// Writes the head in front of the body and fills the last block.
fn finish(out: &mut Vec<u8>, start: usize, kind: Kind, stamp: Stamp, seq: u64) -> bool {
    let body = &out[start + HEAD..];
    let Ok(length) = u32::try_from(body.len()) else {
        return false;
    };
    let body_crc = crc32fast::hash(body);
    let mut head = Vec::with_capacity(HEAD);
    head.put_u32_le(MAGIC);
    head.put_u32_le(kind as u32);
    head.put_u64_le(stamp.epoch);
    head.put_u64_le(stamp.id);
    head.put_u64_le(stamp.synced);
    head.put_u64_le(seq);
    head.put_u32_le(length);
    head.put_u32_le(body_crc);
    let crc = crc32fast::hash(&head);
    head.put_u32_le(crc);
    out[start..start + HEAD].copy_from_slice(&head);
    let end = start + padded(out.len() - start);
    out.resize(end, 0);
    true
}

fn write_row(out: &mut Vec<u8>, key: &[u8], value: Option<&[u8]>) {
    match value {
        None => {
            out.put_u8(REMOVED);
            write_number(out, key.len());
            out.put_slice(key);
        }
        Some(value) => {
            out.put_u8(VALUE);
            write_number(out, key.len());
            write_number(out, value.len());
            out.put_slice(key);
            out.put_slice(value);
        }
    }
}

fn write_number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.put_u8((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.put_u8(number as u8);
}

/// The rows of a body whose checksum was right, created at `time`; `None` if they cannot be read all the same.
pub(crate) fn rows(mut body: Bytes, seq: u64, time: i64) -> Option<Vec<RowEntry>> {
    let mut rows = Vec::new();
    while body.has_remaining() {
        rows.push(row(&mut body, seq, time)?);
    }
    Some(rows)
}

fn row(body: &mut Bytes, seq: u64, time: i64) -> Option<RowEntry> {
    let (key, value) = match body.try_get_u8().ok()? {
        REMOVED => (number(body)?, None),
        VALUE => (number(body)?, Some(number(body)?)),
        _ => return None,
    };
    if key.checked_add(value.unwrap_or(0))? > body.len() {
        return None;
    }
    Some(RowEntry {
        key: body.split_to(key),
        value: match value {
            Some(value) => ValueDeletable::Value(body.split_to(value)),
            None => ValueDeletable::Tombstone,
        },
        seq,
        create_ts: Some(time),
        expire_ts: None,
    })
}

fn number(body: &mut Bytes) -> Option<usize> {
    let mut number = 0usize;
    for shift in (0..35).step_by(7) {
        let byte = body.try_get_u8().ok()?;
        number |= ((byte & 0x7f) as usize) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STAMP: Stamp = Stamp {
        epoch: 3,
        id: 9,
        synced: 8,
    };

    fn any_rows(most: usize) -> impl Strategy<Value = Rows> {
        let key = proptest::collection::vec(any::<u8>(), 1..40).prop_map(Bytes::from);
        let value = proptest::collection::vec(any::<u8>(), 0..300).prop_map(Bytes::from);
        proptest::collection::vec((key, proptest::option::of(value)), 1..most)
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(rows in any_rows(60)) {
            let mut out = Vec::new();
            prop_assert!(write(&mut out, STAMP, 77, &rows));
            let out = Bytes::from(out);
            let head = Head::read(&out).unwrap();
            prop_assert_eq!(head.size(), out.len() as u64);
            prop_assert_eq!((head.epoch, head.id, head.synced, head.seq), (3, 9, 8, 77));
            let read = super::rows(head.body(&out).unwrap(), head.seq, 5).unwrap();
            prop_assert!(read.iter().all(|row| row.seq == 77));
            let read: Rows = read
                .into_iter()
                .map(|row| (row.key, row.value.as_bytes()))
                .collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn a_changed_byte_is_noticed(
            rows in any_rows(9),
            at in any::<proptest::sample::Index>(),
            change in 1u8..,
        ) {
            let mut out = Vec::new();
            prop_assert!(write(&mut out, STAMP, 77, &rows));
            let used = HEAD + Head::read(&out).unwrap().body as usize;
            out[at.index(used)] ^= change;
            let out = Bytes::from(out);
            let read = Head::read(&out).and_then(|head| head.body(&out));
            prop_assert_eq!(read, None);
        }

        #[test]
        fn rubbish_is_no_row_and_does_no_harm(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = super::rows(body.into(), 1, 5);
        }
    }
}
