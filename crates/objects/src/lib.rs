//! Durable Objects: ids, storage, SQL, alarms and namespaces with the behaviour of Cloudflare's
//! service.
//!
//! An object is one cell; its [`Storage`] is what its code uses, on one thread at a time. Every
//! limit and message of Cloudflare is here, so that the JavaScript side only converts arguments and
//! results; values are opaque bytes. Writes gather in a transaction until [`Storage::flush`], whose
//! [`Ticket`](cellhouse_cell::Ticket) says when they can no longer be lost. This crate knows no
//! JavaScript and no HTTP, and runs no code of users.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod address;
mod alarm;
mod alarms;
mod bookmarks;
mod error;
mod facets;
mod id;
mod index;
mod kv;
mod limits;
mod list;
mod listing;
mod migrations;
mod namespace;
mod namespaces;
mod objects;
mod overview;
mod restores;
mod schema;
mod sql;
mod storage;
mod transaction;
mod wipe;

pub use address::Address;
pub use alarm::{AlarmInfo, AlarmOutcome, MAX_RETRIES, RunningAlarm};
pub use alarms::{Alarms, Due, NotRun};
pub use cellhouse_cell::HistorySweep;
pub use error::{Error, ErrorKind};
pub use facets::{FacetPath, MAX_FACET_DEPTH, MAX_FACET_NAME};
pub use id::ObjectId;
pub use limits::{MAX_KEY_BYTES, MAX_KEYS, MAX_VALUE_BYTES};
pub use list::ListOptions;
pub use listing::{Listed, Page};
pub use migrations::{Class, Migration, Plan, Step};
pub use namespace::{JURISDICTIONS, Namespace};
pub use namespaces::Namespaces;
pub use objects::{Objects, ObjectsOptions};
pub use overview::Overview;
pub use sql::{Binding, Cursor, Row, Value};
pub use storage::Storage;
pub use transaction::Level;
