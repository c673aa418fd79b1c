//! Changes of a store for those who watch it: a row for each, in the same transaction as the change, so that
//! neither is there without the other. Rows stay until they are forgotten. Nobody watches: nothing is
//! written.
//!
//! A new value is `Created`, also where an entry was there that had expired; that one is told of first. An
//! `update()` that changes nothing is no change.

use std::sync::{Arc, PoisonError, RwLock};

use cellhouse_cell::{Cell, Ticket};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use crate::{Error, Store};

/// Called after each transaction that wrote changes, on the thread of the writer: it must return at once.
pub type Watcher = Arc<dyn Fn() + Send + Sync>;

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

/// Who watches a store. Clones of the store share them.
#[derive(Clone, Default)]
pub(crate) struct Watchers(Arc<RwLock<Vec<Watcher>>>);

/// Made by the first change that is noted: most stores are never watched.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, \
     key BLOB NOT NULL, action INTEGER NOT NULL, time INTEGER NOT NULL) STRICT";

/// What was under a key before a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    Nothing,
    Live,
    Expired,
}

impl Store {
    /// From now on changes are noted, and the watcher is called.
    pub fn watch(&self, watcher: &Watcher) {
        let mut watchers = self.watchers.write();
        if !watchers.iter().any(|known| Arc::ptr_eq(known, watcher)) {
            watchers.push(watcher.clone());
        }
    }

    /// The watcher is not called any more. After the last one nothing is noted.
    pub fn unwatch(&self, watcher: &Watcher) {
        let mut watchers = self.watchers.write();
        watchers.retain(|known| !Arc::ptr_eq(known, watcher));
    }

    /// Changes that are not forgotten, at most `limit`, for each source in their order. They must not be
    /// forgotten before what was made of them is durable.
    pub fn changes(&self, limit: usize) -> Result<(Vec<Change>, Ticket), Error> {
        let mut found = Vec::new();
        for cell in self.slices.all() {
            let left = limit - found.len();
            if left > 0 {
                found.extend(cell.read(|connection| read(connection, cell, left))?.0);
            }
        }
        Ok((found, self.ticket()))
    }

    /// Forgets the changes of a source up to a number. A source of another store is nothing to it.
    pub fn forget_changes(&self, source: &str, up_to: i64) -> Result<(), Error> {
        let is_it = |cell: &&Cell| cell.name().to_string() == source;
        let Some(cell) = self.slices.all().iter().find(is_it) else {
            return Ok(());
        };
        let forget = |transaction: &Transaction<'_>| -> Result<(), Error> {
            let sql = "DELETE FROM changes WHERE seq <= ?1";
            transaction.prepare_cached(sql)?.execute([up_to])?;
            Ok(())
        };
        cell.write(forget)?;
        Ok(())
    }

    pub(crate) fn is_watched(&self) -> bool {
        !self.watchers.read().is_empty()
    }

    /// A transaction with changes was committed.
    pub(crate) fn tell_watchers(&self) {
        let watchers = self.watchers.read().clone();
        watchers.iter().for_each(|watcher| watcher());
    }
}

impl Watchers {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, Vec<Watcher>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Vec<Watcher>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
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
    connection.prepare_cached(TABLE)?.execute([])?;
    let sql = "INSERT INTO changes (key, action, time) VALUES (?1, ?2, ?3)";
    let code = action as i64;
    connection
        .prepare_cached(sql)?
        .execute((key, code, now_ms))?;
    Ok(())
}

fn read(connection: &Connection, cell: &Cell, limit: usize) -> rusqlite::Result<Vec<Change>> {
    let exists = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'changes')";
    let exists: bool = connection
        .prepare_cached(exists)?
        .query_row([], |row| row.get(0))?;
    if !exists {
        return Ok(Vec::new());
    }
    let source = cell.name().to_string();
    let sql = "SELECT seq, key, action, time FROM changes ORDER BY seq LIMIT ?1";
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
    statement.query_map([limit], change)?.collect()
}
