//! Getting an object with its body.

use bytes::Bytes;
use cellhouse_cell::Ticket;
use rusqlite::{Connection, OptionalExtension as _};

use crate::bodies::{BodyId, Segment, SegmentPlace, Version};
use crate::bucket::select;
use crate::limits::{MAX_PART_NUMBER, check_key};
use crate::schema::Count;
use crate::{Bucket, ByteRange, Conditions, Error, ErrorKind, Object, RangeRequest, Reader};

/// What `get` takes beside the key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetOptions {
    pub only_if: Option<Conditions>,
    pub range: Option<RangeRequest>,
    /// Only the bytes of that part, from 1, of an object that was made of parts; one that was not is a single
    /// part. Without a range.
    pub part: Option<u32>,
}

/// What `get` gives.
pub enum Got {
    /// There is none.
    Absent,
    /// The conditions do not hold for it.
    Unmet(Object),
    /// The object, and those bytes of it.
    Found(Object, ByteRange, Body),
}

/// The bytes of an object that were asked for.
pub enum Body {
    Bytes(Bytes),
    Stream(Reader),
}

impl Bucket {
    /// The object under a key, with the bytes that are asked for. They are those of this object until the
    /// reader is dropped, whatever becomes of the key.
    pub fn get(&self, key: &str, options: &GetOptions) -> Result<(Got, Ticket), Error> {
        check_key(key)?;
        let read = |connection: &Connection| Ok(self.look(connection, key, options));
        let (got, ticket) = self.inner.cell.read(read)?;
        Ok((got?, ticket))
    }

    fn look(&self, connection: &Connection, key: &str, options: &GetOptions) -> Result<Got, Error> {
        let Some(stored) = select(connection, key)? else {
            return Ok(Got::Absent);
        };
        let object = stored.object;
        let present = Some((object.etag.as_str(), object.uploaded));
        if options
            .only_if
            .as_ref()
            .is_some_and(|conditions| !conditions.hold(present))
        {
            return Ok(Got::Unmet(object));
        }
        let range = match (&options.range, options.part) {
            (Some(request), _) => request.resolve(object.size)?,
            (None, Some(number)) => part_of(connection, &object, stored.version, number)?,
            (None, None) => ByteRange::whole(object.size),
        };
        let body = match stored.small {
            Some(small) => Body::Bytes(read_small(connection, small, range)?),
            None => self.open(stored.version, segments(connection, stored.version, range)?),
        };
        Ok(Got::Found(object, range, body))
    }

    fn open(&self, version: Version, mut segments: Vec<Segment>) -> Body {
        match &mut segments[..] {
            [] => Body::Bytes(Bytes::new()),
            [
                Segment {
                    place: SegmentPlace::Small(bytes),
                    ..
                },
            ] => Body::Bytes(std::mem::take(bytes)),
            _ => Body::Stream(Reader::new(self.inner.bodies.lease(version), segments)),
        }
    }
}

/// The bytes of a part. Each is a stretch of the body of its own, but for those without bytes.
fn part_of(
    connection: &Connection,
    object: &Object,
    version: Version,
    number: u32,
) -> Result<ByteRange, Error> {
    let before = match number {
        1..=MAX_PART_NUMBER if number <= object.parts() => number - 1,
        _ => return Err(ErrorKind::InvalidPartNumber.into()),
    };
    if object.parts() == 1 {
        return Ok(ByteRange::whole(object.size));
    }
    let sql =
        "SELECT start, size FROM segments WHERE version = ?1 ORDER BY start LIMIT 1 OFFSET ?2";
    let mut select = connection.prepare_cached(sql)?;
    let found = select.query_row((&version.0[..], before), |row| {
        Ok(ByteRange {
            offset: row.get::<_, Count>(0)?.0,
            length: row.get::<_, Count>(1)?.0,
        })
    });
    let nothing = ByteRange {
        offset: object.size,
        length: 0,
    };
    Ok(found.optional()?.unwrap_or(nothing))
}

fn read_small(connection: &Connection, small: i64, range: ByteRange) -> Result<Bytes, Error> {
    let mut select = connection.prepare_cached("SELECT bytes FROM small WHERE id = ?1")?;
    let missing = || Error::storage("a body is shorter than its object");
    let bytes = select.query_row([small], |row| {
        let all = row.get_ref(0)?.as_blob()?;
        let start = usize::try_from(range.offset).unwrap_or(usize::MAX);
        let end = usize::try_from(range.end()).unwrap_or(usize::MAX);
        Ok(all.get(start..end).map(Bytes::copy_from_slice))
    })?;
    bytes.ok_or_else(missing)
}

/// The stretches of a body that a range needs.
fn segments(
    connection: &Connection,
    version: Version,
    range: ByteRange,
) -> Result<Vec<Segment>, Error> {
    let sql = "SELECT start, size, small, body FROM segments
        WHERE version = ?1 AND start < ?2 AND start + size > ?3 ORDER BY start";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query((&version.0[..], Count(range.end()), Count(range.offset)))?;
    let mut segments = Vec::new();
    while let Some(row) = rows.next()? {
        let (Count(start), Count(size)) = (row.get(0)?, row.get(1)?);
        let from = range.offset.max(start);
        let length = range.end().min(start + size) - from;
        let within = ByteRange {
            offset: from - start,
            length,
        };
        let place = match row.get::<_, Option<i64>>(2)? {
            Some(small) => SegmentPlace::Small(read_small(connection, small, within)?),
            None => SegmentPlace::File(BodyId(row.get(3)?)),
        };
        segments.push(Segment {
            place,
            offset: within.offset,
            length,
        });
    }
    Ok(segments)
}
