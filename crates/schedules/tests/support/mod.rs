//! What the tests share: a directory, a clock that a test sets, and polling until nothing moves.

#![allow(dead_code, reason = "each test uses some of this")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use cellhouse_cell::{Cells, Clock, Options};
use tempfile::TempDir;

/// 2026-01-01, a Thursday, in milliseconds since 1970.
pub const BEGIN: i64 = 1_767_225_600_000;

/// Shows what a test says. Clones are the same clock.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    pub fn ms(&self) -> i64 {
        self.0.load(SeqCst) as i64
    }

    /// So many milliseconds after the beginning.
    pub fn set(&self, after: i64) {
        self.0.store((BEGIN + after) as u64, SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(SeqCst))
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let until = self.monotonic() + time;
        Box::pin(std::future::poll_fn(move |_| {
            match self.monotonic() >= until {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        }))
    }
}

pub struct Home {
    pub cells: Cells,
    pub clock: ManualClock,
    dir: TempDir,
}

impl Home {
    pub fn new() -> Home {
        let clock = ManualClock(Arc::new(AtomicU64::new(BEGIN as u64)));
        Home::open(TempDir::new().unwrap(), clock)
    }

    fn open(dir: TempDir, clock: ManualClock) -> Home {
        let cells = Cells::open(dir.path(), Options::default()).unwrap();
        Home { cells, clock, dir }
    }

    /// As another process would. Whatever has cells must have been dropped.
    pub fn reopen(self) -> Home {
        let Home { cells, clock, dir } = self;
        cells.close().unwrap();
        drop(cells);
        Home::open(dir, clock)
    }

    /// Polls until nothing moves any more. Whatever is written meanwhile becomes durable.
    pub fn settle(&self, mut future: Pin<&mut impl Future>) {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..60 {
            for _ in 0..10 {
                assert!(future.as_mut().poll(&mut context).is_pending());
            }
            self.cells.shard().unwrap().ticket().wait().unwrap();
        }
    }
}
