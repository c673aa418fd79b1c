//! Listing: keys in the order of their UTF-8 bytes, a page at a time, those with a common prefix as one if
//! a delimiter asks for it.

use cellhouse_cell::Ticket;
use rusqlite::Connection;

use crate::object::Stored;
use crate::schema::Count;
use crate::{Bucket, Error, ErrorKind, MAX_LIST_KEYS, Object};

/// What `list` takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListOptions<'a> {
    /// Only keys that begin so.
    pub prefix: &'a str,
    /// Keys of a page, with the prefixes in their place; [`MAX_LIST_KEYS`] if absent.
    pub limit: Option<i64>,
    /// Where this page begins, as [`Page::cursor`] of the one before has it.
    pub cursor: Option<&'a [u8]>,
    /// Only keys after this one. The later of it and the cursor counts.
    pub start_after: Option<&'a str>,
    /// Keys that have it after the prefix are shown as one: up to and with its first occurrence.
    pub delimiter: Option<&'a str>,
}

/// A page of objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    pub objects: Vec<Object>,
    /// Beginnings of keys that the delimiter made one.
    pub prefixes: Vec<String>,
    /// Bytes, of no key perhaps, with which the next page begins; `None` for the last page.
    pub cursor: Option<Vec<u8>>,
}

/// Rows that are read at once where there is a delimiter, and most of them may be skipped.
const ROWS_AT_ONCE: usize = 64;

impl Bucket {
    /// A page of the objects, with all that is known of them.
    pub fn list(&self, options: &ListOptions<'_>) -> Result<(Page, Ticket), Error> {
        let limit = page_size(options.limit)?;
        let (page, ticket) = self
            .inner
            .cell
            .read(|connection| Ok(page(connection, options, limit)))?;
        Ok((page?, ticket))
    }
}

fn page_size(limit: Option<i64>) -> Result<usize, Error> {
    match limit {
        None => Ok(MAX_LIST_KEYS),
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=MAX_LIST_KEYS).contains(limit))
            .ok_or_else(|| ErrorKind::InvalidMaxKeys.into()),
    }
}

fn page(connection: &Connection, options: &ListOptions<'_>, limit: usize) -> Result<Page, Error> {
    let delimiter = options.delimiter.filter(|delimiter| !delimiter.is_empty());
    let end = end_of_prefix(options.prefix);
    // The first key that may be shown, or bytes before it.
    let mut start = options.prefix.as_bytes().to_vec();
    start = start.max(options.start_after.map(after).unwrap_or_default());
    start = start.max(options.cursor.unwrap_or_default().to_vec());
    let mut page = Page::default();
    loop {
        let rest = limit + 1 - page.len();
        let asked = delimiter.map_or(rest, |_| rest.min(ROWS_AT_ONCE));
        let objects = rows(connection, &start, &end, asked)?;
        let last = objects.len() < asked;
        let mut skipped = false;
        for object in objects {
            if page.len() == limit {
                page.cursor = Some(start);
                return Ok(page);
            }
            let group =
                delimiter.and_then(|delimiter| group(&object.key, options.prefix, delimiter));
            if let Some(group) = group {
                start = end_of_prefix(&group);
                page.prefixes.push(group);
                skipped = true;
                break;
            }
            start = after(&object.key);
            page.objects.push(object);
        }
        if last && !skipped {
            return Ok(page);
        }
    }
}

impl Page {
    fn len(&self) -> usize {
        self.objects.len() + self.prefixes.len()
    }
}

fn rows(
    connection: &Connection,
    start: &[u8],
    end: &[u8],
    limit: usize,
) -> Result<Vec<Object>, Error> {
    let sql =
        "SELECT key, version, size, etag, uploaded, small, storage_class, checksums, http, custom
        FROM objects WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map((start, end, Count::of(limit)), Stored::read)?;
    let objects = rows.map(|row| row.map(|stored| stored.object));
    Ok(objects.collect::<rusqlite::Result<_>>()?)
}

/// The beginning of a key up to and with the first delimiter after the prefix.
pub(crate) fn group(key: &str, prefix: &str, delimiter: &str) -> Option<String> {
    let rest = key.get(prefix.len()..)?;
    let at = rest.find(delimiter)?;
    Some(key[..prefix.len() + at + delimiter.len()].to_owned())
}

/// The smallest bytes after a key.
fn after(key: &str) -> Vec<u8> {
    let mut next = key.as_bytes().to_vec();
    next.push(0);
    next
}

/// The smallest bytes after all keys with a prefix. No byte of UTF-8 is 0xFF, so there are some, for the
/// empty prefix too.
pub(crate) fn end_of_prefix(prefix: &str) -> Vec<u8> {
    let mut end = prefix.as_bytes().to_vec();
    match end.last_mut() {
        Some(last) => *last += 1,
        None => end.push(0xff),
    }
    end
}
