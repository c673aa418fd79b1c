//! D1 databases with the behaviour of Cloudflare's service, without JavaScript.
//!
//! A [`Database`] is one cell. Queries that only read run side by side, each on a snapshot; what
//! writes takes turns. A query is first tried on the caller's thread with a budget of a millisecond
//! ([`Database::now`]), and begins again on a thread of the pool when it takes longer
//! ([`Database::run`]). Every limit and message of Cloudflare is here. What a method returned must
//! not leave the process before the ticket beside it is durable.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod control;
mod database;
mod databases;
mod error;
mod execute;
mod export;
mod limits;
mod migrations;
mod pool;
mod script;
mod statement;
mod transaction;
mod travel;
mod turn;

pub use control::Control;
pub use database::Database;
pub use databases::{Databases, DatabasesOptions};
pub use error::{Error, ErrorKind};
pub use export::ExportOptions;
pub use limits::{MAX_PARAMETERS, MAX_SQL_BYTES, QUERY_TIME, TRANSACTION_TIME};
pub use migrations::{Applied, Ledger};
pub use script::{Executed, Splitter};
pub use statement::{Answer, Meta, Output, Param, Statement, Value};
pub use transaction::Transaction;
