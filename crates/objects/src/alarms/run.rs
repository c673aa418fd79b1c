//! Running alarms when they are due: sleeps until the earliest, hands out what is due, hears how it
//! ended.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::{Alarms, Due};
use crate::Error;

/// Alarms that run at a time, so that thousands that are due at once do not all wake their objects.
const AT_ONCE: usize = 64;
/// The longest sleep: somebody may set the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// The pause when the store cannot be read.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// An alarm's handler was not run, or not to its end, by no fault of its own: the object could not
/// be started, say. What the storage was told by [`Storage::alarm_end`](crate::Storage::alarm_end)
/// counts all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the alarm did not run: {0}")]
pub struct NotRun(pub String);

impl Alarms {
    /// Runs alarms until `stop` is ready. Of all that share a store, one does this.
    ///
    /// `handler` brings the object to life on its thread, begins its alarm
    /// ([`Storage::alarm_begin`](crate::Storage::alarm_begin)), runs its code, ends the alarm and
    /// flushes. An alarm that the index still has afterwards is handed out again, after two seconds,
    /// four, and so on. Dropping the future ends it as `stop` does: handlers that run are dropped,
    /// and their alarms run again with the next one who calls this.
    pub async fn run<F, R>(&self, stop: impl Future<Output = ()>, handler: F)
    where
        F: Fn(Due) -> R,
        R: Future<Output = Result<(), NotRun>>,
    {
        let mut stop = pin!(stop);
        let mut running = FuturesUnordered::new();
        loop {
            // Before looking: what changes from now on is not missed.
            let changed = self.inner.changed.notified();
            let (due, sleep) = self.look(AT_ONCE - running.len());
            for due in due {
                let ends = handler(due);
                running.push(async move { (due, ends.await) });
            }
            tokio::select! {
                biased;
                () = &mut stop => return,
                Some((due, result)) = running.next(), if !running.is_empty() => {
                    self.ended(&due, result);
                    // Alarms that set themselves for the past must not keep the thread.
                    tokio::task::yield_now().await;
                }
                () = changed => {}
                () = self.inner.clock.sleep(sleep) => {}
            }
        }
    }

    /// What may run now, and how long nothing else will.
    fn look(&self, limit: usize) -> (Vec<Due>, Duration) {
        match self.take(limit) {
            // Somebody has to end first.
            Ok((due, _)) if due.len() == limit => (due, LONGEST_SLEEP),
            Ok((due, next)) => {
                let wait = next.map_or(i64::MAX, |next| next.saturating_sub(self.now()));
                let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
                (due, wait.min(LONGEST_SLEEP))
            }
            Err(error) => {
                self.report(&error);
                (Vec::new(), AFTER_ERROR)
            }
        }
    }

    fn ended(&self, due: &Due, result: Result<(), NotRun>) {
        if let Err(error) = result {
            tracing::warn!("object {}: {error}", due.address);
        }
        let now = self.now();
        self.inner.window.lock().ended(due, now);
    }

    fn report(&self, error: &Error) {
        tracing::error!("looking for alarms that are due: {error}");
    }
}
