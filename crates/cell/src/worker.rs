//! The only place of this crate that starts threads: workers that do one job for one cell after
//! another and sleep in between. What the job is they do not know.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::{Condvar, Mutex};

use crate::shared::Shared;

/// Cells that wait for a worker.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<Shared>>,
    stopping: bool,
}

impl Queue {
    /// Never blocks. After the worker was stopped it does nothing.
    pub(crate) fn push(&self, cell: Arc<Shared>) {
        let mut state = self.state.lock();
        if !state.stopping {
            state.waiting.push_back(cell);
            self.wake.notify_one();
        }
    }

    fn next(&self) -> Option<Arc<Shared>> {
        let mut state = self.state.lock();
        loop {
            if let Some(cell) = state.waiting.pop_front() {
                return Some(cell);
            }
            if state.stopping {
                return None;
            }
            self.wake.wait(&mut state);
        }
    }
}

/// A thread that does `job` for each cell of its queue.
pub(crate) struct Worker {
    queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    /// Starts the thread. A job that panics closes the cell it was for, and the worker goes on.
    pub(crate) fn start(name: &str, job: fn(&Shared)) -> io::Result<Worker> {
        let queue = Arc::<Queue>::default();
        let cells = queue.clone();
        let run = move || {
            while let Some(cell) = cells.next() {
                if catch_unwind(AssertUnwindSafe(|| job(&cell))).is_err() {
                    cell.fail("a background thread panicked".to_owned());
                }
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(run)?;
        Ok(Worker {
            queue,
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(crate) fn queue(&self) -> Arc<Queue> {
        self.queue.clone()
    }

    /// Finishes what waits, then ends the thread. Blocks until it has ended.
    pub(crate) fn stop(&self) {
        self.queue.state.lock().stopping = true;
        self.queue.wake.notify_all();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("a cell worker ended with a panic");
        }
    }
}
