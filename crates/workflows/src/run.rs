//! Running handlers when their executions are due, and writing down how they ended.

use std::future::Future;
use std::time::Duration;

use cellhouse_cell::Ticket;
use rusqlite::Transaction;

use crate::drive::drive;
use crate::workflow::check;
use crate::{Error, Execution, Handler, Status, Workflows};

/// Executions of a workflow whose handlers run at a time. Those that sleep for long do not count.
const AT_ONCE: usize = 64;
/// The pause when a handler could not run, or the storage fails, in milliseconds.
const AFTER_ERROR: i64 = 1_000;
/// How long an execution that has ended is kept: 30 days, in milliseconds.
const KEPT: i64 = 30 * 86_400_000;
/// Executions that are removed at a time, when others end.
const SWEEP: i64 = 50;

/// An execution whose handler is to run.
#[derive(Debug, Clone)]
pub struct Run {
    /// Whose handler, and how it is run.
    pub handler: Handler,
    /// The execution's id.
    pub id: String,
    /// JSON text.
    pub input: Option<String>,
    /// When its handler first began, in milliseconds since 1970.
    pub started: i64,
    /// Nobody may see the execution before.
    ticket: Ticket,
}

/// How a handler ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It returned this: JSON text, or nothing.
    Completed(Option<String>),
    /// It threw, or took too long.
    Failed(String),
    /// It sleeps until then, in milliseconds since 1970.
    Asleep(i64),
}

/// A handler could not run to its end by no fault of its own. It runs again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the handler could not run: {0}")]
pub struct NotRun(pub String);

impl Workflows {
    /// Runs handlers until `stop` is ready. Of all that share a directory, one does this.
    ///
    /// `handler` runs the app's code, and is ready when what that has written is durable. Dropping the
    /// future ends it as `stop` does: handlers that run are dropped, and run again with the next one who
    /// calls this.
    pub async fn run<F, R>(&self, stop: impl Future<Output = ()>, handler: F)
    where
        F: Fn(Run) -> R,
        R: Future<Output = Result<Ended, NotRun>>,
    {
        let go_on = |run| self.go_on(Back(self, run), &handler);
        let inner = &self.inner;
        drive(stop, &*inner.clock, &inner.changed, || self.take(), go_on).await;
    }

    async fn go_on<F, R>(&self, back: Back<'_>, handler: &F)
    where
        F: Fn(Run) -> R,
        R: Future<Output = Result<Ended, NotRun>>,
    {
        let run = &back.1;
        let settled = match run.ticket.durable().await {
            Ok(()) => self.settle(run, handler(run.clone()).await),
            Err(error) => Err(Error::Storage(error.to_string())),
        };
        if let Err(error) = settled {
            tracing::error!(
                "the workflow {:?}, {}: {error}",
                run.handler.workflow,
                run.id
            );
            // The same execution is due at once.
            let pause = Duration::from_millis(AFTER_ERROR.unsigned_abs());
            self.inner.clock.sleep(pause).await;
        }
    }

    fn take(&self) -> (Vec<Run>, Option<i64>) {
        let handlers: Vec<Handler> = self.inner.handlers.lock().values().cloned().collect();
        let mut runs = Vec::new();
        let mut next: Option<i64> = None;
        for handler in &handlers {
            let now = self.inner.now();
            match self.take_of(handler, now) {
                Ok((taken, then)) => {
                    runs.extend(taken);
                    next = next.into_iter().chain(then).min();
                }
                Err(error) => {
                    tracing::error!("the workflow {:?}: {error}", handler.workflow);
                    next = next.into_iter().chain([now + AFTER_ERROR]).min();
                }
            }
        }
        (runs, next)
    }

    fn take_of(&self, handler: &Handler, now: i64) -> Result<(Vec<Run>, Option<i64>), Error> {
        let workflow = self.inner.workflow(&handler.workflow)?;
        let mut all = self.inner.running.lock();
        let running = all.entry(handler.workflow.clone()).or_default();
        let room = AT_ONCE.saturating_sub(running.len());
        if room == 0 {
            return Ok((Vec::new(), None));
        }
        let (rows, _) = workflow.cell.read(|connection| {
            let sql = "SELECT id, due FROM executions WHERE due IS NOT NULL ORDER BY due LIMIT ?1";
            let mut select = connection.prepare_cached(sql)?;
            let limit = room + running.len() + 1;
            let rows = select.query_map([limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<Vec<(String, i64)>, _>>()
        })?;
        let mut runs = Vec::new();
        for (id, due) in rows {
            if running.contains(&id) {
                continue;
            }
            if due > now {
                return Ok((runs, Some(due)));
            }
            if runs.len() == room {
                break;
            }
            let (found, ticket) = workflow
                .cell
                .write(|transaction| begin(transaction, &id, now))?;
            let Some(execution) = found else { continue };
            running.insert(id.clone());
            runs.push(Run {
                handler: handler.clone(),
                id,
                input: execution.input,
                started: execution.started.unwrap_or(now),
                ticket,
            });
        }
        Ok((runs, None))
    }

    /// Writes down how a handler ended, unless its execution was cancelled meanwhile.
    fn settle(&self, run: &Run, ended: Result<Ended, NotRun>) -> Result<(), Error> {
        let workflow = self.inner.workflow(&run.handler.workflow)?;
        let now = self.inner.now();
        let ended = ended.unwrap_or_else(|not_run| {
            tracing::warn!(
                "the workflow {:?}, {}: {not_run}",
                run.handler.workflow,
                run.id
            );
            Ended::Asleep(now.saturating_add(AFTER_ERROR))
        });
        let ended = match ended {
            Ended::Completed(output) => match check("the result", output.as_deref()) {
                Ok(()) => Ended::Completed(output),
                Err(error) => Ended::Failed(error.to_string()),
            },
            other => other,
        };
        workflow.cell.write(|transaction: &Transaction<'_>| {
            write(transaction, &run.id, &ended, now)?;
            sweep(transaction, now)
        })?;
        Ok(())
    }
}

/// The handler of an execution begins, the first time or again.
fn begin(transaction: &Transaction<'_>, id: &str, now: i64) -> Result<Option<Execution>, Error> {
    let found = Execution::find(transaction, id)?;
    if found.as_ref().is_some_and(|found| found.started.is_none()) {
        let sql = "UPDATE executions SET status = ?2, started = ?3 WHERE id = ?1";
        transaction.execute(sql, (id, Status::Running.as_str(), now))?;
    }
    Ok(found)
}

fn write(transaction: &Transaction<'_>, id: &str, ended: &Ended, now: i64) -> Result<(), Error> {
    let running = Status::Running.as_str();
    match ended {
        Ended::Asleep(until) => {
            let sql = "UPDATE executions SET due = ?2 WHERE id = ?1 AND status = ?3";
            transaction.execute(sql, (id, until, running))?
        }
        Ended::Completed(output) => {
            let sql = "UPDATE executions SET status = ?4, output = ?2, completed = ?3, due = NULL \
                       WHERE id = ?1 AND status = ?5";
            let status = Status::Completed.as_str();
            transaction.execute(sql, (id, output, now, status, running))?
        }
        Ended::Failed(error) => {
            let sql = "UPDATE executions SET status = ?4, error = ?2, completed = ?3, due = NULL \
                       WHERE id = ?1 AND status = ?5";
            let status = Status::Failed.as_str();
            transaction.execute(sql, (id, error, now, status, running))?
        }
    };
    Ok(())
}

/// Removes some executions that have ended long ago.
fn sweep(transaction: &Transaction<'_>, now: i64) -> Result<(), Error> {
    let sql = "SELECT id FROM executions WHERE completed < ?1 ORDER BY completed LIMIT ?2";
    let mut select = transaction.prepare_cached(sql)?;
    let old = select.query_map((now.saturating_sub(KEPT), SWEEP), |row| row.get(0))?;
    for id in old.collect::<Result<Vec<String>, _>>()? {
        for sql in [
            "DELETE FROM steps WHERE execution = ?1",
            "DELETE FROM sleeps WHERE execution = ?1",
            "DELETE FROM executions WHERE id = ?1",
        ] {
            transaction.prepare_cached(sql)?.execute([&id])?;
        }
    }
    Ok(())
}

/// An execution that was handed out: it may be again when this goes.
struct Back<'a>(&'a Workflows, Run);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        let Back(workflows, run) = self;
        let mut all = workflows.inner.running.lock();
        if let Some(running) = all.get_mut(&run.handler.workflow) {
            running.remove(&run.id);
        }
        drop(all);
        workflows.inner.changed.notify_one();
    }
}
