//! The keys and values of an object: `get`, `put`, `delete` of one or many. Values are bytes.

use rusqlite::OptionalExtension as _;
use rusqlite::types::ValueRef;

use crate::limits::{check_key, check_keys, check_pairs, check_value};
use crate::{Error, Storage};

const GET: &str = "SELECT value FROM _cf_KV WHERE key = ?1";
const PUT: &str = "INSERT INTO _cf_KV VALUES (?1, ?2) \
                   ON CONFLICT DO UPDATE SET value = excluded.value";
const DELETE: &str = "DELETE FROM _cf_KV WHERE key = ?1";

impl Storage {
    /// The value of a key.
    pub fn get(&mut self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.get_with(key, <[u8]>::to_vec)
    }

    /// Makes something of the value of a key without copying it first. `f` must not block.
    pub fn get_with<T>(
        &mut self,
        key: &str,
        f: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>, Error> {
        check_key(key)?;
        self.read(|queries| {
            let mut statement = queries.prepare_cached(GET)?;
            let value = statement.query_row([key], |row| Ok(f(bytes(row.get_ref(0)?))));
            Ok(value.optional()?)
        })
    }

    /// The keys that are there with their values, in the order of the keys' bytes; each once.
    pub fn get_many(&mut self, keys: &[&str]) -> Result<Vec<(String, Vec<u8>)>, Error> {
        check_keys(keys)?;
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        self.read(|queries| {
            let mut statement = queries.prepare_cached(GET)?;
            let mut found = Vec::new();
            for key in sorted {
                let value = statement.query_row([key], |row| Ok(bytes(row.get_ref(0)?).to_vec()));
                found.extend(value.optional()?.map(|value| (key.to_owned(), value)));
            }
            Ok(found)
        })
    }

    /// Puts a value.
    pub fn put(&mut self, key: &str, value: &[u8]) -> Result<(), Error> {
        check_key(key)?;
        check_value(value)?;
        self.write(|queries| {
            queries.prepare_cached(PUT)?.execute((key, value))?;
            Ok(())
        })
    }

    /// Puts several values, or none if one is too large.
    pub fn put_many(&mut self, pairs: &[(&str, &[u8])]) -> Result<(), Error> {
        check_pairs(pairs)?;
        if pairs.is_empty() {
            return self.check();
        }
        self.write(|queries| {
            let mut statement = queries.prepare_cached(PUT)?;
            for pair in pairs {
                statement.execute(*pair)?;
            }
            Ok(())
        })
    }

    /// Removes a key: whether it was there.
    pub fn delete(&mut self, key: &str) -> Result<bool, Error> {
        Ok(self.delete_many(&[key])? == 1)
    }

    /// Removes keys: how many were there.
    pub fn delete_many(&mut self, keys: &[&str]) -> Result<usize, Error> {
        check_keys(keys)?;
        // What removes nothing is no write.
        if self.get_many(keys)?.is_empty() {
            return Ok(0);
        }
        self.write(|queries| {
            let mut statement = queries.prepare_cached(DELETE)?;
            let mut count = 0;
            for key in keys {
                count += statement.execute([key])?;
            }
            Ok(count)
        })
    }
}

/// A value is always a blob; what else a damaged database may hold is shown as it is.
pub(crate) fn bytes(value: ValueRef<'_>) -> &[u8] {
    match value {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes,
        _ => &[],
    }
}
