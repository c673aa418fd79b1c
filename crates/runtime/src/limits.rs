//! CPU limits: a watchdog that stops JavaScript which runs for too long, and lets others know before that it
//! runs for long.
//!
//! An isolate marks where it enters and leaves JavaScript with one atomic increment. The watchdog, one
//! thread for the process, looks every few milliseconds at the CPU clock of each isolate's thread, and
//! sleeps while all isolates do. CPU time is counted from when it first sees a stretch of JavaScript,
//! so a limit is exceeded by one interval at most.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use deno_core::v8;
use parking_lot::{Condvar, Mutex};

use crate::engine::Interrupter;
use crate::isolate::Status;

/// How often a running isolate is looked at.
const INTERVAL: Duration = Duration::from_millis(10);
/// Quiet intervals before the watchdog sleeps until an isolate wakes it.
const QUIET_INTERVALS: u32 = 50;

/// CPU time of one stretch after which new events go to other isolates, as far as there may be some.
const HELD: Duration = Duration::from_millis(50);

/// CPU time beyond its limit after which a stretch is given up: built-in functions of the engine that
/// loop by themselves (over four billion holes of an array, say) cannot be stopped.
const GRACE: Duration = Duration::from_secs(1);

/// The part of an isolate that the watchdog sees.
pub(crate) struct Meter {
    /// Odd while JavaScript runs. Each stretch has its own number.
    stretch: AtomicU64,
    limit: Mutex<Duration>,
    /// Whether `stop` has to be looked at: set before it, and read after the end of a stretch.
    suspect: AtomicBool,
    stop: Mutex<Stop>,
    handle: v8::IsolateHandle,
    status: Arc<Status>,
    clock: libc::clockid_t,
    thread: libc::pid_t,
}

/// What stops an isolate, and whether it did.
struct Stop {
    exceeded: bool,
    /// `None` once the engine is gone.
    interrupter: Option<Interrupter>,
}

impl Meter {
    /// Registers the isolate of the calling thread. [`Meter::retire`] must come before the engine's end.
    pub(crate) fn register(
        handle: v8::IsolateHandle,
        interrupter: Interrupter,
        status: Arc<Status>,
    ) -> Arc<Meter> {
        let meter = Arc::new(Meter {
            stretch: AtomicU64::new(0),
            limit: Mutex::new(crate::Limits::default().cpu),
            suspect: AtomicBool::new(false),
            stop: Mutex::new(Stop {
                exceeded: false,
                interrupter: Some(interrupter),
            }),
            handle,
            status,
            clock: thread_clock(),
            // SAFETY: has no preconditions.
            thread: unsafe { libc::gettid() },
        });
        watchdog().isolates.lock().push(Watched {
            meter: Arc::downgrade(&meter),
            seen: 0,
            since: Duration::ZERO,
        });
        meter
    }

    pub(crate) fn set_limit(&self, limit: Duration) {
        *self.limit.lock() = limit;
    }

    /// Enters JavaScript; the guard leaves it.
    pub(crate) fn enter(&self) -> Stretch<'_> {
        self.stretch.fetch_add(1, Ordering::SeqCst);
        let watchdog = watchdog();
        if watchdog.asleep.load(Ordering::Relaxed) {
            watchdog.wake();
        }
        Stretch(self)
    }

    /// Whether the limit was exceeded since the last call; the isolate can run on after this.
    pub(crate) fn take_exceeded(&self) -> bool {
        if !self.suspect.load(Ordering::SeqCst) {
            return false;
        }
        let mut stop = self.stop.lock();
        self.suspect.store(false, Ordering::SeqCst);
        let exceeded = std::mem::take(&mut stop.exceeded);
        if exceeded {
            self.handle.cancel_terminate_execution();
        }
        exceeded
    }

    /// The engine is about to end.
    pub(crate) fn retire(&self) {
        self.stop.lock().interrupter = None;
    }

    /// Stops a stretch, if it still runs.
    fn stop(&self, stretch: u64) {
        let mut stop = self.stop.lock();
        self.suspect.store(true, Ordering::SeqCst);
        if self.stretch.load(Ordering::SeqCst) != stretch {
            return;
        }
        stop.exceeded = true;
        self.handle.terminate_execution();
        if let Some(interrupter) = &stop.interrupter {
            interrupter.interrupt();
        }
    }

    /// Answers those who wait for the isolate without it, and lets its thread stand behind all others.
    fn abandon(&self) {
        if self.status.abandon() {
            // SAFETY: has no preconditions; a thread that is gone gives an error, which does not matter.
            unsafe { libc::setpriority(libc::PRIO_PROCESS, self.thread as libc::id_t, 19) };
        }
    }
}

/// One stretch of JavaScript.
pub(crate) struct Stretch<'a>(&'a Meter);

impl Drop for Stretch<'_> {
    fn drop(&mut self) {
        self.0.stretch.fetch_add(1, Ordering::SeqCst);
    }
}

struct Watched {
    meter: Weak<Meter>,
    /// The stretch that was running at the last look, and the thread's CPU time when it was first seen.
    seen: u64,
    since: Duration,
}

struct Watchdog {
    isolates: Mutex<Vec<Watched>>,
    asleep: AtomicBool,
    lock: Mutex<()>,
    alarm: Condvar,
}

impl Watchdog {
    fn wake(&self) {
        let _guard = self.lock.lock();
        self.asleep.store(false, Ordering::Relaxed);
        self.alarm.notify_one();
    }

    fn run(&self) {
        let mut quiet = 0;
        loop {
            let mut guard = self.lock.lock();
            if quiet >= QUIET_INTERVALS {
                self.asleep.store(true, Ordering::Relaxed);
                while self.asleep.load(Ordering::Relaxed) {
                    self.alarm.wait(&mut guard);
                }
                quiet = 0;
            }
            self.alarm.wait_for(&mut guard, INTERVAL);
            drop(guard);
            quiet = if self.look() { 0 } else { quiet + 1 };
        }
    }

    /// Looks at every isolate; false if none runs JavaScript.
    fn look(&self) -> bool {
        let mut busy = false;
        self.isolates.lock().retain_mut(|watched| {
            let Some(meter) = watched.meter.upgrade() else {
                return false;
            };
            busy |= watched.look(&meter);
            true
        });
        busy
    }
}

impl Watched {
    fn look(&mut self, meter: &Meter) -> bool {
        let stretch = meter.stretch.load(Ordering::SeqCst);
        if stretch.is_multiple_of(2) {
            meter.status.set_held(false);
            return false;
        }
        let Some(now) = read_clock(meter.clock) else {
            return false;
        };
        if stretch != self.seen {
            self.seen = stretch;
            self.since = now;
            meter.status.set_held(false);
            return true;
        }
        let used = now.saturating_sub(self.since);
        meter.status.set_held(used > HELD);
        let limit = *meter.limit.lock();
        if used > limit {
            meter.stop(stretch);
        }
        if used > limit + GRACE {
            meter.abandon();
        }
        true
    }
}

fn watchdog() -> &'static Watchdog {
    static WATCHDOG: OnceLock<&'static Watchdog> = OnceLock::new();
    WATCHDOG.get_or_init(|| {
        let watchdog: &'static Watchdog = Box::leak(Box::new(Watchdog {
            isolates: Mutex::new(Vec::new()),
            asleep: AtomicBool::new(false),
            lock: Mutex::new(()),
            alarm: Condvar::new(),
        }));
        std::thread::Builder::new()
            .name("watchdog".to_owned())
            .spawn(move || watchdog.run())
            .expect("the process may start a thread");
        watchdog
    })
}

/// The CPU clock of the calling thread, readable from other threads.
fn thread_clock() -> libc::clockid_t {
    let mut clock = libc::CLOCK_THREAD_CPUTIME_ID;
    // SAFETY: both arguments are valid; pthread_self() always is.
    unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut clock) };
    clock
}

/// `None` once the thread has ended.
fn read_clock(clock: libc::clockid_t) -> Option<Duration> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is valid for writing; a clock id that is gone gives an error.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        return None;
    }
    Some(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}
