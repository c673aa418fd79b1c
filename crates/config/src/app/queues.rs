//! Which queues a script receives from, as `queues.consumers` of a wrangler config has it.

use crate::source::Location;

/// A queue that the script receives from. What is `None` has Cloudflare's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueConsumer {
    /// The queue.
    pub queue: String,
    /// Messages at once, 1 to 100.
    pub max_batch_size: Option<u32>,
    /// Seconds that a batch is waited for, 0 to 60.
    pub max_batch_timeout: Option<u32>,
    /// How often a message that fails is tried again, 0 to 100.
    pub max_retries: Option<u32>,
    /// Where messages go that have failed so often.
    pub dead_letter_queue: Option<String>,
    /// Batches at a time, 1 to 250.
    pub max_concurrency: Option<u32>,
    /// Seconds before a message that failed is tried again, 0 to 86,400.
    pub retry_delay: Option<u32>,
    /// Where the queue is named.
    pub at: Location,
}
