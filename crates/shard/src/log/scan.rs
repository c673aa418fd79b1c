//! Reading one segment from its first record to its end, and telling an end from damage.

use bytes::Bytes;

use super::record::{BLOCK, Head, Kind};
use super::segment::{FIRST, Segment, damaged};
use crate::Error;

/// A record that is whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    pub(crate) head: Head,
}

/// What a segment holds.
pub(crate) struct Scanned {
    pub(crate) segment: Segment,
    /// Its records, with consecutive ids. Not the one that ends a log.
    pub(crate) records: Vec<Place>,
    /// Where the first thing is that is no record of this segment.
    pub(crate) end: u64,
    /// The log was closed properly after its last record.
    pub(crate) closed: bool,
}

impl Scanned {
    pub(crate) fn last_id(&self) -> Option<u64> {
        self.records.last().map(|place| place.head.id)
    }
}

/// Reads a segment as far as its records are whole and follow each other.
pub(crate) fn scan(segment: Segment) -> Result<Scanned, Error> {
    let mut scanned = Scanned {
        records: Vec::new(),
        end: FIRST,
        closed: false,
        segment,
    };
    while let Some((head, _)) = read(&scanned.segment, scanned.end)? {
        if !follows(&scanned, &head) {
            break;
        }
        if head.kind == Kind::End {
            scanned.closed = true;
            break;
        }
        scanned.records.push(Place {
            offset: scanned.end,
            head,
        });
        scanned.end += head.size();
    }
    Ok(scanned)
}

fn follows(scanned: &Scanned, head: &Head) -> bool {
    let header = &scanned.segment.header;
    let expected = scanned.last_id().map(|id| id + 1);
    head.epoch == header.name.epoch
        && head.id > header.floor
        && expected.is_none_or(|expected| head.id == expected)
}

/// The record at `offset`, with its body, if there is a whole one.
pub(crate) fn read(segment: &Segment, offset: u64) -> Result<Option<(Head, Bytes)>, Error> {
    let Some(head) = read_head(segment, offset)? else {
        return Ok(None);
    };
    if head.size() > segment.header.size - offset {
        return Ok(None);
    }
    let mut record = vec![0; usize::try_from(head.size()).expect("a record is at most 4 GiB")];
    segment
        .file
        .read_at(&mut record, offset)
        .map_err(Error::io("read", &segment.path))?;
    let record = Bytes::from(record);
    Ok(head.body(&record).map(|body| (head, body)))
}

fn read_head(segment: &Segment, offset: u64) -> Result<Option<Head>, Error> {
    if offset + BLOCK as u64 > segment.header.size {
        return Ok(None);
    }
    let mut block = [0; BLOCK];
    segment
        .file
        .read_at(&mut block, offset)
        .map_err(Error::io("read", &segment.path))?;
    Ok(Head::read(&block))
}

/// Whether something behind the end of the records shows that the record which should be there,
/// `expected`, was durable: then the end is not a write that a crash cut short, but damage.
pub(crate) fn check_tail(scanned: &Scanned, expected: u64) -> Result<(), Error> {
    let segment = &scanned.segment;
    let mut offset = scanned.end;
    while let Some(next) = offset.checked_add(BLOCK as u64)
        && next <= segment.header.size
    {
        if let Some(head) = read_head(segment, offset)?
            && head.epoch == segment.header.name.epoch
            && head.id > segment.header.floor
            && head.synced >= expected
        {
            return Err(damaged(
                &segment.path,
                format!("was changed or damaged at byte {}", scanned.end),
            ));
        }
        offset = next;
    }
    Ok(())
}
