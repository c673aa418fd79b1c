//! Headers on their way between JavaScript and Rust: one text of the name and the value of each, all separated
//! by NUL, which neither can contain.
//!
//! Owns that form alone. Values are bytes, which JavaScript sees as Latin-1: one character is one byte.

use http::{HeaderMap, HeaderName, HeaderValue};

/// A header that HTTP does not allow.
#[derive(Debug, thiserror::Error)]
#[error("Invalid header: {0}")]
pub(crate) struct InvalidHeader(String);

/// For a JavaScript string that is made of bytes.
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

/// For a JavaScript string that is made of characters.
pub(crate) fn join(headers: &HeaderMap) -> String {
    let joined = join_bytes(headers);
    match joined.is_ascii() {
        true => String::from_utf8(joined).expect("ASCII is UTF-8"),
        false => latin1(&joined),
    }
}

/// The bytes of a text whose characters are bytes.
pub(crate) fn bytes(text: String) -> Vec<u8> {
    match text.is_ascii() {
        true => text.into_bytes(),
        false => text.chars().map(|char| char as u8).collect(),
    }
}

/// One character for each byte.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
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
    let value: Vec<u8> = value.chars().map(|char| char as u8).collect();
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    Some((name, HeaderValue::from_bytes(&value).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers() -> HeaderMap {
        let list = [
            ("set-cookie", &b"a=1"[..]),
            ("set-cookie", b"b=2"),
            ("x-latin", b"caf\xe9"),
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
        assert_eq!(split(&latin1(&join_bytes(&headers()))), headers());
        assert_eq!(split(""), HeaderMap::new());
    }

    #[test]
    fn bytes_are_characters() {
        let mut one = HeaderMap::new();
        one.insert("x", HeaderValue::from_bytes(b"\xc3\xa9").expect("a value"));
        assert_eq!(join(&one), "x\0\u{c3}\u{a9}\0");
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
