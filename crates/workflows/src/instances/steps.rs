//! The steps of an instance, as its class comes to them.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use cellhouse_cell::Ticket;
use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::instance::{Instance, InstanceStatus};
use super::{InstanceError, InstanceStore, Live, MAX_VALUE_BYTES, check};

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `step.do()`.
    Do,
    /// `step.sleep()` and `step.sleepUntil()`.
    Sleep,
    /// `step.waitForEvent()`.
    Wait,
    /// What undoes a step of `step.do()`.
    Rollback,
}

impl Kind {
    pub(super) fn number(self) -> u32 {
        self as u32
    }

    /// The kind of a number, in the order in which they are declared, from 0.
    pub fn of_number(number: u32) -> Option<Kind> {
        [Kind::Do, Kind::Sleep, Kind::Wait, Kind::Rollback]
            .get(number as usize)
            .copied()
    }
}

/// A step: the `nth` of its kind and name, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    pub kind: Kind,
    pub name: &'a str,
    pub nth: u32,
}

/// A step as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Attempts that have begun.
    pub attempts: u32,
    /// As it was when the step was come to first.
    pub config: String,
    /// When it may be tried again, in milliseconds since 1970.
    pub at: Option<i64>,
    /// How it ended, if it has.
    pub stored: Option<Stored>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It gave a value, see [`Running::value`].
    Value,
    /// It gave a stream of so many pieces, see [`Running::chunk`].
    Chunks(u32),
    /// It has failed for good, as the caller has told.
    Error(String),
}

/// An instance that is being run: the right to tell of its steps. Every method fails by
/// [`InstanceError::Superseded`] when the instance is paused, over, or run by somebody else.
#[derive(Clone)]
pub struct Running {
    pub(super) store: InstanceStore,
    pub(super) id: Arc<str>,
    pub(super) run: u32,
    pub(super) live: Option<Arc<Live>>,
}

impl InstanceStore {
    /// The instance that [`super::Instances::run`] handed out as this run.
    pub fn running(&self, id: &str, run: u32) -> Running {
        Running {
            live: self.inner.live(&self.name, id),
            store: self.clone(),
            id: id.into(),
            run,
        }
    }
}

impl Running {
    /// Where the steps are stored.
    pub fn store(&self) -> &InstanceStore {
        &self.store
    }

    /// Waits until somebody has changed the instance, or it runs no more: what it is then. `None` if it is to be
    /// left. Dropping the future loses no change.
    pub async fn changed(&self) -> Result<Option<InstanceStatus>, InstanceError> {
        if let Some(live) = &self.live {
            live.changed.notified().await;
        }
        let id = &self.id;
        let (found, _) = self
            .store
            .cell
            .read(|connection| Instance::find(connection, id))?;
        Ok(found
            .filter(|found| found.run == self.run && may_run(found.status))
            .map(|found| found.status))
    }

    /// Whether it waits for nothing but sleeps, events and retries.
    pub fn waits(&self, waits: bool) {
        if let Some(live) = &self.live {
            live.waits.store(waits, Relaxed);
        }
        if waits {
            // There is room for another one.
            self.store.inner.changed.notify_one();
        }
    }

    /// The class comes to a step of `step.do()`, or to what undoes it.
    pub fn step(&self, key: &Key<'_>, config: &str) -> Result<(Found, Ticket), InstanceError> {
        self.write(|transaction| {
            self.come_to(transaction, key, None, None, Some(config))?;
            let sql = "SELECT state, attempts, config, at, chunks, error FROM steps \
                       WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4";
            let mut select = transaction.prepare_cached(sql)?;
            Ok(select.query_row(self.place(key), found)?)
        })
    }

    /// An attempt begins: which one it is, from 1.
    pub fn attempt(&self, key: &Key<'_>) -> Result<(u32, Ticket), InstanceError> {
        self.write(|transaction| {
            let sql = "UPDATE steps SET attempts = attempts + 1, at = NULL \
                       WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4 RETURNING attempts";
            let mut update = transaction.prepare_cached(sql)?;
            let attempt = update.query_row(self.place(key), |row| row.get(0))?;
            let sql = "DELETE FROM chunks WHERE instance = ?1 AND place = (SELECT place FROM steps \
                       WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4)";
            transaction.prepare_cached(sql)?.execute(self.place(key))?;
            Ok(attempt)
        })
    }

    /// A step is done.
    pub fn done(&self, key: &Key<'_>, value: &[u8]) -> Result<Ticket, InstanceError> {
        check("the result of a step", value)?;
        self.end(key, "state = 1, at = NULL, value = ?5", value)
    }

    /// A step is done, and gave a stream of so many pieces, which have been told.
    pub fn streamed(&self, key: &Key<'_>, chunks: u32) -> Result<Ticket, InstanceError> {
        self.end(key, "state = 1, at = NULL, chunks = ?5", chunks)
    }

    /// An attempt has failed, and the next is made then, in milliseconds since 1970.
    pub fn retry(&self, key: &Key<'_>, at: i64) -> Result<Ticket, InstanceError> {
        self.end(key, "at = ?5", at)
    }

    /// A step has failed for good.
    pub fn failed(&self, key: &Key<'_>, error: &str) -> Result<Ticket, InstanceError> {
        self.end(key, "state = 2, at = NULL, error = ?5", error)
    }

    /// What a step gave, or the event that it got.
    pub fn value(&self, key: &Key<'_>) -> Result<(Vec<u8>, Ticket), InstanceError> {
        let (value, ticket) = self.store.cell.read(|connection| {
            let sql = "SELECT value FROM steps \
                       WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4";
            let mut select = connection.prepare_cached(sql)?;
            let found = select.query_row(self.place(key), |row| row.get::<_, Option<Vec<u8>>>(0));
            Ok(found.optional()?.flatten())
        })?;
        Ok((value.unwrap_or_default(), ticket))
    }

    /// A piece of a stream that a step gives, counted from 0: 1 MiB at most.
    pub fn put_chunk(
        &self,
        key: &Key<'_>,
        nth: u32,
        bytes: &[u8],
    ) -> Result<Ticket, InstanceError> {
        debug_assert!(bytes.len() <= MAX_VALUE_BYTES, "streams are cut");
        let ((), ticket) = self.write(|transaction| {
            let sql = "INSERT INTO chunks SELECT ?1, place, ?5, ?6 FROM steps \
                       WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4";
            let mut insert = transaction.prepare_cached(sql)?;
            let (id, kind, name, of) = self.place(key);
            insert.execute((id, kind, name, of, nth, bytes))?;
            Ok(())
        })?;
        Ok(ticket)
    }

    /// A piece of the stream that a step gave.
    pub fn chunk(&self, key: &Key<'_>, nth: u32) -> Result<(Vec<u8>, Ticket), InstanceError> {
        let (bytes, ticket) = self.store.cell.read(|connection| {
            let sql = "SELECT bytes FROM chunks WHERE nth = ?5 AND instance = ?1 AND place = \
                       (SELECT place FROM steps \
                        WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4)";
            let mut select = connection.prepare_cached(sql)?;
            let (id, kind, name, of) = self.place(key);
            let found = select.query_row((id, kind, name, of, nth), |row| row.get(0));
            found.optional()
        })?;
        Ok((bytes.unwrap_or_default(), ticket))
    }

    fn end(
        &self,
        key: &Key<'_>,
        set: &str,
        value: impl rusqlite::ToSql,
    ) -> Result<Ticket, InstanceError> {
        let ((), ticket) = self.write(|transaction| {
            let sql = format!(
                "UPDATE steps SET {set} WHERE state = 0 \
                 AND instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4"
            );
            let mut update = transaction.prepare_cached(&sql)?;
            let (id, kind, name, nth) = self.place(key);
            update.execute(rusqlite::params![id, kind, name, nth, value])?;
            Ok(())
        })?;
        Ok(ticket)
    }

    /// Runs `f` in one transaction, if the instance is still this one's.
    pub(super) fn write<T>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, InstanceError>,
    ) -> Result<(T, Ticket), InstanceError> {
        self.store.cell.write(|transaction: &Transaction<'_>| {
            let sql = "SELECT run, status IN ('running', 'waitingForPause') FROM instances \
                       WHERE id = ?1";
            let mut select = transaction.prepare_cached(sql)?;
            let found = select.query_row([&*self.id], |row| {
                Ok((row.get::<_, u32>(0)?, row.get::<_, bool>(1)?))
            });
            match found.optional()? {
                Some((run, true)) if run == self.run => f(transaction),
                _ => Err(InstanceError::Superseded),
            }
        })
    }

    /// Whether the class has not been there before.
    pub(super) fn come_to(
        &self,
        transaction: &Transaction<'_>,
        key: &Key<'_>,
        at: Option<i64>,
        event: Option<&str>,
        config: Option<&str>,
    ) -> Result<bool, InstanceError> {
        let sql = "INSERT INTO steps (instance, kind, name, nth, place, at, type, config) \
                   SELECT ?1, ?2, ?3, ?4, coalesce(max(place) + 1, 0), ?5, ?6, ?7 \
                   FROM steps WHERE instance = ?1 ON CONFLICT DO NOTHING";
        let mut insert = transaction.prepare_cached(sql)?;
        let (id, kind, name, nth) = self.place(key);
        Ok(insert.execute((id, kind, name, nth, at, event, config))? > 0)
    }

    pub(super) fn place<'a>(&'a self, key: &Key<'a>) -> (&'a str, u32, &'a str, u32) {
        (&self.id, key.kind.number(), key.name, key.nth)
    }
}

fn may_run(status: InstanceStatus) -> bool {
    use InstanceStatus::{Running, Waiting, WaitingForPause};
    matches!(status, Running | Waiting | WaitingForPause)
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    let chunks: Option<u32> = row.get(4)?;
    let error: Option<String> = row.get(5)?;
    Ok(Found {
        stored: match row.get(0)? {
            0 => None,
            1 => Some(chunks.map_or(Stored::Value, Stored::Chunks)),
            _ => Some(Stored::Error(error.unwrap_or_default())),
        },
        attempts: row.get(1)?,
        config: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        at: row.get(3)?,
    })
}
