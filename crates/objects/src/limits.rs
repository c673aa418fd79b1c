//! The limits of storage and Cloudflare's words for what goes beyond them (those of workerd in
//! August 2026; `Maximum number of keys` is that of the service).

use crate::Error;

/// Longest key, in bytes of UTF-8.
pub const MAX_KEY_BYTES: usize = 2048;
/// Largest value, in bytes of its encoding: 2 MiB.
pub const MAX_VALUE_BYTES: usize = 2 << 20;
/// Most keys of one call.
pub const MAX_KEYS: usize = 128;

pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    match key.len() {
        0..=MAX_KEY_BYTES => Ok(()),
        length => Err(Error::range(format!(
            "Keys cannot be larger than {MAX_KEY_BYTES} bytes. A key of size {length} was provided."
        ))),
    }
}

pub(crate) fn check_value(value: &[u8]) -> Result<(), Error> {
    match value.len() {
        0..=MAX_VALUE_BYTES => Ok(()),
        _ => Err(Error::refused("string or blob too big: SQLITE_TOOBIG")),
    }
}

pub(crate) fn check_keys(keys: &[&str]) -> Result<(), Error> {
    if keys.len() > MAX_KEYS {
        return Err(Error::range(format!(
            "Maximum number of keys is {MAX_KEYS}."
        )));
    }
    keys.iter().try_for_each(|key| check_key(key))
}

pub(crate) fn check_pairs(pairs: &[(&str, &[u8])]) -> Result<(), Error> {
    if pairs.len() > MAX_KEYS {
        return Err(Error::range(format!(
            "Maximum number of key value pairs is {MAX_KEYS}. {} pairs were provided.",
            pairs.len()
        )));
    }
    pairs.iter().try_for_each(|(key, value)| {
        check_key(key)?;
        check_value(value)
    })
}
