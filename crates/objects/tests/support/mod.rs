//! What the tests of objects share: a directory, a namespace, a clock that a test sets.

#![allow(dead_code, reason = "each test uses some of this")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use cellhouse_cell::{Cells, Clock, Options};
use cellhouse_objects::{Namespace, Objects, ObjectsOptions, Storage};
use tempfile::TempDir;

/// 2026-01-01, in milliseconds since 1970.
pub const BEGIN: u64 = 1_767_225_600_000;

/// Shows what a test says. Clones are the same clock.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicU64>);

impl Default for ManualClock {
    fn default() -> ManualClock {
        ManualClock(Arc::new(AtomicU64::new(BEGIN)))
    }
}

impl ManualClock {
    pub fn ms(&self) -> i64 {
        self.0.load(SeqCst) as i64
    }

    pub fn set(&self, ms: i64) {
        self.0.store(ms as u64, SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.load(SeqCst))
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

/// Polls until nothing moves any more.
pub fn settle(mut future: Pin<&mut impl Future>) {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_500 {
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
}

pub struct Home {
    pub cells: Cells,
    pub objects: Objects,
    pub namespace: Namespace,
    pub clock: ManualClock,
    pub dir: TempDir,
    alarms: usize,
}

impl Home {
    pub fn new() -> Home {
        Home::with_alarms(512)
    }

    /// With so many alarms in memory.
    pub fn with_alarms(alarms: usize) -> Home {
        let dir = TempDir::new().unwrap();
        Home::open(dir, ManualClock::default(), alarms)
    }

    fn open(dir: TempDir, clock: ManualClock, alarms: usize) -> Home {
        let cells = Cells::open(dir.path(), Options::default()).unwrap();
        let options = ObjectsOptions {
            clock: Arc::new(clock.clone()),
            alarms_in_memory: alarms,
            ..ObjectsOptions::default()
        };
        Home {
            alarms,
            objects: Objects::new(&cells, options),
            cells,
            namespace: Namespace::new("app-Test"),
            clock,
            dir,
        }
    }

    /// As another process would.
    pub fn reopen(self) -> Home {
        let Home {
            cells,
            dir,
            clock,
            objects,
            alarms,
            ..
        } = self;
        cells.close().unwrap();
        drop((objects, cells));
        Home::open(dir, clock, alarms)
    }

    pub fn storage(&self, name: &str) -> Storage {
        let id = self.namespace.id_from_name(name);
        self.objects.storage(&self.namespace, &id).unwrap()
    }

    /// The keys of an index.
    pub fn index(&self, keyspace: &str) -> usize {
        let shard = self.cells.shard().unwrap();
        shard.extras(keyspace, b"", usize::MAX).unwrap().len()
    }
}
