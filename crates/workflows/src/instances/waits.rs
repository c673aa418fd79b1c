//! Sleeps of an instance, and events that it waits for.

use cellhouse_cell::Ticket;
use rusqlite::{OptionalExtension as _, Transaction};

use super::{InstanceError, Key, Running};

/// A sleep as the class comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slept {
    /// It ends, or has ended, then, in milliseconds since 1970.
    Until(i64),
    /// It was to be until a time that is past, and nothing was written.
    Past,
}

/// An event that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// It has come: [`Running::value`] is what was sent.
    Event,
    /// It has not; waiting ends then, in milliseconds since 1970.
    Open(i64),
    /// It has not, and waiting is over.
    TimedOut,
}

impl Running {
    /// The class comes to a sleep. `must_come`: a time that is past is refused, but for one that was slept for.
    pub fn sleep(
        &self,
        key: &Key<'_>,
        until: i64,
        must_come: bool,
    ) -> Result<(Slept, Ticket), InstanceError> {
        let now = self.store.inner.now();
        self.write(|transaction| {
            if let Some(at) = self.until(transaction, key)? {
                return Ok(Slept::Until(at));
            }
            if must_come && until < now {
                return Ok(Slept::Past);
            }
            self.come_to(transaction, key, Some(until), None, None)?;
            Ok(Slept::Until(until))
        })
    }

    /// The class comes to waiting for an event of that type, or asks whether it has come. `timeout` is in
    /// milliseconds from when it came there first.
    pub fn wait(
        &self,
        key: &Key<'_>,
        event: &str,
        timeout: i64,
    ) -> Result<(Waited, Ticket), InstanceError> {
        let now = self.store.inner.now();
        self.write(|transaction| {
            let until = now.saturating_add(timeout);
            self.come_to(transaction, key, Some(until), Some(event), None)?;
            let (state, at) = self.state(transaction, key)?;
            match state {
                1 => return Ok(Waited::Event),
                2 => return Ok(Waited::TimedOut),
                _ => {}
            }
            let sql = "UPDATE instances SET woken = 0 WHERE id = ?1 AND woken > 0";
            transaction.prepare_cached(sql)?.execute([&*self.id])?;
            if self.take_event(transaction, key, event)? {
                return Ok(Waited::Event);
            }
            if at > now {
                return Ok(Waited::Open(at));
            }
            self.set_state(transaction, key, 2, None)?;
            Ok(Waited::TimedOut)
        })
    }

    fn until(
        &self,
        transaction: &Transaction<'_>,
        key: &Key<'_>,
    ) -> Result<Option<i64>, InstanceError> {
        let sql =
            "SELECT at FROM steps WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4";
        let mut select = transaction.prepare_cached(sql)?;
        let found = select.query_row(self.place(key), |row| row.get(0));
        Ok(found.optional()?)
    }

    fn state(
        &self,
        transaction: &Transaction<'_>,
        key: &Key<'_>,
    ) -> Result<(u32, i64), InstanceError> {
        let sql = "SELECT state, at FROM steps \
                   WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4";
        let mut select = transaction.prepare_cached(sql)?;
        Ok(select.query_row(self.place(key), |row| {
            Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.unwrap_or(0)))
        })?)
    }

    fn set_state(
        &self,
        transaction: &Transaction<'_>,
        key: &Key<'_>,
        state: u32,
        value: Option<&[u8]>,
    ) -> Result<(), InstanceError> {
        let sql = "UPDATE steps SET state = ?5, value = ?6 \
                   WHERE instance = ?1 AND kind = ?2 AND name = ?3 AND nth = ?4";
        let (id, kind, name, nth) = self.place(key);
        let mut update = transaction.prepare_cached(sql)?;
        update.execute((id, kind, name, nth, state, value))?;
        Ok(())
    }

    /// Whether one had come: the first goes to the step.
    fn take_event(
        &self,
        transaction: &Transaction<'_>,
        key: &Key<'_>,
        event: &str,
    ) -> Result<bool, InstanceError> {
        let sql = "DELETE FROM events WHERE number = (SELECT min(number) FROM events \
                   WHERE instance = ?1 AND type = ?2) RETURNING value";
        let mut delete = transaction.prepare_cached(sql)?;
        let taken = delete.query_row((&*self.id, event), |row| row.get::<_, Vec<u8>>(0));
        let Some(value) = taken.optional()? else {
            return Ok(false);
        };
        self.set_state(transaction, key, 1, Some(&value))?;
        Ok(true)
    }
}
