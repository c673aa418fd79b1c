//! Changes of a store for those who watch it: a row for each, in the same transaction as the change, so that
//! neither is there without the other. A row stays until all who watch have taken it. Nobody watches:
//! nothing is written.
//!
//! A new value is `Created`, also where an entry was there that had expired; that one is told of first. An
//! `update()` that changes nothing is no change.

use cellhouse_cell::{Cell, Ticket};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use crate::watch::trim;
use crate::{Error, Store};

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Created,
    Updated,
    Deleted,
    /// Its time was over, and it was removed.
    Expired,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The cell that it happened in.
    pub source: String,
    /// Counts up within a source, with gaps.
    pub seq: i64,
    pub key: String,
    pub action: Action,
    /// In milliseconds since the epoch.
    pub time: i64,
}

/// The numbers of changes are never given twice. `watchers`: up to which number an app has taken them, and
/// when it ran last, in milliseconds since the epoch.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS changes (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        key BLOB NOT NULL,
        action INTEGER NOT NULL,
        time INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE watchers (
        name TEXT NOT NULL PRIMARY KEY,
        seq INTEGER NOT NULL,
        seen INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// What was under a key before a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    Nothing,
    Live,
    Expired,
}

impl Store {
    /// Changes that the app of that name has not taken, at most `limit`, for each source in their order.
    /// They must not be forgotten before what was made of them is durable.
    pub fn changes(&self, name: &str, limit: usize) -> Result<(Vec<Change>, Ticket), Error> {
        let mut found = Vec::new();
        for cell in self.slices.all() {
            let left = limit - found.len();
            if left > 0 {
                found.extend(
                    cell.read(|connection| read(connection, cell, name, left))?
                        .0,
                );
            }
        }
        Ok((found, self.ticket()))
    }

    /// The app of that name has taken the changes of a source up to a number. A source of another store is
    /// nothing to it.
    pub fn forget_changes(&self, name: &str, source: &str, up_to: i64) -> Result<(), Error> {
        let is_it = |cell: &&Cell| cell.name().to_string() == source;
        let Some(cell) = self.slices.all().iter().find(is_it) else {
            return Ok(());
        };
        let forget = |transaction: &Transaction<'_>| -> Result<(), Error> {
            let sql = "UPDATE watchers SET seq = max(seq, ?2) WHERE name = ?1";
            transaction.prepare_cached(sql)?.execute((name, up_to))?;
            trim(transaction)?;
            Ok(())
        };
        cell.write(forget)?;
        Ok(())
    }
}

/// What is under a key.
pub(crate) fn before(connection: &Connection, key: &str, now_ms: i64) -> rusqlite::Result<Before> {
    let sql = "SELECT expires FROM entries WHERE key = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let row: Option<Option<i64>> = statement
        .query_row([key.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(match row {
        None => Before::Nothing,
        Some(Some(expires)) if expires <= now_ms => Before::Expired,
        Some(_) => Before::Live,
    })
}

/// Notes that a value was put where `before` was.
pub(crate) fn note_put(
    connection: &Connection,
    key: &str,
    before: Before,
    now_ms: i64,
) -> rusqlite::Result<()> {
    if before == Before::Expired {
        note(connection, key.as_bytes(), Action::Expired, now_ms)?;
    }
    let action = match before {
        Before::Live => Action::Updated,
        Before::Nothing | Before::Expired => Action::Created,
    };
    note(connection, key.as_bytes(), action, now_ms)
}

/// Notes that a key was deleted where `before` was.
pub(crate) fn note_delete(
    connection: &Connection,
    key: &str,
    before: Before,
    now_ms: i64,
) -> rusqlite::Result<()> {
    match before {
        Before::Nothing => Ok(()),
        Before::Live => note(connection, key.as_bytes(), Action::Deleted, now_ms),
        Before::Expired => note(connection, key.as_bytes(), Action::Expired, now_ms),
    }
}

/// Notes one change.
pub(crate) fn note(
    connection: &Connection,
    key: &[u8],
    action: Action,
    now_ms: i64,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO changes (key, action, time) VALUES (?1, ?2, ?3)";
    let code = action as i64;
    connection
        .prepare_cached(sql)?
        .execute((key, code, now_ms))?;
    Ok(())
}

fn read(
    connection: &Connection,
    cell: &Cell,
    name: &str,
    limit: usize,
) -> rusqlite::Result<Vec<Change>> {
    let source = cell.name().to_string();
    let sql = "SELECT seq, key, action, time FROM changes \
               WHERE seq > (SELECT seq FROM watchers WHERE name = ?1) ORDER BY seq LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let change = |row: &rusqlite::Row<'_>| {
        Ok(Change {
            source: source.clone(),
            seq: row.get(0)?,
            key: String::from_utf8_lossy(row.get_ref(1)?.as_blob()?).into_owned(),
            action: match row.get(2)? {
                0 => Action::Created,
                1 => Action::Updated,
                2 => Action::Deleted,
                _ => Action::Expired,
            },
            time: row.get(3)?,
        })
    };
    statement.query_map((name, limit), change)?.collect()
}
