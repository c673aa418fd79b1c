//! The end of the road of every commit: durable, or failed. One place that the log, the driver and
//! the watcher of the engine report to, and that keeps progress and queue in step.

use std::sync::Arc;

use crate::Error;
use crate::counters::Counters;
use crate::pace::Pace;
use crate::progress::Progress;
use crate::queue::Queue;

#[derive(Clone)]
pub(crate) struct Outcome {
    /// What errors call the store.
    pub(crate) store: Arc<str>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) pace: Pace,
}

impl Outcome {
    /// For a store whose last commit is not known yet: see [`Outcome::start`].
    pub(crate) fn new(store: Arc<str>, queue_bytes: usize, own_log: bool) -> Outcome {
        Outcome {
            store,
            progress: Arc::default(),
            queue: Arc::new(Queue::new(queue_bytes, own_log)),
            counters: Arc::default(),
            pace: Pace::default(),
        }
    }

    /// The store holds the commits up to this one, all of them durable.
    pub(crate) fn start(&self, last: u64) {
        self.progress.advance(last);
        self.queue.start(last);
    }

    /// Everything up to the commit with this number is durable.
    pub(crate) fn durable(&self, commit: u64) {
        self.progress.advance(commit);
        self.queue.log_is_idle();
    }

    /// Commits that readers saw may be lost.
    pub(crate) fn failed(&self, reason: String) {
        self.refuse(Error::NotDurable {
            store: self.store.to_string(),
            reason,
        });
    }

    /// Nothing goes on, for this reason. Only the first one counts.
    pub(crate) fn refuse(&self, error: Error) {
        // The queue first: whoever learns of the failure from a ticket finds it refusing.
        if self.queue.fail(error.clone()) {
            tracing::error!("{error}");
            self.progress.fail(error);
        }
    }
}
