//! A clock that shows what a seed decides. Waiting on it takes real time, as the threads of a shard
//! are real; what it shows depends on nothing but the waits that have ended and how often it was
//! looked at.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use cellhouse_shard::Clock;

use crate::Random;

/// 2026-01-01, in milliseconds since 1970.
const BEGIN: u64 = 1_767_225_600_000;

/// The furthest jump, in milliseconds: 90 days, longer than any age that a store asks for.
const FURTHEST: u64 = 90 * 24 * 3_600_000;

/// A clock that moves when a wait ends, by a millisecond whenever it is looked at, and jumps when it
/// is told. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct FaultyClock(Arc<Times>);

/// In milliseconds.
#[derive(Debug)]
struct Times {
    monotonic: AtomicU64,
    /// What the clock for people shows beyond it.
    ahead: AtomicU64,
}

impl Default for FaultyClock {
    /// At the beginning of 2026.
    fn default() -> FaultyClock {
        FaultyClock(Arc::new(Times {
            monotonic: AtomicU64::new(0),
            ahead: AtomicU64::new(BEGIN),
        }))
    }
}

impl FaultyClock {
    /// Somebody sets it back.
    pub fn set_back(&self, time: Duration) {
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.0.ahead.fetch_sub(time, SeqCst);
    }

    /// So much time passes.
    pub fn pass(&self, time: Duration) {
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.0.monotonic.fetch_add(time, SeqCst);
    }

    /// Jumps ahead or back as `random` has it, one time in two, or stays.
    pub fn jump(&self, random: &mut Random) {
        if random.chance(50) {
            let to = BEGIN - FURTHEST + random.below(2 * FURTHEST);
            self.0.ahead.store(to, SeqCst);
        }
    }
}

impl Clock for FaultyClock {
    fn now(&self) -> SystemTime {
        let ahead = Duration::from_millis(self.0.ahead.load(SeqCst));
        SystemTime::UNIX_EPOCH + ahead + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.monotonic.fetch_add(1, SeqCst))
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let wait = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let monotonic = &self.0.monotonic;
        let until = monotonic.load(SeqCst).saturating_add(wait);
        Box::pin(async move {
            tokio::time::sleep(time).await;
            monotonic.fetch_max(until, SeqCst);
        })
    }
}
