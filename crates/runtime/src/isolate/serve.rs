//! The loop of an isolate's thread: takes jobs, calls JavaScript, turns the event loop.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use cellhouse_cell::Tickets;
use cellhouse_exchange::{Body, Frame, Request, WebSocketEnd};
use cellhouse_objects::Due;
use deno_core::{JsRuntime, PollEventLoopOptions, v8};
use http::Method;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Sleep;

use super::boot::{Booted, EntryPoints, boot};
use super::values::{
    array_buffer, array_buffers, numbers, optional_number, optional_string, string, text,
};
use super::{Events, Handlers, Job, Reply, Status};
use crate::engine::Engine;
use crate::failure::{Failure, FailureKind, StartError};
use crate::headers;
use crate::limits::Meter;
use crate::objects::{Answer, Call, Message, ObjectJob, Slot, SocketEvent, Told};
use crate::ops::body::RequestBody;
use crate::ops::websocket::park;
use crate::platform::AppEvent;
use crate::sockets::{GOING_AWAY, INTERNAL_ERROR, Sockets};
use crate::spec::AppSpec;
use crate::trace;
use crate::worker::WeakWorker;

/// Jobs that are taken in one turn before the event loop gets its own.
const JOBS_PER_TURN: usize = 64;

/// How long WebSocket peers may take to answer the close frames of an isolate that ends.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// What happened to a hibernating socket; `durable_objects.js` has the same numbers.
const TEXT: u32 = 0;
const BYTES: u32 = 1;
const CLOSE: u32 = 2;

/// That of most requests, which JavaScript needs not be told.
const USUAL_PROTOCOL: &str = "HTTP/1.1";

/// How often objects are looked for that have nothing to do.
const LOOK_FOR_RESTING: Duration = Duration::from_secs(1);

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

    /// Lets go of all objects, and of what waits for them, when newer code cannot wait any longer.
    fn give_objects_up(&mut self, cx: &mut Context<'_>) {
        let status = &self.status;
        let outdated = self.outdated.get_or_insert_with(|| {
            let status = status.clone();
            Box::pin(async move { status.abandoned().await })
        });
        if outdated.as_mut().poll(cx).is_ready() {
            self.outdated = Some(Box::pin(std::future::pending()));
            self.events.instances().clear();
            self.events.fail_all(status.why_abandoned(), true);
        }
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

    fn object(&mut self, job: ObjectJob) {
        let ObjectJob {
            event,
            target,
            tickets,
            call,
            waits,
        } = job;
        drop(waits);
        if let Some(tickets) = tickets {
            self.events.gate().add_all(tickets);
        }
        let sent = !matches!(call, Call::Socket { .. });
        let Some(slot) = self.events.instances().enter(&target, sent) else {
            return call.refuse(Failure::of(FailureKind::Stopped));
        };
        match call {
            Call::Fetch { request, answer } => {
                self.events.open_object_fetch(event, slot.clone(), answer);
                self.trace_object(event, &slot, || trace::request_within(&request));
                let (rid, length) = self.body_resource(request.body);
                call!(self, self.entry.object_fetch, Some(event), |scope| [
                    v8::Integer::new_from_unsigned(scope, event).into(),
                    v8::Integer::new_from_unsigned(scope, slot.number).into(),
                    string(scope, &request.method),
                    string(scope, &request.url),
                    text(scope, &request.headers),
                    optional_number(scope, rid.map(f64::from)),
                    optional_number(scope, length.map(|length| length as f64)),
                    v8::Integer::new_from_unsigned(scope, request.depth).into(),
                ]);
            }
            Call::Alarm { due, answer } => self.alarm(event, &slot, &due, answer),
            Call::Delete { answer } => self.delete(event, &slot, answer),
            Call::Rpc { parcel, route } => {
                self.events.open_unanswered(event, slot.clone());
                let session = route.session;
                self.events.instances().keep_route(route);
                let ends = self.park(parcel.ends);
                call!(self, self.entry.object_rpc, Some(event), |scope| [
                    v8::Integer::new_from_unsigned(scope, slot.number).into(),
                    v8::Integer::new_from_unsigned(scope, session).into(),
                    array_buffer(scope, parcel.bytes),
                    numbers(scope, &ends),
                ]);
                self.events.close(event);
            }
            Call::Socket {
                socket,
                event: what,
                answer,
            } => {
                self.events.open_unanswered(event, slot.clone());
                self.socket_event(event, &slot, socket, what);
                drop(answer.send(Told::done()));
            }
        }
    }

    fn alarm(&mut self, event: u32, slot: &Rc<Slot>, due: &Due, answer: Answer<()>) {
        self.events.open_alarm(event, slot.clone(), answer);
        self.trace_object(event, slot, || trace::alarm(due.time));
        let begun = slot.storage(|storage| storage.alarm_begin(due));
        self.events.instances().wrote(slot);
        match begun {
            Ok(Some(info)) => {
                call!(self, self.entry.object_alarm, Some(event), |scope| [
                    v8::Integer::new_from_unsigned(scope, event).into(),
                    v8::Integer::new_from_unsigned(scope, slot.number).into(),
                    v8::Number::new(scope, info.retry_count.into()).into(),
                    v8::Number::new(scope, info.scheduled as f64).into(),
                ]);
            }
            other => {
                let result = match other {
                    Err(refused) => Err(Failure::exception(refused.to_string(), "")),
                    Ok(_) => Ok(()),
                };
                self.events.complete_alarm(event, result);
                self.events.close(event);
            }
        }
    }

    fn delete(&mut self, event: u32, slot: &Rc<Slot>, answer: Answer<bool>) {
        self.events.open_unanswered(event, slot.clone());
        let instances = self.events.instances();
        instances.end_facets(&slot.target.address);
        call!(self, self.entry.object_deleted, Some(event), |scope| [
            v8::Integer::new_from_unsigned(scope, slot.number).into()
        ]);
        let deleted = self.events.instances().delete(slot);
        self.events.end_own(slot);
        drop(answer.send(match deleted {
            Ok((existed, ticket)) => {
                let mut tickets = Tickets::new();
                tickets.add(ticket);
                Told {
                    result: Ok(existed),
                    tickets: Some(tickets),
                }
            }
            Err(error) => Told::failed(Failure::exception(error.to_string(), "")),
        }));
        self.events.close(event);
    }

    fn rpc(&mut self, message: Message) {
        if let Some(tickets) = message.tickets {
            self.events.gate().add_all(tickets);
        }
        let (bytes, ends, failure) = match message.content {
            Ok(parcel) => (Some(parcel.bytes), self.park(parcel.ends), None),
            Err(failure) => (None, Vec::new(), Some(failure)),
        };
        let text = failure
            .as_ref()
            .map_or("", |failure| failure.message.as_str());
        let retryable = failure.as_ref().is_some_and(Failure::may_be_retried);
        let overloaded = failure.as_ref().is_some_and(Failure::is_overload);
        call!(self, self.entry.rpc_message, None, |scope| [
            v8::Integer::new_from_unsigned(scope, message.session).into(),
            match bytes {
                Some(bytes) => array_buffer(scope, bytes),
                None => v8::null(scope).into(),
            },
            numbers(scope, &ends),
            v8::Integer::new_from_unsigned(scope, message.call).into(),
            string(scope, text),
            v8::Boolean::new(scope, retryable).into(),
            v8::Boolean::new(scope, overloaded).into(),
        ]);
    }

    /// Ends of WebSockets, as JavaScript gets them.
    fn park(&mut self, ends: Vec<WebSocketEnd>) -> Vec<u32> {
        let state = self.js.op_state();
        let mut state = state.borrow_mut();
        ends.into_iter().map(|end| park(&mut state, end)).collect()
    }

    fn socket_event(&mut self, event: u32, slot: &Slot, socket: u32, what: SocketEvent) {
        self.trace_object(event, slot, || trace::socket(&what));
        let (kind, text, bytes, code, clean) = match what {
            SocketEvent::Message(Frame::Text(text)) => (TEXT, text, None, 0, true),
            SocketEvent::Message(Frame::Binary(bytes)) => {
                (BYTES, String::new(), Some(bytes), 0, true)
            }
            SocketEvent::Message(Frame::Close { .. }) => return self.events.close(event),
            SocketEvent::Close {
                code,
                reason,
                clean,
            } => (CLOSE, reason, None, code, clean),
        };
        call!(self, self.entry.object_socket, Some(event), |scope| [
            v8::Integer::new_from_unsigned(scope, event).into(),
            v8::Integer::new_from_unsigned(scope, slot.number).into(),
            v8::Integer::new_from_unsigned(scope, socket).into(),
            v8::Integer::new_from_unsigned(scope, kind).into(),
            match bytes {
                Some(bytes) => array_buffer(scope, bytes.to_vec()),
                None => string(scope, &text),
            },
            v8::Integer::new_from_unsigned(scope, code.into()).into(),
            v8::Boolean::new(scope, clean).into(),
        ]);
    }

    /// Gives objects the turns that they have asked for, one thing to each.
    fn let_objects_in(&mut self, cx: &mut Context<'_>) {
        if !self.events.are_turns_wanted() {
            return;
        }
        for _ in 0..JOBS_PER_TURN {
            let Some(object) = self.events.wanting_turn() else {
                break;
            };
            call!(self, self.entry.object_turn, None, |scope| [
                v8::Integer::new_from_unsigned(scope, object).into()
            ]);
        }
        // For what they have begun, and for the others.
        cx.waker().wake_by_ref();
    }

    /// Objects that have had nothing to do for a while leave, and all that rest when the isolate ends.
    fn let_objects_go(&mut self, cx: &mut Context<'_>) {
        if self.events.instances().is_empty() {
            return;
        }
        let next = self
            .objects_rest
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(LOOK_FOR_RESTING)));
        let is_time = next.as_mut().poll(cx).is_ready();
        let pressed = self.is_pressed();
        if !is_time && !self.draining && !pressed {
            return;
        }
        if is_time {
            self.objects_rest = None;
        }
        self.events.instances().forget_empty();
        let mut go_on = is_time;
        let mut resting = self.events.instances().resting(self.draining || pressed);
        if pressed && !self.draining {
            resting.sort_by_key(|slot| slot.rests_since());
            resting.truncate(resting.len().div_ceil(2));
        }
        let mut some_left = false;
        for slot in resting {
            if self.events.instances().try_forget(&slot) {
                call!(self, self.entry.object_evict, None, |scope| [
                    v8::Integer::new_from_unsigned(scope, slot.number).into()
                ]);
                some_left = true;
            }
        }
        // The engine looks for garbage when it allocates; here nobody may do that for long.
        if some_left && self.events.is_idle() {
            self.engine.collect();
        }
        go_on |= some_left;
        // Another turn, for the clock or for what is over now. Not while an object is only waited for.
        if go_on {
            cx.waker().wake_by_ref();
        }
    }

    /// Whether objects should leave because memory is short: the half of those at rest that rests the longest,
    /// and again when the heap has grown further. It is looked at in every turn, so most looks must be cheap.
    fn is_pressed(&mut self) -> bool {
        let (used, limit) = self.engine.heap();
        if used < limit / 4 * 3 {
            self.pressed_at = 0;
            return false;
        }
        let grown = used > self.pressed_at;
        if grown {
            self.pressed_at = used + limit / 64;
        }
        grown
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

    /// An exception that reached the engine's event loop: nobody's in particular.
    fn report(&self, error: &deno_core::error::CoreError) {
        // The engine's words for a limit, which has been reported as what it is.
        if error.to_string().contains("InternalError: interrupted") {
            return;
        }
        if let Some(observer) = self.events.observer() {
            observer.uncaught(&Failure::exception(error.to_string(), ""));
        }
    }

    /// Looks whether the last stretch of JavaScript was stopped by a limit. `alone`: nothing but the
    /// event's own handler ran in it, so that no other event lost a promise job.
    fn after_javascript(&mut self, event: Option<u32>, alone: bool) {
        let Some(kind) = self.exceeded() else {
            return;
        };
        self.events.condemn();
        self.sockets
            .close_all(INTERNAL_ERROR, &Failure::of(kind).message);
        match event {
            Some(id) if kind == FailureKind::CpuLimit => {
                self.events.fail(id, Failure::of(kind));
                self.events.end(id);
                if !alone {
                    self.events.fail_all(FailureKind::Stopped, true);
                }
            }
            _ => self.events.fail_all(kind, true),
        }
        // What objects wrote in this stretch is gone with it; they start again elsewhere. Whoever is told so now has not
        // been told why before.
        self.events.instances().clear();
        self.draining = true;
    }

    /// Which limit was exceeded in the last stretch. JavaScript can run again after this.
    fn exceeded(&mut self) -> Option<FailureKind> {
        let cpu = self.meter.take_exceeded();
        if self.engine.is_heap_exceeded() {
            self.js.v8_isolate().cancel_terminate_execution();
            return Some(FailureKind::MemoryLimit);
        }
        cpu.then_some(FailureKind::CpuLimit)
    }

    /// Evaluates an app's module and finds its handlers.
    async fn load(&mut self, spec: AppSpec) -> Result<Handlers, StartError> {
        self.events.set_observer(spec.observer.clone());
        let host = spec.objects.as_ref().map(|objects| objects.host.clone());
        self.events.instances().set_host(host);
        self.loader.set_assets(spec.assets.clone());
        self.loader.set_node(spec.node.modules);
        self.meter.set_limit(spec.limits.cpu);
        self.engine.set_heap_limit(spec.limits.heap_bytes);
        let meter = self.meter.clone();
        let mut loading = std::pin::pin!(super::load::load(&mut self.js, &self.entry, &spec));
        std::future::poll_fn(|cx| {
            let stretch = meter.enter();
            let poll = loading.as_mut().poll(cx);
            drop(stretch);
            let cpu = meter.take_exceeded();
            let exceeded = if self.engine.is_heap_exceeded() {
                FailureKind::MemoryLimit
            } else if cpu {
                FailureKind::CpuLimit
            } else {
                return poll;
            };
            Poll::Ready(Err(StartError::Evaluation(Failure::of(exceeded))))
        })
        .await
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
