//! The limits of D1, those that Cloudflare documents
//! (<https://developers.cloudflare.com/d1/platform/limits/>, August 2026) and those that its runtime
//! sets in SQLite.

use std::time::Duration;

use cellhouse_cell::{Setup, sql};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;

/// Parameters of a statement.
pub const MAX_PARAMETERS: i32 = 100;
/// Bytes of a statement: 100 KB.
pub const MAX_SQL_BYTES: usize = 100_000;
/// Bytes of a string, a BLOB or a row: 2 MB, and what SQLite needs besides.
const MAX_VALUE_BYTES: i32 = 2_200_000;
/// Columns of a table.
const MAX_COLUMNS: i32 = 100;
/// Arguments of a function.
const MAX_ARGUMENTS: i32 = 32;
/// Depth of an expression.
const MAX_DEPTH: i32 = 100;
/// Bytes of the pattern of LIKE and GLOB.
const MAX_PATTERN_BYTES: i32 = 50;
/// Terms of a compound SELECT.
const MAX_COMPOUND: i32 = 500;
/// Triggers within triggers.
const MAX_TRIGGER_DEPTH: i32 = 10;

/// How long the queries of one call may take.
pub const QUERY_TIME: Duration = Duration::from_secs(30);
/// How long an interactive transaction may stay open unless it is told otherwise.
pub const TRANSACTION_TIME: Duration = Duration::from_secs(5);
/// How long a query may keep the thread of its caller.
pub(crate) const BUDGET: Duration = Duration::from_millis(1);
/// What the rows of one call may take in memory, in bytes. Cloudflare's isolates have 128 MB.
pub(crate) const MAX_RESULT_BYTES: usize = 100 << 20;

/// What every connection to a database needs.
pub(crate) const SETUP: Setup = set_up;

fn set_up(connection: &mut Connection) -> rusqlite::Result<()> {
    // SQL cannot damage the file, whatever it does.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    let limits = [
        (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES as i32),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, MAX_PARAMETERS),
        (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES),
        (Limit::SQLITE_LIMIT_COLUMN, MAX_COLUMNS),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, MAX_ARGUMENTS),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, MAX_DEPTH),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN_BYTES),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, MAX_COMPOUND),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, MAX_TRIGGER_DEPTH),
    ];
    for (limit, value) in limits {
        connection.set_limit(limit, value)?;
    }
    connection.authorizer(Some(sql::authorize))?;
    connection.progress_handler(sql::OPCODES, Some(sql::tick))
}
