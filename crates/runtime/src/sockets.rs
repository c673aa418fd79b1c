//! The WebSockets of an isolate that lead out of it, and what waits to be sent on them.
//!
//! A message leaves once everything that it could depend on is durable, in the order of the calls to
//! `send()`. When the isolate ends, each peer is told so with a close frame: 1001 (going away) at a
//! reload or shutdown, so that clients reconnect and find the app's next isolate; 1011 after a limit
//! was exceeded. Sockets between two ends in the same isolate are JavaScript's own and not seen here.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use cellhouse_cell::Tickets;
use cellhouse_exchange::{Budget, Frame, FrameSender, MAX_QUEUED_BYTES, SendError, WebSocketEnd};

use crate::isolate::Events;

/// Close code of an end that goes away: a server that shuts down (RFC 6455, 7.4.1).
pub(crate) const GOING_AWAY: u16 = 1001;
/// Close code of a server that met something it was not prepared for.
pub(crate) const INTERNAL_ERROR: u16 = 1011;

/// All sockets of an isolate that lead out of it. Lives in `OpState`; clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Sockets(Rc<Registry>);

#[derive(Default)]
struct Registry {
    open: RefCell<HashMap<u64, Weak<Outgoing>>>,
    next: Cell<u64>,
    /// Set once the isolate is ending: what new sockets are told at once.
    farewell: RefCell<Option<(u16, String)>>,
    waker: RefCell<Option<Waker>>,
    /// What all of them together may have waiting for slow peers.
    budget: Budget,
}

impl Sockets {
    /// Two ends that talk to each other, of which the first is the app's.
    pub(crate) fn pair(&self) -> (WebSocketEnd, WebSocketEnd) {
        WebSocketEnd::pair_within(&self.0.budget)
    }

    /// Registers the sending half of a socket.
    pub(crate) fn add(&self, sender: FrameSender, events: Events) -> Rc<Outgoing> {
        let id = self.0.next.replace(self.0.next.get() + 1);
        let outgoing = Rc::new(Outgoing {
            id,
            registry: Rc::downgrade(&self.0),
            events,
            sender,
            held: RefCell::default(),
            held_bytes: Cell::new(0),
            releasing: Cell::new(false),
            closed: Cell::new(false),
        });
        let weak = Rc::downgrade(&outgoing);
        self.0.open.borrow_mut().insert(id, weak);
        if let Some((code, reason)) = self.0.farewell.borrow().clone() {
            outgoing.close(Some(code), reason);
        }
        outgoing
    }

    /// Closes all sockets, and those that are opened from now on.
    pub(crate) fn close_all(&self, code: u16, reason: &str) {
        if self.0.farewell.borrow().is_some() {
            return;
        }
        *self.0.farewell.borrow_mut() = Some((code, reason.to_owned()));
        let open: Vec<_> = self.0.open.borrow().values().cloned().collect();
        for outgoing in open.iter().filter_map(Weak::upgrade) {
            outgoing.close(Some(code), reason.to_owned());
        }
    }

    /// Ready once no socket is left: all are closed by both ends, and everything was handed on.
    pub(crate) fn poll_gone(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.0.open.borrow().is_empty() {
            return Poll::Ready(());
        }
        *self.0.waker.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// The sending half of one socket. Dropped without a close frame, its peer sees an abnormal closure.
pub(crate) struct Outgoing {
    id: u64,
    registry: Weak<Registry>,
    events: Events,
    sender: FrameSender,
    /// Frames that the gate holds back, oldest first.
    held: RefCell<VecDeque<(Frame, Option<Tickets>)>>,
    held_bytes: Cell<usize>,
    /// A task hands on what is held.
    releasing: Cell<bool>,
    /// A close frame was sent or is held: nothing can follow it.
    closed: Cell<bool>,
}

impl Outgoing {
    /// Sends a message as soon as the gate lets it pass. After an overflow the socket is closed.
    pub(crate) fn send(self: &Rc<Self>, frame: Frame) -> Result<(), SendError> {
        if self.closed.get() {
            return Err(SendError::Closed);
        }
        let sent = self.pass(frame);
        if sent == Err(SendError::Overflow) {
            self.close(Some(INTERNAL_ERROR), "the peer reads too slowly".to_owned());
        }
        sent
    }

    /// When the peer was last answered in the app's place, in milliseconds since 1970.
    pub(crate) fn auto_responded_at(&self) -> Option<u64> {
        self.sender.auto_responded_at()
    }

    /// Sends a close frame after everything that was sent before. The first one counts.
    pub(crate) fn close(self: &Rc<Self>, code: Option<u16>, reason: String) {
        if !self.closed.replace(true) {
            // A peer that is gone needs no farewell.
            _ = self.pass(Frame::Close { code, reason });
        }
    }

    fn pass(self: &Rc<Self>, frame: Frame) -> Result<(), SendError> {
        let tickets = self.events.closed_by();
        if tickets.is_none() && !self.releasing.get() {
            return self.sender.send(frame);
        }
        let size = size_of(&frame);
        let waiting = self.held_bytes.get() + self.sender.queued_bytes();
        if size > 0 && waiting > 0 && waiting + size > MAX_QUEUED_BYTES {
            return Err(SendError::Overflow);
        }
        self.held_bytes.set(self.held_bytes.get() + size);
        self.held.borrow_mut().push_back((frame, tickets));
        if !self.releasing.replace(true) {
            deno_core::unsync::spawn(self.clone().release());
        }
        Ok(())
    }

    /// Hands on what is held, as the gate lets it pass.
    async fn release(self: Rc<Self>) {
        loop {
            let Some((frame, tickets)) = self.held.borrow_mut().pop_front() else {
                return self.releasing.set(false);
            };
            self.held_bytes.set(self.held_bytes.get() - size_of(&frame));
            let durable = match tickets {
                Some(tickets) => self.events.until_durable(tickets).await.is_ok(),
                None => true,
            };
            if !durable {
                return self.fail();
            }
            // A peer that is gone needs no message.
            _ = self.sender.send(frame);
        }
    }

    /// What would be told now could be untrue: a write before it is lost.
    fn fail(&self) {
        self.closed.set(true);
        self.held.borrow_mut().clear();
        self.releasing.set(false);
        _ = self.sender.send(Frame::Close {
            code: Some(INTERNAL_ERROR),
            reason: "a write could not be made durable".to_owned(),
        });
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        let Some(registry) = self.registry.upgrade() else {
            return;
        };
        registry.open.borrow_mut().remove(&self.id);
        if let Some(waker) = registry.waker.borrow_mut().take() {
            waker.wake();
        }
    }
}

/// What counts for the bound on waiting bytes. A close frame does not: it must always fit.
fn size_of(frame: &Frame) -> usize {
    match frame {
        Frame::Text(text) => text.len(),
        Frame::Binary(bytes) => bytes.len(),
        Frame::Close { .. } => 0,
    }
}
