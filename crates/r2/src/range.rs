//! Ranges: which bytes of an object are asked for.

use crate::{Error, ErrorKind};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeRequest {
    /// `length` bytes from `offset` on; what is absent is the start, or as many as there are.
    Slice {
        offset: Option<u64>,
        length: Option<u64>,
    },
    /// The last so many bytes.
    Suffix(u64),
    /// A `Range` header. The whole object is meant by one that is not a single range within it.
    Header(String),
}

/// Bytes of an object. Never beyond its end; empty only for an empty object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    pub offset: u64,
    pub length: u64,
}

impl ByteRange {
    /// All of it.
    pub fn whole(size: u64) -> ByteRange {
        ByteRange {
            offset: 0,
            length: size,
        }
    }

    pub(crate) fn end(self) -> u64 {
        self.offset + self.length
    }
}

impl RangeRequest {
    /// The bytes of an object of that size; an error where it has none of them.
    pub fn resolve(&self, size: u64) -> Result<ByteRange, Error> {
        match self {
            RangeRequest::Slice { offset, length } => {
                let offset = offset.unwrap_or(0);
                let rest = size.checked_sub(offset).ok_or(ErrorKind::InvalidRange)?;
                within(offset, length.unwrap_or(rest).min(rest))
            }
            RangeRequest::Suffix(suffix) => {
                let length = size.min(*suffix);
                within(size - length, length)
            }
            RangeRequest::Header(header) => {
                Ok(of_header(header, size).unwrap_or(ByteRange::whole(size)))
            }
        }
    }
}

fn within(offset: u64, length: u64) -> Result<ByteRange, Error> {
    match length {
        0 => Err(ErrorKind::InvalidRange.into()),
        length => Ok(ByteRange { offset, length }),
    }
}

/// The range of a header that has a single one that can be satisfied.
fn of_header(header: &str, size: u64) -> Option<ByteRange> {
    let (unit, range) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    match (number(start)?, number(end)?) {
        (Some(start), Some(end)) if start <= end && start < size => Some(ByteRange {
            offset: start,
            length: end.min(size - 1) - start + 1,
        }),
        (Some(start), None) if start < size => Some(ByteRange {
            offset: start,
            length: size - start,
        }),
        (None, Some(suffix)) if suffix > 0 && size > 0 => {
            let length = suffix.min(size);
            Some(ByteRange {
                offset: size - length,
                length,
            })
        }
        _ => None,
    }
}

/// `Some(None)` where nothing is written. A number that is too large is as good as the largest.
fn number(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(offset: Option<u64>, length: Option<u64>) -> RangeRequest {
        RangeRequest::Slice { offset, length }
    }

    #[test]
    fn slices_and_suffixes() {
        let ten = |request: RangeRequest| request.resolve(10).map(|r| (r.offset, r.length)).ok();
        assert_eq!(ten(slice(Some(2), Some(3))), Some((2, 3)));
        assert_eq!(ten(slice(Some(8), Some(100))), Some((8, 2)));
        assert_eq!(ten(slice(None, Some(u64::MAX))), Some((0, 10)));
        assert_eq!(ten(slice(Some(10), None)), None);
        assert_eq!(ten(slice(Some(50), None)), None);
        assert_eq!(ten(slice(Some(1), Some(0))), None);
        assert_eq!(ten(RangeRequest::Suffix(3)), Some((7, 3)));
        assert_eq!(ten(RangeRequest::Suffix(100)), Some((0, 10)));
        assert_eq!(ten(RangeRequest::Suffix(0)), None);
        assert!(slice(Some(0), Some(5)).resolve(0).is_err());
    }

    #[test]
    fn headers() {
        let ten = |header: &str| {
            let range = RangeRequest::Header(header.to_owned()).resolve(10).unwrap();
            (range.offset, range.length)
        };
        assert_eq!(ten("bytes=2-4"), (2, 3));
        assert_eq!(ten(" Bytes = 2 - "), (2, 8));
        assert_eq!(ten("bytes=-3"), (7, 3));
        assert_eq!(ten("bytes=8-99999999999999999999999"), (8, 2));
        for whole in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=4-2",
            "bytes=10-",
            "bytes=-0",
            "bytes=-99",
            "bytes=0-1,3-4",
            "lines=1-2",
            "bytes=a-b",
            "bytes=1-x",
            "bytes=+1-2",
        ] {
            assert_eq!(ten(whole), (0, 10), "{whole:?}");
        }
    }
}
