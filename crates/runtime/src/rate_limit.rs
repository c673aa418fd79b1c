//! Cloudflare's rate limiting: how often each key was counted in the present period. In memory, as at
//! Cloudflare, where each data centre counts for itself; a restart begins anew.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

/// The counts of one namespace. Clones count together.
#[derive(Clone)]
pub struct RateLimiter {
    limit: f64,
    period: u32,
    counts: Arc<Mutex<HashMap<u32, Period>>>,
}

/// The counts of the present period, of those of one length.
#[derive(Default)]
struct Period {
    /// Which one, counted from 1970.
    number: u64,
    counts: HashMap<String, f64>,
}

impl RateLimiter {
    /// So many calls for each key in a period of so many seconds.
    pub fn new(limit: u32, period: u32) -> RateLimiter {
        RateLimiter {
            limit: limit.into(),
            period,
            counts: Arc::default(),
        }
    }

    /// The same counts with another limit.
    #[must_use]
    pub fn with(&self, limit: u32, period: u32) -> RateLimiter {
        RateLimiter {
            limit: limit.into(),
            period,
            counts: self.counts.clone(),
        }
    }

    /// Counts a call if the key has not reached its limit: whether it had not. `limit` and `period` win
    /// over those of the binding.
    pub(crate) fn count(&self, key: &str, limit: Option<f64>, period: Option<u32>) -> bool {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        self.count_at(since.unwrap_or_default().as_secs(), key, limit, period)
    }

    fn count_at(&self, now: u64, key: &str, limit: Option<f64>, period: Option<u32>) -> bool {
        let length = period.unwrap_or(self.period).max(1);
        let mut periods = self.counts.lock();
        let period = periods.entry(length).or_default();
        let number = now / u64::from(length);
        if period.number != number {
            period.number = number;
            period.counts.clear();
        }
        let limit = limit.unwrap_or(self.limit);
        if let Some(count) = period.counts.get_mut(key) {
            let may = *count < limit;
            *count += f64::from(u8::from(may));
            return may;
        }
        let may = limit > 0.0;
        if may {
            period.counts.insert(key.to_owned(), 1.0);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_count_in_each_period() {
        let limiter = RateLimiter::new(2, 10);
        let count = |now, key| limiter.count_at(now, key, None, None);
        assert_eq!(
            [count(100, "a"), count(101, "a"), count(109, "a")],
            [true, true, false]
        );
        assert!(count(109, "b"));
        assert_eq!(
            [count(110, "a"), count(119, "a"), count(119, "a")],
            [true, true, false]
        );
        // Another binding of the same namespace.
        assert!(!limiter.with(1, 10).count_at(119, "a", None, None));
        assert!(limiter.count_at(119, "a", Some(3.0), None));
        assert!(limiter.count_at(119, "a", None, Some(60)));
        assert!(!limiter.count_at(119, "z", Some(0.0), None));
    }
}
