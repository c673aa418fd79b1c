//! Whether a response may be kept, for how long, and with which headers: the rules of HTTP for a shared cache
//! (RFC 9111), with Cloudflare's for Set-Cookie. Pure: the time is an argument.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    AGE, AUTHORIZATION, CACHE_CONTROL, CONNECTION, DATE, EXPIRES, LAST_MODIFIED, PRAGMA,
    SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::directives::Directives;

/// The statuses whose meaning a cache knows: those of the Cache API's reference implementation. 206 and 304
/// are parts of an answer and no answer.
const UNDERSTOOD: [u16; 14] = [
    200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501,
];
/// Those of them that may be kept for a guessed time (RFC 9110, 15.1).
const CACHEABLE_BY_DEFAULT: [u16; 11] = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501];
/// The part of a document's age for which it is guessed to stay as it is (RFC 9111, 4.2.2).
const HEURISTIC_PART: u64 = 10;
/// For how long something immutable is kept that does not say for how long: a day.
const IMMUTABLE_SECONDS: u64 = 24 * 3600;

/// A response that may be kept.
#[derive(Debug)]
pub(super) struct Keep {
    pub(super) ttl: Duration,
    /// How old it is already, in seconds.
    pub(super) age: u64,
    pub(super) headers: HeaderMap,
}

/// What is to be kept of a response to a GET request; `None` if HTTP forbids to keep it. One that is stale already
/// has a `ttl` of 0: it takes the place of an older one, and cannot be found.
pub(super) fn keep(
    request: &HeaderMap,
    status: u16,
    headers: &HeaderMap,
    now: SystemTime,
) -> Option<Keep> {
    let mut directives = Directives::of(headers);
    let without_cookie = directives.take_private_cookie();
    let has_cookie = headers.contains_key(SET_COOKIE) && !without_cookie;
    let authorized = !request.contains_key(AUTHORIZATION)
        || ["must-revalidate", "public", "s-maxage"]
            .iter()
            .any(|name| directives.has(name));
    let forbidden = directives.has("no-store") || directives.has("private") || has_cookie;
    let known = UNDERSTOOD.contains(&status) && says_how_long(&directives, status, headers);
    if forbidden || !authorized || !known {
        return None;
    }
    let age = header_seconds(headers).unwrap_or(0);
    let lifetime = lifetime(&directives, status, headers, now);
    let ttl = lifetime.saturating_sub(age);
    let mut kept = without_hops(headers);
    if without_cookie {
        kept.remove(SET_COOKIE);
        replace_directives(&mut kept, &directives);
    }
    kept.remove(AGE);
    if date(&kept, DATE).is_none() {
        let now = httpdate::fmt_http_date(now);
        let now = HeaderValue::from_str(&now).expect("a date is plain text");
        kept.insert(DATE, now);
    }
    Some(Keep {
        ttl: Duration::from_secs(ttl),
        age,
        headers: kept,
    })
}

/// Whether there is anything to tell a lifetime by.
fn says_how_long(directives: &Directives, status: u16, headers: &HeaderMap) -> bool {
    let said = ["s-maxage", "max-age", "public"];
    said.iter().any(|name| directives.has(name))
        || headers.contains_key(EXPIRES)
        || CACHEABLE_BY_DEFAULT.contains(&status)
}

/// For how many seconds a response is fresh, counted from its making.
fn lifetime(directives: &Directives, status: u16, headers: &HeaderMap, now: SystemTime) -> u64 {
    let pragma = directives.is_empty()
        && headers
            .get_all(PRAGMA)
            .iter()
            .any(|value| value.as_bytes().eq_ignore_ascii_case(b"no-cache"));
    if directives.has("no-cache") || pragma {
        return 0;
    }
    let said = directives
        .seconds("s-maxage")
        .or_else(|| directives.seconds("max-age"));
    if let Some(seconds) = said {
        return seconds;
    }
    let made = date(headers, DATE).unwrap_or(now);
    if headers.contains_key(EXPIRES) {
        // What is no date has expired.
        let expires = date(headers, EXPIRES).unwrap_or(UNIX_EPOCH);
        return seconds_between(made, expires);
    }
    if !CACHEABLE_BY_DEFAULT.contains(&status) && !directives.has("public") {
        return 0;
    }
    let modified = date(headers, LAST_MODIFIED);
    let guess = modified.map_or(0, |modified| {
        seconds_between(modified, made) / HEURISTIC_PART
    });
    match directives.has("immutable") {
        true => guess.max(IMMUTABLE_SECONDS),
        false => guess,
    }
}

fn seconds_between(from: SystemTime, to: SystemTime) -> u64 {
    to.duration_since(from)
        .map_or(0, |duration| duration.as_secs())
}

/// A date of a header, which must be one of HTTP's. That it is of another day of the week is no reason to
/// ignore it.
pub(super) fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    httpdate::parse_http_date(text).ok().or_else(|| {
        let (_, rest) = text.split_once(", ")?;
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter();
        let mut dates = days.map(|day| httpdate::parse_http_date(&format!("{day}, {rest}")));
        dates.find_map(Result::ok)
    })
}

fn header_seconds(headers: &HeaderMap) -> Option<u64> {
    headers.get(AGE)?.to_str().ok()?.trim().parse().ok()
}

/// What is about one connection only goes no further.
fn without_hops(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    let named = headers.get_all(CONNECTION).iter();
    let named = named.filter_map(|value| value.to_str().ok());
    for name in named.flat_map(|names| names.split(',')) {
        kept.remove(name.trim());
    }
    for name in [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE] {
        kept.remove(name);
    }
    for name in ["keep-alive", "proxy-authenticate", "proxy-authorization"] {
        kept.remove(name);
    }
    kept
}

fn replace_directives(headers: &mut HeaderMap, directives: &Directives) {
    headers.remove(CACHE_CONTROL);
    if let Ok(value) = HeaderValue::from_str(&directives.join())
        && !directives.is_empty()
    {
        headers.insert(CACHE_CONTROL, value);
    }
}
