//! An event that was sent to an isolate, for whoever waits for it and may stop waiting.
//!
//! Owns the message that somebody has gone. What becomes of the event then is its isolate's: its code goes on,
//! and sees that its request was aborted.

use crate::isolate::{Job, WeakIsolate};

/// Where an event was sent, and under which number.
#[derive(Clone)]
pub(crate) struct Placed {
    pub(crate) event: u32,
    pub(crate) isolate: WeakIsolate,
}

impl Placed {
    /// Tells the isolate that whoever waited for the event has gone.
    pub(crate) fn abort(&self) {
        if let Some(jobs) = self.isolate.jobs() {
            drop(jobs.send(Job::Abort(self.event)));
        }
    }
}

/// Tells the isolate when whoever waits for an event stops waiting.
pub(crate) struct AbortOnDrop(Option<Placed>);

impl AbortOnDrop {
    pub(crate) fn new(placed: Placed) -> AbortOnDrop {
        AbortOnDrop(Some(placed))
    }

    /// The answer is there.
    pub(crate) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(placed) = &self.0 {
            placed.abort();
        }
    }
}
