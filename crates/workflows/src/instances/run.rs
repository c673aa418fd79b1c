//! Handing out instances that are due, and writing down how their classes ended.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_cell::Ticket;
use rusqlite::Transaction;

use super::changes::pause_now;
use super::instance::{Instance, InstanceStatus, clear};
use super::{InstanceError, Instances, Live, MAX_VALUE_BYTES, Runner};
use crate::NotRun;
use crate::drive::drive;

/// Instances of a Workflow that do something at a time; others are queued.
const BUSY_AT_ONCE: usize = 256;
/// Those whose class is in memory, with those that wait.
const LIVE_AT_ONCE: usize = 1_000;
/// The pause when a class could not run, or the storage fails, in milliseconds.
const AFTER_ERROR: i64 = 1_000;
/// Instances that are removed at a time, when others end.
const SWEEP: i64 = 50;

/// An instance whose class is to run.
#[derive(Debug, Clone)]
pub struct InstanceRun {
    /// Whose class, and how it is run.
    pub runner: Runner,
    pub id: String,
    /// Which run of the instance this is, for [`super::InstanceStore::running`].
    pub run: u32,
    /// What the class gets.
    pub params: Vec<u8>,
    /// When the instance was made, in milliseconds since 1970.
    pub created: i64,
    /// Nobody may see the run before.
    ticket: Ticket,
}

/// How a class ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstanceEnded {
    /// It returned this: JSON text.
    Complete(String),
    /// It failed: JSON text with `name` and `message`.
    Errored(String),
    /// It left, and goes on then, in milliseconds since 1970.
    Waiting(i64),
    /// It left because it was to be paused.
    Paused,
}

impl Instances {
    /// Runs instances until `stop` is ready. Of all that share a directory, one does this.
    ///
    /// `class` runs the app's code, and is ready when what that has written is durable. Dropping the future ends
    /// it as `stop` does: instances that run are dropped, and run again with the next one who calls this.
    pub async fn run<F, R>(&self, stop: impl Future<Output = ()>, class: F)
    where
        F: Fn(InstanceRun) -> R,
        R: Future<Output = Result<InstanceEnded, NotRun>>,
    {
        let go_on = |run| self.go_on(Back(self, run), &class);
        let inner = &self.inner;
        drive(stop, &*inner.clock, &inner.changed, || self.take(), go_on).await;
    }

    async fn go_on<F, R>(&self, back: Back<'_>, class: &F)
    where
        F: Fn(InstanceRun) -> R,
        R: Future<Output = Result<InstanceEnded, NotRun>>,
    {
        let run = &back.1;
        let settled = match run.ticket.durable().await {
            Ok(()) => self.settle(run, class(run.clone()).await),
            Err(error) => Err(InstanceError::Storage(error.to_string())),
        };
        if let Err(error) = settled {
            let Runner { workflow, .. } = &run.runner;
            tracing::error!("the workflow {workflow:?}, {}: {error}", run.id);
            // The same instance is due at once.
            let pause = Duration::from_millis(AFTER_ERROR.unsigned_abs());
            self.inner.clock.sleep(pause).await;
        }
    }

    fn take(&self) -> (Vec<InstanceRun>, Option<i64>) {
        let runners: Vec<Runner> = self.inner.runners.lock().values().cloned().collect();
        let mut runs = Vec::new();
        let mut next: Option<i64> = None;
        for runner in &runners {
            let now = self.inner.now();
            match self.take_of(runner, now, &mut runs) {
                Ok(then) => next = next.into_iter().chain(then).min(),
                Err(error) => {
                    tracing::error!("the workflow {:?}: {error}", runner.workflow);
                    next = next.into_iter().chain([now + AFTER_ERROR]).min();
                }
            }
        }
        (runs, next)
    }

    /// Adds what is due; gives when the next is.
    fn take_of(
        &self,
        runner: &Runner,
        now: i64,
        runs: &mut Vec<InstanceRun>,
    ) -> Result<Option<i64>, InstanceError> {
        let store = self.inner.store(&runner.workflow)?;
        let mut all = self.inner.live.lock();
        let live = all.entry(runner.workflow.clone()).or_default();
        let mut room = room(live);
        if room == 0 {
            return Ok(None);
        }
        let limit = room + live.len() + 1;
        let (rows, _) = store.cell.read(|connection| {
            let sql = "SELECT id, due FROM instances WHERE due IS NOT NULL ORDER BY due LIMIT ?1";
            let mut select = connection.prepare_cached(sql)?;
            let rows = select.query_map([limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<Vec<(String, i64)>, _>>()
        })?;
        for (id, due) in rows {
            if live.contains_key(&id) {
                continue;
            }
            if due > now {
                return Ok(Some(due));
            }
            if room == 0 {
                break;
            }
            let (begun, ticket) = store
                .cell
                .write(|transaction| begin(transaction, &id, now))?;
            let Some((run, params, created)) = begun else {
                continue;
            };
            room -= 1;
            live.insert(id.clone(), Arc::default());
            runs.push(InstanceRun {
                runner: runner.clone(),
                id,
                run,
                params,
                created,
                ticket,
            });
        }
        Ok(None)
    }

    /// Writes down how a class ended, unless somebody has changed the instance meanwhile.
    fn settle(
        &self,
        run: &InstanceRun,
        ended: Result<InstanceEnded, NotRun>,
    ) -> Result<(), InstanceError> {
        let store = self.inner.store(&run.runner.workflow)?;
        let now = self.inner.now();
        let ended = ended.unwrap_or_else(|not_run| {
            let Runner { workflow, .. } = &run.runner;
            tracing::warn!("the workflow {workflow:?}, {}: {not_run}", run.id);
            InstanceEnded::Waiting(now.saturating_add(AFTER_ERROR))
        });
        let ended = match ended {
            InstanceEnded::Complete(output) if output.len() > MAX_VALUE_BYTES => {
                let message = "Workflow output is too large. Maximum allowed size is 1MiB.";
                let error =
                    serde_json::json!({"name": "WorkflowInternalError", "message": message});
                InstanceEnded::Errored(error.to_string())
            }
            other => other,
        };
        store.cell.write(|transaction: &Transaction<'_>| {
            let found = Instance::find(transaction, &run.id)?;
            if let Some(found) = found.filter(|found| found.run == run.run) {
                write(transaction, &found, &ended, now)?;
            }
            sweep(transaction, now)
        })?;
        Ok(())
    }
}

fn room(live: &HashMap<String, Arc<Live>>) -> usize {
    let busy = live.values().filter(|live| !live.waits()).count();
    let busy = BUSY_AT_ONCE.saturating_sub(busy);
    busy.min(LIVE_AT_ONCE.saturating_sub(live.len()))
}

/// The class of an instance begins, the first time or again: the number of the run, what it gets, when it was made.
fn begin(
    transaction: &Transaction<'_>,
    id: &str,
    now: i64,
) -> Result<Option<(u32, Vec<u8>, i64)>, InstanceError> {
    let Some(found) = Instance::find(transaction, id)? else {
        return Ok(None);
    };
    if found.status == InstanceStatus::WaitingForPause {
        // Whoever ran it is gone, and with that what it waited for.
        pause_now(transaction, id, now)?;
        return Ok(None);
    }
    let sql = "UPDATE instances SET status = 'running', run = run + 1, woken = 0 WHERE id = ?1 \
               RETURNING run, params, created";
    let mut update = transaction.prepare_cached(sql)?;
    let begun = update.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(Some(begun))
}

fn write(
    transaction: &Transaction<'_>,
    found: &Instance,
    ended: &InstanceEnded,
    now: i64,
) -> Result<(), InstanceError> {
    let id = &found.id;
    let is_to_pause = match found.status {
        InstanceStatus::Running => false,
        InstanceStatus::WaitingForPause => true,
        // Paused or over, and nothing of this counts.
        _ => return Ok(()),
    };
    match ended {
        InstanceEnded::Waiting(_) | InstanceEnded::Paused if is_to_pause => {
            pause_now(transaction, id, now)?;
        }
        InstanceEnded::Waiting(until) => {
            let sql = "UPDATE instances SET due = iif(woken, ?3, ?2) WHERE id = ?1";
            transaction.prepare_cached(sql)?.execute((id, until, now))?;
        }
        // Somebody has resumed it meanwhile.
        InstanceEnded::Paused => {
            let sql = "UPDATE instances SET due = ?2 WHERE id = ?1";
            transaction.execute(sql, (id, now))?;
        }
        InstanceEnded::Complete(output) => {
            let sql = "UPDATE instances SET status = 'complete', output = ?2, due = NULL, \
                       forget = ?3 + keep_success WHERE id = ?1";
            transaction
                .prepare_cached(sql)?
                .execute((id, output, now))?;
        }
        InstanceEnded::Errored(error) => {
            let sql = "UPDATE instances SET status = 'errored', error = ?2, due = NULL, \
                       forget = ?3 + keep_error WHERE id = ?1";
            transaction.prepare_cached(sql)?.execute((id, error, now))?;
        }
    }
    Ok(())
}

/// Removes some instances that were to be kept until now.
fn sweep(transaction: &Transaction<'_>, now: i64) -> Result<(), InstanceError> {
    let sql = "SELECT id FROM instances WHERE forget < ?1 ORDER BY forget LIMIT ?2";
    let mut select = transaction.prepare_cached(sql)?;
    let old = select.query_map((now, SWEEP), |row| row.get(0))?;
    for id in old.collect::<Result<Vec<String>, _>>()? {
        clear(transaction, &id, 0)?;
        let sql = "DELETE FROM instances WHERE id = ?1";
        transaction.prepare_cached(sql)?.execute([&id])?;
    }
    Ok(())
}

/// An instance that was handed out: it may be again when this goes.
struct Back<'a>(&'a Instances, InstanceRun);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        let Back(instances, run) = self;
        let inner = &instances.inner;
        let live = inner
            .live
            .lock()
            .get_mut(&run.runner.workflow)
            .and_then(|live| live.remove(&run.id));
        if let Some(live) = live {
            live.changed.notify_one();
        }
        inner.changed.notify_one();
    }
}
