//! The clock that SlateDB sees: the time when the store was opened, and from then on time that passes
//! evenly, whoever sets the system's clock. It never goes back, neither while the store is open nor
//! from one opening to the next: SlateDB refuses writes when it does, and garbage collection
//! compares ages.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use slatedb_common::clock::{SystemClock, SystemClockTicker};

use crate::Clock;

pub(crate) struct Monotone {
    clock: Arc<dyn Clock>,
    /// The time when `clock` had shown `begin`.
    opened: DateTime<Utc>,
    begin: Duration,
    /// What it is ahead of that, in milliseconds.
    ahead: AtomicI64,
    /// The latest time shown, in milliseconds.
    latest: AtomicI64,
}

impl Monotone {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Monotone {
        Monotone {
            opened: DateTime::from(clock.now()),
            begin: clock.monotonic(),
            clock,
            ahead: AtomicI64::new(0),
            latest: AtomicI64::new(0),
        }
    }

    /// It goes on from this time, in milliseconds since 1970, if it shows an earlier one. It must not
    /// stand still there until the system's clock has caught up: what is newer has to look newer.
    pub(crate) fn at_least(&self, time: i64) {
        let behind = time - self.now().timestamp_millis();
        if behind > 0 {
            self.ahead.fetch_add(behind, SeqCst);
        }
    }
}

impl fmt::Debug for Monotone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Monotone({})", self.latest.load(SeqCst))
    }
}

impl SystemClock for Monotone {
    fn now(&self) -> DateTime<Utc> {
        let ahead = TimeDelta::milliseconds(self.ahead.load(SeqCst));
        let passed = self.clock.monotonic().saturating_sub(self.begin);
        let now = self.opened + passed + ahead;
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
        let shown = clock.now();
        assert!(shown.timestamp_millis() >= later);
        clock.at_least(5);
        assert!(clock.now() >= shown);
    }
}
