//! Getting many keys at once: one consistent look, in the order asked for, within Cloudflare's
//! limits.

use std::collections::HashSet;

use cellhouse_cell::Ticket;
use rusqlite::Connection;
use serde::de::IgnoredAny;

use crate::error::Method;
use crate::store::{Entry, select};
use crate::{Error, MAX_BULK_BYTES, MAX_BULK_KEYS, Store, limits};

/// What a bulk get takes beside the keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct BulkOptions<'a> {
    /// "text" or "json"; nothing means text.
    pub kind: Option<&'a str>,
    /// Checked as in [`Store::get`].
    pub cache_ttl: Option<i64>,
}

/// Many values are read as text, which begins behind this; a single one keeps it. Both as Cloudflare has it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Each key once, in the order asked for, with its entry.
pub type BulkEntries = Vec<(String, Option<Entry>)>;

impl Store {
    /// The entries of 1 to 100 keys. With the kind "json" every value that is there is valid JSON.
    pub fn get_many<K: AsRef<str>>(
        &self,
        keys: &[K],
        options: &BulkOptions<'_>,
    ) -> Result<(BulkEntries, Ticket), Error> {
        let json = wants_json(options.kind)?;
        check_count(keys.len())?;
        // As Cloudflare's, which takes one key after the other: what is wrong with a value before a bad key is
        // told first.
        let check = |key: &K| {
            limits::check_bulk_key(key.as_ref())?;
            limits::check_cache_ttl(Method::GetBulk, options.cache_ttl)
        };
        let checks = keys.iter().map(check);
        let bad = checks
            .enumerate()
            .find_map(|(at, check)| Some((at, check.err()?)));
        let good = bad.as_ref().map_or(keys, |(at, _)| &keys[..*at]);
        let (entries, ticket) = self.slices.read_all(|connections| {
            let of = |key: &str| connections[self.slices.number_of(key)];
            select_many(of, good, self.now_ms())
        })?;
        let entries = entries.ok_or_else(too_large)?;
        if json {
            check_json(&entries)?;
        }
        match bad {
            Some((_, error)) => Err(error),
            None => Ok((entries, ticket)),
        }
    }
}

fn refused(message: impl std::fmt::Display) -> Error {
    Error::refused(Method::GetBulk, 400, message)
}

fn too_large() -> Error {
    let message = format!(
        "Total size of request exceeds the limit of {}MB",
        MAX_BULK_BYTES / 1024 / 1024
    );
    Error::refused(Method::GetBulk, 413, message)
}

fn wants_json(kind: Option<&str>) -> Result<bool, Error> {
    match kind {
        None | Some("" | "text") => Ok(false),
        Some("json") => Ok(true),
        Some(other) => Err(refused(format_args!(
            "\"{other}\" is not a valid type. Use \"json\" or \"text\""
        ))),
    }
}

fn check_count(count: usize) -> Result<(), Error> {
    match count {
        0 => Err(refused("You must request a minimum of 1 key")),
        1..=MAX_BULK_KEYS => Ok(()),
        _ => Err(refused(format_args!(
            "You can request a maximum of {MAX_BULK_KEYS} keys"
        ))),
    }
}

/// `None` when the values together are too large; what is beyond the limit is not read.
fn select_many<'c, K: AsRef<str>>(
    connection_of: impl Fn(&str) -> &'c Connection,
    keys: &[K],
    now_ms: i64,
) -> rusqlite::Result<Option<BulkEntries>> {
    let mut seen = HashSet::new();
    let mut entries = Vec::with_capacity(keys.len());
    let mut bytes = 0;
    for key in keys
        .iter()
        .map(AsRef::as_ref)
        .filter(|key| seen.insert(*key))
    {
        let mut entry = select(connection_of(key), key, now_ms)?;
        if let Some(entry) = &mut entry
            && entry.value.starts_with(BYTE_ORDER_MARK)
        {
            entry.value.drain(..BYTE_ORDER_MARK.len());
        }
        bytes += entry.as_ref().map_or(0, |entry| entry.value.len());
        if bytes > MAX_BULK_BYTES {
            return Ok(None);
        }
        entries.push((key.to_owned(), entry));
    }
    Ok(Some(entries))
}

fn check_json(entries: &BulkEntries) -> Result<(), Error> {
    let mut found = entries.iter().filter_map(|(_, entry)| entry.as_ref());
    if found.all(|entry| serde_json::from_slice::<IgnoredAny>(&entry.value).is_ok()) {
        return Ok(());
    }
    Err(refused(
        "At least one of the requested keys corresponds to a non-json value",
    ))
}
