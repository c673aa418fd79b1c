//! Removing expired entries from disk. Reads never show them, so how often this runs changes
//! nothing but the space used.

use cellhouse_cell::Ticket;

use crate::{Error, Store};

impl Store {
    /// Removes up to `max_rows` expired entries in one transaction, those that expired first.
    /// Returns how many there were; when it is `max_rows` there may be more. Costs one look into an
    /// index when nothing has expired.
    pub fn sweep(&self, max_rows: usize) -> Result<(usize, Ticket), Error> {
        let now = self.now_ms();
        let (due, ticket) = self.cell.read(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM entries WHERE expires <= ?1)";
            connection
                .prepare_cached(sql)?
                .query_row([now], |row| row.get::<_, bool>(0))
        })?;
        if !due {
            return Ok((0, ticket));
        }
        self.cell.write(|connection| {
            let sql = "DELETE FROM entries WHERE key IN \
                       (SELECT key FROM entries WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";
            let limit = i64::try_from(max_rows).unwrap_or(i64::MAX);
            Ok(connection.prepare_cached(sql)?.execute((now, limit))?)
        })
    }
}
