//! What others do to an instance: pausing, resuming, restarting, terminating it, and sending it events.

use std::sync::atomic::Ordering::Relaxed;

use cellhouse_cell::Ticket;
use rusqlite::{OptionalExtension as _, Transaction};

use super::instance::{Instance, InstanceStatus, clear};
use super::{InstanceError, InstanceStore, Key, check};

/// An event for an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// What instances wait for.
    pub kind: &'a str,
    /// The whole event as whoever waits for it gets it.
    pub value: &'a [u8],
}

impl InstanceStore {
    /// Pauses an instance: at once, or when the steps that run are done. Nothing happens to one that is paused
    /// or has ended.
    pub fn pause(&self, id: &str) -> Result<Ticket, InstanceError> {
        let now = self.inner.now();
        let live = self.inner.live(&self.name, id);
        let is_busy = live.is_some_and(|live| !live.waits());
        self.change(id, |transaction, found| {
            use InstanceStatus::{Queued, Running};
            match (found.status, is_busy) {
                (Running, true) => {
                    let sql = "UPDATE instances SET status = 'waitingForPause' WHERE id = ?1";
                    transaction.execute(sql, [id])?
                }
                (Running | Queued, _) => pause_now(transaction, id, now)?,
                _ => 0,
            };
            Ok(())
        })
    }

    /// Lets an instance go on. What it waits for takes as long as it would have without the pause. Nothing
    /// happens to one that is not paused.
    pub fn resume(&self, id: &str) -> Result<Ticket, InstanceError> {
        let now = self.inner.now();
        self.change(id, |transaction, found| match found.status {
            InstanceStatus::WaitingForPause => {
                let sql = "UPDATE instances SET status = 'running' WHERE id = ?1";
                transaction.execute(sql, [id])?;
                Ok(())
            }
            InstanceStatus::Paused => go_on(transaction, found, now),
            _ => Ok(()),
        })
    }

    /// Ends an instance. Steps that run are not stopped, and what they give does not count.
    pub fn terminate(&self, id: &str) -> Result<Ticket, InstanceError> {
        let now = self.inner.now();
        self.change(id, |transaction, found| {
            if found.status.is_over() {
                return Err(InstanceError::CannotTerminate);
            }
            let sql = "UPDATE instances SET status = 'terminated', due = NULL, paused = NULL, \
                       forget = ?2 + keep_error WHERE id = ?1";
            transaction.execute(sql, (id, now))?;
            Ok(())
        })
    }

    /// Begins anew, whatever the instance does: from its beginning, or from a step that it came to, so that
    /// what came before is not run again. Events that were sent are gone.
    pub fn restart(&self, id: &str, from: Option<&Key<'_>>) -> Result<Ticket, InstanceError> {
        let now = self.inner.now();
        self.change(id, |transaction, _| {
            let place = match from {
                None => 0,
                Some(key) => place_of(transaction, id, key)?,
            };
            clear(transaction, id, place)?;
            let sql = "UPDATE instances SET status = 'queued', output = NULL, error = NULL, \
                       run = run + 1, woken = 0, due = ?2, paused = NULL, forget = NULL \
                       WHERE id = ?1";
            transaction.execute(sql, (id, now))?;
            Ok(())
        })
    }

    /// Sends an event. The first step that waits for its type gets it, also one that the instance comes to later.
    pub fn send(&self, id: &str, event: &Event<'_>) -> Result<Ticket, InstanceError> {
        check("the event", event.value)?;
        let now = self.inner.now();
        self.change(id, |transaction, found| {
            if found.status.is_over() {
                return Err(InstanceError::CannotSend(found.status.as_str()));
            }
            let sql = "INSERT INTO events (instance, type, value) VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare_cached(sql)?;
            insert.execute((id, event.kind, event.value))?;
            let sql = "UPDATE instances SET woken = 1, due = min(due, ?2) WHERE id = ?1";
            transaction.prepare_cached(sql)?.execute((id, now))?;
            Ok(())
        })
    }

    fn change(
        &self,
        id: &str,
        change: impl FnOnce(&Transaction<'_>, &Instance) -> Result<(), InstanceError>,
    ) -> Result<Ticket, InstanceError> {
        let ((), ticket) = self.cell.write(|transaction: &Transaction<'_>| {
            let found = Instance::known(transaction, id)?;
            change(transaction, &found)
        })?;
        if let Some(live) = self.inner.live(&self.name, id) {
            // Whoever runs it says anew what it does.
            live.waits.store(false, Relaxed);
        }
        self.inner.touch(&self.name, id);
        Ok(ticket)
    }
}

/// Gives how many instances were paused.
pub(super) fn pause_now(
    transaction: &Transaction<'_>,
    id: &str,
    now: i64,
) -> Result<usize, InstanceError> {
    let sql = "UPDATE instances SET status = 'paused', paused = ?2, due = NULL WHERE id = ?1";
    Ok(transaction.prepare_cached(sql)?.execute((id, now))?)
}

fn go_on(transaction: &Transaction<'_>, found: &Instance, now: i64) -> Result<(), InstanceError> {
    let paused = found.paused.unwrap_or(now);
    let sql = "UPDATE steps SET at = at + ?2 WHERE instance = ?1 AND state = 0 AND at > ?3";
    transaction.execute(sql, (&found.id, now.saturating_sub(paused).max(0), paused))?;
    let status = match found.run {
        0 => InstanceStatus::Queued,
        _ => InstanceStatus::Running,
    };
    let sql = "UPDATE instances SET status = ?2, due = ?3, paused = NULL WHERE id = ?1";
    transaction.execute(sql, (&found.id, status.as_str(), now))?;
    Ok(())
}

fn place_of(transaction: &Transaction<'_>, id: &str, key: &Key<'_>) -> Result<u32, InstanceError> {
    let sql =
        "SELECT place FROM steps WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4";
    let mut select = transaction.prepare_cached(sql)?;
    let found = select.query_row((id, key.kind.number(), key.name, key.nth), |row| row.get(0));
    let missing = || InstanceError::NoSuchStep(key.name.to_owned());
    found.optional()?.ok_or_else(missing)
}
