//! Setting, reading and deleting timers of one store.

use std::sync::Arc;

use cellhouse_cell::{Cell, Ticket};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use super::{Inner, Timer};
use crate::Error;

/// `due` is when it runs next: as scheduled, or later after a failure. Setting a timer again gives it
/// another number.
pub(super) const SCHEMA: &[&str] = &["
    CREATE TABLE timers (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        scheduled INTEGER NOT NULL,
        due INTEGER NOT NULL,
        payload TEXT,
        interval INTEGER,
        failures INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX timers_by_due ON timers (due, seq);
"];

/// The longest payload, in bytes of its JSON text. Ours: Ploy names none.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;
/// The longest id, in bytes. Ours: Ploy names none.
const MAX_ID_BYTES: usize = 2048;
/// The last moment of JavaScript's `Date`, in milliseconds since 1970.
const LAST_DATE: f64 = 8.64e15;

/// The timers of one binding. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct TimerStore {
    cell: Cell,
    timers: Arc<Inner>,
}

impl TimerStore {
    pub(super) fn new(cell: Cell, timers: Arc<Inner>) -> TimerStore {
        TimerStore { cell, timers }
    }

    /// Sets a timer, in place of the one of that id. `time` is in milliseconds since 1970; one in the past
    /// means at once. `payload` is JSON text.
    pub fn set(
        &self,
        id: &str,
        time: f64,
        payload: Option<&str>,
        interval: Option<f64>,
    ) -> Result<Ticket, Error> {
        check_id(id)?;
        let scheduled = moment(time)?;
        let interval = interval.map(pause).transpose()?;
        if payload.is_some_and(|payload| payload.len() > MAX_PAYLOAD_BYTES) {
            return Err(Error::Wrong(format!(
                "Timer set(): the payload has more than {MAX_PAYLOAD_BYTES} bytes"
            )));
        }
        let ((), ticket) = self.cell.write(|transaction: &Transaction<'_>| {
            let mut delete = transaction.prepare_cached("DELETE FROM timers WHERE id = ?1")?;
            delete.execute([id])?;
            let sql = "INSERT INTO timers (id, scheduled, due, payload, interval, failures) \
                       VALUES (?1, ?2, ?2, ?3, ?4, 0)";
            let mut insert = transaction.prepare_cached(sql)?;
            insert.execute((id, scheduled, payload, interval))?;
            Ok::<_, Error>(())
        })?;
        self.timers.changed.notify_one();
        Ok(ticket)
    }

    /// The timer of an id, if it is set.
    pub fn get(&self, id: &str) -> Result<(Option<Timer>, Ticket), Error> {
        Ok(self.cell.read(|connection| find(connection, id))?)
    }

    /// Removes a timer; one that is not there too.
    pub fn delete(&self, id: &str) -> Result<Ticket, Error> {
        let ((), ticket) = self.cell.write(|transaction: &Transaction<'_>| {
            transaction
                .prepare_cached("DELETE FROM timers WHERE id = ?1")?
                .execute([id])?;
            Ok::<_, Error>(())
        })?;
        Ok(ticket)
    }
}

fn check_id(id: &str) -> Result<(), Error> {
    if id.is_empty() || id.len() > MAX_ID_BYTES {
        return Err(Error::Wrong(format!(
            "Timer set(): the id must have 1 to {MAX_ID_BYTES} bytes, and has {}",
            id.len()
        )));
    }
    Ok(())
}

fn moment(time: f64) -> Result<i64, Error> {
    if !time.is_finite() || time.abs() > LAST_DATE {
        return Err(Error::Wrong(format!(
            "Timer set(): the time must be a Date or milliseconds since 1970, not {time}"
        )));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    Ok(time as i64)
}

fn pause(interval: f64) -> Result<i64, Error> {
    if !interval.is_finite() || !(1.0..=LAST_DATE).contains(&interval) {
        return Err(Error::Wrong(format!(
            "Timer set(): intervalMs must be at least 1, not {interval}"
        )));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    Ok(interval as i64)
}

fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<Timer>> {
    let sql = "SELECT id, scheduled, payload, interval FROM timers WHERE id = ?1";
    let mut select = connection.prepare_cached(sql)?;
    select.query_row([id], timer).optional()
}

pub(super) fn timer(row: &Row<'_>) -> rusqlite::Result<Timer> {
    Ok(Timer {
        id: row.get(0)?,
        scheduled: row.get(1)?,
        payload: row.get(2)?,
        interval: row.get(3)?,
    })
}
