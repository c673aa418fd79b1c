//! One isolate: its thread, its queue of jobs, and the loop that runs them.

mod boot;
mod events;
mod load;
mod serve;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use cellhouse_exchange::{Request, Response};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::failure::{Failure, FailureKind, StartError};
use crate::objects::ObjectJob;
use crate::platform::AppEvent;
use crate::services::ServiceJob;
use crate::spec::AppSpec;
use crate::worker::WeakWorker;

#[cfg(test)]
pub(crate) use boot::extensions;
pub(crate) use events::Events;

/// What an isolate is asked to do, in order.
pub(crate) enum Job {
    /// Evaluate an app's module. Once per isolate.
    Load {
        spec: AppSpec,
        /// The app that the isolate is one of.
        worker: WeakWorker,
        reply: oneshot::Sender<Result<Handlers, StartError>>,
    },
    Fetch {
        id: u32,
        request: Request,
        reply: Reply<Response>,
    },
    Scheduled {
        id: u32,
        cron: String,
        /// Milliseconds since 1970.
        time: f64,
        reply: Reply<()>,
    },
    /// What happened in events of other apps: a JSON list.
    Tail {
        id: u32,
        events: String,
        reply: Reply<()>,
    },
    /// Any other event of the app.
    Event {
        id: u32,
        event: Box<AppEvent>,
        reply: Reply<String>,
    },
    /// For an object that lives here.
    Object(Box<ObjectJob>),
    /// For one of the app's entrypoints.
    Service(Box<ServiceJob>),
    /// Whoever called an object or entrypoint here in this session is gone, or needs nothing more.
    SessionOver(u32),
    /// Whoever waited for the event has gone.
    Abort(u32),
    /// The client has the whole body of the event's answer.
    Delivered(u32),
    /// Take no more jobs, finish the open events, end.
    Drain,
}

pub(crate) type Reply<T> = oneshot::Sender<Result<T, Failure>>;

/// Which handlers an app's module exports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handlers {
    /// `fetch`, `scheduled`, `tail`, `queue`, `message`, `timer`, and `workflow:` with the name of each.
    pub(crate) names: Arc<[String]>,
    /// The exports that can be called as services.
    pub(crate) entrypoints: Arc<[String]>,
}

impl Handlers {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }
}

/// The outside of an isolate. Dropping the last clone ends it after its open events.
#[derive(Clone)]
pub(crate) struct IsolateHandle {
    jobs: mpsc::UnboundedSender<Job>,
    pub(crate) status: Arc<Status>,
}

/// The outside of an isolate, for those who must not keep it alive.
#[derive(Clone)]
pub(crate) struct WeakIsolate {
    jobs: mpsc::WeakUnboundedSender<Job>,
    pub(crate) status: Arc<Status>,
}

/// What others may know of an isolate without asking it.
#[derive(Default)]
pub(crate) struct Status {
    /// Events that were sent and are not complete.
    pub(crate) open: AtomicU32,
    /// It exceeded a limit: it takes no new events and ends with its last.
    pub(crate) condemned: AtomicBool,
    /// Newer code runs the objects: no event of one is sent here any more.
    retired: AtomicBool,
    /// Nobody waits for it any more: it cannot be stopped, or keeps from newer code what that needs.
    abandoned: AtomicBool,
    /// It is the second of these.
    outdated: AtomicBool,
    given_up: Notify,
    /// One stretch of JavaScript has kept its thread for a while: whatever is sent to it waits.
    held: AtomicBool,
    /// Its thread does nothing more.
    ended: AtomicBool,
}

impl Status {
    /// An event is sent to it.
    pub(crate) fn one_more(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn is_condemned(&self) -> bool {
        self.condemned.load(Ordering::Relaxed)
    }

    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// Whether it still takes events for its objects.
    pub(crate) fn takes_objects(&self) -> bool {
        !self.is_condemned() && !self.retired.load(Ordering::Acquire)
    }

    pub(crate) fn set_held(&self, held: bool) {
        self.held.store(held, Ordering::Relaxed);
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
    }

    /// Gives the isolate up; false if it was already.
    pub(crate) fn abandon(&self) -> bool {
        self.condemned.store(true, Ordering::Relaxed);
        let first = !self.abandoned.swap(true, Ordering::AcqRel);
        self.given_up.notify_waiters();
        first
    }

    /// Gives an isolate of old code up, because newer code needs an object that it keeps.
    pub(crate) fn outdate(&self) {
        self.outdated.store(true, Ordering::Relaxed);
        self.abandon();
    }

    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// What those are told who wait for an isolate that was given up.
    pub(crate) fn why_abandoned(&self) -> FailureKind {
        match self.outdated.load(Ordering::Relaxed) {
            true => FailureKind::Updated,
            false => FailureKind::CpuLimit,
        }
    }

    /// Waits until the isolate is given up.
    pub(crate) async fn abandoned(&self) {
        let mut given_up = std::pin::pin!(self.given_up.notified());
        given_up.as_mut().enable();
        if !self.abandoned.load(Ordering::Acquire) {
            given_up.await;
        }
    }
}

impl IsolateHandle {
    /// Starts a thread with an isolate that has everything but an app. Returns before it has booted.
    pub(crate) fn spawn() -> Result<IsolateHandle, StartError> {
        let (jobs, queue) = mpsc::unbounded_channel();
        let status = Arc::new(Status::default());
        let (own, own_jobs) = (status.clone(), jobs.downgrade());
        std::thread::Builder::new()
            .name("isolate".to_owned())
            // QuickJS recurses on the native stack; its own limit is set in `boot`.
            .stack_size(boot::THREAD_STACK_BYTES)
            .spawn(move || {
                serve::thread(queue, own_jobs, own.clone());
                own.ended.store(true, Ordering::Release);
            })
            .map_err(|error| StartError::Engine(error.to_string()))?;
        Ok(IsolateHandle { jobs, status })
    }

    /// Sends a job; gives it back if the isolate has ended.
    #[expect(
        clippy::result_large_err,
        reason = "the job itself, moved and not copied"
    )]
    pub(crate) fn send(&self, job: Job) -> Result<(), Job> {
        self.jobs.send(job).map_err(|error| error.0)
    }

    pub(crate) fn of(jobs: mpsc::UnboundedSender<Job>, status: Arc<Status>) -> IsolateHandle {
        IsolateHandle { jobs, status }
    }

    /// Sends jobs without keeping it alive.
    pub(crate) fn weak(&self) -> WeakIsolate {
        WeakIsolate {
            jobs: self.jobs.downgrade(),
            status: self.status.clone(),
        }
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.status.is_condemned() && !self.jobs.is_closed()
    }

    /// Whether what is sent to it has to wait for JavaScript that may run for long.
    pub(crate) fn is_held(&self) -> bool {
        self.status.held.load(Ordering::Relaxed)
    }

    pub(crate) fn open_events(&self) -> u32 {
        if self.status.abandoned.load(Ordering::Relaxed) {
            return 0;
        }
        self.status.open.load(Ordering::Relaxed)
    }

    /// Whether nothing more is to be expected of it: its events are over, its WebSockets closed.
    pub(crate) fn has_ended(&self) -> bool {
        self.status.ended.load(Ordering::Acquire) || self.status.abandoned.load(Ordering::Relaxed)
    }
}

impl WeakIsolate {
    /// Where jobs are sent, unless it has ended.
    pub(crate) fn jobs(&self) -> Option<mpsc::UnboundedSender<Job>> {
        self.jobs.upgrade()
    }
}
