//! What of a stored response answers a request: all of it, a part (Range), only that it has not changed
//! (If-None-Match, If-Modified-Since), or that there is no such part. Pure.

use std::ops::Range;

use http::header::{
    CONTENT_ENCODING, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderName};

use super::freshness::date;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Selected {
    Whole,
    /// The first and the last byte are in it; it is never empty.
    Part(Range<u64>),
    NotModified,
    NoSuchPart,
}

/// `length` is that of the stored body.
pub(super) fn select(
    request: &HeaderMap,
    status: u16,
    stored: &HeaderMap,
    length: u64,
) -> Selected {
    // Only what went well can be the same as before, or be taken apart.
    if !(200..300).contains(&status) {
        return Selected::Whole;
    }
    if not_modified(request, stored) {
        return Selected::NotModified;
    }
    match text(request, RANGE) {
        // The bytes are kept as they were before they were encoded.
        Some(range) if status == 200 && !stored.contains_key(CONTENT_ENCODING) => {
            match if_range_holds(request, stored) {
                true => part(range, length),
                false => Selected::Whole,
            }
        }
        _ => Selected::Whole,
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn not_modified(request: &HeaderMap, stored: &HeaderMap) -> bool {
    // The tag says more than the date, where there is one on both sides.
    if let Some(wanted) = text(request, IF_NONE_MATCH)
        && let Some(tag) = text(stored, ETAG).and_then(tag)
    {
        return wanted.trim() == "*" || tags(wanted).any(|wanted| wanted == tag);
    }
    let since = date(request, IF_MODIFIED_SINCE);
    let modified = date(stored, LAST_MODIFIED);
    matches!((since, modified), (Some(since), Some(modified)) if modified <= since)
}

/// What is between the quotes of a tag, weak or not: here both compare equal.
fn tag(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    text.strip_prefix('"')?.strip_suffix('"')
}

/// The tags of a list. A comma may stand in a tag.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let parts = list.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    parts.filter_map(tag)
}

/// Without If-Range, or with one that names what is stored.
fn if_range_holds(request: &HeaderMap, stored: &HeaderMap) -> bool {
    let Some(condition) = text(request, IF_RANGE) else {
        return true;
    };
    match date(request, IF_RANGE) {
        Some(date_then) => date(stored, LAST_MODIFIED) == Some(date_then),
        // A weak tag never matches here.
        None => text(stored, ETAG).is_some_and(|tag| {
            tag.trim() == condition.trim() && !condition.trim_start().starts_with("W/")
        }),
    }
}

/// One range of bytes. What asks for several is answered with everything, as HTTP allows; what is no range
/// of bytes is answered as Cloudflare's runtime does.
fn part(range: &str, length: u64) -> Selected {
    let Some((unit, list)) = range.split_once('=') else {
        return Selected::NoSuchPart;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Selected::NoSuchPart;
    }
    if list.trim().is_empty() {
        return Selected::Whole;
    }
    let parts: Option<Vec<_>> = list.split(',').map(|one| one_part(one, length)).collect();
    match parts.as_deref() {
        None => Selected::NoSuchPart,
        Some([Some(part)]) => Selected::Part(part.clone()),
        Some(_) => Selected::Whole,
    }
}

/// `None`: there is no such part. `Some(None)`: it asks for the whole.
fn one_part(text: &str, length: u64) -> Option<Option<Range<u64>>> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    match (first, last) {
        (Some(first), None) if first < length => Some(Some(first..length)),
        (Some(first), Some(last)) if first <= last && first < length => {
            Some(Some(first..last.saturating_add(1).min(length)))
        }
        (None, Some(suffix)) if suffix == 0 || suffix >= length => Some(None),
        (None, Some(suffix)) => Some(Some(length - suffix..length)),
        _ => None,
    }
}

/// `Some(None)` where there is nothing.
fn number(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // More digits than fit are more bytes than there are.
    Some(Some(text.parse().unwrap_or(u64::MAX)))
}
