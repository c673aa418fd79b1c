//! The limits of Cloudflare KV and its words for what goes beyond them. The numbers and messages
//! are those that workerd and miniflare give (recorded on workerd 2026-07-30).

use crate::error::Method;
use crate::{Error, PutOptions};

/// Longest key, in bytes of UTF-8.
pub const MAX_KEY_BYTES: usize = 512;
/// Largest value: 25 MiB.
pub const MAX_VALUE_BYTES: usize = 25 * 1024 * 1024;
/// Longest metadata, in bytes of JSON text.
pub const MAX_METADATA_BYTES: usize = 1024;
/// Most keys that one `list()` returns.
pub const MAX_LIST_KEYS: usize = 1000;
/// Most keys of one bulk get.
pub const MAX_BULK_KEYS: usize = 100;
/// All values of one bulk get together: 25 MiB, which Cloudflare's message calls 25MB.
pub const MAX_BULK_BYTES: usize = 25 * 1024 * 1024;
/// Shortest `expirationTtl`, in seconds, unless a store is set up otherwise.
pub const DEFAULT_MIN_TTL: u32 = 60;
/// Shortest `cacheTtl`, in seconds.
pub const MIN_CACHE_TTL: i64 = 30;

/// The TypeError of a `get` whose type is none of the four, once there is a value.
pub const UNKNOWN_TYPE: &str =
    r#"Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream"."#;
/// The TypeError of a `put` of an object that is no value.
pub const NOT_A_VALUE: &str =
    "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.";

/// The key of every method for one key.
pub(crate) fn check_key(method: Method, key: &str) -> Result<(), Error> {
    match key {
        "" => Err(Error::type_error("Key name cannot be empty.")),
        "." | ".." => Err(Error::type_error(format!(
            "\"{key}\" is not allowed as a key name."
        ))),
        _ => check_length(method, key),
    }
}

/// A key in a bulk get, which Cloudflare's service checks where its runtime checks the others.
pub(crate) fn check_bulk_key(key: &str) -> Result<(), Error> {
    let refuse = |message: String| Err(Error::refused(Method::GetBulk, 400, message));
    match key {
        "" => refuse("Key names must not be empty".to_owned()),
        "." | ".." => refuse(format!(
            "Illegal key name \"{key}\". Please use a different name."
        )),
        _ => check_length(Method::GetBulk, key),
    }
}

/// A key or a prefix of keys.
pub(crate) fn check_length(method: Method, key: &str) -> Result<(), Error> {
    if key.len() <= MAX_KEY_BYTES {
        return Ok(());
    }
    let length = key.len();
    let message =
        format!("UTF-8 encoded length of {length} exceeds key length limit of {MAX_KEY_BYTES}.");
    Err(Error::refused(method, 414, message))
}

/// There is no cache in front of a store, so a `cacheTtl` is checked and changes nothing.
pub(crate) fn check_cache_ttl(method: Method, seconds: Option<i64>) -> Result<(), Error> {
    match seconds {
        Some(seconds) if seconds < MIN_CACHE_TTL => {
            let message = format!(
                "Invalid cache_ttl of {seconds}. Cache TTL must be at least {MIN_CACHE_TTL}."
            );
            Err(Error::refused(method, 400, message))
        }
        _ => Ok(()),
    }
}

pub(crate) fn check_value(method: Method, length: usize) -> Result<(), Error> {
    if length <= MAX_VALUE_BYTES {
        return Ok(());
    }
    Err(Error::refused(
        method,
        413,
        format!("Value length of {length} exceeds limit of {MAX_VALUE_BYTES}."),
    ))
}

/// The metadata to store: JSON text, and nothing for the text `null`, which Cloudflare does not
/// keep either.
pub(crate) fn check_metadata(metadata: Option<&str>) -> Result<Option<&str>, Error> {
    let Some(text) = metadata.filter(|text| text.trim() != "null") else {
        return Ok(None);
    };
    if text.len() > MAX_METADATA_BYTES {
        let message = format!(
            "Metadata length of {} exceeds limit of {MAX_METADATA_BYTES}.",
            text.len()
        );
        return Err(Error::refused(Method::Put, 413, message));
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(Some(text)),
        Err(e) => Err(Error::type_error(format!("metadata is not JSON: {e}"))),
    }
}

/// When an entry that is put now expires, in milliseconds since the epoch. `expirationTtl` wins
/// over `expiration`.
pub(crate) fn expiry(
    options: &PutOptions<'_>,
    now_ms: i64,
    min_ttl: u32,
) -> Result<Option<i64>, Error> {
    let min = i64::from(min_ttl);
    match (options.expiration_ttl, options.expiration) {
        (Some(ttl), _) => ttl_expiry(ttl, now_ms, min).map(Some),
        (None, Some(expiration)) => absolute_expiry(expiration, now_ms, min).map(Some),
        (None, None) => Ok(None),
    }
}

fn ttl_expiry(ttl: i64, now_ms: i64, min: i64) -> Result<i64, Error> {
    let invalid = |right: String| {
        Err(Error::refused(
            Method::Put,
            400,
            format!("Invalid expiration_ttl of {ttl}. {right}"),
        ))
    };
    if ttl <= 0 {
        return invalid("Please specify integer greater than 0.".to_owned());
    }
    if ttl < min {
        return invalid(format!("Expiration TTL must be at least {min}."));
    }
    Ok(now_ms.saturating_add(ttl.saturating_mul(1000)))
}

fn absolute_expiry(expiration: i64, now_ms: i64, min: i64) -> Result<i64, Error> {
    let invalid = |right: String| {
        Err(Error::refused(
            Method::Put,
            400,
            format!("Invalid expiration of {expiration}. {right}"),
        ))
    };
    let now = now_ms.div_euclid(1000);
    if expiration <= now {
        let right = "Please specify integer greater than the current number of seconds since the UNIX epoch.";
        return invalid(right.to_owned());
    }
    if expiration < now.saturating_add(min) {
        return invalid(format!(
            "Expiration times must be at least {min} seconds in the future."
        ));
    }
    Ok(expiration.saturating_mul(1000))
}
