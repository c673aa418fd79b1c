//! Handing out batches when they are ready: sleeps until the next one is, hears what became of those that
//! are being handled.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::{Batch, NotRun, Outcome, Queues};

/// The longest sleep: somebody may set the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

impl Queues {
    /// Hands out batches until `stop` is ready. Of all that share a directory, one does this.
    ///
    /// `handler` runs the consumer's code and tells what it decided, once that is durable which the
    /// code has written. Dropping the future ends it as `stop` does: handlers that run are dropped, and
    /// their messages are handed out again to the next one who calls this.
    pub async fn run<F, R>(&self, stop: impl Future<Output = ()>, handler: F)
    where
        F: Fn(Batch) -> R,
        R: Future<Output = Result<Outcome, NotRun>>,
    {
        let mut stop = pin!(stop);
        let mut running = FuturesUnordered::new();
        loop {
            // Before looking: what changes from now on is not missed.
            let changed = self.inner.changed.notified();
            let (batches, next) = self.take();
            for batch in batches {
                let back = Back(self, batch);
                running.push(self.hand_out(back, &handler));
            }
            let sleep = self.sleep(next);
            tokio::select! {
                biased;
                () = &mut stop => return,
                Some(()) = running.next(), if !running.is_empty() => {
                    // Messages that are always ready must not keep the thread.
                    tokio::task::yield_now().await;
                }
                () = changed => {}
                () = self.inner.clock.sleep(sleep) => {}
            }
        }
    }

    async fn hand_out<F, R>(&self, back: Back<'_>, handler: &F)
    where
        F: Fn(Batch) -> R,
        R: Future<Output = Result<Outcome, NotRun>>,
    {
        let batch = &back.1;
        // Nobody may see a message that could still be lost.
        if let Err(error) = batch.ticket.durable().await {
            tracing::error!("the queue {:?}: {error}", batch.consumer.queue);
            self.inner.rest(&batch.consumer.queue);
            return;
        }
        let settled = match handler(batch.clone()).await {
            Ok(outcome) => self.inner.settle(batch, &outcome),
            Err(not_run) => {
                tracing::warn!("the queue {:?}: {not_run}", batch.consumer.queue);
                self.inner.put_off(batch)
            }
        };
        if let Err(error) = settled {
            tracing::error!("the queue {:?}: {error}", batch.consumer.queue);
            self.inner.rest(&batch.consumer.queue);
        }
    }

    fn sleep(&self, next: Option<i64>) -> Duration {
        let wait = next.map_or(i64::MAX, |next| next.saturating_sub(self.inner.now()));
        Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(LONGEST_SLEEP)
    }
}

/// A batch that was handed out: its messages are free again when this goes, also if nobody waits for the
/// handler any more.
struct Back<'a>(&'a Queues, Batch);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        self.0.inner.give_back(&self.1);
    }
}
