//! What waits in one direction of a WebSocket: bounded by bytes, and small while nothing waits.
//!
//! Owns the order, the bound and the wake-ups; what a frame means is not its business. tokio's channels
//! would do, but hold room for 32 frames even when they are empty: 2 KB for each direction of each socket.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::{ASSURED_BYTES, Budget, Frame, MAX_QUEUED_BYTES, SendError};

/// An empty queue gives back the room of more frames than this.
const KEPT_FRAMES: usize = 4;

/// Frames from any number of senders to one receiver. Begins with one sender.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Told when something was received, and when the receiver goes.
    changed: Notify,
    /// What is shared with other sockets.
    budget: Option<Budget>,
}

#[derive(Debug)]
struct State {
    frames: VecDeque<Frame>,
    bytes: usize,
    senders: usize,
    /// A close frame was sent.
    ended: bool,
    /// The receiver is gone.
    closed: bool,
    receiver: Option<Waker>,
}

impl Default for State {
    fn default() -> Self {
        State {
            frames: VecDeque::new(),
            bytes: 0,
            senders: 1,
            ended: false,
            closed: false,
            receiver: None,
        }
    }
}

impl Queue {
    pub(super) fn within(budget: &Budget) -> Self {
        Queue {
            budget: Some(budget.clone()),
            ..Queue::default()
        }
    }

    /// Appends a frame, unless too much waits before it.
    pub(super) fn push(&self, frame: Frame) -> Result<(), SendError> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(SendError::Closed);
        }
        let size = frame.size();
        if size > 0 && state.bytes > 0 && !self.has_room(state.bytes, size) {
            return Err(SendError::Overflow);
        }
        state.bytes += size;
        self.charge(Budget::take, size);
        state.ended |= matches!(frame, Frame::Close { .. });
        state.frames.push_back(frame);
        let receiver = state.receiver.take();
        drop(state);
        wake(receiver);
        Ok(())
    }

    /// The first frame; `None` once all senders are gone and nothing is left.
    pub(super) fn poll_pop(&self, cx: &mut Context<'_>) -> Poll<Option<Frame>> {
        let mut state = self.state.lock();
        let Some(frame) = state.frames.pop_front() else {
            if state.senders == 0 {
                return Poll::Ready(None);
            }
            match &mut state.receiver {
                Some(receiver) => receiver.clone_from(cx.waker()),
                receiver => *receiver = Some(cx.waker().clone()),
            }
            return Poll::Pending;
        };
        state.bytes -= frame.size();
        self.charge(Budget::give_back, frame.size());
        if state.frames.is_empty() && state.frames.capacity() > KEPT_FRAMES {
            state.frames = VecDeque::new();
        }
        drop(state);
        self.changed.notify_waiters();
        Poll::Ready(Some(frame))
    }

    pub(super) fn bytes(&self) -> usize {
        self.state.lock().bytes
    }

    /// Waits for something to be received, or for the receiver to go.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Whether a close frame was sent, which nothing should follow.
    pub(super) fn has_ended(&self) -> bool {
        self.state.lock().ended
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// The receiver goes: what waits for it is dropped.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        self.charge(Budget::give_back, std::mem::take(&mut state.bytes));
        let unread = std::mem::take(&mut state.frames);
        let receiver = state.receiver.take();
        drop(state);
        drop((unread, receiver));
        self.changed.notify_waiters();
    }

    /// Whether a frame of `size` bytes may join `waiting` ones.
    fn has_room(&self, waiting: usize, size: usize) -> bool {
        let shared = self.budget.as_ref();
        waiting + size <= MAX_QUEUED_BYTES
            && (waiting + size <= ASSURED_BYTES
                || shared.is_none_or(|shared| shared.has_room(size)))
    }

    fn charge(&self, charge: impl Fn(&Budget, usize), bytes: usize) {
        if let Some(budget) = &self.budget {
            charge(budget, bytes);
        }
    }

    pub(super) fn add_sender(&self) {
        self.state.lock().senders += 1;
    }

    pub(super) fn remove_sender(&self) {
        let mut state = self.state.lock();
        state.senders -= 1;
        let receiver = match state.senders {
            0 => state.receiver.take(),
            _ => None,
        };
        drop(state);
        wake(receiver);
    }
}

fn wake(receiver: Option<Waker>) {
    if let Some(receiver) = receiver {
        receiver.wake();
    }
}
