//! The loop of an isolate's thread: takes jobs, calls JavaScript, turns the event loop.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use cellhouse_exchange::{Body, Request};
use deno_core::{JsRuntime, PollEventLoopOptions, v8};
use http::Method;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Sleep;

use super::boot::{Booted, EntryPoints, boot};
use super::values::{array_buffers, optional_number, optional_string, string, text};
use super::{Events, Handlers, Job, Reply, Status};
use crate::engine::Engine;
use crate::failure::{Failure, FailureKind, StartError};
use crate::headers;
use crate::limits::Meter;
use crate::objects::{Message, Sessions};
use crate::ops::body::RequestBody;
use crate::platform::AppEvent;
use crate::sockets::{GOING_AWAY, Sockets};
use crate::spec::AppSpec;
use crate::trace;
use crate::wasm::interpreter;
use crate::worker::WeakWorker;

/// Jobs that are taken in one turn before the event loop gets its own.
const JOBS_PER_TURN: usize = 64;

/// How long WebSocket peers may take to answer the close frames of an isolate that ends.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// That of most requests, which JavaScript needs not be told.
const USUAL_PROTOCOL: &str = "HTTP/1.1";

/// The body of an isolate's thread.
pub(super) fn thread(
    queue: mpsc::UnboundedReceiver<Job>,
    jobs: mpsc::WeakUnboundedSender<Job>,
    status: Arc<Status>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return refuse(queue, &StartError::Engine(error.to_string())),
    };
    let local = tokio::task::LocalSet::new();
    let (answers, inbox) = mpsc::unbounded_channel();
    let unused = local.block_on(&runtime, async move {
        match boot(status.clone(), jobs, answers) {
            Ok(booted) => {
                Isolate::new(booted, status, inbox).run(queue).await;
                None
            }
            Err(error) => Some((queue, error)),
        }
    });
    if let Some((queue, error)) = unused {
        refuse(queue, &error);
    }
    drop(local);
    // Waits for what other threads do with its memory.
    drop(runtime);
    // SAFETY: the isolate has ended, all of its tasks are over or dropped, and its thread ends here.
    unsafe { interpreter::end() };
}

/// Answers every job of an isolate that could not boot.
fn refuse(mut queue: mpsc::UnboundedReceiver<Job>, error: &StartError) {
    while let Some(job) = queue.blocking_recv() {
        match job {
            Job::Load { reply, .. } => drop(reply.send(Err(error.clone()))),
            Job::Fetch { reply, .. } => {
                drop(reply.send(Err(Failure::exception(error.to_string(), ""))));
            }
            Job::Scheduled { reply, .. } | Job::Tail { reply, .. } => {
                drop(reply.send(Err(Failure::exception(error.to_string(), ""))));
            }
            Job::Event { reply, .. } => {
                drop(reply.send(Err(Failure::exception(error.to_string(), ""))));
            }
            Job::Object(job) => {
                job.call.refuse(Failure::exception(error.to_string(), ""));
            }
            Job::Service(job) => {
                job.call.refuse(Failure::exception(error.to_string(), ""));
            }
            Job::Abort(_) | Job::Delivered(_) | Job::SessionOver(_) => {}
            Job::Drain => return,
        }
    }
}

/// Calls a function of the bootstrap and runs the microtasks that follow from it.
macro_rules! call {
    ($self:ident, $function:expr, $event:expr, |$scope:ident| [$($argument:expr),* $(,)?]) => {{
        let meter = $self.meter.clone();
        let stretch = meter.enter();
        $self.events.next_turn();
        let stopped = {
            deno_core::scope!($scope, &mut $self.js);
            let function = v8::Local::new($scope, &$function);
            let receiver = v8::undefined($scope).into();
            let arguments = [$($argument),*];
            // The bootstrap's functions catch what apps throw; `None` is a limit.
            let stopped = function.call($scope, receiver, &arguments).is_none();
            if !stopped {
                $scope.perform_microtask_checkpoint();
            }
            stopped
        };
        drop(stretch);
        $self.after_javascript($event, stopped);
        $self.events.flush();
    }};
}

mod limits;
mod objects;
mod resting;
mod services;
mod traces;

struct Isolate {
    js: JsRuntime,
    entry: EntryPoints,
    events: Events,
    sockets: Sockets,
    loader: std::rc::Rc<crate::modules::Loader>,
    /// Declared after `js`, which must be dropped before it.
    engine: Engine,
    meter: Arc<Meter>,
    /// What objects elsewhere answer. Open as long as the isolate runs.
    inbox: mpsc::UnboundedReceiver<Message>,
    draining: bool,
    /// Runs while nothing but WebSockets is left that were told to close.
    patience: Option<Pin<Box<Sleep>>>,
    /// Until the next look for objects that rest.
    objects_rest: Option<Pin<Box<Sleep>>>,
    /// How much of the heap must be used before objects leave because of it again.
    pressed_at: usize,
    status: Arc<Status>,
    /// Until newer code cannot wait any longer.
    outdated: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl Isolate {
    fn new(booted: Booted, status: Arc<Status>, inbox: mpsc::UnboundedReceiver<Message>) -> Self {
        let Booted {
            mut js,
            entry,
            events,
            sockets,
            loader,
            engine,
        } = booted;
        let handle = js.v8_isolate().thread_safe_handle();
        let meter = Meter::register(handle, engine.interrupter(), status.clone());
        Isolate {
            js,
            entry,
            events,
            sockets,
            loader,
            engine,
            meter,
            inbox,
            draining: false,
            patience: None,
            objects_rest: None,
            pressed_at: 0,
            status,
            outdated: None,
        }
    }

    /// Until the queue is closed or drained and no event is open.
    async fn run(mut self, mut queue: mpsc::UnboundedReceiver<Job>) {
        loop {
            let load = std::future::poll_fn(|cx| self.turn(cx, &mut queue)).await;
            match load {
                Some((spec, worker, reply)) => {
                    self.js.op_state().borrow_mut().put(worker);
                    let loaded = self.load(spec).await;
                    drop(reply.send(loaded));
                }
                None => break,
            }
        }
        self.events.fail_all(FailureKind::Stopped, true);
        self.events.flush();
        self.events.instances().clear();
    }

    /// One turn: jobs, then the event loop. Ready with a module to load, or with nothing at the end.
    fn turn(
        &mut self,
        cx: &mut Context<'_>,
        queue: &mut mpsc::UnboundedReceiver<Job>,
    ) -> Poll<Option<LoadJob>> {
        let mut no_more_jobs = false;
        for taken in 0.. {
            // Before what is new: a job must not begin with a session whose end has been told.
            self.take_answers(cx);
            if taken == JOBS_PER_TURN {
                cx.waker().wake_by_ref();
                break;
            }
            match queue.poll_recv(cx) {
                Poll::Ready(Some(Job::Load {
                    spec,
                    worker,
                    reply,
                })) => {
                    return Poll::Ready(Some((spec, worker, reply)));
                }
                Poll::Ready(Some(job)) => self.start(job),
                Poll::Ready(None) => {
                    no_more_jobs = true;
                    break;
                }
                Poll::Pending => break,
            }
        }
        self.poll_event_loop(cx);
        self.let_objects_in(cx);
        self.let_objects_go(cx);
        if self.draining {
            self.give_objects_up(cx);
            // A job that is sent from now on comes back to its sender, who finds another isolate.
            // What was sent before still runs.
            queue.close();
        }
        if no_more_jobs && self.events.poll_over(cx).is_ready() && self.poll_farewell(cx).is_ready()
        {
            return Poll::Ready(None);
        }
        if self.draining && !no_more_jobs {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Hands the answers of objects to those who wait for them, some in one turn.
    fn take_answers(&mut self, cx: &mut Context<'_>) {
        for _ in 0..JOBS_PER_TURN {
            match self.inbox.poll_recv(cx) {
                Poll::Ready(Some(message)) => self.rpc(message),
                _ => return,
            }
        }
        cx.waker().wake_by_ref();
    }

    /// Closes the WebSockets of an isolate that has nothing else to do, and waits until their peers have
    /// answered, so that `close` listeners run.
    fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.sockets.close_all(GOING_AWAY, "going away");
        if self.sockets.poll_gone(cx).is_ready() {
            return Poll::Ready(());
        }
        let patience = || Box::pin(tokio::time::sleep(CLOSE_PATIENCE));
        self.patience.get_or_insert_with(patience).as_mut().poll(cx)
    }

    fn start(&mut self, job: Job) {
        match job {
            Job::Fetch { id, request, reply } => {
                self.events.open_fetch(id, reply);
                self.trace_request(id, &request);
                self.fetch(id, request);
            }
            Job::Scheduled {
                id,
                cron,
                time,
                reply,
            } => {
                self.events.open_scheduled(id, reply);
                self.trace(id, None, || json!({ "cron": cron, "scheduledTime": time }));
                call!(self, self.entry.scheduled, Some(id), |scope| [
                    v8::Integer::new_from_unsigned(scope, id).into(),
                    string(scope, &cron),
                    v8::Number::new(scope, time).into(),
                ]);
            }
            Job::Tail { id, events, reply } => {
                self.events.open_scheduled(id, reply);
                call!(self, self.entry.tail, Some(id), |scope| [
                    v8::Integer::new_from_unsigned(scope, id).into(),
                    string(scope, &events),
                ]);
            }
            Job::Event { id, event, reply } => self.event(id, *event, reply),
            Job::Object(job) => self.object(*job),
            Job::Service(job) => self.service(*job),
            Job::SessionOver(session) => self.session_over(session),
            Job::Abort(id) => {
                self.events.left(id);
                call!(self, self.entry.abort, None, |scope| [
                    v8::Integer::new_from_unsigned(scope, id).into()
                ]);
            }
            Job::Delivered(id) => {
                call!(self, self.entry.delivered, None, |scope| [
                    v8::Integer::new_from_unsigned(scope, id).into()
                ]);
            }
            Job::Drain => {
                self.draining = true;
                self.sockets.close_all(GOING_AWAY, "going away");
            }
            Job::Load { .. } => unreachable!("turn() takes these out"),
        }
    }

    fn fetch(&mut self, id: u32, request: Request) {
        let headers = headers::join_bytes(&request.headers);
        let (rid, length) = self.body_resource(request.body);
        let method = (request.method != Method::GET).then_some(&request.method);
        let protocol = request.client.protocol;
        let protocol = (protocol != USUAL_PROTOCOL).then_some(protocol);
        call!(self, self.entry.fetch, Some(id), |scope| [
            v8::Integer::new_from_unsigned(scope, id).into(),
            string(scope, &request.url),
            text(scope, &headers),
            optional_string(scope, method.map(Method::as_str)),
            optional_string(scope, protocol),
            optional_number(scope, rid.map(f64::from)),
            optional_number(scope, length.map(|length| length as f64)),
        ]);
    }

    fn event(&mut self, id: u32, event: AppEvent, reply: Reply<String>) {
        self.events.open_event(id, reply);
        self.trace(id, None, || trace::of_platform(&event));
        call!(self, self.entry.event, Some(id), |scope| [
            v8::Integer::new_from_unsigned(scope, id).into(),
            string(scope, event.kind.as_str()),
            string(scope, &event.data),
            array_buffers(scope, event.bodies),
        ]);
    }

    fn body_resource(&mut self, body: Body) -> (Option<u32>, Option<u64>) {
        let (body, length) = match body {
            Body::Empty => return (None, None),
            Body::Bytes(bytes) => {
                let length = bytes.len() as u64;
                (RequestBody::of_bytes(bytes), Some(length))
            }
            Body::Stream { stream, length } => (RequestBody::of_stream(stream), length),
        };
        let state = self.js.op_state();
        let rid = state.borrow_mut().resource_table.add(body);
        (Some(rid), length)
    }

    fn poll_event_loop(&mut self, cx: &mut Context<'_>) {
        let meter = self.meter.clone();
        let stretch = meter.enter();
        self.events.next_turn();
        let result = self.js.poll_event_loop(cx, PollEventLoopOptions::default());
        drop(stretch);
        self.after_javascript(None, false);
        self.events.flush();
        match result {
            Poll::Pending => {}
            Poll::Ready(Ok(())) if self.events.are_turns_wanted() => {}
            // An answer of RPC is.
            Poll::Ready(Ok(())) if self.sessions().is_expecting() => {}
            // Nothing is under way, so nothing can ever answer those who wait, or settle what
            // waitUntil() was given.
            Poll::Ready(Ok(())) => self.events.fail_all(FailureKind::Hung, true),
            Poll::Ready(Err(error)) => {
                self.report(&error);
                // The event loop stopped in the middle.
                cx.waker().wake_by_ref();
            }
        }
    }
}

impl Isolate {
    /// The RPC sessions in which this isolate calls.
    fn sessions(&mut self) -> Sessions {
        let state = self.js.op_state();
        let state = state.borrow();
        state.borrow::<Sessions>().clone()
    }
}

impl Drop for Isolate {
    fn drop(&mut self) {
        self.meter.retire();
    }
}

type LoadJob = (
    AppSpec,
    WeakWorker,
    tokio::sync::oneshot::Sender<Result<Handlers, StartError>>,
);
