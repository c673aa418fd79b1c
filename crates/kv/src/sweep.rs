//! Removing expired entries from disk. Reads never show them, so how often this runs changes
//! nothing but the space used.

use cellhouse_cell::{Cell, Ticket};
use rusqlite::Transaction;

use crate::changes::{self, Action};
use crate::{Error, Store};

impl Store {
    /// Removes up to `max_rows` expired entries, of each cell those that expired first, in one
    /// transaction per cell. Returns how many there were; when it is `max_rows` there may be more.
    /// Costs one look into an index per cell when nothing has expired.
    pub fn sweep(&self, max_rows: usize) -> Result<(usize, Ticket), Error> {
        let now = self.now_ms();
        let watched = self.is_watched();
        let mut removed = 0;
        for cell in self.slices.all() {
            if removed < max_rows {
                removed += sweep_cell(cell, now, max_rows - removed, watched)?;
            }
        }
        if watched && removed > 0 {
            self.tell_watchers();
        }
        Ok((removed, self.ticket()))
    }
}

fn sweep_cell(cell: &Cell, now_ms: i64, max_rows: usize, watched: bool) -> Result<usize, Error> {
    let (due, _) = cell.read(|connection| {
        let sql = "SELECT EXISTS (SELECT 1 FROM entries WHERE expires <= ?1)";
        connection
            .prepare_cached(sql)?
            .query_row([now_ms], |row| row.get::<_, bool>(0))
    })?;
    if !due {
        return Ok(0);
    }
    let remove = |transaction: &Transaction<'_>| -> Result<usize, Error> {
        let sql = "DELETE FROM entries WHERE key IN \
                   (SELECT key FROM entries WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";
        let limit = i64::try_from(max_rows).unwrap_or(i64::MAX);
        if watched {
            note_expired(transaction, now_ms, limit)?;
        }
        Ok(transaction.prepare_cached(sql)?.execute((now_ms, limit))?)
    };
    Ok(cell.write(remove)?.0)
}

fn note_expired(transaction: &Transaction<'_>, now_ms: i64, limit: i64) -> Result<(), Error> {
    let sql = "SELECT key FROM entries WHERE expires <= ?1 ORDER BY expires LIMIT ?2";
    let mut statement = transaction.prepare_cached(sql)?;
    let keys = statement.query_map((now_ms, limit), |row| row.get::<_, Vec<u8>>(0))?;
    for key in keys {
        changes::note(transaction, &key?, Action::Expired, now_ms)?;
    }
    Ok(())
}
