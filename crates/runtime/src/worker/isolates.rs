//! Which isolate of an app gets the next event, and when one more is started.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot;

use super::Worker;
use crate::failure::{Failure, StartError};
use crate::isolate::{Handlers, IsolateHandle, Job};

/// Events that an isolate may have open before another isolate is started for the next one.
const BUSY: u32 = 2;
/// How often it is looked whether an isolate is free again: as often as the watchdog looks at them.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How often `drain` looks whether the isolates are done.
const DRAIN_INTERVAL: Duration = Duration::from_millis(5);

impl Worker {
    /// The isolate with the fewest open events.
    pub(crate) async fn least_busy(&self) -> Result<IsolateHandle, Failure> {
        loop {
            match self.pick() {
                Some(isolate) if !isolate.is_held() || !self.is_joined().await => {
                    return Ok(isolate);
                }
                Some(_) => {}
                None => self.replace().await?,
            }
        }
    }

    /// Lets go of all isolates: closes their WebSockets with 1001 (going away), and waits until their
    /// open events are complete, at most for `limit`. Returns how many were still open; those go on.
    ///
    /// Who still holds the worker may call it: a request that chose it just before it was replaced must
    /// get its answer, from an isolate started anew.
    pub async fn drain(&self, limit: Duration) -> u32 {
        let isolates = std::mem::take(&mut *self.0.isolates.write());
        for isolate in &isolates {
            drop(isolate.send(Job::Drain));
        }
        let wait = async {
            while !isolates.iter().all(IsolateHandle::has_ended) {
                tokio::time::sleep(DRAIN_INTERVAL).await;
            }
        };
        drop(tokio::time::timeout(limit, wait).await);
        isolates.iter().map(IsolateHandle::open_events).sum()
    }

    /// Sends a job to the isolate with the fewest open events.
    pub(super) async fn send(&self, mut job: Job) -> Result<IsolateHandle, Failure> {
        loop {
            let isolate = self.least_busy().await?;
            isolate.status.one_more();
            match isolate.send(job) {
                Ok(()) => return Ok(isolate),
                // It ended in this moment.
                Err(returned) => job = returned,
            }
        }
    }

    pub(super) fn pick(&self) -> Option<IsolateHandle> {
        let isolates = self.0.isolates.read();
        let mut count = 0;
        let usable = isolates.iter().filter(|isolate| isolate.is_usable());
        let usable = usable.inspect(|_| count += 1);
        let best = usable.min_by_key(|isolate| (isolate.is_held(), isolate.open_events()));
        let best = best.cloned();
        let all = isolates.len();
        drop(isolates);
        if count < all {
            // Those end when they have answered what they took.
            self.0.isolates.write().retain(IsolateHandle::is_usable);
        }
        if let Some(best) = &best
            && best.open_events() >= BUSY
            && count < self.0.spec.max_isolates
        {
            self.grow();
        }
        best
    }

    /// Starts one more isolate, without waiting for it.
    pub(super) fn grow(&self) {
        if self.0.growing.swap(true, Ordering::AcqRel) {
            return;
        }
        let worker = self.clone();
        tokio::spawn(async move {
            if let Ok((isolate, _)) = worker.start_isolate().await {
                worker.0.isolates.write().push(isolate);
            }
            worker.0.growing.store(false, Ordering::Release);
        });
    }

    /// Waits while long computations hold all isolates, for the end of one or for one more isolate, whichever comes
    /// first; false if there may be no more.
    pub(super) async fn is_joined(&self) -> bool {
        loop {
            let (count, is_one_free) = {
                let isolates = self.0.isolates.read();
                let mut usable = isolates.iter().filter(|isolate| isolate.is_usable());
                let count = usable.clone().count();
                (count, usable.any(|isolate| !isolate.is_held()))
            };
            if is_one_free || count == 0 {
                return true;
            }
            if count >= self.0.spec.max_isolates {
                return false;
            }
            self.grow();
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Starts an isolate because none is usable.
    pub(super) async fn replace(&self) -> Result<(), Failure> {
        let _one_at_a_time = self.0.replacing.lock().await;
        self.0.isolates.write().retain(IsolateHandle::is_usable);
        if !self.0.isolates.read().is_empty() {
            return Ok(());
        }
        match self.start_isolate().await {
            Ok((isolate, _)) => {
                self.0.isolates.write().push(isolate);
                self.0.pool.warm();
                Ok(())
            }
            Err(StartError::Evaluation(failure)) => Err(failure),
            Err(error) => Err(Failure::exception(error.to_string(), "")),
        }
    }

    pub(super) async fn start_isolate(&self) -> Result<(IsolateHandle, Handlers), StartError> {
        let isolate = self.0.pool.take()?;
        let (reply, loaded) = oneshot::channel();
        let gone =
            || StartError::Engine("the isolate ended while it was loading the app".to_owned());
        let job = Job::Load {
            spec: self.0.spec.clone(),
            worker: self.downgrade(),
            reply,
        };
        isolate.send(job).map_err(|_| gone())?;
        let handlers = loaded.await.map_err(|_| gone())??;
        Ok((isolate, handlers))
    }
}
