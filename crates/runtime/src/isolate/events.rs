//! The events that are open in an isolate: who waits for each, and what holds its answer back.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use cellhouse_cell::Tickets;
use tokio::sync::mpsc;

use super::{IsolateHandle, Job, Status};
use crate::gate::Gate;
use crate::objects::{Instances, Message, Slot};
use crate::ops::tcp::Connection;
use crate::placed::Placed;
use crate::spec::Observer;
use crate::trace::Trace;

mod answers;
mod opening;

use answers::Waiting;

/// An event from its start until nothing of it runs any more.
struct OpenEvent {
    waiting: Waiting,
    /// What keeps it open: its JavaScript, and the body that is being sent.
    holds: u32,
    /// The object whose event it is.
    object: Option<Rc<Slot>>,
    /// The object has begun it itself, and it ends with the instance.
    own: bool,
    /// Connections to other servers that it has opened.
    connections: Vec<Weak<Connection>>,
    /// Requests to objects that are made for its client.
    followers: Vec<Placed>,
    /// What happens in it, if anybody follows the app.
    trace: Option<Box<Trace>>,
}

/// All open events of one isolate. Lives in the isolate's `OpState`.
#[derive(Clone)]
pub(crate) struct Events(Rc<Inner>);

struct Inner {
    open: RefCell<HashMap<u32, OpenEvent>>,
    /// Answers that wait at the gate, of events that may be over.
    held_back: Cell<u32>,
    /// The loop of an isolate that ends when all is over.
    ending: RefCell<Option<Waker>>,
    status: Arc<Status>,
    jobs: mpsc::WeakUnboundedSender<Job>,
    answers: mpsc::UnboundedSender<Message>,
    gate: Gate,
    instances: Instances,
    observer: RefCell<Option<Arc<dyn Observer>>>,
    /// The number of the present call into JavaScript.
    turn: Cell<u32>,
    /// Objects of which something waits for a turn of its own.
    wanting_turns: RefCell<VecDeque<u32>>,
}

impl Events {
    /// `answers` is where the isolate hears from the objects that it calls.
    pub(crate) fn new(
        status: Arc<Status>,
        jobs: mpsc::WeakUnboundedSender<Job>,
        answers: mpsc::UnboundedSender<Message>,
    ) -> Self {
        Events(Rc::new(Inner {
            instances: Instances::new(status.clone()),
            open: RefCell::default(),
            held_back: Cell::default(),
            ending: RefCell::default(),
            status,
            jobs,
            answers,
            gate: Gate::default(),
            observer: RefCell::default(),
            turn: Cell::default(),
            wanting_turns: RefCell::default(),
        }))
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// Whether no event is open.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.open.borrow().is_empty()
    }

    pub(crate) fn instances(&self) -> &Instances {
        &self.0.instances
    }

    /// JavaScript is called.
    pub(crate) fn next_turn(&self) {
        self.0.turn.set(self.0.turn.get().wrapping_add(1));
    }

    /// The number of the present call into JavaScript.
    pub(crate) fn turn(&self) -> u32 {
        self.0.turn.get()
    }

    /// Something of an object waits to come in in a call of its own. Only JavaScript asks for that, and
    /// the isolate looks when that returns.
    pub(crate) fn want_turn(&self, object: u32) {
        self.0.wanting_turns.borrow_mut().push_back(object);
    }

    /// The next object that wants one.
    pub(crate) fn wanting_turn(&self) -> Option<u32> {
        self.0.wanting_turns.borrow_mut().pop_front()
    }

    pub(crate) fn are_turns_wanted(&self) -> bool {
        !self.0.wanting_turns.borrow().is_empty()
    }

    /// Commits what objects have written.
    pub(crate) fn flush(&self) {
        match self.0.instances.flush() {
            Ok(None) => {}
            Ok(Some(tickets)) => self.0.gate.add_all(tickets),
            Err(reason) => {
                self.0.gate.lose(reason);
                self.condemn();
            }
        }
    }

    /// What holds an effect of this moment back; `None` lets it pass.
    pub(crate) fn closed_by(&self) -> Option<Tickets> {
        self.flush();
        self.0.gate.closed_by()
    }

    /// Waits until all that was written or seen so far is durable; the error is for people to read.
    pub(crate) async fn pass_gate(&self) -> Result<(), String> {
        match self.closed_by() {
            None => Ok(()),
            Some(tickets) => self.until_durable(tickets).await,
        }
    }

    /// Waits for what holds an effect back. What is lost instead has been seen by this isolate, whose
    /// module may remember it: so the isolate takes no more events, and others begin from what is durable.
    pub(crate) async fn until_durable(&self, tickets: Tickets) -> Result<(), String> {
        if let Some(reason) = self.0.gate.lost() {
            return Err(reason);
        }
        let durable = tickets.durable().await;
        if durable.is_err() {
            self.condemn();
        }
        durable.map_err(|error| error.to_string())
    }

    /// Whether objects that live here stay: newer code has not taken over.
    pub(crate) fn takes_objects(&self) -> bool {
        self.0.status.takes_objects()
    }

    pub(crate) fn set_observer(&self, observer: Arc<dyn Observer>) {
        *self.0.observer.borrow_mut() = Some(observer);
    }

    pub(crate) fn observer(&self) -> Option<Arc<dyn Observer>> {
        self.0.observer.borrow().clone()
    }

    /// Whether anybody follows the app.
    pub(crate) fn is_tracing(&self) -> bool {
        let observer = self.0.observer.borrow();
        observer
            .as_ref()
            .is_some_and(|observer| observer.is_tracing())
    }

    /// Notes from now on what happens in an event.
    pub(crate) fn set_trace(&self, id: u32, trace: Trace) {
        if let Some(event) = self.0.open.borrow_mut().get_mut(&id) {
            event.trace = Some(Box::new(trace));
        }
    }

    /// What is noted of an event, if it is. `f` also learns whether somebody waits for its answer.
    fn note(&self, id: u32, f: impl FnOnce(&mut Trace, bool)) {
        if let Some(event) = self.0.open.borrow_mut().get_mut(&id)
            && let Some(trace) = &mut event.trace
        {
            f(trace, !matches!(event.waiting, Waiting::Nobody));
        }
    }

    pub(crate) fn with_trace(&self, id: u32, f: impl FnOnce(&mut Trace)) {
        self.note(id, |trace, _| f(trace));
    }

    /// The object whose event it is.
    pub(crate) fn object(&self, id: u32) -> Option<Rc<Slot>> {
        self.0.open.borrow().get(&id)?.object.clone()
    }

    /// Closes `connection` when the event is over; false if it is over already.
    pub(crate) fn end_with(&self, id: u32, connection: &Rc<Connection>) -> bool {
        let mut open = self.0.open.borrow_mut();
        let Some(event) = open.get_mut(&id) else {
            return false;
        };
        let connections = &mut event.connections;
        connections.retain(|connection| connection.strong_count() > 0);
        connections.push(Rc::downgrade(connection));
        true
    }

    /// Aborts `placed` if the client of the event goes away before the result is dropped.
    pub(crate) fn follow(&self, id: u32, placed: Placed) -> Follower {
        let event = placed.event;
        if let Some(open) = self.0.open.borrow_mut().get_mut(&id) {
            open.followers.push(placed);
        }
        Follower {
            events: self.clone(),
            of: id,
            event,
        }
    }

    /// The client of the event has gone.
    pub(crate) fn left(&self, id: u32) {
        self.note(id, |trace, is_waiting| {
            if is_waiting {
                trace.cancel();
            }
        });
        let followers = match self.0.open.borrow_mut().get_mut(&id) {
            Some(open) => std::mem::take(&mut open.followers),
            None => return,
        };
        followers.iter().for_each(Placed::abort);
    }

    /// Keeps an event open until the hold is dropped.
    pub(crate) fn hold(&self, id: u32) -> Hold {
        if let Some(event) = self.0.open.borrow_mut().get_mut(&id) {
            event.holds += 1;
        }
        Hold {
            events: self.clone(),
            id,
        }
    }

    /// Ready when no event is open and no answer waits at the gate.
    pub(crate) fn poll_over(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.are_over() {
            return Poll::Ready(());
        }
        *self.0.ending.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }

    fn are_over(&self) -> bool {
        self.0.held_back.get() == 0 && self.0.open.borrow().is_empty()
    }

    /// Wakes the loop of an isolate that waits for its last event.
    fn wake_if_over(&self) {
        if self.are_over()
            && let Some(waker) = self.0.ending.take()
        {
            waker.wake();
        }
    }

    /// One of those that keep the event open lets go: its JavaScript, once it is answered and its
    /// waitUntil() promises are settled, or its body. The last one ends it.
    pub(crate) fn close(&self, id: u32) {
        let holds = match self.0.open.borrow_mut().get_mut(&id) {
            Some(event) => {
                event.holds -= 1;
                event.holds
            }
            None => return,
        };
        if holds == 0 {
            self.end(id);
        }
    }

    /// The event is over, whatever keeps it open.
    pub(crate) fn end(&self, id: u32) {
        let ended = self.0.open.borrow_mut().remove(&id);
        if let Some(event) = ended {
            for connection in event.connections.iter().filter_map(Weak::upgrade) {
                connection.end();
            }
            if let Some(object) = event.object {
                object.release();
            }
            if let (Some(trace), Some(observer)) = (event.trace, self.observer()) {
                observer.traced(trace.finish());
            }
            self.0.status.open.fetch_sub(1, Ordering::Relaxed);
            self.wake_if_over();
        }
    }

    /// Takes no more events from now on; whoever sends them starts another isolate.
    pub(crate) fn condemn(&self) {
        self.0.status.condemned.store(true, Ordering::Relaxed);
    }

    /// Tells the isolate, from one of its own tasks, that an event's client has gone.
    pub(crate) fn abort_later(&self, id: u32) {
        self.send(Job::Abort(id));
    }

    /// Tells the isolate, from one of its own tasks, that an event's client has all of its answer.
    pub(crate) fn delivered_later(&self, id: u32) {
        self.send(Job::Delivered(id));
    }

    /// Sends an event to an object that lives here.
    pub(crate) fn send_to_self(&self, job: Job) {
        self.0.status.one_more();
        self.send(job);
    }

    /// This isolate, unless it is ending.
    pub(crate) fn own_handle(&self) -> Option<IsolateHandle> {
        let jobs = self.0.jobs.upgrade()?;
        Some(IsolateHandle::of(jobs, self.0.status.clone()))
    }

    /// Where objects answer this isolate in RPC sessions. No job: an isolate that takes no jobs any more still
    /// waits for what its open events have asked for.
    pub(crate) fn answers(&self) -> mpsc::UnboundedSender<Message> {
        self.0.answers.clone()
    }

    /// The instance is gone, and what it has begun itself.
    pub(crate) fn end_own(&self, object: &Rc<Slot>) {
        let is_its = |event: &OpenEvent| {
            let of = event.object.as_ref();
            event.own && of.is_some_and(|of| Rc::ptr_eq(of, object))
        };
        let open = self.0.open.borrow();
        let its = open.iter().filter(|(_, event)| is_its(event));
        let its: Vec<u32> = its.map(|(id, _)| *id).collect();
        drop(open);
        its.into_iter().for_each(|id| self.end(id));
    }

    fn send(&self, job: Job) {
        if let Some(jobs) = self.0.jobs.upgrade() {
            drop(jobs.send(job));
        }
    }

    fn take_waiting(&self, id: u32) -> Option<Waiting> {
        let mut open = self.0.open.borrow_mut();
        let event = open.get_mut(&id)?;
        Some(std::mem::replace(&mut event.waiting, Waiting::Nobody))
    }
}

/// A request to an object, made for the client of an event.
pub(crate) struct Follower {
    events: Events,
    of: u32,
    event: u32,
}

impl Drop for Follower {
    fn drop(&mut self) {
        if let Some(open) = self.events.0.open.borrow_mut().get_mut(&self.of) {
            open.followers.retain(|placed| placed.event != self.event);
        }
    }
}

/// Keeps an event open.
pub(crate) struct Hold {
    events: Events,
    id: u32,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.events.close(self.id);
    }
}
