//! Whose turn it is to write. Waiting takes no thread.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::{Mutex as Queue, OwnedMutexGuard};

use cellhouse_cell::Clock;

use crate::transaction::Held;

/// The right to write, until it is dropped.
pub(crate) type Turn = OwnedMutexGuard<()>;

/// Those who write to a database, first come first served.
#[derive(Default)]
pub(crate) struct Turns {
    queue: Arc<Queue<()>>,
    /// The interactive transaction that has the turn, if one has.
    open: Mutex<Weak<Held>>,
}

impl Turns {
    /// The turn, if nobody has it and nobody waits.
    pub(crate) fn now(&self) -> Option<Turn> {
        self.queue.clone().try_lock_owned().ok()
    }

    /// The turn. A transaction that has it for too long is ended. Polled within a tokio runtime
    /// that has a timer.
    pub(crate) async fn next(&self, clock: &Arc<dyn Clock>) -> Turn {
        let mut waiting = std::pin::pin!(self.queue.clone().lock_owned());
        loop {
            let held = self.open.lock().upgrade();
            let Some(held) = held else {
                return waiting.await;
            };
            let left = held.deadline().saturating_sub(clock.monotonic());
            tokio::select! {
                biased;
                turn = &mut waiting => return turn,
                () = clock.sleep(left) => held.expire(),
            }
        }
    }

    /// The turn, for a thread that is not one of a runtime.
    pub(crate) fn wait(&self) -> Turn {
        self.queue.clone().blocking_lock_owned()
    }

    /// This transaction has the turn.
    pub(crate) fn set_open(&self, held: &Arc<Held>) {
        *self.open.lock() = Arc::downgrade(held);
    }
}
