//! The limits of Cloudflare Queues, and its defaults for consumers. From its documentation
//! (Platform: Limits; Configuration), but for the bytes of a batch: its own local emulator takes 288 KB,
//! which is what 256 KB of bodies and what goes around them come to.

use crate::Error;

/// The largest message, in bytes of its body.
pub const MAX_MESSAGE_BYTES: usize = 128_000;
/// The most messages that are sent at once, and the most that a consumer gets at once.
pub const MAX_BATCH: usize = 100;
/// The most bytes that are sent at once.
pub const MAX_BATCH_BYTES: usize = 288_000;
/// The longest delay of a message, in seconds: a day.
pub const MAX_DELAY: u32 = 86_400;
/// Messages that a consumer gets at once, unless it says otherwise.
pub const DEFAULT_BATCH_SIZE: u32 = 10;
/// How long a batch that is not full is waited for, in seconds, unless the consumer says otherwise.
pub const DEFAULT_BATCH_TIMEOUT: u32 = 5;
/// The longest of these times.
pub const MAX_BATCH_TIMEOUT: u32 = 60;
/// How often a message that fails is tried again, unless the consumer says otherwise.
pub const DEFAULT_RETRIES: u32 = 3;
/// The most retries.
pub const MAX_RETRIES: u32 = 100;
/// Batches of a consumer at a time, unless it says otherwise. Cloudflare's scales by itself; here more
/// than one only start when that many are full.
pub const DEFAULT_CONCURRENCY: u32 = 10;
/// The most batches of a consumer at a time.
pub const MAX_CONCURRENCY: u32 = 250;

/// Whether a message may be sent alone.
pub(crate) fn one(bytes: usize) -> Result<(), Error> {
    if bytes > MAX_MESSAGE_BYTES {
        return Err(Error::refused(format!(
            "message length of {bytes} bytes exceeds limit of {MAX_MESSAGE_BYTES}"
        )));
    }
    Ok(())
}

/// Whether these may be sent together.
pub(crate) fn many(count: usize, largest: usize, total: usize) -> Result<(), Error> {
    if count > MAX_BATCH {
        return Err(Error::refused(format!(
            "batch message count of {count} exceeds limit of {MAX_BATCH}"
        )));
    }
    if largest > MAX_MESSAGE_BYTES {
        return Err(Error::refused(format!(
            "message in batch has length {largest} bytes which exceeds single message size limit of {MAX_MESSAGE_BYTES}"
        )));
    }
    if total > MAX_BATCH_BYTES {
        return Err(Error::refused(format!(
            "batch size of {total} bytes exceeds limit of {MAX_BATCH_BYTES}"
        )));
    }
    Ok(())
}

/// A delay in seconds as it was asked for.
pub(crate) fn delay(seconds: f64) -> Result<i64, Error> {
    // What Cloudflare's runtime makes of a number: whole, and 0 where it is none.
    let whole = if seconds.is_finite() {
        seconds.trunc()
    } else {
        0.0
    };
    if !(0.0..=f64::from(MAX_DELAY)).contains(&whole) {
        return Err(Error::refused(format!(
            "message delay {whole} is invalid; it must be from 0 to {MAX_DELAY} seconds"
        )));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    Ok(whole as i64)
}
