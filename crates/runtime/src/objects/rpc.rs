//! RPC between isolates: sessions of `js/rpc_session.js`, whose messages this carries.
//!
//! A session belongs to one isolate that calls and one object that answers. Messages arrive in the order
//! in which they were sent. With each goes what its sender wrote or saw and could still be lost.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cellhouse_cell::Tickets;
use cellhouse_exchange::WebSocketEnd;
use tokio::sync::mpsc;

use super::finished::Finished;
use super::{Call, ObjectJob, Target};
use crate::failure::{Failure, FailureKind};
use crate::isolate::{Events, IsolateHandle, Job, WeakIsolate};
use crate::services::{self, Entrypoint};
use crate::worker::{WeakWorker, Worker};

/// What is sent in a session at once.
#[derive(Default)]
pub(crate) struct Parcel {
    /// The message; empty if there is none.
    pub(crate) bytes: Vec<u8>,
    /// The calls whose results the sender needs no more.
    pub(crate) finished: Vec<u32>,
    /// WebSockets that go with it, by their places.
    pub(crate) ends: Vec<WebSocketEnd>,
    /// The number of the call that the sender asks for; 0 for what must arrive, however busy the receiver is.
    pub(crate) call: u32,
}

impl Parcel {
    pub(crate) fn new(bytes: Vec<u8>, ends: Vec<WebSocketEnd>, call: u32) -> Parcel {
        Parcel {
            bytes,
            finished: Vec::new(),
            ends,
            call,
        }
    }
}

/// A message for the caller's side of a session.
pub(crate) struct Message {
    pub(crate) session: u32,
    /// The call that failed, if it is not 0: others go on.
    pub(crate) call: u32,
    /// What the object says, or why it never will say anything more.
    pub(crate) content: Result<Parcel, Failure>,
    pub(crate) tickets: Option<Tickets>,
}

/// Where the messages of an object go.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) session: u32,
    pub(crate) answers: mpsc::UnboundedSender<Message>,
}

impl Route {
    /// False if the caller is gone.
    pub(crate) fn send(&self, content: Result<Parcel, Failure>, tickets: Option<Tickets>) -> bool {
        self.deliver(Message {
            session: self.session,
            call: 0,
            content,
            tickets,
        })
    }

    /// Tells that one call was not taken.
    fn refuse(&self, call: u32, failure: Failure) {
        self.deliver(Message {
            session: self.session,
            call,
            content: Err(failure),
            tickets: None,
        });
    }

    fn deliver(&self, message: Message) -> bool {
        self.answers.send(message).is_ok()
    }
}

/// The sessions in which an isolate calls objects. Lives in `OpState`.
#[derive(Clone, Default)]
pub(crate) struct Sessions(Rc<Inner>);

#[derive(Default)]
struct Inner {
    open: RefCell<HashMap<u32, Session>>,
    /// What goes with the next message of this isolate.
    enclosed: RefCell<Vec<WebSocketEnd>>,
    /// The message of which JavaScript is told now.
    arrived: RefCell<Vec<u8>>,
    /// Sessions in which this isolate waits for an answer.
    expecting: Cell<u32>,
}

struct Session {
    messages: mpsc::UnboundedSender<(Parcel, Option<Tickets>)>,
    finished: Rc<Finished>,
}

/// Sessions of the whole process have numbers of their own.
static NEXT: AtomicU32 = AtomicU32::new(1);

impl Sessions {
    /// Begins a session with an object.
    pub(crate) fn open(&self, target: Target, events: &Events, worker: WeakWorker) -> u32 {
        let (route, queue, finished) = self.add(events);
        let session = route.session;
        let events = events.clone();
        let carrying = carry(queue, finished, target, route, worker, events);
        deno_core::unsync::spawn(carrying);
        session
    }

    /// Begins a session with an entrypoint; `near` is an isolate of the same app, to be preferred.
    pub(crate) fn open_service(
        &self,
        worker: Worker,
        entrypoint: Entrypoint,
        near: Option<IsolateHandle>,
        events: &Events,
    ) -> u32 {
        let (route, queue, _) = self.add(events);
        let session = route.session;
        deno_core::unsync::spawn(services::carry(queue, worker, entrypoint, route, near));
        session
    }

    fn add(&self, events: &Events) -> (Route, Messages, Rc<Finished>) {
        let session = NEXT.fetch_add(1, Ordering::Relaxed) & 0x3fff_ffff;
        let (messages, queue) = mpsc::unbounded_channel();
        let finished = Rc::<Finished>::default();
        let entry = Session {
            messages,
            finished: finished.clone(),
        };
        self.0.open.borrow_mut().insert(session, entry);
        let answers = events.answers();
        (Route { session, answers }, queue, finished)
    }

    /// Sends a message; false if there is no such session.
    pub(crate) fn send(&self, session: u32, parcel: Parcel, tickets: Option<Tickets>) -> bool {
        let sessions = self.0.open.borrow();
        let session = sessions.get(&session);
        session.is_some_and(|session| session.messages.send((parcel, tickets)).is_ok())
    }

    /// Lets a WebSocket go with the next message.
    pub(crate) fn enclose(&self, end: WebSocketEnd) {
        self.0.enclosed.borrow_mut().push(end);
    }

    /// Those that go with the next message.
    pub(crate) fn enclosed(&self) -> Vec<WebSocketEnd> {
        self.0.enclosed.take()
    }

    /// JavaScript is about to be told of a message.
    pub(crate) fn arrived(&self, bytes: Vec<u8>) {
        self.0.arrived.replace(bytes);
    }

    /// What it is then.
    pub(crate) fn take_arrived(&self) -> Vec<u8> {
        self.0.arrived.take()
    }

    pub(crate) fn close(&self, session: u32) {
        self.0.open.borrow_mut().remove(&session);
    }

    /// The result of a call is of no use any more.
    pub(crate) fn finish(&self, session: u32, call: u32) {
        if let Some(session) = self.0.open.borrow().get(&session) {
            session.finished.add(call);
        }
    }

    /// This isolate waits for an answer in one session more, or in one less.
    pub(crate) fn expect(&self, more: bool) {
        let expecting = self.0.expecting.get();
        self.0.expecting.set(if more {
            expecting + 1
        } else {
            expecting.saturating_sub(1)
        });
    }

    /// Whether this isolate waits for any answer.
    pub(crate) fn is_expecting(&self) -> bool {
        self.0.expecting.get() > 0
    }
}

/// The isolate that answers in a session. It is told when the session is over, however that ends.
pub(crate) struct Home {
    pub(crate) isolate: WeakIsolate,
    pub(crate) session: u32,
}

impl Home {
    /// Notes where the session goes on.
    fn set(home: &mut Option<Home>, isolate: WeakIsolate, session: u32) {
        let is_known = |home: &Home| Arc::ptr_eq(&home.isolate.status, &isolate.status);
        if !home.as_ref().is_some_and(is_known) {
            *home = Some(Home { isolate, session });
        }
    }

    /// When it is given up: why.
    pub(crate) async fn abandoned(home: Option<&Home>) -> FailureKind {
        match home {
            Some(home) => {
                home.isolate.status.abandoned().await;
                home.isolate.status.why_abandoned()
            }
            None => std::future::pending().await,
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(jobs) = self.isolate.jobs() {
            drop(jobs.send(Job::SessionOver(self.session)));
        }
    }
}

/// What is to be brought to the other side.
type Messages = mpsc::UnboundedReceiver<(Parcel, Option<Tickets>)>;

/// Brings the messages of a session to its object, one after the other, until the session is closed; and
/// tells if the isolate of the object cannot go on.
async fn carry(
    mut queue: Messages,
    finished: Rc<Finished>,
    target: Target,
    route: Route,
    worker: WeakWorker,
    events: Events,
) {
    let mut home: Option<Home> = None;
    let mut tick = None;
    loop {
        let message = tokio::select! {
            message = queue.recv() => message,
            () = finished.wait_long(&mut tick) => Some(Default::default()),
            why = Home::abandoned(home.as_ref()) => {
                route.send(Err(Failure::of(why)), None);
                return;
            }
        };
        let Some((mut parcel, tickets)) = message else {
            return;
        };
        parcel.finished = finished.take();
        let Some(worker) = worker.upgrade() else {
            // The isolate has outlived its app, and with it everybody who could take this.
            route.send(Err(Failure::of(FailureKind::Stopped)), None);
            return;
        };
        let call = parcel.call;
        let job = ObjectJob {
            event: worker.next_event(),
            target: target.clone(),
            tickets,
            call: Call::Rpc {
                parcel,
                route: route.clone(),
            },
            waits: None,
        };
        match worker.send_object(job, events.own_handle()).await {
            Ok(placed) => Home::set(&mut home, placed.isolate, route.session),
            Err(failure) if call != 0 && failure.is_overload() => {
                route.refuse(call, failure);
            }
            Err(failure) => {
                route.send(Err(failure), None);
                return;
            }
        }
    }
}
