//! A stored response as the bytes of one value of Redis.
//!
//! Version 1: the byte 1; then, big-endian, status (2 bytes), flags (1), age (8), the moment of storing in
//! milliseconds since 1970 (8), length of the headers (4), the headers as `name NUL value NUL`, and the body.

use std::time::{Duration, UNIX_EPOCH};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Head;

const VERSION: u8 = 1;
const ENCODED: u8 = 1;
const FIXED: usize = 1 + 2 + 1 + 8 + 8 + 4;

pub(super) fn write(head: &Head, body: &Bytes) -> Bytes {
    let mut headers = BytesMut::new();
    for (name, value) in &head.headers {
        headers.put_slice(name.as_str().as_bytes());
        headers.put_u8(0);
        headers.put_slice(value.as_bytes());
        headers.put_u8(0);
    }
    let millis = head.stored.duration_since(UNIX_EPOCH);
    let millis = millis.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0));
    let mut record = BytesMut::with_capacity(FIXED + headers.len() + body.len());
    record.put_u8(VERSION);
    record.put_u16(head.status);
    record.put_u8(if head.encoded { ENCODED } else { 0 });
    record.put_u64(head.age);
    record.put_u64(millis);
    record.put_u32(u32::try_from(headers.len()).unwrap_or(u32::MAX));
    record.put(headers);
    record.put_slice(body);
    record.freeze()
}

/// `None` for what this version has not written.
pub(super) fn read(mut record: Bytes) -> Option<(Head, Bytes)> {
    if record.len() < FIXED || record.get_u8() != VERSION {
        return None;
    }
    let status = record.get_u16();
    let encoded = record.get_u8() & ENCODED != 0;
    let age = record.get_u64();
    let stored = UNIX_EPOCH.checked_add(Duration::from_millis(record.get_u64()))?;
    let length = usize::try_from(record.get_u32()).ok()?;
    if record.len() < length {
        return None;
    }
    let headers = headers(&record.split_to(length))?;
    let head = Head {
        status,
        headers,
        encoded,
        age,
        stored,
    };
    Some((head, record))
}

fn headers(joined: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut parts = joined.split(|byte| *byte == 0);
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        let name = HeaderName::from_bytes(name).ok()?;
        headers.append(name, HeaderValue::from_bytes(value).ok()?);
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            status in 200u16..600,
            headers in proptest::collection::vec(("[a-z-]{1,8}", "[ -~]{0,12}"), 0..5),
            (encoded, age, millis) in (any::<bool>(), any::<u64>(), 0u64..1 << 52),
            body in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut map = HeaderMap::new();
            for (name, value) in &headers {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
                map.append(name, HeaderValue::from_str(value.trim()).expect("a value"));
            }
            let stored = UNIX_EPOCH + Duration::from_millis(millis);
            let head = Head { status, headers: map, encoded, age, stored };
            let body = Bytes::from(body);
            let record = write(&head, &body);
            for cut in 0..record.len().saturating_sub(body.len()) {
                prop_assert!(read(record.slice(..cut)).is_none(), "{cut}");
            }
            prop_assert_eq!(read(record), Some((head, body)));
        }

        #[test]
        fn what_somebody_else_wrote_is_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let bytes = Bytes::from(bytes);
            if let Some((head, body)) = read(bytes.clone()) {
                prop_assert_eq!(write(&head, &body).len(), bytes.len());
            }
        }
    }
}
