//! Queues with the behaviour of Cloudflare Queues.
//!
//! A [`Queue`] is one cell. Sending is a commit on the caller's thread, whose ticket says when the
//! message can no longer be lost; [`Queues::run`] hands durable messages out in batches and writes
//! down what became of them. What is handed out is remembered in memory only, so after a crash
//! everything that was not acknowledged is handed out again: at least once. This crate knows no
//! JavaScript and no HTTP.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod backlog;
mod batch;
mod consumer;
mod dispatch;
mod error;
mod limits;
mod outcome;
mod queue;
mod queues;
mod settle;

pub use backlog::Backlog;
pub use batch::{Batch, Message};
pub use consumer::{Consumer, RetryPause};
pub use error::{Error, ErrorKind};
pub use limits::{
    DEFAULT_BATCH_SIZE, DEFAULT_BATCH_TIMEOUT, DEFAULT_CONCURRENCY, DEFAULT_RETRIES, MAX_BATCH,
    MAX_BATCH_BYTES, MAX_BATCH_TIMEOUT, MAX_CONCURRENCY, MAX_DELAY, MAX_MESSAGE_BYTES, MAX_RETRIES,
};
pub use outcome::{NotRun, Outcome, Retry, Verdict};
pub use queue::{Content, Outgoing, Queue};
pub use queues::{QueueInfo, Queues, QueuesOptions};
