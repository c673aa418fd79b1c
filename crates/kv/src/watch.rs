//! Who watches a store. Apps are written down by name in each of its cells, so that what happens while they
//! do not run, by a command or by another app, is noted for them too; each takes its changes by itself. Those
//! that run are called after a change.
//!
//! An app that has not been run for [`KEPT`] is forgotten: what it will never take must not pile up.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use cellhouse_cell::Cell;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use crate::{Error, Store};

/// Called after each transaction that wrote changes, on the thread of the writer: it must return at once.
pub type Watcher = Arc<dyn Fn() + Send + Sync>;

/// For how long changes are noted for an app that does not run.
pub const KEPT: Duration = Duration::from_secs(30 * 86_400);
/// How exactly it is known when an app ran.
const DAY: i64 = 86_400_000;

/// Who is called when a store has changed. Clones of the store share them.
#[derive(Clone, Default)]
pub(crate) struct Watchers(Arc<RwLock<Vec<(String, Watcher)>>>);

impl Watchers {
    fn read(&self) -> RwLockReadGuard<'_, Vec<(String, Watcher)>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<(String, Watcher)>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// From now on changes are noted for the app of that name, whether it runs or not, until
    /// [`Store::forget_watcher`]; and as long as it runs the watcher is called. Once more is the same.
    pub fn watch(&self, name: &str, watcher: &Watcher) -> Result<(), Error> {
        let now = self.now_ms();
        for cell in self.slices.all() {
            let sql = "SELECT seen FROM watchers WHERE name = ?1";
            let seen = cell.read(|connection| seen(connection, sql, name))?.0;
            if seen.is_none_or(|seen| seen + DAY < now) {
                cell.write(|transaction| enter(transaction, name, now))?;
            }
        }
        let mut watchers = self.watchers.write();
        if !watchers
            .iter()
            .any(|(_, known)| Arc::ptr_eq(known, watcher))
        {
            watchers.push((name.to_owned(), watcher.clone()));
        }
        Ok(())
    }

    /// The watcher is not called any more; changes are noted for its app as before.
    pub fn unwatch(&self, watcher: &Watcher) {
        let mut watchers = self.watchers.write();
        watchers.retain(|(_, known)| !Arc::ptr_eq(known, watcher));
    }

    /// Nothing is noted for the app of that name any more, and what it has not taken is gone.
    pub fn forget_watcher(&self, name: &str) -> Result<(), Error> {
        for cell in self.slices.all() {
            let sql = "SELECT seen FROM watchers WHERE name = ?1";
            if cell
                .read(|connection| seen(connection, sql, name))?
                .0
                .is_some()
            {
                cell.write(|transaction| leave(transaction, name))?;
            }
        }
        Ok(())
    }

    /// Forgets the apps that were not run for long.
    pub(crate) fn tidy_watchers(&self) -> Result<(), Error> {
        for cell in self.slices.all() {
            self.tidy_watchers_of(cell)?;
        }
        Ok(())
    }

    fn tidy_watchers_of(&self, cell: &Cell) -> Result<(), Error> {
        let now = self.now_ms();
        let long_ago = now - i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
        let running: Vec<String> = self
            .watchers
            .read()
            .iter()
            .map(|one| one.0.clone())
            .collect();
        let oldest = |name: &str, sql| cell.read(|connection| seen(connection, sql, name));
        // Most times there is nothing to do.
        let gone = oldest("", "SELECT min(seen) FROM watchers WHERE name <> ?1")?.0;
        let mut is_due = gone.is_some_and(|seen| seen < long_ago);
        for name in &running {
            let seen = oldest(name, "SELECT seen FROM watchers WHERE name = ?1")?.0;
            is_due |= seen.is_some_and(|seen| seen + DAY < now);
        }
        if is_due {
            cell.write(|transaction| tidy(transaction, &running, now, long_ago))?;
        }
        Ok(())
    }

    /// A transaction with changes was committed.
    pub(crate) fn tell_watchers(&self) {
        let watchers = self.watchers.read().clone();
        watchers.iter().for_each(|(_, watcher)| watcher());
    }
}

/// Whether changes of a cell are noted.
pub(crate) fn is_watched(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM watchers)";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row([], |row| row.get(0))
}

/// Removes the changes that every watcher has taken.
pub(crate) fn trim(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let sql = "DELETE FROM changes WHERE seq <= coalesce((SELECT min(seq) FROM watchers), ?1)";
    transaction.prepare_cached(sql)?.execute([i64::MAX])?;
    Ok(())
}

fn seen(connection: &Connection, sql: &str, name: &str) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached(sql)?;
    let seen = statement.query_row([name], |row| row.get::<_, Option<i64>>(0));
    Ok(seen.optional()?.flatten())
}

/// It begins with the changes that are made from now on.
fn enter(transaction: &Transaction<'_>, name: &str, now_ms: i64) -> Result<(), Error> {
    let sql = "INSERT INTO watchers (name, seq, seen) VALUES (?1, \
               coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0), ?2) \
               ON CONFLICT (name) DO UPDATE SET seen = excluded.seen";
    transaction.prepare_cached(sql)?.execute((name, now_ms))?;
    Ok(())
}

fn leave(transaction: &Transaction<'_>, name: &str) -> Result<(), Error> {
    let sql = "DELETE FROM watchers WHERE name = ?1";
    transaction.prepare_cached(sql)?.execute([name])?;
    trim(transaction)?;
    Ok(())
}

/// Those that run were seen now; those that were last seen long ago go.
fn tidy(
    transaction: &Transaction<'_>,
    running: &[String],
    now_ms: i64,
    long_ago: i64,
) -> Result<(), Error> {
    for name in running {
        let sql = "UPDATE watchers SET seen = ?2 WHERE name = ?1";
        transaction.prepare_cached(sql)?.execute((name, now_ms))?;
    }
    let sql = "DELETE FROM watchers WHERE seen < ?1";
    transaction.prepare_cached(sql)?.execute([long_ago])?;
    trim(transaction)?;
    Ok(())
}
