//! Headers on their way between JavaScript and Rust: one text of the name and the value of each, all separated
//! by NUL, which neither can contain.
//!
//! Owns that form alone. Values are UTF-8 on both sides of a connection, as workerd has them; bytes that are none
//! become U+FFFD in JavaScript.

use http::{HeaderMap, HeaderName, HeaderValue};

/// A header that HTTP does not allow.
#[derive(Debug, thiserror::Error)]
#[error("Invalid header: {0}")]
pub(crate) struct InvalidHeader(String);

/// As the bytes came.
pub(crate) fn join_bytes(headers: &HeaderMap) -> Vec<u8> {
    let size = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 2;
    let mut joined = Vec::with_capacity(headers.iter().map(size).sum());
    for (name, value) in headers {
        joined.extend_from_slice(name.as_str().as_bytes());
        joined.push(0);
        joined.extend_from_slice(value.as_bytes());
        joined.push(0);
    }
    joined
}

/// For JavaScript.
pub(crate) fn join(headers: &HeaderMap) -> String {
    String::from_utf8(join_bytes(headers))
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// What HTTP does not allow is left out: JavaScript has checked it already.
pub(crate) fn split(joined: &str) -> HeaderMap {
    pairs(joined).filter_map(Result::ok).collect()
}

/// Fails at the first header that HTTP does not allow.
pub(crate) fn try_split(joined: &str) -> Result<HeaderMap, InvalidHeader> {
    pairs(joined).collect()
}

fn pairs(joined: &str) -> impl Iterator<Item = Result<(HeaderName, HeaderValue), InvalidHeader>> {
    let mut parts = joined.split('\0');
    std::iter::from_fn(move || {
        let (name, value) = (parts.next()?, parts.next()?);
        Some(pair(name, value).ok_or_else(|| InvalidHeader(name.to_owned())))
    })
}

fn pair(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers() -> HeaderMap {
        let list = [
            ("set-cookie", &b"a=1"[..]),
            ("set-cookie", b"b=2"),
            ("x-utf8", "é".as_bytes()),
            ("x-empty", b""),
        ];
        let pair = |(name, value): (&'static str, &[u8])| {
            let value = HeaderValue::from_bytes(value).expect("a value");
            (HeaderName::from_static(name), value)
        };
        list.map(pair).into_iter().collect()
    }

    #[test]
    fn what_is_joined_comes_apart_again() {
        assert_eq!(split(&join(&headers())), headers());
        assert_eq!(split(""), HeaderMap::new());
    }

    #[test]
    fn values_are_utf_8() {
        let joined = |value| {
            let value = HeaderValue::from_bytes(value).expect("a value");
            join(&HeaderMap::from_iter([(
                HeaderName::from_static("x"),
                value,
            )]))
        };
        assert_eq!(joined(b"\xc3\xa9"), "x\0é\0");
        assert_eq!(joined(b"caf\xe9"), "x\0caf\u{fffd}\0");
    }

    #[test]
    fn invalid_ones_are_left_out_or_named() {
        let joined = "good\x001\0bad name\x002\0other\x003\0";
        let names: Vec<_> = split(joined)
            .into_iter()
            .filter_map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["good", "other"]);
        let error = try_split(joined).expect_err("one is invalid");
        assert_eq!(error.to_string(), "Invalid header: bad name");
    }
}
