//! `list()`: the keys of a range in the order of their bytes, with their values.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::kv::bytes;
use crate::{Error, Storage};

/// What `list` takes. Keys are compared as bytes of UTF-8.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListOptions<'a> {
    /// The first key, included.
    pub start: Option<&'a str>,
    /// Only keys after this one. Not together with `start`.
    pub start_after: Option<&'a str>,
    /// Only keys before this one.
    pub end: Option<&'a str>,
    /// Only keys that begin so.
    pub prefix: Option<&'a str>,
    /// From the last key to the first; `limit` counts from the last one.
    pub reverse: bool,
    /// At most so many. Not 0 or less.
    pub limit: Option<i64>,
}

/// Keys from `start`, before `end`.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    start: Vec<u8>,
    end: Option<Vec<u8>>,
}

impl Storage {
    /// The keys of a range with their values.
    pub fn list(&mut self, options: &ListOptions<'_>) -> Result<Vec<(String, Vec<u8>)>, Error> {
        if options.start.is_some() && options.start_after.is_some() {
            return Err(Error::type_error(
                "list() cannot be called with both start and startAfter values.",
            ));
        }
        if options.limit.is_some_and(|limit| limit <= 0) {
            return Err(Error::type_error("List limit must be positive."));
        }
        let Some(range) = range(options) else {
            return self.check().map(|()| Vec::new());
        };
        let limit = options.limit.unwrap_or(-1);
        let sql = match (range.end.is_some(), options.reverse) {
            (false, false) => "SELECT key, value FROM _cf_KV WHERE key >= ?1 ORDER BY key LIMIT ?3",
            (false, true) => {
                "SELECT key, value FROM _cf_KV WHERE key >= ?1 ORDER BY key DESC LIMIT ?3"
            }
            (true, false) => {
                "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3"
            }
            (true, true) => {
                "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?2 \
                 ORDER BY key DESC LIMIT ?3"
            }
        };
        self.read(|queries| {
            let mut statement = queries.prepare_cached(sql)?;
            // Bounds need not be text, so they are bound as bytes of one.
            statement.raw_bind_parameter(1, ValueRefText(&range.start))?;
            if let Some(end) = &range.end {
                statement.raw_bind_parameter(2, ValueRefText(end))?;
            }
            statement.raw_bind_parameter(3, limit)?;
            let mut rows = statement.raw_query();
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(pair(row)?);
            }
            Ok(found)
        })
    }
}

fn pair(row: &Row<'_>) -> rusqlite::Result<(String, Vec<u8>)> {
    let key = String::from_utf8_lossy(bytes(row.get_ref(0)?)).into_owned();
    Ok((key, bytes(row.get_ref(1)?).to_vec()))
}

/// The range of the options; `None` when no key can be in it.
fn range(options: &ListOptions<'_>) -> Option<Range> {
    let mut start = match (options.start, options.start_after) {
        (Some(start), _) => start.as_bytes().to_vec(),
        // The next key after a key is that one with a zero byte.
        (None, Some(after)) => [after.as_bytes(), &[0]].concat(),
        (None, None) => Vec::new(),
    };
    let mut end = options.end.map(|end| end.as_bytes().to_vec());
    if let Some(prefix) = options.prefix.filter(|prefix| !prefix.is_empty()) {
        start = start.max(prefix.as_bytes().to_vec());
        let mut after = prefix.as_bytes().to_vec();
        // The last byte of UTF-8 is never the largest one.
        *after.last_mut().expect("the prefix is not empty") += 1;
        end = Some(end.map_or(after.clone(), |end| end.min(after)));
    }
    match &end {
        Some(end) if *end <= start => None,
        _ => Some(Range { start, end }),
    }
}

/// Bytes that SQLite takes as text.
struct ValueRefText<'a>(&'a [u8]);

impl rusqlite::ToSql for ValueRefText<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(ValueRef::Text(
            self.0,
        )))
    }
}
