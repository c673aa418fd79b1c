//! Cells: SQLite databases with exactly one writer each, and tickets that say when a commit can no
//! longer be lost.
//!
//! [`Cells`] is a data directory, [`Cell`] one database in it. Reading and writing run at once on
//! the caller's thread and never wait for a disk to sync; each returns a [`Ticket`] that becomes
//! durable when everything it saw is on disk. Whoever lets an effect out (a response, a request to
//! another machine) waits for the [`Tickets`] first. This crate does not know what a cell is for.
//! The argument why nothing durable is lost is at the top of `flush.rs`.

#![forbid(unsafe_code)]

mod cell;
mod cells;
mod directory;
mod error;
mod file;
mod flush;
mod name;
mod options;
mod shared;
mod ticket;
mod worker;

pub use cell::{Cell, Stats};
pub use cells::Cells;
pub use error::Error;
pub use name::CellName;
pub use options::{Disk, Options, RealDisk};
pub use rusqlite;
pub use ticket::{Ticket, Tickets};
