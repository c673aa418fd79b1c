//! How much waits in a queue. Counted by triggers as messages come and go, so asking costs nothing.

use rusqlite::{Connection, OptionalExtension as _};

/// What is in a queue: messages that wait, that are delayed, and that are being handled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Messages.
    pub count: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// When the oldest was sent, in milliseconds since 1970.
    pub oldest: Option<i64>,
}

impl Backlog {
    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Backlog> {
        let mut totals = connection.prepare_cached("SELECT count, bytes FROM totals")?;
        let (count, bytes): (i64, i64) =
            totals.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut oldest =
            connection.prepare_cached("SELECT sent FROM messages ORDER BY seq LIMIT 1")?;
        Ok(Backlog {
            count: u64::try_from(count).unwrap_or(0),
            bytes: u64::try_from(bytes).unwrap_or(0),
            oldest: oldest.query_row([], |row| row.get(0)).optional()?,
        })
    }
}
