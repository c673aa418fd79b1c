//! Listing keys in UTF-8 byte order, by exact prefix, page by page.
//!
//! A cursor holds the last key of its page and nothing else, so it stays right whatever is put or
//! deleted meanwhile.

use cellhouse_cell::Ticket;
use rusqlite::{Connection, Row};

use crate::error::Method;
use crate::{Error, MAX_KEY_BYTES, MAX_LIST_KEYS, Store, limits};

/// What `list` takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListOptions<'a> {
    /// Only keys that begin so, byte for byte.
    pub prefix: Option<&'a str>,
    /// At most this many keys, 1 to 1000. Zero and less mean 1000, as on Cloudflare.
    pub limit: Option<i64>,
    /// The cursor of the page before.
    pub cursor: Option<&'a str>,
}

/// One key of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListKey {
    /// The key.
    pub name: String,
    /// When it expires, in whole seconds since the epoch.
    pub expiration: Option<i64>,
    /// JSON text.
    pub metadata: Option<String>,
}

/// A page of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In UTF-8 byte order.
    pub keys: Vec<ListKey>,
    /// Where the next page begins; `None` after the last one.
    pub cursor: Option<String>,
}

impl Store {
    /// A page of the keys that have not expired.
    pub fn list(&self, options: &ListOptions<'_>) -> Result<(Page, Ticket), Error> {
        let limit = page_size(options.limit)?;
        let prefix = options.prefix.unwrap_or_default();
        limits::check_length(Method::Get, prefix)?;
        let start = first_key(prefix, options.cursor.filter(|cursor| !cursor.is_empty()))?;
        let range = Range {
            start,
            end: end_of_prefix(prefix),
        };
        self.slices
            .read_all(|connections| page(connections, &range, limit, self.now_ms()))
    }
}

/// Keys from `start` up to, but without, `end`.
struct Range {
    start: Vec<u8>,
    end: Vec<u8>,
}

fn page_size(limit: Option<i64>) -> Result<usize, Error> {
    let Some(limit @ 1..) = limit else {
        return Ok(MAX_LIST_KEYS);
    };
    usize::try_from(limit)
        .ok()
        .filter(|limit| *limit <= MAX_LIST_KEYS)
        .ok_or_else(|| {
            let right = format!("Please specify an integer less than {MAX_LIST_KEYS}.");
            Error::refused(
                Method::Get,
                400,
                format_args!("Invalid key_count_limit of {limit}. {right}"),
            )
        })
}

/// No byte of UTF-8 is 0xFF, so every prefix has an end, the empty one too.
fn end_of_prefix(prefix: &str) -> Vec<u8> {
    let mut end = prefix.as_bytes().to_vec();
    match end.last_mut() {
        Some(last) => *last += 1,
        None => end.push(0xff),
    }
    end
}

/// The smallest key after that of the cursor is the same with a zero byte behind it.
fn first_key(prefix: &str, cursor: Option<&str>) -> Result<Vec<u8>, Error> {
    let prefix = prefix.as_bytes().to_vec();
    let Some(cursor) = cursor else {
        return Ok(prefix);
    };
    let mut after = from_cursor(cursor).ok_or_else(|| {
        let message = "Invalid cursor. Please use the cursor of a list() result unchanged.";
        Error::refused(Method::Get, 400, message)
    })?;
    after.push(0);
    Ok(after.max(prefix))
}

/// Each cell gives its first keys, of which the first ones of all are the page.
fn page(
    connections: &[&Connection],
    range: &Range,
    limit: usize,
    now_ms: i64,
) -> rusqlite::Result<Page> {
    let mut keys = Vec::new();
    for connection in connections {
        keys.extend(first_keys(connection, range, limit + 1, now_ms)?);
    }
    if connections.len() > 1 {
        keys.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    }
    let more = keys.len() > limit;
    keys.truncate(limit);
    let cursor = keys.last().filter(|_| more).map(|key| to_cursor(&key.name));
    Ok(Page { keys, cursor })
}

fn first_keys(
    connection: &Connection,
    range: &Range,
    limit: usize,
    now_ms: i64,
) -> rusqlite::Result<Vec<ListKey>> {
    let sql = "SELECT key, expires, metadata FROM entries
        WHERE key >= ?1 AND key < ?2 AND (+expires IS NULL OR +expires > ?3) ORDER BY key LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((&range.start, &range.end, now_ms, limit), list_key)?;
    rows.collect()
}

fn list_key(row: &Row<'_>) -> rusqlite::Result<ListKey> {
    let name = String::from_utf8_lossy(row.get_ref(0)?.as_blob()?).into_owned();
    let expires_ms: Option<i64> = row.get(1)?;
    let expiration = expires_ms.map(|ms| ms.div_euclid(1000));
    Ok(ListKey {
        name,
        expiration,
        metadata: row.get(2)?,
    })
}

fn to_cursor(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn from_cursor(cursor: &str) -> Option<Vec<u8>> {
    if !cursor.len().is_multiple_of(2) || cursor.len() > 2 * MAX_KEY_BYTES {
        return None;
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let bytes = cursor.as_bytes().chunks_exact(2);
    bytes
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}
