//! An app that runs: its isolates, and which of them gets the next event.
//!
//! Owns the life of isolates: the first is started with the app, others when the ones there are busy,
//! a new one when one was condemned. Dropping a `Worker` lets its isolates finish what they run.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use cellhouse_cell::Tickets;
use cellhouse_exchange::{Request, Response};
use cellhouse_objects::{Address, Due, Namespace, NotRun, ObjectId};
use parking_lot::{Mutex, RwLock};
use tokio::sync::oneshot;

use crate::automatic::Changes;
use crate::failure::{Failure, FailureKind, StartError};
use crate::isolate::{Events, Handlers, IsolateHandle, Job};
use crate::objects::{
    Answer, Call, ObjectClass, ObjectHost, ObjectJob, ObjectRequest, ObjectResponse, Target, Told,
};
use crate::placed::{AbortOnDrop, Placed, answer_of};
use crate::platform::{AppEvent, EventKind};
use crate::spec::AppSpec;

/// Events that an isolate may have open before another isolate is started for the next one.
const BUSY: u32 = 2;
/// How often it is looked whether an isolate is free again: as often as the watchdog looks at them.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How often `drain` looks whether the isolates are done.
const DRAIN_INTERVAL: Duration = Duration::from_millis(5);

/// Isolates that have booted and wait for an app, so that a reload or a replacement is quick.
#[derive(Clone, Default)]
pub struct Pool(Arc<Mutex<Vec<IsolateHandle>>>);

impl Pool {
    /// A pool without a spare isolate yet.
    pub fn new() -> Self {
        Pool::default()
    }

    /// Starts a spare isolate unless there is one. Boots on a thread of its own; returns at once.
    pub fn warm(&self) {
        let mut spares = self.0.lock();
        if spares.is_empty() {
            spares.extend(IsolateHandle::spawn());
        }
    }

    /// [`Pool::warm`] a while from now, to leave the processor to what is more urgent.
    pub async fn warm_after(&self, delay: Duration) {
        tokio::time::sleep(delay).await;
        self.warm();
    }

    fn take(&self) -> Result<IsolateHandle, StartError> {
        match self.0.lock().pop() {
            Some(isolate) => Ok(isolate),
            None => IsolateHandle::spawn(),
        }
    }
}

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

    /// Sends a request to an object and waits for its answer. The object's request is aborted when the future
    /// is dropped, or when the client of the event `parent` goes away, if it is for that one.
    pub(crate) async fn fetch_object(
        &self,
        target: Target,
        request: ObjectRequest,
        tickets: Option<Tickets>,
        events: &Events,
        parent: Option<u32>,
    ) -> Told<ObjectResponse> {
        let call = |answer| Call::Fetch { request, answer };
        let follow = |placed: &Placed| parent.map(|id| events.follow(id, placed.clone()));
        let caller = events.own_handle();
        self.call_object(target, tickets, caller, call, follow)
            .await
    }

    /// Runs the alarm of an object, if it is due: what [`cellhouse_objects::Alarms::run`] calls.
    pub async fn alarm(&self, due: Due) -> Result<(), NotRun> {
        let classes = self.object_classes();
        let mut targets = classes.iter().zip(0..).filter_map(|(class, index)| {
            let id = class.namespace.id_at(&due.address)?;
            if class.app.is_some() {
                return None;
            }
            Some(Target::new(index, class.namespace.clone(), id))
        });
        let Some(target) = targets.next() else {
            return Err(NotRun("the app has no class for this object".to_owned()));
        };
        let told = self
            .call_object(
                target,
                None,
                None,
                |answer| Call::Alarm { due, answer },
                |_| (),
            )
            .await;
        told.result.map_err(|failure| NotRun(failure.message))
    }

    /// Deletes an object of the app with all that it has stored, whether it lives anywhere or not: whether
    /// it existed. What runs of it ends with an error, its WebSockets are closed. Returns when that is
    /// durable; a future that is dropped does not keep it from happening.
    pub async fn delete_object(
        &self,
        namespace: &Namespace,
        id: &ObjectId,
    ) -> Result<bool, Failure> {
        // Deleting makes no instance, so the class does not matter.
        let target = Target::new(0, namespace.clone(), id.clone());
        let told = self
            .call_object(target, None, None, |answer| Call::Delete { answer }, |_| ())
            .await;
        if let Some(tickets) = told.tickets {
            let durable = tickets.durable().await;
            durable.map_err(|_| Failure::of(FailureKind::Storage))?;
        }
        told.result
    }

    /// What `meanwhile` makes of the place where the event was sent is kept until the answer is there.
    pub(crate) async fn call_object<T, M>(
        &self,
        target: Target,
        tickets: Option<Tickets>,
        caller: Option<IsolateHandle>,
        call: impl FnOnce(Answer<T>) -> Call,
        meanwhile: impl FnOnce(&Placed) -> M,
    ) -> Told<T> {
        let (answer, told) = oneshot::channel();
        let job = ObjectJob {
            event: self.next_event(),
            target,
            tickets,
            call: call(answer),
            waits: None,
        };
        let placed = match self.send_object(job, caller).await {
            Ok(placed) => placed,
            Err(failure) => return Told::failed(failure),
        };
        let _meanwhile = meanwhile(&placed);
        answer_of(placed, told).await
    }

    /// Sends an event to an object, which may be another app's.
    pub(crate) async fn send_object(
        &self,
        mut job: ObjectJob,
        caller: Option<IsolateHandle>,
    ) -> Result<Placed, Failure> {
        if job.target.facet.is_some() {
            return send_to_facet(job, caller);
        }
        if let Some(name) = job.target.app.take() {
            let app = self.0.spec.services.find(&name);
            let app = app.ok_or_else(|| Failure::exception(not_running(&name), ""))?;
            app.adopt(&mut job)?;
            return app.send_own_object(job, None).await;
        }
        self.send_own_object(job, caller).await
    }

    async fn send_own_object(
        &self,
        job: ObjectJob,
        caller: Option<IsolateHandle>,
    ) -> Result<Placed, Failure> {
        match &self.0.spec.objects {
            Some(objects) => objects.host.send(self, job, caller).await,
            None => Err(Failure::exception("the app has no Durable Objects", "")),
        }
    }

    /// The isolate with the fewest open events.
    pub(crate) async fn least_busy(&self) -> Result<IsolateHandle, Failure> {
        loop {
            match self.pick() {
                Some(isolate) if !isolate.is_held() || !self.is_joined().await => {
                    return Ok(isolate);
                }
                Some(_) => {}
                None => self.replace().await?,
            }
        }
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

    /// Makes an event of a worker before this one its own: numbers and classes are counted anew.
    pub(crate) fn adopt(&self, job: &mut ObjectJob) -> Result<(), Failure> {
        let classes = self.object_classes();
        let is_its = |class: &ObjectClass| {
            class.app.is_none() && class.namespace.id_at(&job.target.address).is_some()
        };
        let index = classes.iter().position(is_its);
        let Some(index) = index.and_then(|index| u32::try_from(index).ok()) else {
            let text = "the app has no class for this object any more";
            return Err(Failure::exception(text, ""));
        };
        job.target.class = index;
        job.event = self.next_event();
        Ok(())
    }

    pub(crate) fn next_event(&self) -> u32 {
        self.0.next_event.fetch_add(1, Ordering::Relaxed) & 0x3fff_ffff
    }

    /// Lets go of all isolates: closes their WebSockets with 1001 (going away), and waits until their
    /// open events are complete, at most for `limit`. Returns how many were still open; those go on.
    ///
    /// Who still holds the worker may call it: a request that chose it just before it was replaced must
    /// get its answer, from an isolate started anew.
    pub async fn drain(&self, limit: Duration) -> u32 {
        let isolates = std::mem::take(&mut *self.0.isolates.write());
        for isolate in &isolates {
            drop(isolate.send(Job::Drain));
        }
        let wait = async {
            while !isolates.iter().all(IsolateHandle::has_ended) {
                tokio::time::sleep(DRAIN_INTERVAL).await;
            }
        };
        drop(tokio::time::timeout(limit, wait).await);
        isolates.iter().map(IsolateHandle::open_events).sum()
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

    /// Sends a job to the isolate with the fewest open events.
    async fn send(&self, mut job: Job) -> Result<IsolateHandle, Failure> {
        loop {
            let isolate = self.least_busy().await?;
            isolate.status.one_more();
            match isolate.send(job) {
                Ok(()) => return Ok(isolate),
                // It ended in this moment.
                Err(returned) => job = returned,
            }
        }
    }

    fn pick(&self) -> Option<IsolateHandle> {
        let isolates = self.0.isolates.read();
        let mut count = 0;
        let usable = isolates.iter().filter(|isolate| isolate.is_usable());
        let usable = usable.inspect(|_| count += 1);
        let best = usable.min_by_key(|isolate| (isolate.is_held(), isolate.open_events()));
        let best = best.cloned();
        let all = isolates.len();
        drop(isolates);
        if count < all {
            // Those end when they have answered what they took.
            self.0.isolates.write().retain(IsolateHandle::is_usable);
        }
        if let Some(best) = &best
            && best.open_events() >= BUSY
            && count < self.0.spec.max_isolates
        {
            self.grow();
        }
        best
    }

    /// Starts one more isolate, without waiting for it.
    fn grow(&self) {
        if self.0.growing.swap(true, Ordering::AcqRel) {
            return;
        }
        let worker = self.clone();
        tokio::spawn(async move {
            if let Ok((isolate, _)) = worker.start_isolate().await {
                worker.0.isolates.write().push(isolate);
            }
            worker.0.growing.store(false, Ordering::Release);
        });
    }

    /// Waits while long computations hold all isolates, for the end of one or for one more isolate, whichever comes
    /// first; false if there may be no more.
    async fn is_joined(&self) -> bool {
        loop {
            let (count, is_one_free) = {
                let isolates = self.0.isolates.read();
                let mut usable = isolates.iter().filter(|isolate| isolate.is_usable());
                let count = usable.clone().count();
                (count, usable.any(|isolate| !isolate.is_held()))
            };
            if is_one_free || count == 0 {
                return true;
            }
            if count >= self.0.spec.max_isolates {
                return false;
            }
            self.grow();
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Starts an isolate because none is usable.
    async fn replace(&self) -> Result<(), Failure> {
        let _one_at_a_time = self.0.replacing.lock().await;
        self.0.isolates.write().retain(IsolateHandle::is_usable);
        if !self.0.isolates.read().is_empty() {
            return Ok(());
        }
        match self.start_isolate().await {
            Ok((isolate, _)) => {
                self.0.isolates.write().push(isolate);
                self.0.pool.warm();
                Ok(())
            }
            Err(StartError::Evaluation(failure)) => Err(failure),
            Err(error) => Err(Failure::exception(error.to_string(), "")),
        }
    }

    async fn start_isolate(&self) -> Result<(IsolateHandle, Handlers), StartError> {
        let isolate = self.0.pool.take()?;
        let (reply, loaded) = oneshot::channel();
        let gone =
            || StartError::Engine("the isolate ended while it was loading the app".to_owned());
        let job = Job::Load {
            spec: self.0.spec.clone(),
            worker: self.downgrade(),
            reply,
        };
        isolate.send(job).map_err(|_| gone())?;
        let handlers = loaded.await.map_err(|_| gone())??;
        Ok((isolate, handlers))
    }
}

/// A facet lives where its parent does, who is the only one to call it.
fn send_to_facet(job: ObjectJob, parent: Option<IsolateHandle>) -> Result<Placed, Failure> {
    let stopped = || Failure::of(FailureKind::Stopped);
    let isolate = parent.ok_or_else(stopped)?;
    let placed = Placed {
        event: job.event,
        isolate: isolate.weak(),
    };
    isolate.status.one_more();
    let sent = isolate.send(Job::Object(Box::new(job)));
    sent.map(|()| placed).map_err(|_| stopped())
}

/// What a caller is told of an app that does not run in this process.
pub(crate) fn not_running(name: &str) -> String {
    format!(
        "The app \"{name}\" does not run here: start both together, with their configs, \
         `cellhouse dev -c FIRST -c SECOND`."
    )
}
