//! RPC between isolates: sessions of `js/rpc_session.js`, whose messages this carries.
//!
//! A session belongs to one isolate that calls and one object that answers. Messages arrive in the order
//! in which they were sent. With each goes what its sender wrote or saw and could still be lost.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cellhouse_cell::Tickets;
use cellhouse_exchange::WebSocketEnd;
use tokio::sync::{Notify, mpsc};

use super::{Call, ObjectJob, Target};
use crate::failure::{Failure, FailureKind};
use crate::isolate::{Events, Status};
use crate::worker::WeakWorker;

/// What is sent in a session at once.
pub(crate) struct Parcel {
    pub(crate) bytes: Vec<u8>,
    /// WebSockets that go with it, by their places.
    pub(crate) ends: Vec<WebSocketEnd>,
    /// The number of the call that the sender asks for; 0 for what must arrive, however busy the receiver is.
    pub(crate) call: u32,
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
}

struct Session {
    messages: mpsc::UnboundedSender<(Parcel, Option<Tickets>)>,
    /// Told when no answer is expected any more.
    idle: Rc<Notify>,
}

/// Sessions of the whole process have numbers of their own.
static NEXT: AtomicU32 = AtomicU32::new(1);

impl Sessions {
    /// Begins a session with an object.
    pub(crate) fn open(&self, target: Target, events: &Events, worker: WeakWorker) -> u32 {
        let session = NEXT.fetch_add(1, Ordering::Relaxed) & 0x3fff_ffff;
        let (messages, queue) = mpsc::unbounded_channel();
        let idle = Rc::new(Notify::new());
        let entry = Session { messages, idle };
        self.0.open.borrow_mut().insert(session, entry);
        let route = Route {
            session,
            answers: events.answers(),
        };
        deno_core::unsync::spawn(carry(queue, target, route, worker, events.clone()));
        session
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

    /// The next message.
    pub(crate) fn parcel(&self, bytes: &[u8], call: u32) -> Parcel {
        Parcel {
            bytes: bytes.to_vec(),
            ends: self.0.enclosed.take(),
            call,
        }
    }

    pub(crate) fn close(&self, session: u32) {
        if let Some(session) = self.0.open.borrow_mut().remove(&session) {
            session.idle.notify_waiters();
        }
    }

    /// To be told when no answer is expected.
    pub(crate) fn idle(&self, session: u32) -> Option<Rc<Notify>> {
        let sessions = self.0.open.borrow();
        sessions.get(&session).map(|session| session.idle.clone())
    }
}

/// Brings the messages of a session to its object, one after the other, until the session is closed; and
/// tells if the isolate of the object cannot go on.
async fn carry(
    mut queue: mpsc::UnboundedReceiver<(Parcel, Option<Tickets>)>,
    target: Target,
    route: Route,
    worker: WeakWorker,
    events: Events,
) {
    let mut home: Option<Arc<Status>> = None;
    loop {
        let abandoned = async {
            match &home {
                Some(status) => {
                    Status::abandoned(status).await;
                    status.why_abandoned()
                }
                None => std::future::pending().await,
            }
        };
        let message = tokio::select! {
            message = queue.recv() => message,
            why = abandoned => {
                route.send(Err(Failure::of(why)), None);
                return;
            }
        };
        let Some((parcel, tickets)) = message else {
            return;
        };
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
            Ok(placed) => home = Some(placed.isolate.status),
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
