//! WebSockets that outlast the instance of their object: it may leave memory, and each message wakes it.
//!
//! A socket belongs to the object and lives where that has its home. What it received waits here, one
//! message at a time, until the object has taken it, so that a client that sends faster feels it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use cellhouse_exchange::{Frame, FrameReceiver, SendError};
use tokio::sync::oneshot;

use super::{Call, ObjectJob, Target, Told};
use crate::isolate::{Events, Job};
use crate::sockets::Outgoing;
use crate::worker::WeakWorker;

/// Close code where a peer left without a close frame.
const ABNORMAL: u16 = 1006;
const NO_CODE: u16 = 1005;

/// The hibernating sockets of an object, by their number, in the order in which they were accepted.
#[derive(Default)]
pub(crate) struct Hibernating {
    sockets: RefCell<BTreeMap<u32, Rc<HibernatingSocket>>>,
}

/// One socket.
pub(crate) struct HibernatingSocket {
    pub(crate) number: u32,
    pub(crate) outgoing: Rc<Outgoing>,
    pub(crate) tags: Vec<String>,
    /// What the object keeps with it, as it is stored.
    pub(crate) attachment: RefCell<Option<Vec<u8>>>,
    /// The peer has closed it or is gone, or its object was deleted.
    pub(crate) closed: Cell<bool>,
}

/// What happens to a socket.
pub(crate) enum SocketEvent {
    Message(Frame),
    Close {
        code: u16,
        reason: String,
        clean: bool,
    },
}

impl Hibernating {
    pub(crate) fn is_empty(&self) -> bool {
        self.sockets.borrow().is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.sockets.borrow().len()
    }

    pub(crate) fn add(&self, socket: Rc<HibernatingSocket>) {
        self.sockets.borrow_mut().insert(socket.number, socket);
    }

    pub(crate) fn get(&self, number: u32) -> Option<Rc<HibernatingSocket>> {
        self.sockets.borrow().get(&number).cloned()
    }

    pub(crate) fn remove(&self, number: u32) {
        self.sockets.borrow_mut().remove(&number);
    }

    /// Closes all sockets: nothing that they still receive reaches the object.
    pub(crate) fn end_all(&self, code: u16, reason: &str) {
        for socket in self.sockets.take().into_values() {
            socket.closed.set(true);
            socket.outgoing.close(Some(code), reason.to_owned());
        }
    }

    /// The numbers of all sockets, or of those with a tag.
    pub(crate) fn list(&self, tag: Option<&str>) -> Vec<u32> {
        let sockets = self.sockets.borrow();
        let tagged = sockets.values().filter(|socket| match tag {
            Some(tag) => socket.tags.iter().any(|own| own == tag),
            None => true,
        });
        tagged.map(|socket| socket.number).collect()
    }
}

impl HibernatingSocket {
    /// Sends a message as soon as the gate lets it pass.
    pub(crate) fn send(&self, frame: Frame) -> Result<(), SendError> {
        self.outgoing.send(frame)
    }

    /// Brings what the peer sends to the object, until it is gone.
    pub(crate) async fn deliver(
        self: Rc<Self>,
        mut incoming: FrameReceiver,
        target: Target,
        events: Events,
        worker: WeakWorker,
    ) {
        loop {
            let (event, last) = match incoming.receive().await {
                Some(Frame::Close { code, reason }) => {
                    // A peer's close frame is answered, as for other sockets.
                    self.outgoing.close(code, reason.clone());
                    let code = code.unwrap_or(NO_CODE);
                    let clean = true;
                    (
                        SocketEvent::Close {
                            code,
                            reason,
                            clean,
                        },
                        true,
                    )
                }
                Some(frame) => (SocketEvent::Message(frame), false),
                None => (
                    SocketEvent::Close {
                        code: ABNORMAL,
                        reason: "WebSocket disconnected without sending Close frame.".to_owned(),
                        clean: false,
                    },
                    true,
                ),
            };
            if self.closed.get() {
                return;
            }
            self.closed.set(last);
            let Some(event_number) = worker.upgrade().map(|worker| worker.next_event()) else {
                return;
            };
            let (answer, taken) = oneshot::channel::<Told<()>>();
            let job = ObjectJob {
                event: event_number,
                target: target.clone(),
                tickets: None,
                call: Call::Socket {
                    socket: self.number,
                    event,
                    answer,
                },
                waits: None,
            };
            events.send_to_self(Job::Object(Box::new(job)));
            // It has begun, or the isolate is gone.
            if taken.await.is_err() || last {
                return;
            }
        }
    }
}
