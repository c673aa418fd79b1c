//! How far the log has come: the number of the last durable commit, and who waits for which.
//!
//! Only the log's side moves it, and only forward. It is the one thing a ticket looks at.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::{Poll, Waker};

use parking_lot::Mutex;

use crate::Error;

#[derive(Default)]
pub(crate) struct Progress {
    durable: AtomicU64,
    failure: OnceLock<Error>,
    waiting: Mutex<Waiting>,
}

/// Wakers by the commit they wait for; the second number tells apart who waits for the same.
#[derive(Default)]
struct Waiting {
    wakers: BTreeMap<(u64, u64), Waker>,
    next: u64,
}

impl Progress {
    #[inline]
    pub(crate) fn durable(&self) -> u64 {
        self.durable.load(SeqCst)
    }

    pub(crate) fn failure(&self) -> Option<&Error> {
        self.failure.get()
    }

    /// Everything up to `commit` is durable. After a failure nothing more is: what the disk holds
    /// beyond is found out by opening the store again.
    pub(crate) fn advance(&self, commit: u64) {
        let mut waiting = self.waiting.lock();
        if self.failure.get().is_some() || self.durable.fetch_max(commit, SeqCst) >= commit {
            return;
        }
        let later = waiting.wakers.split_off(&(commit.saturating_add(1), 0));
        let due = std::mem::replace(&mut waiting.wakers, later);
        drop(waiting);
        due.into_values().for_each(Waker::wake);
    }

    /// Fails whatever is not durable, now and for ever. The first failure counts.
    pub(crate) fn fail(&self, error: Error) {
        let mut waiting = self.waiting.lock();
        let _ = self.failure.set(error);
        let all = std::mem::take(&mut waiting.wakers);
        drop(waiting);
        all.into_values().for_each(Waker::wake);
    }

    /// Looks whether `commit` is settled; if not, `waker` is called when it is. `place` remembers
    /// the caller between calls.
    pub(crate) fn poll(
        &self,
        commit: u64,
        place: &mut Option<u64>,
        waker: &Waker,
    ) -> Poll<Result<(), Error>> {
        let mut waiting = self.waiting.lock();
        if self.durable() >= commit {
            return Poll::Ready(Ok(()));
        }
        if let Some(error) = self.failure() {
            return Poll::Ready(Err(error.clone()));
        }
        let number = *place.get_or_insert_with(|| {
            waiting.next += 1;
            waiting.next
        });
        waiting.wakers.insert((commit, number), waker.clone());
        Poll::Pending
    }

    /// Forgets a caller of [`Progress::poll`].
    pub(crate) fn leave(&self, commit: u64, place: u64) {
        self.waiting.lock().wakers.remove(&(commit, place));
    }
}
