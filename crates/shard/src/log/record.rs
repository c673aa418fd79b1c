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
//! The body is rows, each: flags (1 byte), length of the key and of the value (LEB128), key, value,
//! then the times that the flags announce (8 bytes each).

use bytes::{Buf, BufMut, Bytes};
use slatedb::{RowEntry, ValueDeletable};

/// What a disk writes as a whole, or a multiple of it; offsets of records are multiples of it.
pub(crate) const BLOCK: usize = 4096;

const MAGIC: u32 = u32::from_le_bytes(*b"CHr1");
const HEAD: usize = 52;

const VALUE: u8 = 0;
const TOMBSTONE: u8 = 1;
const MERGE: u8 = 2;
const KIND: u8 = 0b11;
const CREATED: u8 = 1 << 2;
const EXPIRES: u8 = 1 << 3;

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

/// Appends a record of these rows, which all have one sequence number. False if they are too many
/// bytes for one record; `out` is then as before.
pub(crate) fn write(out: &mut Vec<u8>, stamp: Stamp, rows: &[RowEntry]) -> bool {
    let start = out.len();
    out.resize(start + HEAD, 0);
    for row in rows {
        write_row(out, row);
    }
    let seq = rows.first().map_or(0, |row| row.seq);
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

fn write_row(out: &mut Vec<u8>, row: &RowEntry) {
    let (kind, value): (u8, &[u8]) = match &row.value {
        ValueDeletable::Value(value) => (VALUE, value),
        ValueDeletable::Merge(value) => (MERGE, value),
        ValueDeletable::Tombstone => (TOMBSTONE, &[]),
    };
    let created = row.create_ts.map_or(0, |_| CREATED);
    let expires = row.expire_ts.map_or(0, |_| EXPIRES);
    out.put_u8(kind | created | expires);
    write_number(out, row.key.len());
    write_number(out, value.len());
    out.put_slice(&row.key);
    out.put_slice(value);
    for time in [row.create_ts, row.expire_ts].into_iter().flatten() {
        out.put_i64_le(time);
    }
}

fn write_number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.put_u8((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.put_u8(number as u8);
}

/// The rows of a body whose checksum was right; `None` if they cannot be read all the same.
pub(crate) fn rows(mut body: Bytes, seq: u64) -> Option<Vec<RowEntry>> {
    let mut rows = Vec::new();
    while body.has_remaining() {
        rows.push(row(&mut body, seq)?);
    }
    Some(rows)
}

fn row(body: &mut Bytes, seq: u64) -> Option<RowEntry> {
    let flags = body.try_get_u8().ok()?;
    let key = number(body)?;
    let value = number(body)?;
    if key.checked_add(value)? > body.len() {
        return None;
    }
    let key = body.split_to(key);
    let value = body.split_to(value);
    let value = match flags & KIND {
        VALUE => ValueDeletable::Value(value),
        MERGE => ValueDeletable::Merge(value),
        TOMBSTONE => ValueDeletable::Tombstone,
        _ => return None,
    };
    let mut time = |flag| match flags & flag {
        0 => Some(None),
        _ => body.try_get_i64_le().ok().map(Some),
    };
    let (create_ts, expire_ts) = (time(CREATED)?, time(EXPIRES)?);
    Some(RowEntry {
        key,
        value,
        seq,
        create_ts,
        expire_ts,
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

    fn any_row() -> impl Strategy<Value = RowEntry> {
        let value = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300)
                .prop_map(|v| ValueDeletable::Value(v.into())),
            proptest::collection::vec(any::<u8>(), 0..5)
                .prop_map(|v| ValueDeletable::Merge(v.into())),
            Just(ValueDeletable::Tombstone),
        ];
        let key = proptest::collection::vec(any::<u8>(), 1..40);
        (key, value, any::<Option<i64>>(), any::<Option<i64>>()).prop_map(
            |(key, value, create_ts, expire_ts)| RowEntry {
                key: key.into(),
                value,
                seq: 77,
                create_ts,
                expire_ts,
            },
        )
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(rows in proptest::collection::vec(any_row(), 1..60)) {
            let mut out = Vec::new();
            prop_assert!(write(&mut out, STAMP, &rows));
            let out = Bytes::from(out);
            let head = Head::read(&out).unwrap();
            prop_assert_eq!(head.size(), out.len() as u64);
            prop_assert_eq!((head.epoch, head.id, head.synced, head.seq), (3, 9, 8, 77));
            prop_assert_eq!(super::rows(head.body(&out).unwrap(), head.seq).unwrap(), rows);
        }

        #[test]
        fn a_changed_byte_is_noticed(
            rows in proptest::collection::vec(any_row(), 1..9),
            at in any::<proptest::sample::Index>(),
            change in 1u8..,
        ) {
            let mut out = Vec::new();
            prop_assert!(write(&mut out, STAMP, &rows));
            let used = HEAD + Head::read(&out).unwrap().body as usize;
            out[at.index(used)] ^= change;
            let out = Bytes::from(out);
            let read = Head::read(&out).and_then(|head| head.body(&out));
            prop_assert_eq!(read, None);
        }

        #[test]
        fn rubbish_is_no_row_and_does_no_harm(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = super::rows(body.into(), 1);
        }
    }
}
