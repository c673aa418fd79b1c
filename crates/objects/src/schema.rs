//! The database of an object: Cloudflare's tables beside those that its code makes.

use cellhouse_cell::{Setup, sql};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;

/// Keys are compared as bytes of UTF-8, which is the order that `list` promises.
pub(crate) const SCHEMA: &[&str] = &["
    CREATE TABLE _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
    CREATE TABLE _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB);
"];

/// Bytes of a page of every database.
pub(crate) const PAGE_BYTES: u64 = 4096;

/// Rows of `_cf_METADATA`.
///
/// The alarm: see `alarm.rs`.
pub(crate) const ALARM: i64 = 1;
/// There once the object is known in the store: its name, or NULL.
pub(crate) const NAME: i64 = 2;

/// What every connection to an object needs.
pub(crate) const SETUP: Setup = set_up;

fn set_up(connection: &mut Connection) -> rusqlite::Result<()> {
    // SQL cannot damage the file, whatever it does.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
    connection.authorizer(Some(sql::authorize))
}
