//! State: key-value stores with the behaviour of Cloudflare KV and atomic `update()` of JSON
//! values.
//!
//! A [`Store`] is one cell, or several among which its keys are spread. Every limit and message of Cloudflare's service is here, so that the
//! JavaScript side only converts arguments and results. Calls run at once on the caller's thread;
//! each result comes with a [`Ticket`](cellhouse_cell::Ticket) that says when what it shows can no
//! longer be lost. This crate knows no JavaScript and no HTTP.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod bulk;
mod changes;
mod clock;
mod error;
mod limits;
mod list;
mod slices;
mod store;
mod sweep;
mod update;
mod watch;

pub use bulk::{BulkEntries, BulkOptions};
pub use changes::{Action, Change};
pub use clock::{Clock, SystemClock};
pub use error::{Error, ErrorKind};
pub use limits::{
    DEFAULT_MIN_TTL, MAX_BULK_BYTES, MAX_BULK_KEYS, MAX_KEY_BYTES, MAX_LIST_KEYS,
    MAX_METADATA_BYTES, MAX_VALUE_BYTES, MIN_CACHE_TTL, NOT_A_VALUE, UNKNOWN_TYPE,
};
pub use list::{ListKey, ListOptions, Page};
pub use slices::MAX_SLICES;
pub use store::{Entry, PutOptions, Store, StoreOptions};
pub use watch::{KEPT, Watcher};
