//! Getting an object with its body.

use bytes::Bytes;
use cellhouse_cell::Ticket;
use rusqlite::Connection;

use crate::bodies::{BodyId, Segment, SegmentPlace, Version};
use crate::bucket::select;
use crate::limits::check_key;
use crate::schema::Count;
use crate::{Bucket, ByteRange, Conditions, Error, Object, RangeRequest, Reader};

/// What `get` takes beside the key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetOptions {
    pub only_if: Option<Conditions>,
    pub range: Option<RangeRequest>,
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
        let range = match &options.range {
            None => ByteRange::whole(object.size),
            Some(request) => request.resolve(object.size)?,
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
