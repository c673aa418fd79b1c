//! What schedules need from outside: the time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cellhouse_cell::{Clock, RealClock};

/// The longest sleep: somebody may set the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// What schedules need from outside.
#[derive(Clone)]
pub struct SchedulesOptions {
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Default for SchedulesOptions {
    /// The system's time.
    fn default() -> SchedulesOptions {
        SchedulesOptions {
            clock: Arc::new(RealClock::default()),
        }
    }
}

/// Milliseconds since 1970; before it, 0.
pub(crate) fn now(clock: &dyn Clock) -> i64 {
    let since = clock.now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// How long to sleep until a moment, in milliseconds since 1970; `None` never comes.
pub(crate) fn until(next: Option<i64>, now: i64) -> Duration {
    let wait = next.map_or(i64::MAX, |next| next.saturating_sub(now));
    Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(LONGEST_SLEEP)
}
