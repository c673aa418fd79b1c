//! Which isolate each object lives on: one at a time, in the whole process, also while code is
//! reloaded.
//!
//! An isolate forgets an object when it has nothing to do for it, and all of them when it ends. While one
//! that is going still has an object, events for it wait here.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use cellhouse_objects::{Address, Namespace, Objects};
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};

use super::{ObjectJob, Waits};
use crate::failure::{Failure, FailureKind};
use crate::isolate::{IsolateHandle, Job, Status, WeakIsolate};
use crate::placed::Placed;
use crate::worker::Worker;

/// How long events of old code may keep an object from newer code. Two objects may wait for each other, one
/// in old code and one in new: then those of old code fail.
const OLD_EVENTS: Duration = Duration::from_secs(5);

/// Events that may wait for one object before others are refused. Cloudflare does not tell its number.
const MAX_WAITING: u32 = 20_000;

/// A class of objects that an app exports.
#[derive(Clone)]
pub struct ObjectClass {
    /// The name of the export.
    pub name: String,
    /// Its objects.
    pub namespace: Namespace,
    /// The app that exports it, if that is another one, of the same [`crate::Services`].
    pub app: Option<Arc<str>>,
    /// The app may lack it: nothing in `env` is bound to it.
    pub optional: bool,
}

/// How long things of objects take.
#[derive(Clone, Copy, Debug)]
pub struct ObjectTimes {
    /// How long an object without anything to do stays in memory.
    pub rest: Duration,
    /// How long a callback of `blockConcurrencyWhile()` may take before the object is reset.
    pub block: Duration,
}

impl Default for ObjectTimes {
    /// Cloudflare's: the least that objects rest there (70 to 140 s), and 30 s.
    fn default() -> Self {
        ObjectTimes {
            rest: Duration::from_secs(70),
            block: Duration::from_secs(30),
        }
    }
}

/// The objects of a store, as apps run them. Clones are the same; it outlives reloads of the code.
#[derive(Clone)]
pub struct ObjectHost(Arc<Inner>);

struct Inner {
    objects: Objects,
    times: ObjectTimes,
    homes: Mutex<HashMap<Address, Home>>,
    /// An isolate has forgotten an object.
    forgotten: Notify,
}

/// Where an object lives.
struct Home {
    isolate: WeakIsolate,
    /// Events that were sent there.
    sent: u64,
    /// Those of them that have not begun.
    waiting: Arc<AtomicU32>,
}

/// How sending to a home went.
enum Sent {
    Done(Placed),
    /// Too many events wait for the object.
    Overloaded,
    /// The object has no home.
    Homeless(Box<ObjectJob>),
    /// Its home is going, and it with it.
    Leaving(Box<ObjectJob>, Arc<Status>),
}

impl ObjectHost {
    /// The objects of this store.
    pub fn new(objects: Objects) -> ObjectHost {
        ObjectHost::with_times(objects, ObjectTimes::default())
    }

    /// The objects of this store, with other times than Cloudflare's.
    pub fn with_times(objects: Objects, times: ObjectTimes) -> ObjectHost {
        ObjectHost(Arc::new(Inner {
            objects,
            times,
            homes: Mutex::default(),
            forgotten: Notify::new(),
        }))
    }

    /// What they store.
    pub fn objects(&self) -> &Objects {
        &self.0.objects
    }

    pub(crate) fn times(&self) -> ObjectTimes {
        self.0.times
    }

    /// How many objects live in isolates now.
    pub fn resident(&self) -> usize {
        self.0.homes.lock().len()
    }

    /// Sends an event to its object, which gets a home if it has none: where it is first called from, so
    /// that what belongs together stays on one thread, or else where there is least to do.
    pub(crate) async fn send(
        &self,
        worker: &Worker,
        job: ObjectJob,
        caller: Option<IsolateHandle>,
    ) -> Result<Placed, Failure> {
        let mut caller = caller.filter(IsolateHandle::is_usable);
        let mut job = Box::new(job);
        let mut patience = None;
        loop {
            let mut forgotten = std::pin::pin!(self.0.forgotten.notified());
            forgotten.as_mut().enable();
            let newest = worker.newest();
            if let Some(newest) = newest {
                newest.adopt(&mut job)?;
            }
            let worker = newest.unwrap_or(worker);
            job = match self.send_home(job) {
                Sent::Done(placed) => return Ok(placed),
                Sent::Overloaded => return Err(Failure::of(FailureKind::Overloaded)),
                Sent::Homeless(job) => {
                    // An isolate of old code is no home.
                    let home = match caller.take().filter(|_| newest.is_none()) {
                        Some(caller) => caller,
                        None => worker.least_busy().await?,
                    };
                    match self.settle(worker, &home, job) {
                        Ok(placed) => return Ok(placed),
                        Err(job) => job,
                    }
                }
                Sent::Leaving(job, home) => {
                    let until = *patience.get_or_insert_with(|| Instant::now() + OLD_EVENTS);
                    tokio::select! {
                        () = forgotten => {}
                        () = home.abandoned() => {}
                        () = sleep_until(until), if home.is_retired() => home.outdate(),
                    }
                    job
                }
            };
        }
    }

    fn send_home(&self, mut job: Box<ObjectJob>) -> Sent {
        let mut homes = self.0.homes.lock();
        let Some(home) = homes.get_mut(&job.target.address) else {
            return Sent::Homeless(job);
        };
        if home.isolate.status.is_abandoned() {
            // It may not do anything more for its objects: see `Instances`.
            homes.remove(&job.target.address);
            return Sent::Homeless(job);
        }
        job.waits = Waits::join(&home.waiting, MAX_WAITING);
        if job.waits.is_none() && job.may_be_refused() {
            return Sent::Overloaded;
        }
        match home.send(job) {
            Ok(placed) => Sent::Done(placed),
            Err(job) => Sent::Leaving(job, home.isolate.status.clone()),
        }
    }

    /// Gives an object a home, unless it got one meanwhile, or newer code runs the objects.
    fn settle(
        &self,
        worker: &Worker,
        isolate: &IsolateHandle,
        job: Box<ObjectJob>,
    ) -> Result<Placed, Box<ObjectJob>> {
        let mut homes = self.0.homes.lock();
        let address = job.target.address;
        if homes.contains_key(&address) || worker.is_retired() {
            return Err(job);
        }
        let mut home = Home {
            isolate: isolate.weak(),
            sent: 0,
            waiting: Arc::default(),
        };
        let placed = home.send(job)?;
        homes.insert(address, home);
        Ok(placed)
    }

    /// Forgets where an object lives: true, unless more events were sent there than the `taken` that
    /// the isolate knows of.
    pub(crate) fn forget(&self, address: &Address, status: &Arc<Status>, taken: u64) -> bool {
        let mut homes = self.0.homes.lock();
        if let Some(home) = homes.get(address)
            && Arc::ptr_eq(&home.isolate.status, status)
        {
            if home.sent != taken && !home.isolate.jobs().is_none_or(|jobs| jobs.is_closed()) {
                return false;
            }
            homes.remove(address);
        }
        drop(homes);
        self.0.forgotten.notify_waiters();
        true
    }

    /// The isolate has ended.
    pub(crate) fn forget_all(&self, status: &Arc<Status>) {
        let live_elsewhere = |home: &Home| !Arc::ptr_eq(&home.isolate.status, status);
        self.0.homes.lock().retain(|_, home| live_elsewhere(home));
        self.0.forgotten.notify_waiters();
    }
}

impl Home {
    fn send(&mut self, job: Box<ObjectJob>) -> Result<Placed, Box<ObjectJob>> {
        let status = &self.isolate.status;
        let jobs = match self.isolate.jobs() {
            Some(jobs) if status.takes_objects() => jobs,
            _ => return Err(job),
        };
        let event = job.event;
        match jobs.send(Job::Object(job)) {
            Ok(()) => {
                self.sent += 1;
                status.one_more();
                let isolate = self.isolate.clone();
                Ok(Placed { event, isolate })
            }
            Err(mpsc::error::SendError(Job::Object(job))) => Err(job),
            Err(_) => unreachable!("what was sent comes back"),
        }
    }
}
