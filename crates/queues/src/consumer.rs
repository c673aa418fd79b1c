//! Who receives from a queue, and how.

use std::time::Duration;

use crate::limits;

/// A consumer of a queue. A queue has one at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// The app whose handler gets the messages.
    pub app: String,
    /// The queue.
    pub queue: String,
    /// The handler gets one message and only returns or throws, as Ploy's does.
    pub one_by_one: bool,
    /// Messages at once, 1 to [`MAX_BATCH`](crate::MAX_BATCH).
    pub max_batch_size: u32,
    /// How long a batch that is not full is waited for, from when its first message could be handed out.
    pub max_batch_timeout: Duration,
    /// How often a message is tried again. `None`: for ever.
    pub max_retries: Option<u32>,
    /// Where messages go that have failed so often; without it they are dropped, with a warning.
    pub dead_letter_queue: Option<String>,
    /// Batches at a time.
    pub max_concurrency: u32,
    /// When a message is tried again, where its handler does not say.
    pub pause: RetryPause,
}

/// The time before a message is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryPause {
    /// Always the same.
    Fixed(Duration),
    /// As long as this after the first failure, and twice as long after each other one, up to nine times.
    Doubling(Duration),
}

/// Doublings of the pause.
const MAX_DOUBLINGS: u32 = 8;

impl Consumer {
    /// With Cloudflare's defaults.
    pub fn new(app: impl Into<String>, queue: impl Into<String>) -> Consumer {
        Consumer {
            app: app.into(),
            queue: queue.into(),
            one_by_one: false,
            max_batch_size: limits::DEFAULT_BATCH_SIZE,
            max_batch_timeout: Duration::from_secs(limits::DEFAULT_BATCH_TIMEOUT.into()),
            max_retries: Some(limits::DEFAULT_RETRIES),
            dead_letter_queue: None,
            max_concurrency: limits::DEFAULT_CONCURRENCY,
            pause: RetryPause::Fixed(Duration::ZERO),
        }
    }

    /// The pause after so many failures, in milliseconds.
    pub(crate) fn pause_ms(&self, failures: u32) -> i64 {
        let pause = match self.pause {
            RetryPause::Fixed(pause) => pause,
            RetryPause::Doubling(first) => {
                first * 2u32.pow(failures.saturating_sub(1).min(MAX_DOUBLINGS))
            }
        };
        millis(pause)
    }
}

pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
