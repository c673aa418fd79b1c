//! Running timers when they are due. A timer goes when its handler has ended well, and only if nobody has
//! set it anew meanwhile; of one that repeats the next time is written then.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use cellhouse_cell::Cell;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rusqlite::Transaction;

use super::store::timer;
use super::{Due, Timers};
use crate::Error;
use crate::options::until;

/// Timers of a store that run at a time.
const AT_ONCE: usize = 16;
/// The pause after the first failure; it doubles with each other one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Doublings of the pause: to about 21 minutes.
const MAX_DOUBLINGS: u32 = 8;
/// The pause when a handler could not run, or the storage fails, in milliseconds.
const AFTER_ERROR: i64 = 1_000;

/// Why a timer has not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRun {
    /// Its handler failed.
    #[error("the handler failed: {0}")]
    Failed(String),
    /// Its handler could not run to its end by no fault of its own.
    #[error("the handler could not run: {0}")]
    Interrupted(String),
}

impl Timers {
    /// Runs timers until `stop` is ready. Of all that share a directory, one does this.
    ///
    /// `handler` runs the app's code, and is ready when what that has written is durable. A timer that
    /// fails runs again after five seconds, ten, and so on. Dropping the future ends it as `stop` does:
    /// handlers that run are dropped, and their timers run again with the next one who calls this.
    pub async fn run<F, R>(&self, stop: impl Future<Output = ()>, handler: F)
    where
        F: Fn(Due) -> R,
        R: Future<Output = Result<(), NotRun>>,
    {
        let mut stop = pin!(stop);
        let mut running = FuturesUnordered::new();
        loop {
            // Before looking: what changes from now on is not missed.
            let changed = self.inner.changed.notified();
            let (due, next) = self.take();
            for due in due {
                running.push(self.fire(Back(self, due), &handler));
            }
            let sleep = until(next, self.inner.now());
            tokio::select! {
                biased;
                () = &mut stop => return,
                Some(()) = running.next(), if !running.is_empty() => {
                    // Timers that set themselves for the past must not keep the thread.
                    tokio::task::yield_now().await;
                }
                () = changed => {}
                () = self.inner.clock.sleep(sleep) => {}
            }
        }
    }

    async fn fire<F, R>(&self, back: Back<'_>, handler: &F)
    where
        F: Fn(Due) -> R,
        R: Future<Output = Result<(), NotRun>>,
    {
        let due = &back.1;
        let settled = match due.ticket.durable().await {
            Ok(()) => self.settle(due, handler(due.clone()).await),
            Err(error) => Err(Error::Storage(error.to_string())),
        };
        if let Err(error) = settled {
            tracing::error!("the timer {:?}: {error}", due.timer.id);
            // The same timer is due at once.
            let pause = Duration::from_millis(AFTER_ERROR.unsigned_abs());
            self.inner.clock.sleep(pause).await;
        }
    }

    /// What is due of all stores, and when something will be.
    fn take(&self) -> (Vec<Due>, Option<i64>) {
        let handlers = self.inner.handlers.lock().clone();
        let mut due = Vec::new();
        let mut next: Option<i64> = None;
        for (store, app) in &handlers {
            let now = self.inner.now();
            match self.take_of(store, app, now) {
                Ok((taken, then)) => {
                    due.extend(taken);
                    next = next.into_iter().chain(then).min();
                }
                Err(error) => {
                    tracing::error!("the timers {store:?}: {error}");
                    next = next.into_iter().chain([now + AFTER_ERROR]).min();
                }
            }
        }
        (due, next)
    }

    fn take_of(&self, store: &str, app: &str, now: i64) -> Result<(Vec<Due>, Option<i64>), Error> {
        let cell = self.inner.cell(store)?;
        let mut all = self.inner.running.lock();
        let running = all.entry(store.to_owned()).or_default();
        let room = AT_ONCE.saturating_sub(running.len());
        if room == 0 {
            return Ok((Vec::new(), None));
        }
        let (rows, ticket) = cell.read(|connection| {
            let sql = "SELECT id, scheduled, payload, interval, seq, failures, due FROM timers \
                       ORDER BY due, seq LIMIT ?1";
            let mut select = connection.prepare_cached(sql)?;
            let limit = room + running.len() + 1;
            let rows = select.query_map([limit as i64], |row| {
                Ok((timer(row)?, row.get(4)?, row.get(5)?, row.get(6)?))
            })?;
            rows.collect::<Result<Vec<(_, i64, u32, i64)>, _>>()
        })?;
        let mut taken = Vec::new();
        for (timer, seq, failures, due) in rows {
            if running.contains(&seq) {
                continue;
            }
            if due > now {
                return Ok((taken, Some(due)));
            }
            if taken.len() == room {
                break;
            }
            running.insert(seq);
            taken.push(Due {
                app: app.to_owned(),
                timer,
                store: store.to_owned(),
                seq,
                failures,
                ticket: ticket.clone(),
            });
        }
        Ok((taken, None))
    }

    /// Writes down what is next for a timer. Nothing, if it was set or deleted meanwhile.
    fn settle(&self, due: &Due, result: Result<(), NotRun>) -> Result<(), Error> {
        let cell = self.inner.cell(&due.store)?;
        let now = self.inner.now();
        match result {
            Ok(()) => done(&cell, due, now),
            Err(not_run) => {
                tracing::warn!("the timer {:?}: {not_run}", due.timer.id);
                let (failures, pause) = match not_run {
                    NotRun::Failed(_) => (due.failures.saturating_add(1), pause(due.failures)),
                    NotRun::Interrupted(_) => (due.failures, AFTER_ERROR),
                };
                later(&cell, due.seq, failures, now.saturating_add(pause))
            }
        }
    }
}

fn pause(failures: u32) -> i64 {
    let pause = FIRST_PAUSE * 2u32.pow(failures.min(MAX_DOUBLINGS));
    i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)
}

fn done(cell: &Cell, due: &Due, now: i64) -> Result<(), Error> {
    cell.write(|transaction: &Transaction<'_>| {
        match due.timer.interval {
            None => transaction
                .prepare_cached("DELETE FROM timers WHERE seq = ?1")?
                .execute([due.seq])?,
            Some(interval) => {
                let sql = "UPDATE timers SET scheduled = ?2, due = ?2, failures = 0 WHERE seq = ?1";
                let next = next_time(due.timer.scheduled, interval, now);
                transaction.prepare_cached(sql)?.execute((due.seq, next))?
            }
        };
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// The first time after `now` that a timer is due, of those that are intervals after `scheduled`.
fn next_time(scheduled: i64, interval: i64, now: i64) -> i64 {
    let passed = now.saturating_sub(scheduled).max(0) / interval;
    passed
        .saturating_add(1)
        .saturating_mul(interval)
        .saturating_add(scheduled)
}

fn later(cell: &Cell, seq: i64, failures: u32, due: i64) -> Result<(), Error> {
    cell.write(|transaction: &Transaction<'_>| {
        let sql = "UPDATE timers SET failures = ?2, due = ?3 WHERE seq = ?1";
        transaction
            .prepare_cached(sql)?
            .execute((seq, failures, due))?;
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// A timer that was handed out: it may be again when this goes.
struct Back<'a>(&'a Timers, Due);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        let Back(timers, due) = self;
        if let Some(running) = timers.inner.running.lock().get_mut(&due.store) {
            running.remove(&due.seq);
        }
        timers.inner.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::next_time;

    #[test]
    fn times_that_have_passed_are_left_out() {
        assert_eq!(next_time(1000, 100, 1000), 1100);
        assert_eq!(next_time(1000, 100, 1099), 1100);
        assert_eq!(next_time(1000, 100, 1100), 1200);
        assert_eq!(next_time(1000, 100, 5050), 5100);
        // The clock was set back.
        assert_eq!(next_time(1000, 100, 10), 1100);
    }
}
