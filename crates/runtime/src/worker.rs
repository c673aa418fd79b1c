//! An app that runs: its isolates, and which of them gets the next event.
//!
//! Owns the life of isolates: the first is started with the app, others when the ones there are busy,
//! a new one when one was condemned. Dropping a `Worker` lets its isolates finish what they run.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use cellhouse_exchange::{Request, Response};
use cellhouse_objects::Address;
use parking_lot::RwLock;
use tokio::sync::oneshot;

use crate::automatic::Changes;
use crate::failure::{Failure, FailureKind, StartError};
use crate::isolate::{Handlers, IsolateHandle, Job};
use crate::objects::{ObjectClass, ObjectHost};
use crate::placed::{AbortOnDrop, Placed};
use crate::platform::{AppEvent, EventKind};
use crate::pool::Pool;
use crate::spec::AppSpec;

mod isolates;
mod objects;

/// A running app. Clones are the same app.
#[derive(Clone)]
pub struct Worker(Arc<Inner>);

/// An app, for those who must not keep it running.
#[derive(Clone)]
pub(crate) struct WeakWorker(Weak<Inner>);

impl WeakWorker {
    pub(crate) fn upgrade(&self) -> Option<Worker> {
        self.0.upgrade().map(Worker)
    }
}

struct Inner {
    spec: AppSpec,
    pool: Pool,
    handlers: OnceLock<Handlers>,
    isolates: RwLock<Vec<IsolateHandle>>,
    next_event: AtomicU32,
    growing: AtomicBool,
    /// Held while an isolate is started because there is none.
    replacing: tokio::sync::Mutex<()>,
    /// Who runs the app's objects since this one was replaced.
    successor: OnceLock<Worker>,
    /// Says when State has changed, to those that the app's handlers of that are.
    changes: Changes,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.changes.unwatch(&self.spec.bindings);
    }
}

impl Worker {
    /// Starts an app: returns when its module has been evaluated.
    pub async fn start(spec: AppSpec, pool: &Pool) -> Result<Worker, StartError> {
        let worker = Worker(Arc::new(Inner {
            spec,
            pool: pool.clone(),
            handlers: OnceLock::new(),
            isolates: RwLock::default(),
            next_event: AtomicU32::new(1),
            growing: AtomicBool::new(false),
            replacing: tokio::sync::Mutex::new(()),
            successor: OnceLock::new(),
            changes: Changes::new(),
        }));
        let (isolate, handlers) = worker.start_isolate().await?;
        worker.0.handlers.get_or_init(|| handlers);
        worker.0.isolates.write().push(isolate);
        Ok(worker)
    }

    fn handlers(&self) -> Handlers {
        self.0.handlers.get().cloned().unwrap_or_default()
    }

    fn has_handler(&self, name: &str) -> bool {
        self.0.handlers.get().is_some_and(|known| known.has(name))
    }

    pub(crate) fn spec(&self) -> &AppSpec {
        &self.0.spec
    }

    pub(crate) fn changes(&self) -> &Changes {
        &self.0.changes
    }

    pub(crate) fn downgrade(&self) -> WeakWorker {
        WeakWorker(Arc::downgrade(&self.0))
    }

    /// The app's name.
    pub fn name(&self) -> &str {
        &self.0.spec.name
    }

    /// The exports that services may name as their entrypoint; the default export is `default`.
    pub fn entrypoints(&self) -> Arc<[String]> {
        self.handlers().entrypoints
    }

    /// The classes of the app's own objects, and of others' that it uses.
    pub(crate) fn object_classes(&self) -> &[ObjectClass] {
        let objects = self.0.spec.objects.as_ref();
        objects.map_or(&[], |objects| &*objects.classes)
    }

    pub(crate) fn object_host(&self) -> Option<ObjectHost> {
        self.0
            .spec
            .objects
            .as_ref()
            .map(|objects| objects.host.clone())
    }

    /// Whether the object of an address is one of the app's own.
    pub fn has_object_at(&self, address: &Address) -> bool {
        let mut classes = self.object_classes().iter();
        classes.any(|class| class.app.is_none() && class.namespace.id_at(address).is_some())
    }

    /// Whether the app exports `fetch()`.
    pub fn has_fetch(&self) -> bool {
        self.has_handler("fetch")
    }

    /// Whether the app exports `scheduled()`.
    pub fn has_scheduled(&self) -> bool {
        self.has_handler("scheduled")
    }

    /// Whether the app exports a handler for such events; of workflows, for the one of that name.
    pub fn handles(&self, kind: &EventKind) -> bool {
        match kind {
            EventKind::Workflow(name) => self.has_handler(&format!("workflow:{name}")),
            EventKind::Instance(class) => self.has_handler(&format!("instance:{class}")),
            other => self.has_handler(other.as_str()),
        }
    }

    /// Whether the app exports `tail()`.
    pub fn has_tail(&self) -> bool {
        self.has_handler("tail")
    }

    /// Runs the app's `tail()` with what [`crate::Observer::traced`] was told of other apps: a JSON list.
    pub async fn tail(&self, events: String) -> Result<(), Failure> {
        self.run(|id, reply| Job::Tail { id, events, reply }).await
    }

    /// Whether the app has Durable Objects.
    pub fn has_objects(&self) -> bool {
        self.0.spec.objects.is_some()
    }

    /// Runs the app's `fetch()`. Dropping the future aborts the request's signal.
    pub async fn fetch(&self, request: Request) -> Result<Response, Failure> {
        self.run(|id, reply| Job::Fetch { id, request, reply })
            .await
    }

    /// Runs the app's `scheduled()`. `time` is the moment it was due, in milliseconds since 1970.
    pub async fn scheduled(&self, cron: String, time: f64) -> Result<(), Failure> {
        self.run(|id, reply| Job::Scheduled {
            id,
            cron,
            time,
            reply,
        })
        .await
    }

    /// Runs a handler of the app for an event that is no request, and gives its answer once that is durable
    /// which it has written. Dropping the future does not stop the handler.
    pub async fn event(&self, event: AppEvent) -> Result<String, Failure> {
        let event = Box::new(event);
        self.run(|id, reply| Job::Event { id, event, reply }).await
    }

    /// From now on `successor`, newer code of the same app, runs the objects: also for requests that this
    /// one still answers. Objects that live here go there when they have nothing to do; call
    /// [`Worker::drain`] for that. To be called before `successor` gets its first event.
    pub fn retire(&self, successor: &Worker) {
        drop(self.0.successor.set(successor.clone()));
        self.0.changes.unwatch(&self.0.spec.bindings);
        for isolate in self.0.isolates.read().iter() {
            isolate.status.retire();
        }
    }

    pub(crate) fn is_retired(&self) -> bool {
        self.0.successor.get().is_some()
    }

    /// Who runs the objects, if this one does not any more.
    pub(crate) fn newest(&self) -> Option<&Worker> {
        let mut newest = self.0.successor.get()?;
        while let Some(next) = newest.0.successor.get() {
            newest = next;
        }
        Some(newest)
    }

    pub(crate) fn next_event(&self) -> u32 {
        self.0.next_event.fetch_add(1, Ordering::Relaxed) & 0x3fff_ffff
    }

    async fn run<T>(
        &self,
        job: impl FnOnce(u32, oneshot::Sender<Result<T, Failure>>) -> Job,
    ) -> Result<T, Failure> {
        let id = self.next_event();
        let (reply, answer) = oneshot::channel();
        let isolate = self.send(job(id, reply)).await?;
        let status = isolate.status.clone();
        let guard = AbortOnDrop::new(Placed {
            event: id,
            isolate: isolate.weak(),
        });
        let answer = tokio::select! {
            biased;
            answer = answer => answer.unwrap_or_else(|_| Err(Failure::of(FailureKind::Stopped))),
            () = status.abandoned() => Err(Failure::of(status.why_abandoned())),
        };
        guard.disarm();
        answer
    }
}

/// What a caller is told of an app that does not run in this process.
pub(crate) fn not_running(name: &str) -> String {
    format!(
        "The app \"{name}\" does not run here: start both together, with their configs, \
         `cellhouse dev -c FIRST -c SECOND`."
    )
}
