//! The two ends of a WebSocket inside the process.
//!
//! An end is joined to a client's socket by the gateway, or to a JavaScript `WebSocket` by the runtime.
//! Sending never waits (JavaScript's `send()` cannot), so what is queued is bounded by bytes instead. Most
//! sockets are idle, and many of them hibernate: two ends at rest take a few hundred bytes together.

mod auto_response;
mod budget;
mod queue;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use parking_lot::Mutex;

pub use auto_response::{AutoResponder, AutoResponse};
pub use budget::{ASSURED_BYTES, Budget};
use queue::Queue;

/// Bytes that may wait in one direction of one socket before [`SendError::Overflow`]: enough for two
/// of the largest messages that Cloudflare accepts (32 MiB since 2025-10-31).
pub const MAX_QUEUED_BYTES: usize = 64 << 20;

/// One message. Ping and pong are the gateway's business and are not seen here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Bytes),
    /// The closing handshake: `None` where the peer's close frame carried no code (seen as 1005).
    Close {
        code: Option<u16>,
        reason: String,
    },
}

impl Frame {
    /// What the frame counts for in [`MAX_QUEUED_BYTES`]: its payload and its own memory, so that a flood
    /// of empty messages is bounded too. Nothing for a close frame, which is always taken.
    pub fn size(&self) -> usize {
        match self {
            Frame::Text(text) => size_of::<Frame>() + text.len(),
            Frame::Binary(bytes) => size_of::<Frame>() + bytes.len(),
            Frame::Close { .. } => 0,
        }
    }
}

/// One end: what it sends, the other receives, in order. An end that is dropped without a close frame
/// is an abnormal closure (1006) to the other.
#[derive(Debug)]
pub struct WebSocketEnd {
    sender: FrameSender,
    receiver: FrameReceiver,
}

/// The sending half of an end; clones send in one order.
#[derive(Debug)]
pub struct FrameSender {
    pair: Arc<Pair>,
    /// Which end this half belongs to.
    side: usize,
}

/// The receiving half of an end.
#[derive(Debug)]
pub struct FrameReceiver {
    pair: Arc<Pair>,
    side: usize,
}

/// What two ends share, the part of each at its own number.
#[derive(Debug, Default)]
struct Pair {
    sides: [Side; 2],
}

/// One end's part of a pair.
#[derive(Debug, Default)]
struct Side {
    /// What was sent to this end.
    arriving: Queue,
    /// Answers some of it in this end's place.
    responder: Mutex<Option<AutoResponder>>,
    /// When that last happened, in milliseconds since 1970; 0 is never.
    responded_at: AtomicU64,
}

/// Why a frame was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("the other end of the WebSocket has gone")]
    Closed,
    /// More than [`MAX_QUEUED_BYTES`] would wait, or the socket's [`Budget`] is used up.
    #[error("too many bytes are waiting to be sent on this WebSocket: its peer reads too slowly")]
    Overflow,
}

impl WebSocketEnd {
    /// Two ends that talk to each other.
    pub fn pair() -> (WebSocketEnd, WebSocketEnd) {
        Self::ends(Pair::default())
    }

    /// An app's end, which shares what it may send ahead with all others of the same budget, and the end that it
    /// talks to. That one is bounded by itself alone: who reads a network socket paces itself by
    /// [`FrameSender::queued_bytes`], and slow readers must not cost others what they send.
    pub fn pair_within(budget: &Budget) -> (WebSocketEnd, WebSocketEnd) {
        let there = Side {
            arriving: Queue::within(budget),
            ..Side::default()
        };
        Self::ends(Pair {
            sides: [Side::default(), there],
        })
    }

    fn ends(pair: Pair) -> (WebSocketEnd, WebSocketEnd) {
        let pair = Arc::new(pair);
        let end = |side| WebSocketEnd {
            sender: FrameSender {
                pair: pair.clone(),
                side,
            },
            receiver: FrameReceiver {
                pair: pair.clone(),
                side,
            },
        };
        (end(0), end(1))
    }

    /// Takes the end apart, for a task that reads and another that writes.
    pub fn split(self) -> (FrameSender, FrameReceiver) {
        (self.sender, self.receiver)
    }
}

impl FrameSender {
    /// Queues a frame without waiting. A frame is taken whatever its size where nothing waits before it;
    /// a close frame always is. A text that the other end's [`AutoResponder`] knows is not queued but
    /// answered: the response arrives at this end, and the other is not woken.
    pub fn send(&self, frame: Frame) -> Result<(), SendError> {
        match self.responder_knows(&frame) {
            Some((responder, response)) => self.answer(&responder, &response),
            None => self.there().arriving.push(frame),
        }
    }

    /// Lets `responder` answer what arrives at this end from now on, in place of any other; `None` lets
    /// all of it arrive. Sockets may share a responder.
    pub fn set_auto_responder(&self, responder: Option<AutoResponder>) {
        *self.here().responder.lock() = responder;
    }

    /// When a message to this end was last answered by an [`AutoResponder`], in milliseconds since 1970.
    pub fn auto_responded_at(&self) -> Option<u64> {
        match self.here().responded_at.load(Ordering::Relaxed) {
            0 => None,
            time => Some(time),
        }
    }

    /// The sizes of what is queued and not yet received. A reader of a network socket stops reading while
    /// this is high, so that the peer feels back-pressure.
    pub fn queued_bytes(&self) -> usize {
        self.there().arriving.bytes()
    }

    /// Waits until at most `bytes` are queued, or the receiver is gone. Dropping the future is harmless.
    pub async fn drained(&self, bytes: usize) {
        let queue = &self.there().arriving;
        loop {
            let mut changed = pin!(queue.changed());
            changed.as_mut().enable();
            if queue.bytes() <= bytes || queue.is_closed() {
                return;
            }
            changed.await;
        }
    }

    /// Whether the receiver is gone, so that nothing that is sent can arrive.
    pub fn is_closed(&self) -> bool {
        self.there().arriving.is_closed()
    }

    fn here(&self) -> &Side {
        &self.pair.sides[self.side]
    }

    fn there(&self) -> &Side {
        &self.pair.sides[1 - self.side]
    }

    fn responder_knows(&self, frame: &Frame) -> Option<(AutoResponder, Arc<AutoResponse>)> {
        let Frame::Text(text) = frame else {
            return None;
        };
        let responder = self.there().responder.lock();
        let responder = responder.as_ref()?;
        let response = responder.response_to(text)?;
        Some((responder.clone(), response))
    }

    fn answer(&self, responder: &AutoResponder, response: &AutoResponse) -> Result<(), SendError> {
        if self.is_closed() {
            return Err(SendError::Closed);
        }
        let time = responder.now();
        self.there().responded_at.store(time, Ordering::Relaxed);
        let back = &self.here().arriving;
        if !back.has_ended() {
            // Where it does not fit, so much waits for whoever asks that no answer would come in time.
            _ = back.push(Frame::Text(response.response.clone()));
        }
        Ok(())
    }
}

impl Clone for FrameSender {
    fn clone(&self) -> Self {
        self.there().arriving.add_sender();
        FrameSender {
            pair: self.pair.clone(),
            side: self.side,
        }
    }
}

impl Drop for FrameSender {
    fn drop(&mut self) {
        self.there().arriving.remove_sender();
    }
}

impl FrameReceiver {
    /// The next frame; `None` once the other end is gone and everything was received. Dropping the
    /// future loses nothing.
    pub async fn receive(&mut self) -> Option<Frame> {
        std::future::poll_fn(|cx| self.poll_receive(cx)).await
    }

    /// [`FrameReceiver::receive`] for hand-written futures. The last caller's task is the one that is woken.
    pub fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame>> {
        self.pair.sides[self.side].arriving.poll_pop(cx)
    }
}

impl Drop for FrameReceiver {
    fn drop(&mut self) {
        self.pair.sides[self.side].arriving.close();
    }
}

#[cfg(test)]
mod tests;
