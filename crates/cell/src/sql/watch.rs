//! How long SQL may run. SQLite asks every so many steps whether to go on, on the thread that runs the
//! statement; so what it is asked for is a mark of the thread, as in `guard.rs`.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use crate::Clock;

/// Steps of SQLite's virtual machine between two questions: some tens of microseconds.
pub const OPCODES: i32 = 1_000;

/// Says from any thread that nobody wants the answer any more. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Says so, for good.
    pub fn stop(&self) {
        self.0.store(true, Relaxed);
    }

    /// Whether somebody did.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// What SQL is interrupted for.
#[derive(Clone)]
pub struct Watch {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// On the clock that never goes back.
    pub deadline: Duration,
    /// Nobody wants the answer any more.
    pub stop: Option<Stop>,
}

/// Why SQL was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Its time was over.
    Deadline,
    /// Nobody wants the answer any more.
    Unwanted,
}

struct Running {
    watch: Watch,
    stopped: Option<Stopped>,
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Runs what steps SQL, on connections that [`tick`] was given to as their progress handler. Beside
/// the result: why it was interrupted, if it was.
pub fn watched<T>(watch: Watch, f: impl FnOnce() -> T) -> (T, Option<Stopped>) {
    struct Back(Option<Running>);
    impl Drop for Back {
        fn drop(&mut self) {
            RUNNING.set(self.0.take());
        }
    }
    let running = Running {
        watch,
        stopped: None,
    };
    let _back = Back(RUNNING.replace(Some(running)));
    let value = f();
    let stopped = RUNNING.take().and_then(|running| running.stopped);
    (value, stopped)
}

/// The progress handler that connections need for [`watched`]: whether to stop.
pub fn tick() -> bool {
    RUNNING.with_borrow_mut(|running| running.as_mut().is_some_and(Running::is_over))
}

impl Running {
    fn is_over(&mut self) -> bool {
        let unwanted = self.watch.stop.as_ref().is_some_and(Stop::is_stopped);
        self.stopped = match (unwanted, self.watch.clock.monotonic()) {
            (true, _) => Some(Stopped::Unwanted),
            (_, now) if now >= self.watch.deadline => Some(Stopped::Deadline),
            _ => return false,
        };
        true
    }
}
