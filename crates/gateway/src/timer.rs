//! One timer per connection that costs nothing per request.
//!
//! Deadlines of a busy connection move into the future all the time. Instead of moving the timer with
//! them it is left alone: it may fire early, and then is set for what has become of the deadline.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;

use tokio::time::{Instant, Sleep};

/// Wakes a task by a deadline.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// Wakes the task at `deadline` at the latest; it may be woken earlier. The caller looks at the clock
    /// whenever it is woken, and calls this again as long as something is due.
    pub(crate) fn wake_by(&mut self, cx: &mut Context<'_>, deadline: Instant) {
        let sleep = match &mut self.sleep {
            Some(sleep) if !sleep.is_elapsed() && sleep.deadline() <= deadline => return,
            Some(sleep) => {
                sleep.as_mut().reset(deadline);
                sleep
            }
            None => self
                .sleep
                .insert(Box::pin(tokio::time::sleep_until(deadline))),
        };
        if sleep.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }
}
