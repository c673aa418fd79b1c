//! The shard: one SlateDB database that holds the pages of many cells, with group commit.
//!
//! [`Shard::commit`] takes the pages that one transaction of one cell wrote and returns a [`Ticket`]
//! at once; the commits that gather while the log writes go into the log together. Whoever lets an
//! effect out (a response, a request to another machine) waits for the [`Tickets`] first. Reads see
//! every commit that was handed in. This crate does not know SQL, nor what a cell is for.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod block_cache;
mod clock;
mod commit;
mod counters;
pub mod disk;
mod driver;
mod engine;
mod entropy;
mod error;
mod format;
mod group;
mod history;
mod key;
mod lock;
mod log;
mod meta;
mod monotone;
mod objects;
mod options;
mod outcome;
mod pace;
mod place;
mod progress;
mod queue;
mod read;
mod settings;
mod shard;
mod snapshot;
mod threads;
mod ticket;

pub use clock::{Clock, RealClock};
pub use commit::{Before, CellMeta, Commit, Epoch, Extra, HistoryMeta, Row};
pub use counters::Stats;
pub use entropy::{Entropy, RealEntropy};
pub use error::Error;
pub use history::Sweep;
pub use key::{CellKey, PAGE_SIZE};
pub use object_store;
pub use options::{ShardOptions, Store};
pub use shard::Shard;
pub use snapshot::Snapshot;
pub use ticket::{Ticket, Tickets};
