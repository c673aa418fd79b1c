//! The `ttl` option: a JavaScript number of seconds to an exact [`Duration`], or an error that says
//! what is right.
//!
//! Rounding is to the nearest nanosecond, so a number of milliseconds survives exactly and no ttl
//! gets shorter.

use std::time::Duration;

/// The longest time to live; a longer one means this one. It is 2^53 - 1 milliseconds (285,000
/// years): the largest whole number that JavaScript can pass, and small enough for Redis to add the
/// present time to it.
pub const MAX_TTL: Duration = Duration::from_millis((1 << 53) - 1);

/// A `ttl` that is no length of time. The JavaScript side throws it as a TypeError.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TtlError {
    /// NaN or an infinity.
    #[error("Invalid ttl of {}: ttl must be a finite number of seconds, 0 or greater.", as_javascript(*.0))]
    NotFinite(f64),
    /// Below zero.
    #[error("Invalid ttl of {0}: ttl must be 0 seconds or greater.")]
    Negative(f64),
}

/// The value as the app's author would write it.
fn as_javascript(seconds: f64) -> String {
    seconds.to_string().replace("inf", "Infinity")
}

/// Checks a `ttl` in seconds as an app gave it.
///
/// Fractions count, to the millisecond and below. 0 is allowed and means that the entry expires at
/// once, so that setting it removes what was there. A ttl above [`MAX_TTL`] becomes [`MAX_TTL`].
pub fn ttl_from_seconds(seconds: f64) -> Result<Duration, TtlError> {
    if !seconds.is_finite() {
        return Err(TtlError::NotFinite(seconds));
    }
    if seconds < 0.0 {
        return Err(TtlError::Negative(seconds));
    }
    Ok(Duration::try_from_secs_f64(seconds).map_or(MAX_TTL, |ttl| ttl.min(MAX_TTL)))
}

/// Whole milliseconds, rounded up: the unit of Redis, never shorter than what was asked for.
pub(crate) fn ceil_millis(ttl: Duration) -> i64 {
    let millis = ttl.min(MAX_TTL).as_nanos().div_ceil(1_000_000);
    i64::try_from(millis).expect("MAX_TTL in milliseconds fits 53 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_become_exact_durations() {
        let cases = [
            (0.0, Duration::ZERO),
            (-0.0, Duration::ZERO),
            (1.0, Duration::from_secs(1)),
            (0.5, Duration::from_millis(500)),
            (0.001, Duration::from_millis(1)),
            (0.29, Duration::from_millis(290)),
            (1.1, Duration::from_millis(1100)),
            (4.35, Duration::from_millis(4350)),
            (900.0, Duration::from_secs(900)),
            (0.0004, Duration::from_micros(400)),
            (1e300, MAX_TTL),
            (f64::MAX, MAX_TTL),
            (1e14, MAX_TTL),
        ];
        for (seconds, expected) in cases {
            assert_eq!(ttl_from_seconds(seconds), Ok(expected), "{seconds}");
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_refused_by_name() {
        let message = |seconds| {
            ttl_from_seconds(seconds)
                .expect_err("not a length of time")
                .to_string()
        };
        assert_eq!(
            message(f64::NAN),
            "Invalid ttl of NaN: ttl must be a finite number of seconds, 0 or greater."
        );
        assert_eq!(
            message(f64::INFINITY),
            "Invalid ttl of Infinity: ttl must be a finite number of seconds, 0 or greater."
        );
        assert_eq!(
            message(-1.0),
            "Invalid ttl of -1: ttl must be 0 seconds or greater."
        );
        assert_eq!(
            message(-0.001),
            "Invalid ttl of -0.001: ttl must be 0 seconds or greater."
        );
    }

    proptest! {
        #[test]
        fn a_number_of_milliseconds_survives_exactly(millis in 0u32..) {
            let ttl = ttl_from_seconds(f64::from(millis) / 1000.0);
            prop_assert_eq!(ttl, Ok(Duration::from_millis(u64::from(millis))));
            prop_assert_eq!(ttl.map(ceil_millis), Ok(i64::from(millis)));
        }

        #[test]
        fn redis_never_gets_a_shorter_time(seconds in 0.0..1e9f64) {
            let ttl = ttl_from_seconds(seconds).expect("finite and positive");
            let millis = u64::try_from(ceil_millis(ttl)).expect("positive");
            prop_assert!(Duration::from_millis(millis) >= ttl);
            prop_assert!(Duration::from_millis(millis) < ttl + Duration::from_millis(1));
        }
    }
}
