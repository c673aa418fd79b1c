//! An event that was sent to an isolate, for whoever waits for it and may stop waiting.
//!
//! Owns the message that somebody has gone. What becomes of the event then is its isolate's: its code goes on,
//! and sees that its request was aborted.

use tokio::sync::oneshot;

use crate::failure::{Failure, FailureKind};
use crate::isolate::{Job, WeakIsolate};
use crate::objects::Told;

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

/// Waits for the answer of an event. The event is aborted when the future is dropped.
pub(crate) async fn answer_of<T>(placed: Placed, told: oneshot::Receiver<Told<T>>) -> Told<T> {
    let status = placed.isolate.status.clone();
    let guard = AbortOnDrop::new(placed);
    let told = tokio::select! {
        biased;
        told = told => told.unwrap_or_else(|_| Told::failed(Failure::of(FailureKind::Stopped))),
        () = status.abandoned() => Told::failed(Failure::of(status.why_abandoned())),
    };
    guard.disarm();
    told
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
