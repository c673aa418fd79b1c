//! An instance as it is stored and shown. Times are in milliseconds since 1970.

use cellhouse_cell::Ticket;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use super::{InstanceError, InstanceStore};

/// Of an instance: `due` is when its class runs next, unless it is paused or over; `run` counts how often it
/// began, and what an earlier one tells does not count; `woken` says that an event came that nobody has looked
/// at; `forget` is when it is removed. Of a step: `place` is its place among all in the order in which the
/// class came to them first, `at` when a sleep ends, a retry begins, or waiting for an event of `type` is over.
pub(super) const SCHEMA: &[&str] = &["
    CREATE TABLE instances (
        id TEXT NOT NULL PRIMARY KEY,
        status TEXT NOT NULL,
        params BLOB NOT NULL,
        output TEXT,
        error TEXT,
        created INTEGER NOT NULL,
        run INTEGER NOT NULL DEFAULT 0,
        woken INTEGER NOT NULL DEFAULT 0,
        due INTEGER,
        paused INTEGER,
        keep_success INTEGER NOT NULL,
        keep_error INTEGER NOT NULL,
        forget INTEGER
    ) STRICT;
    CREATE INDEX instances_by_due ON instances (due) WHERE due IS NOT NULL;
    CREATE INDEX instances_by_end ON instances (forget) WHERE forget IS NOT NULL;
    CREATE TABLE steps (
        instance TEXT NOT NULL,
        kind INTEGER NOT NULL,
        name TEXT NOT NULL,
        nth INTEGER NOT NULL,
        place INTEGER NOT NULL,
        state INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        at INTEGER,
        type TEXT,
        config TEXT,
        value BLOB,
        chunks INTEGER,
        error TEXT,
        PRIMARY KEY (instance, kind, name, nth)
    ) STRICT;
    CREATE INDEX steps_by_place ON steps (instance, place);
    CREATE TABLE chunks (
        instance TEXT NOT NULL,
        place INTEGER NOT NULL,
        nth INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (instance, place, nth)
    ) STRICT;
    CREATE TABLE events (
        number INTEGER PRIMARY KEY,
        instance TEXT NOT NULL,
        type TEXT NOT NULL,
        value BLOB NOT NULL
    ) STRICT;
    CREATE INDEX events_by_type ON events (instance, type, number);
"];

/// Where an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceStatus {
    /// It has not begun.
    Queued,
    /// Its class runs, or is about to.
    Running,
    /// It sleeps, or waits for an event or to try a step again.
    Waiting,
    /// It is to be paused when the steps that run are done.
    WaitingForPause,
    /// It does not go on until somebody says so.
    Paused,
    /// It ended by an error.
    Errored,
    /// Somebody ended it.
    Terminated,
    /// It has ended well.
    Complete,
}

impl InstanceStatus {
    /// As Cloudflare's types have it.
    pub fn as_str(self) -> &'static str {
        match self {
            InstanceStatus::Queued => "queued",
            InstanceStatus::Running => "running",
            InstanceStatus::Waiting => "waiting",
            InstanceStatus::WaitingForPause => "waitingForPause",
            InstanceStatus::Paused => "paused",
            InstanceStatus::Errored => "errored",
            InstanceStatus::Terminated => "terminated",
            InstanceStatus::Complete => "complete",
        }
    }

    /// Whether nothing happens any more, unless it is restarted.
    pub fn is_over(self) -> bool {
        use InstanceStatus::{Complete, Errored, Terminated};
        matches!(self, Errored | Terminated | Complete)
    }

    /// The status of that name; an unknown one stands for an error.
    pub fn named(text: &str) -> InstanceStatus {
        use InstanceStatus::{
            Complete, Paused, Queued, Running, Terminated, Waiting, WaitingForPause,
        };
        let all = [
            Queued,
            Running,
            Waiting,
            WaitingForPause,
            Paused,
            Terminated,
            Complete,
        ];
        let known = all.into_iter().find(|status| status.as_str() == text);
        known.unwrap_or(InstanceStatus::Errored)
    }
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    pub id: String,
    pub status: InstanceStatus,
    /// What its class gave: JSON text.
    pub output: Option<String>,
    /// Why it failed: JSON text with `name` and `message`.
    pub error: Option<String>,
    /// When it was made.
    pub created: i64,
    pub(super) run: u32,
    pub(super) due: Option<i64>,
    pub(super) paused: Option<i64>,
}

pub(super) const COLUMNS: &str = "id, status, output, error, created, run, due, paused";

impl Instance {
    pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<Instance> {
        Ok(Instance {
            id: row.get(0)?,
            status: InstanceStatus::named(row.get_ref(1)?.as_str()?),
            output: row.get(2)?,
            error: row.get(3)?,
            created: row.get(4)?,
            run: row.get(5)?,
            due: row.get(6)?,
            paused: row.get(7)?,
        })
    }

    pub(super) fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<Instance>> {
        let sql = format!("SELECT {COLUMNS} FROM instances WHERE id = ?1");
        let mut select = connection.prepare_cached(&sql)?;
        select.query_row([id], Instance::of_row).optional()
    }

    pub(super) fn known(connection: &Connection, id: &str) -> Result<Instance, InstanceError> {
        Instance::find(connection, id)?.ok_or(InstanceError::NotFound)
    }
}

impl InstanceStore {
    /// An instance.
    pub fn get(&self, id: &str) -> Result<(Instance, Ticket), InstanceError> {
        let (found, ticket) = self
            .cell
            .read(|connection| Instance::find(connection, id))?;
        let found = found.ok_or(InstanceError::NotFound)?;
        Ok((self.seen(found), ticket))
    }

    /// An instance as others see it.
    pub(super) fn seen(&self, mut found: Instance) -> Instance {
        if found.status == InstanceStatus::Running && self.is_waiting(&found) {
            found.status = InstanceStatus::Waiting;
        }
        found
    }

    fn is_waiting(&self, instance: &Instance) -> bool {
        match self.inner.live(&self.name, &instance.id) {
            Some(live) => live.waits(),
            None => instance.due.is_some_and(|due| due > self.inner.now()),
        }
    }
}

/// Removes all that an instance has come to, or what it came to at a place and later.
pub(super) fn clear(
    transaction: &Transaction<'_>,
    id: &str,
    from: u32,
) -> Result<(), InstanceError> {
    for sql in [
        "DELETE FROM steps WHERE instance = ?1 AND place >= ?2",
        "DELETE FROM chunks WHERE instance = ?1 AND place >= ?2",
    ] {
        transaction.prepare_cached(sql)?.execute((id, from))?;
    }
    let sql = "DELETE FROM events WHERE instance = ?1";
    transaction.prepare_cached(sql)?.execute([id])?;
    Ok(())
}
