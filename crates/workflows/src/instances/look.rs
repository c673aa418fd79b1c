//! Looking at Workflows from outside: which there are, their instances, and what one has come to.

use std::collections::BTreeMap;

use rusqlite::Row;

use super::instance::{COLUMNS, Instance, InstanceStatus};
use super::{InstanceError, InstanceStore, Instances, Kind, Runner};

/// Cells that are read at a time.
const AT_ONCE: usize = 1_000;

/// A step that an instance has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub kind: Kind,
    pub name: String,
    /// Of its kind and name, from 1.
    pub nth: u32,
    /// Attempts that have begun.
    pub attempts: u32,
    pub state: StepState,
    /// What it gave: bytes whose meaning is the caller's. None of a stream.
    pub value: Option<Vec<u8>>,
    /// Why it failed: JSON text.
    pub error: Option<String>,
    /// When a sleep ends, waiting for an event is over, or the next attempt begins.
    pub at: Option<i64>,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    Open,
    Done,
    Failed,
}

impl Instances {
    /// The Workflows that have had instances, and those that an app runs here, by name, each with that app.
    pub fn all(&self) -> Result<Vec<(String, Option<Runner>)>, InstanceError> {
        let runners = self.inner.runners.lock();
        let known = runners.iter();
        let mut all: BTreeMap<String, Option<Runner>> = known
            .map(|(name, runner)| (name.clone(), Some(runner.clone())))
            .collect();
        drop(runners);
        let shard = self.inner.cells.shard()?;
        let mut after = None;
        loop {
            let cells = shard.cells(after, AT_ONCE);
            let cells = cells.map_err(cellhouse_cell::Error::from)?;
            let Some((last, _)) = cells.last() else {
                return Ok(all.into_iter().collect());
            };
            after = Some(*last);
            for (_, meta) in &cells {
                if let Some(name) = meta.name.strip_prefix("workflows/") {
                    all.entry(name.to_owned()).or_default();
                }
            }
        }
    }
}

impl InstanceStore {
    /// At most `limit` instances, the newest or the oldest first, all or those with a status.
    pub fn list(
        &self,
        status: Option<InstanceStatus>,
        is_oldest_first: bool,
        limit: usize,
    ) -> Result<Vec<Instance>, InstanceError> {
        let order = if is_oldest_first { "ASC" } else { "DESC" };
        let sql =
            format!("SELECT {COLUMNS} FROM instances ORDER BY created {order}, rowid {order}");
        let (found, _) = self.cell.read(|connection| {
            let mut select = connection.prepare(&sql)?;
            let mut found = Vec::new();
            for instance in select.query_map([], Instance::of_row)? {
                let instance = self.seen(instance?);
                if status.is_none_or(|status| instance.status == status) {
                    found.push(instance);
                }
                if found.len() >= limit {
                    break;
                }
            }
            Ok::<_, rusqlite::Error>(found)
        })?;
        Ok(found)
    }

    /// The steps that an instance has come to, in the order in which it did.
    pub fn steps(&self, id: &str) -> Result<Vec<Step>, InstanceError> {
        let sql = "SELECT kind, name, nth, attempts, state, value, error, at FROM steps \
                   WHERE instance = ?1 ORDER BY place";
        let (steps, _) = self.cell.read(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            select.query_map([id], step)?.collect()
        })?;
        Ok(steps)
    }

    /// How many instances there are.
    pub fn count(&self) -> Result<u64, InstanceError> {
        let count = |connection: &rusqlite::Connection| {
            connection.query_row("SELECT count(*) FROM instances", [], |row| {
                row.get::<_, i64>(0)
            })
        };
        let (count, _) = self.cell.read(count)?;
        Ok(count.unsigned_abs())
    }
}

fn step(row: &Row<'_>) -> rusqlite::Result<Step> {
    Ok(Step {
        kind: Kind::of_number(row.get(0)?).unwrap_or(Kind::Do),
        name: row.get(1)?,
        nth: row.get(2)?,
        attempts: row.get(3)?,
        state: match row.get(4)? {
            1 => StepState::Done,
            2 => StepState::Failed,
            _ => StepState::Open,
        },
        value: row.get(5)?,
        error: row.get(6)?,
        at: row.get(7)?,
    })
}
