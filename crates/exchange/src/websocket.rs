//! The two ends of a WebSocket inside the process.
//!
//! An end is joined to a client's socket by the gateway, or to a JavaScript `WebSocket` by the runtime.
//! Sending never waits (JavaScript's `send()` cannot), so what is queued is bounded by bytes instead.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc};

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
#[derive(Debug, Clone)]
pub struct FrameSender {
    frames: mpsc::UnboundedSender<Frame>,
    flow: Arc<Flow>,
}

/// The receiving half of an end.
#[derive(Debug)]
pub struct FrameReceiver {
    frames: mpsc::UnboundedReceiver<Frame>,
    flow: Arc<Flow>,
}

/// What waits in one direction.
#[derive(Debug, Default)]
struct Flow {
    bytes: AtomicUsize,
    /// Told of every frame that was received.
    received: Notify,
}

/// Why a frame was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("the other end of the WebSocket has gone")]
    Closed,
    #[error("more than {MAX_QUEUED_BYTES} bytes are waiting to be sent on this WebSocket")]
    Overflow,
}

impl WebSocketEnd {
    /// Two ends that talk to each other.
    pub fn pair() -> (WebSocketEnd, WebSocketEnd) {
        let (to_b, at_b) = channel();
        let (to_a, at_a) = channel();
        (
            WebSocketEnd {
                sender: to_b,
                receiver: at_a,
            },
            WebSocketEnd {
                sender: to_a,
                receiver: at_b,
            },
        )
    }

    /// Takes the end apart, for a task that reads and another that writes.
    pub fn split(self) -> (FrameSender, FrameReceiver) {
        (self.sender, self.receiver)
    }
}

impl FrameSender {
    /// Queues a frame without waiting. A frame is taken whatever its size where nothing waits before it;
    /// a close frame always is.
    pub fn send(&self, frame: Frame) -> Result<(), SendError> {
        let size = frame.size();
        let before = self.flow.bytes.fetch_add(size, Ordering::Relaxed);
        if before + size > MAX_QUEUED_BYTES && before > 0 && size > 0 {
            self.flow.bytes.fetch_sub(size, Ordering::Relaxed);
            return Err(SendError::Overflow);
        }
        self.frames.send(frame).map_err(|_| {
            self.flow.bytes.fetch_sub(size, Ordering::Relaxed);
            SendError::Closed
        })
    }

    /// The sizes of what is queued and not yet received. A reader of a network socket stops reading while
    /// this is high, so that the peer feels back-pressure.
    pub fn queued_bytes(&self) -> usize {
        self.flow.bytes.load(Ordering::Relaxed)
    }

    /// Waits until at most `bytes` are queued, or the receiver is gone. Dropping the future is harmless.
    pub async fn drained(&self, bytes: usize) {
        loop {
            let mut received = pin!(self.flow.received.notified());
            received.as_mut().enable();
            if self.queued_bytes() <= bytes || self.is_closed() {
                return;
            }
            let mut closed = pin!(self.frames.closed());
            std::future::poll_fn(|cx| match closed.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(()),
                Poll::Pending => received.as_mut().poll(cx),
            })
            .await;
        }
    }

    /// Whether the receiver is gone, so that nothing that is sent can arrive.
    pub fn is_closed(&self) -> bool {
        self.frames.is_closed()
    }
}

impl FrameReceiver {
    /// The next frame; `None` once the other end is gone and everything was received. Dropping the
    /// future loses nothing.
    pub async fn receive(&mut self) -> Option<Frame> {
        std::future::poll_fn(|cx| self.poll_receive(cx)).await
    }

    /// [`FrameReceiver::receive`] for hand-written futures.
    pub fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame>> {
        self.frames.poll_recv(cx).map(|frame| {
            let frame = frame?;
            self.flow.bytes.fetch_sub(frame.size(), Ordering::Relaxed);
            self.flow.received.notify_waiters();
            Some(frame)
        })
    }
}

fn channel() -> (FrameSender, FrameReceiver) {
    let (frames, receiver) = mpsc::unbounded_channel();
    let flow = Arc::new(Flow::default());
    (
        FrameSender {
            frames,
            flow: flow.clone(),
        },
        FrameReceiver {
            frames: receiver,
            flow,
        },
    )
}

#[cfg(test)]
mod tests;
