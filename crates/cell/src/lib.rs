//! Cells: SQLite databases with exactly one writer each, and tickets that say when a commit can no
//! longer be lost.
//!
//! [`Cells`] is a data directory, [`Cell`] one database in it. Reading and writing run at once on
//! the caller's thread and never wait for a disk to sync; each returns a [`Ticket`] that becomes
//! durable when everything it saw is on disk. Whoever lets an effect out (a response, a request to
//! another machine) waits for the [`Tickets`] first. This crate does not know what a cell is for.
//!
//! A cell's pages are in the shard (`cellhouse_shard`); what is in memory and in local files is a
//! cache of them. SQLite runs on a file layer of our own (`vfs`), whose commits are commits of the
//! shard (`image`).

#![deny(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod backup;
mod cell;
mod cells;
mod check;
mod copy;
mod directory;
mod error;
mod history;
mod image;
mod moment;
mod name;
mod open;
mod options;
mod page;
mod query;
mod readers;
mod restore;
mod room;
mod schema;
mod session;
mod slot;
pub mod sql;
#[allow(unsafe_code, reason = "SQLite calls its file layer from C")]
mod vfs;

pub use backup::{BackedUp, BackupFiles, GivesFiles};
pub use cell::{Cell, Stats};
pub use cellhouse_shard::disk::{Disk, DiskFile, RealDisk};
pub use cellhouse_shard::{
    CellKey, Clock, Entropy, Extra, RealClock, RealEntropy, Shard, Store, Ticket, Tickets,
};
pub use cells::{Cells, Memory};
pub use check::{Checked, Progress};
pub use error::{BookmarkProblem, Error};
pub use history::{Bookmark, HistorySweep};
pub use moment::Moment;
pub use name::CellName;
pub use options::{Options, Setup};
pub use query::{Queries, QueryId, SqlError};
pub use readers::Seen;
pub use restore::{Restored, TakesFiles};
pub use rusqlite;
pub use session::Session;
