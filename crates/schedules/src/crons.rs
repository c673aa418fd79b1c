//! Cron triggers: which due time of each was the last, and firing what is due.
//!
//! A cell for each app has the last due time of each of its expressions. It is written, and durable, before
//! the handler runs: a due time runs once at most. Of those that passed while nobody looked, the latest
//! runs; the others are gone.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use cellhouse_cell::{Cell, CellName, Cells, Clock, Ticket};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use parking_lot::Mutex;
use rusqlite::{OptionalExtension as _, Transaction};
use tokio::sync::Notify;

use crate::options::{now, until};
use crate::{Error, Schedule, SchedulesOptions};

const SCHEMA: &[&str] = &["
    CREATE TABLE crons (expression TEXT NOT NULL PRIMARY KEY, fired INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"];

/// How late each due time is still run, in milliseconds. Of those that are later, the latest is.
const LATE: i64 = 60_000;
/// The pause when the storage fails, in milliseconds.
const AFTER_ERROR: i64 = 1_000;

/// A cron trigger of an app.
#[derive(Debug, Clone)]
pub struct Cron {
    /// As the config has it: what the handler is told.
    pub expression: String,
    /// When it is due.
    pub schedule: Schedule,
}

/// A due time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// The app.
    pub app: String,
    /// The expression.
    pub expression: String,
    /// When it was due, in milliseconds since 1970.
    pub time: i64,
}

/// The cron triggers of a data directory. Cheap to clone; one for each directory.
#[derive(Clone)]
pub struct Crons {
    inner: Arc<Inner>,
}

struct Inner {
    cells: Cells,
    clock: Arc<dyn Clock>,
    apps: Mutex<BTreeMap<String, App>>,
    changed: Notify,
}

struct App {
    cell: Cell,
    lines: Vec<Line>,
}

struct Line {
    cron: Cron,
    /// The last due time that was run, in milliseconds since 1970.
    fired: i64,
    /// Nobody has looked since the start.
    fresh: bool,
    /// The storage failed: not before then.
    not_before: i64,
}

impl Crons {
    /// The cron triggers of this directory.
    pub fn new(cells: &Cells, options: SchedulesOptions) -> Crons {
        Crons {
            inner: Arc::new(Inner {
                cells: cells.clone(),
                clock: options.clock,
                apps: Mutex::default(),
                changed: Notify::new(),
            }),
        }
    }

    /// These are the triggers of an app from now on. One that is new waits for its next due time; what
    /// is not among them any more is forgotten.
    pub fn set(&self, app: &str, crons: &[Cron]) -> Result<(), Error> {
        let mut apps = self.inner.apps.lock();
        let name = CellName::new("crons", app)?;
        let cell = self.inner.cells.cell(&name, SCHEMA)?;
        if crons.is_empty() && !apps.contains_key(app) && is_empty(&cell)? {
            // An app without any never gets a cell.
            return Ok(());
        }
        let now = self.now();
        let ((), _) = cell.write(|transaction: &Transaction<'_>| keep(transaction, crons, now))?;
        let before = apps.remove(app);
        let mut lines: Vec<Line> = Vec::new();
        for cron in crons {
            if lines
                .iter()
                .any(|line| line.cron.expression == cron.expression)
            {
                continue;
            }
            let (fired, _) = cell.read(|connection| fired(connection, &cron.expression))?;
            let known = before.iter().flat_map(|app| &app.lines);
            let known = known.filter(|line| line.cron.expression == cron.expression);
            lines.push(Line {
                cron: cron.clone(),
                fired: fired.unwrap_or(now),
                fresh: known.clone().all(|line| line.fresh),
                not_before: 0,
            });
        }
        apps.insert(app.to_owned(), App { cell, lines });
        drop(apps);
        self.inner.changed.notify_one();
        Ok(())
    }

    /// Fires what is due until `stop` is ready. Of all that share a directory, one does this.
    ///
    /// `handler` runs the app's code. A due time whose handler is dropped, or fails, is not run again.
    pub async fn run<F, R>(&self, stop: impl Future<Output = ()>, handler: F)
    where
        F: Fn(Tick) -> R,
        R: Future<Output = ()>,
    {
        let mut stop = pin!(stop);
        let mut running = FuturesUnordered::new();
        loop {
            // Before looking: what changes from now on is not missed.
            let changed = self.inner.changed.notified();
            let (ticks, next) = self.take();
            for (tick, ticket) in ticks {
                running.push(fire(tick, ticket, &handler));
            }
            let sleep = until(next, self.now());
            tokio::select! {
                biased;
                () = &mut stop => return,
                Some(()) = running.next(), if !running.is_empty() => {}
                () = changed => {}
                () = self.inner.clock.sleep(sleep) => {}
            }
        }
    }

    fn now(&self) -> i64 {
        now(&*self.inner.clock)
    }

    /// What is due, each with what must be durable before it runs; and when something will be.
    fn take(&self) -> (Vec<(Tick, Ticket)>, Option<i64>) {
        let now = self.now();
        let mut ticks = Vec::new();
        let mut next: Option<i64> = None;
        for (name, app) in self.inner.apps.lock().iter_mut() {
            for line in &mut app.lines {
                while let Some(time) = line.due(now) {
                    match write(&app.cell, &line.cron.expression, time) {
                        Ok(ticket) => {
                            line.fired = time;
                            line.fresh = false;
                            let expression = line.cron.expression.clone();
                            let app = name.clone();
                            ticks.push((
                                Tick {
                                    app,
                                    expression,
                                    time,
                                },
                                ticket,
                            ));
                        }
                        Err(error) => {
                            tracing::error!("the cron trigger `{}`: {error}", line.cron.expression);
                            line.not_before = now.saturating_add(AFTER_ERROR);
                        }
                    }
                }
                line.fresh = false;
                let due = line.cron.schedule.next_after(line.fired);
                let due = due.map(|due| due.max(line.not_before));
                next = next.into_iter().chain(due).min();
            }
        }
        (ticks, next)
    }
}

impl Line {
    /// The next due time to run, if one has come.
    fn due(&self, now: i64) -> Option<i64> {
        if now < self.not_before {
            return None;
        }
        let schedule = &self.cron.schedule;
        let first = schedule.next_after(self.fired).filter(|due| *due <= now)?;
        match self.fresh || now - first > LATE {
            true => schedule.latest(self.fired, now),
            false => Some(first),
        }
    }
}

async fn fire<F, R>(tick: Tick, ticket: Ticket, handler: &F)
where
    F: Fn(Tick) -> R,
    R: Future<Output = ()>,
{
    match ticket.durable().await {
        Ok(()) => handler(tick).await,
        Err(error) => tracing::error!(
            "the cron trigger `{}` was not run: {error}",
            tick.expression
        ),
    }
}

/// Forgets the triggers that are not there any more, and begins with those that are new.
fn keep(transaction: &Transaction<'_>, crons: &[Cron], now: i64) -> Result<(), Error> {
    let mut select = transaction.prepare_cached("SELECT expression FROM crons")?;
    let known = select.query_map([], |row| row.get::<_, String>(0))?;
    for known in known.collect::<Result<Vec<_>, _>>()? {
        if !crons.iter().any(|cron| cron.expression == known) {
            transaction.execute("DELETE FROM crons WHERE expression = ?1", [known])?;
        }
    }
    for cron in crons {
        let sql = "INSERT INTO crons VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        transaction.execute(sql, (&cron.expression, now))?;
    }
    Ok(())
}

fn is_empty(cell: &Cell) -> Result<bool, Error> {
    let (none, _) = cell.read(|connection| {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM crons)";
        connection.query_row(sql, [], |row| row.get(0))
    })?;
    Ok(none)
}

fn fired(connection: &rusqlite::Connection, expression: &str) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT fired FROM crons WHERE expression = ?1";
    let mut select = connection.prepare_cached(sql)?;
    select.query_row([expression], |row| row.get(0)).optional()
}

fn write(cell: &Cell, expression: &str, time: i64) -> Result<Ticket, Error> {
    let ((), ticket) = cell.write(|transaction: &Transaction<'_>| {
        let sql = "UPDATE crons SET fired = ?2 WHERE expression = ?1";
        transaction
            .prepare_cached(sql)?
            .execute((expression, time))?;
        Ok::<_, Error>(())
    })?;
    Ok(ticket)
}
