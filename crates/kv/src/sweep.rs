//! Removing expired entries from disk, and watchers that are no more. Reads never show either, so how often
//! this runs changes nothing but the space used, and when those who watch hear of what has expired.

use cellhouse_cell::{Cell, Ticket};
use rusqlite::Transaction;

use crate::changes::{self, Action};
use crate::watch::is_watched;
use crate::{Error, Store};

impl Store {
    /// Removes up to `max_rows` expired entries, of each cell those that expired first, in one
    /// transaction per cell. Returns how many there were; when it is `max_rows` there may be more.
    /// Costs one look into an index per cell when nothing has expired.
    pub fn sweep(&self, max_rows: usize) -> Result<(usize, Ticket), Error> {
        let now = self.now_ms();
        let (mut removed, mut noted) = (0, false);
        for cell in self.slices.all() {
            if removed < max_rows {
                let swept = sweep_cell(cell, now, max_rows - removed)?;
                removed += swept.removed;
                noted |= swept.noted;
            }
        }
        if noted {
            self.tell_watchers();
        }
        self.tidy_watchers()?;
        Ok((removed, self.ticket()))
    }
}

#[derive(Default)]
struct Swept {
    removed: usize,
    noted: bool,
}

fn sweep_cell(cell: &Cell, now_ms: i64, max_rows: usize) -> Result<Swept, Error> {
    let (due, _) = cell.read(|connection| {
        let sql = "SELECT EXISTS (SELECT 1 FROM entries WHERE expires <= ?1)";
        connection
            .prepare_cached(sql)?
            .query_row([now_ms], |row| row.get::<_, bool>(0))
    })?;
    if !due {
        return Ok(Swept::default());
    }
    let remove = |transaction: &Transaction<'_>| -> Result<Swept, Error> {
        let sql = "DELETE FROM entries WHERE key IN \
                   (SELECT key FROM entries WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";
        let limit = i64::try_from(max_rows).unwrap_or(i64::MAX);
        let noted = is_watched(transaction)?;
        if noted {
            note_expired(transaction, now_ms, limit)?;
        }
        let removed = transaction.prepare_cached(sql)?.execute((now_ms, limit))?;
        Ok(Swept { removed, noted })
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
