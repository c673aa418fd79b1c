//! Paths of requests, decoded and encoded as Cloudflare does it: a file has one address, that of its name with all
//! encoded that `encodeURIComponent` encodes.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What `encodeURIComponent` of JavaScript encodes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The path with each segment decoded, and no slash twice. A segment that cannot be decoded stays as it is.
pub(crate) fn decode(path: &str) -> String {
    let decoded: Vec<_> = path.split('/').map(decode_segment).collect();
    collapse_slashes(&decoded.join("/"))
}

/// The address of a decoded path.
pub(crate) fn encode(path: &str) -> String {
    let encoded: Vec<_> = path
        .split('/')
        .map(|segment| Cow::from(utf8_percent_encode(segment, ENCODED)))
        .collect();
    encoded.join("/")
}

/// The text with runs of slashes made one.
pub(crate) fn collapse_slashes(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '/' || !result.ends_with('/') {
            result.push(character);
        }
    }
    result
}

fn decode_segment(segment: &str) -> Cow<'_, str> {
    if !is_well_formed(segment) {
        return Cow::Borrowed(segment);
    }
    percent_decode_str(segment)
        .decode_utf8()
        .unwrap_or(Cow::Borrowed(segment))
}

/// Whether two hexadecimal digits follow every `%`.
fn is_well_formed(segment: &str) -> bool {
    let mut pieces = segment.as_bytes().split(|byte| *byte == b'%');
    pieces.next();
    pieces.all(|piece| piece.len() >= 2 && piece[..2].iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_one_by_one() {
        for (path, decoded) in [
            ("/", "/"),
            ("/a%20b/%C3%BC", "/a b/ü"),
            ("/a//b///", "/a/b/"),
            ("/%zz/%41", "/%zz/A"),
            ("/%ff/x", "/%ff/x"),
            ("/%41%", "/%41%"),
            ("/a%2Fb", "/a/b"),
            ("/..%2f..%2fetc", "/../../etc"),
        ] {
            assert_eq!(decode(path), decoded, "{path}");
        }
    }

    #[test]
    fn addresses_are_those_of_javascript() {
        assert_eq!(
            encode("/a b/[ü]!~*'()/x.html"),
            "/a%20b/%5B%C3%BC%5D!~*'()/x.html"
        );
        assert_eq!(encode("/a@b,c;d=e&f+g$h"), "/a%40b%2Cc%3Bd%3De%26f%2Bg%24h");
    }
}
