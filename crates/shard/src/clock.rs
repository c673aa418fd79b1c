//! Where a shard gets the time from, and where it waits: a [`Clock`], so that a test can show any
//! time. [`RealClock`] is the system's, and the only place of this crate that asks the system for
//! the time; `clippy.toml` sees to that.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

/// Tells the time and waits. A store stays whole whatever the clock shows, also when it goes back;
/// what is lost is only that files may be kept for longer.
pub trait Clock: Send + Sync + 'static {
    /// What time it is for people. May jump, ahead and back.
    fn now(&self) -> SystemTime;

    /// How long it has been since some moment: passes evenly and never goes back. Called often and
    /// from any thread.
    fn monotonic(&self) -> Duration;

    /// Is ready when this much time has passed. Polled within a tokio runtime that has a timer;
    /// dropping it ends the wait.
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct RealClock {
    since: Instant,
}

impl Default for RealClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the system for the time"
    )]
    fn default() -> RealClock {
        RealClock {
            since: Instant::now(),
        }
    }
}

impl Clock for RealClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the system for the time"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the system for the time"
    )]
    fn monotonic(&self) -> Duration {
        self.since.elapsed()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that waits for time to pass"
    )]
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }
}
