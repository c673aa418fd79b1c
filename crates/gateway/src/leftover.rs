//! What the client still sends of a request body when the response is complete, because the app did not
//! read it.
//!
//! It is read and thrown away, within limits, so that the next request on the connection can be read: a
//! client may have sent that already, and would lose it if the connection were closed.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use tokio::time::Instant;

/// Beyond this a new connection costs both sides less than the bytes.
const MAX_BYTES: u64 = 16 << 20;

/// How long the client may take for the next piece (nginx: `lingering_timeout`, 5 s).
const PATIENCE: Duration = Duration::from_secs(5);

/// The unread end of an HTTP/1 request body.
#[derive(Debug)]
pub(crate) struct Leftover {
    incoming: Incoming,
    budget: u64,
    since: Instant,
}

impl Leftover {
    /// `None` if there is too much of it.
    pub(crate) fn new(incoming: Incoming) -> Option<Self> {
        (incoming.size_hint().lower() <= MAX_BYTES).then(|| Leftover {
            incoming,
            budget: MAX_BYTES,
            since: Instant::now(),
        })
    }

    /// Reads what there is. Ready at the end: whether the connection is where the next request begins.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        loop {
            let frame = match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(true),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(false),
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            let size = frame.data_ref().map_or(0, |data| data.len() as u64);
            match self.budget.checked_sub(size) {
                Some(budget) => self.budget = budget,
                None => return Poll::Ready(false),
            }
            self.since = Instant::now();
        }
    }

    /// When to give up, where apps wait `timeout` for the next piece of a body.
    pub(crate) fn deadline(&self, timeout: Duration) -> Instant {
        self.since + timeout.min(PATIENCE)
    }
}
