//! The clock that SlateDB sees: the one that the shard was given, but it never goes back, neither
//! while the store is open nor from one opening to the next. SlateDB refuses writes when it does,
//! and garbage collection compares ages.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::Duration;

use chrono::{DateTime, Utc};
use slatedb_common::clock::{SystemClock, SystemClockTicker};

use crate::Clock;

pub(crate) struct Monotone {
    clock: Arc<dyn Clock>,
    /// The latest time shown, in milliseconds.
    latest: AtomicI64,
}

impl Monotone {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Monotone {
        Monotone {
            clock,
            latest: AtomicI64::new(0),
        }
    }

    /// From now on it shows at least this time, in milliseconds since 1970.
    pub(crate) fn at_least(&self, time: i64) {
        self.latest.fetch_max(time, SeqCst);
    }
}

impl fmt::Debug for Monotone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Monotone({})", self.latest.load(SeqCst))
    }
}

impl SystemClock for Monotone {
    fn now(&self) -> DateTime<Utc> {
        let now = DateTime::from(self.clock.now());
        let time = now.timestamp_millis();
        let latest = self.latest.fetch_max(time, SeqCst);
        if latest <= time {
            return now;
        }
        DateTime::from_timestamp_millis(latest).unwrap_or(now)
    }

    fn sleep<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        self.clock.sleep(duration)
    }

    fn ticker<'a>(&'a self, duration: Duration) -> SystemClockTicker<'a> {
        SystemClockTicker::new(self, duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RealClock;

    #[test]
    fn it_never_goes_back() {
        let clock = Monotone::new(Arc::new(RealClock::default()));
        let now = clock.now();
        let later = now.timestamp_millis() + 3_600_000;
        clock.at_least(later);
        assert_eq!(clock.now().timestamp_millis(), later);
        clock.at_least(5);
        assert_eq!(clock.now().timestamp_millis(), later);
    }
}
