//! Calls of a session whose results the caller needs no more. The object hears of them with the caller's next message,
//! or, if there is none, when the session has rested for a while: a message for each would double their number.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Sleep;

/// How long the object may not know: about as long as it stays in memory for nothing.
const LONG: Duration = Duration::from_secs(1);

/// The end of the time for which those that were there at its beginning may wait.
pub(super) type Tick = Option<Pin<Box<Sleep>>>;

/// Those of one session that the object does not know of yet.
#[derive(Default)]
pub(super) struct Finished {
    calls: RefCell<Vec<u32>>,
    /// Whoever brings messages looks for them by itself.
    is_watched: Cell<bool>,
    some: Notify,
}

impl Finished {
    pub(super) fn add(&self, call: u32) {
        self.calls.borrow_mut().push(call);
        if !self.is_watched.get() {
            self.some.notify_one();
        }
    }

    /// Those that there are, for a message that is sent now.
    pub(super) fn take(&self) -> Vec<u32> {
        self.calls.take()
    }

    /// Ready when some are there that no message has taken for long. `tick` stays with whoever waits: nothing is lost
    /// when this is dropped.
    pub(super) async fn wait_long(&self, tick: &mut Tick) {
        loop {
            if let Some(sleep) = tick {
                sleep.as_mut().await;
                *tick = None;
                if !self.calls.borrow().is_empty() {
                    return;
                }
            }
            self.is_watched.set(false);
            if self.calls.borrow().is_empty() {
                self.some.notified().await;
            }
            self.is_watched.set(true);
            *tick = Some(Box::pin(tokio::time::sleep(LONG)));
        }
    }
}
