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
use crate::isolate::{IsolateHandle, Job, Status};
use crate::worker::Worker;

/// How long an object without anything to do stays: the least that Cloudflare's do, 70 to 140 s.
const REST: Duration = Duration::from_secs(70);

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
}

/// The objects of a store, as apps run them. Clones are the same; it outlives reloads of the code.
#[derive(Clone)]
pub struct ObjectHost(Arc<Inner>);

struct Inner {
    objects: Objects,
    /// How long an object without anything to do stays in its isolate.
    rest: Duration,
    homes: Mutex<HashMap<Address, Home>>,
    /// An isolate has forgotten an object.
    forgotten: Notify,
}

/// Where an object lives.
struct Home {
    jobs: mpsc::WeakUnboundedSender<Job>,
    status: Arc<Status>,
    /// Events that were sent there.
    sent: u64,
    /// Those of them that have not begun.
    waiting: Arc<AtomicU32>,
}

/// How sending to a home went.
enum Sent {
    Done(Arc<Status>),
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
        ObjectHost::with_rest(objects, REST)
    }

    /// The objects of this store, which leave memory when they have had nothing to do for `rest`.
    pub fn with_rest(objects: Objects, rest: Duration) -> ObjectHost {
        ObjectHost(Arc::new(Inner {
            objects,
            rest,
            homes: Mutex::default(),
            forgotten: Notify::new(),
        }))
    }

    /// What they store.
    pub fn objects(&self) -> &Objects {
        &self.0.objects
    }

    pub(crate) fn rest(&self) -> Duration {
        self.0.rest
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
    ) -> Result<Arc<Status>, Failure> {
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
                Sent::Done(status) => return Ok(status),
                Sent::Overloaded => return Err(Failure::of(FailureKind::Overloaded)),
                Sent::Homeless(job) => {
                    // An isolate of old code is no home.
                    let home = match caller.take().filter(|_| newest.is_none()) {
                        Some(caller) => caller,
                        None => worker.least_busy().await?,
                    };
                    match self.settle(worker, &home, job) {
                        Ok(status) => return Ok(status),
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
        if home.status.is_abandoned() {
            // It may not do anything more for its objects: see `Instances`.
            homes.remove(&job.target.address);
            return Sent::Homeless(job);
        }
        job.waits = Waits::join(&home.waiting, MAX_WAITING);
        if job.waits.is_none() {
            return Sent::Overloaded;
        }
        match home.send(job) {
            Ok(()) => Sent::Done(home.status.clone()),
            Err(job) => Sent::Leaving(job, home.status.clone()),
        }
    }

    /// Gives an object a home, unless it got one meanwhile, or newer code runs the objects.
    fn settle(
        &self,
        worker: &Worker,
        isolate: &IsolateHandle,
        job: Box<ObjectJob>,
    ) -> Result<Arc<Status>, Box<ObjectJob>> {
        let mut homes = self.0.homes.lock();
        let address = job.target.address;
        if homes.contains_key(&address) || worker.is_retired() {
            return Err(job);
        }
        let mut home = Home {
            jobs: isolate.weak(),
            status: isolate.status.clone(),
            sent: 0,
            waiting: Arc::default(),
        };
        home.send(job)?;
        homes.insert(address, home);
        Ok(isolate.status.clone())
    }

    /// Forgets where an object lives: true, unless more events were sent there than the `taken` that
    /// the isolate knows of.
    pub(crate) fn forget(&self, address: &Address, status: &Arc<Status>, taken: u64) -> bool {
        let mut homes = self.0.homes.lock();
        if let Some(home) = homes.get(address)
            && Arc::ptr_eq(&home.status, status)
        {
            if home.sent != taken && !home.jobs.upgrade().is_none_or(|jobs| jobs.is_closed()) {
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
        let live_elsewhere = |home: &Home| !Arc::ptr_eq(&home.status, status);
        self.0.homes.lock().retain(|_, home| live_elsewhere(home));
        self.0.forgotten.notify_waiters();
    }
}

impl Home {
    fn send(&mut self, job: Box<ObjectJob>) -> Result<(), Box<ObjectJob>> {
        let jobs = match self.jobs.upgrade() {
            Some(jobs) if self.status.takes_objects() => jobs,
            _ => return Err(job),
        };
        match jobs.send(Job::Object(job)) {
            Ok(()) => {
                self.sent += 1;
                self.status.one_more();
                Ok(())
            }
            Err(mpsc::error::SendError(Job::Object(job))) => Err(job),
            Err(_) => unreachable!("what was sent comes back"),
        }
    }
}
