//! The threads on which queries run that take longer: started when there is something to do, gone
//! when there was nothing for a while.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

/// How long a thread waits for something to do.
const PATIENCE: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

/// A pool of threads. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    more: Condvar,
    most: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

impl Pool {
    /// At most so many threads.
    pub(crate) fn new(most: usize) -> Pool {
        Pool(Arc::new(Inner {
            state: Mutex::default(),
            more: Condvar::new(),
            most,
        }))
    }

    /// Runs something on a thread of the pool. `None` if it panicked, or no thread can be started.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        self.push(Box::new(move || drop(sender.send(f()))));
        receiver.await.ok()
    }

    fn push(&self, job: Job) {
        let mut state = self.0.state.lock();
        state.jobs.push_back(job);
        if state.idle >= state.jobs.len() || state.threads >= self.0.most {
            self.0.more.notify_one();
            return;
        }
        state.threads += 1;
        drop(state);
        if let Err(error) = start(self.0.clone()) {
            tracing::error!("a thread for queries cannot be started: {error}");
            let mut state = self.0.state.lock();
            state.threads -= 1;
            if state.threads == 0 {
                state.jobs.clear();
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts threads"
)]
fn start(inner: Arc<Inner>) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name("d1".to_owned())
        .spawn(move || work(&inner))
        .map(drop)
}

fn work(inner: &Inner) {
    while let Some(job) = next(inner) {
        // Whoever waits sees that its sender is gone.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

fn next(inner: &Inner) -> Option<Job> {
    let mut state = inner.state.lock();
    loop {
        if let Some(job) = state.jobs.pop_front() {
            return Some(job);
        }
        state.idle += 1;
        let waited = inner.more.wait_for(&mut state, PATIENCE);
        state.idle -= 1;
        if waited.timed_out() && state.jobs.is_empty() {
            state.threads -= 1;
            return None;
        }
    }
}
