//! Interactive transactions: open while the code that uses them waits for other things. Others who
//! write wait meanwhile, those who read see the state from before; so there is a time limit.

use std::sync::Arc;
use std::time::Duration;

use cellhouse_cell::sql::{Stop, Stopped, watched};
use cellhouse_cell::{Session, Ticket};
use parking_lot::Mutex;

use crate::database::StopOnDrop;
use crate::execute::Failed;
use crate::turn::Turn;
use crate::{Answer, Control, Database, Error, Output, Statement};

/// A transaction that was begun. Dropping it rolls it back.
pub struct Transaction(Arc<Held>);

/// What a transaction holds, shared with those who wait for its turn.
pub(crate) struct Held {
    database: Database,
    deadline: Duration,
    limit: Duration,
    work: Mutex<Work>,
}

struct Work {
    session: Option<Session>,
    turn: Option<Turn>,
    /// How it ended.
    end: &'static str,
    last: Option<Output>,
}

const COMMITTED: &str = "the transaction has been committed already";
const ROLLED_BACK: &str = "the transaction has been rolled back already";

impl Database {
    /// Begins a transaction that may stay open for that long. Waits until nobody else writes.
    pub async fn begin(&self, limit: Duration) -> Result<Transaction, Error> {
        let clock = &self.inner.shared.options.clock;
        let turn = self.inner.turns.next(clock).await;
        let mut session = self.inner.cell.session();
        session.begin()?;
        let held = Arc::new(Held {
            database: self.clone(),
            deadline: clock.monotonic() + limit,
            limit,
            work: Mutex::new(Work {
                session: Some(session),
                turn: Some(turn),
                end: "",
                last: None,
            }),
        });
        self.inner.turns.set_open(&held);
        Ok(Transaction(held))
    }
}

impl Transaction {
    /// Runs statements in it: all of them, or, after an error, none; the transaction goes on then.
    /// When the future is dropped the SQL stops, and the transaction is rolled back.
    pub async fn run(&self, statements: Vec<Statement>) -> Result<Answer, Error> {
        let stop = Stop::default();
        let _stop = StopOnDrop(stop.clone());
        self.pooled(move |held| held.run(&statements, stop)).await
    }

    /// Makes a savepoint in it, releases one, or goes back to one.
    pub async fn control(&self, control: &Control) -> Result<(), Error> {
        let sql = control.sql();
        let sql = sql.ok_or_else(|| Error::refused("a transaction within a transaction"))?;
        self.pooled(move |held| held.control(&sql)).await
    }

    /// Commits it. After an error nothing of it is there.
    pub async fn commit(&self) -> Result<Ticket, Error> {
        self.pooled(|held| held.commit()).await
    }

    /// Undoes it, if it is open.
    pub async fn rollback(&self) -> Result<(), Error> {
        self.pooled(|held| {
            let mut work = held.work.lock();
            if work.session.is_some() {
                work.finish(ROLLED_BACK);
            }
            Ok(())
        })
        .await
    }

    /// On a thread of the pool: a statement of the transaction may be running.
    async fn pooled<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Held) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let held = self.0.clone();
        let pool = &self.0.database.inner.shared.writers;
        let done = pool.run(move || f(&held)).await;
        done.unwrap_or_else(|| Err(Error::storage("the query could not be run")))
    }

    /// Ends it if its time is over.
    pub fn expire(&self) {
        self.0.expire();
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // A statement that runs has been told to stop; it holds what it uses.
        if let Some(mut work) = self.0.work.try_lock()
            && work.session.is_some()
        {
            work.finish(ROLLED_BACK);
        }
    }
}

impl Held {
    /// On the clock that never goes back.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Ends it if its time is over and none of its statements runs; one that does ends by itself.
    pub(crate) fn expire(&self) {
        if let Some(mut work) = self.work.try_lock()
            && work.session.is_some()
            && self.is_late()
        {
            work.finish(LATE);
        }
    }

    fn is_late(&self) -> bool {
        self.database.inner.shared.options.clock.monotonic() >= self.deadline
    }

    /// Refuses one that has ended, or whose time is over.
    fn check(&self, work: &mut Work) -> Result<(), Error> {
        if work.session.is_some() && self.is_late() {
            work.finish(LATE);
        }
        match &work.session {
            Some(_) => Ok(()),
            None if work.end == LATE => Err(self.late()),
            None => Err(Error::refused(work.end)),
        }
    }

    fn late(&self) -> Error {
        let limit = self.limit.as_millis();
        Error::refused(format!("{LATE} for more than {limit} ms"))
    }

    fn control(&self, sql: &str) -> Result<(), Error> {
        let mut work = self.work.lock();
        self.check(&mut work)?;
        let session = work.session.as_mut().expect("an open one has a session");
        let done = session.with(|queries| -> Result<(), Failed> {
            let done = queries.execute_batch(sql);
            done.map_err(|error| {
                let error = cellhouse_cell::SqlError::from_rusqlite(&error);
                Error::refused(cellhouse_cell::sql::text(&error, None)).into()
            })
        });
        done.map(drop).map_err(Error::from)
    }

    fn commit(&self) -> Result<Ticket, Error> {
        let mut work = self.work.lock();
        self.check(&mut work)?;
        let mut session = work.session.take().expect("an open one has a session");
        let committed = session.commit();
        drop(session);
        let last = work.last.take();
        if let Ok(ticket) = &committed {
            let outputs = last.into_iter().collect();
            self.database.committed(outputs, ticket.clone());
        }
        work.end = match committed {
            Ok(_) => COMMITTED,
            Err(_) => ROLLED_BACK,
        };
        work.turn = None;
        Ok(committed?)
    }

    fn run(&self, statements: &[Statement], stop: Stop) -> Result<Answer, Error> {
        let mut work = self.work.lock();
        self.check(&mut work)?;
        let mut watch = self
            .database
            .watch(self.database.inner.shared.options.query_time, Some(stop));
        watch.deadline = watch.deadline.min(self.deadline);
        let session = work.session.as_mut().expect("an open one has a session");
        let (ran, stopped) = watched(watch, || self.in_savepoint(session, statements));
        if stopped == Some(Stopped::Unwanted) || !session.is_open() {
            work.finish(ROLLED_BACK);
        }
        if let Some(stopped) = stopped {
            self.check(&mut work)?;
            return Err(Failed::Stopped(stopped).into());
        }
        let outputs = ran?;
        work.last = outputs.last().cloned().map(|mut last| {
            last.values = Vec::new();
            last
        });
        Ok(Answer {
            outputs,
            ticket: self.database.ticket(),
            transaction: self.database.inner.cell.last_transaction(),
        })
    }

    fn in_savepoint(
        &self,
        session: &mut Session,
        statements: &[Statement],
    ) -> Result<Vec<Output>, Failed> {
        let ours = |session: &mut Session, sql: &str| {
            let done =
                session.with(|queries| -> Result<(), Failed> { Ok(queries.execute_batch(sql)?) });
            done.map(drop)
        };
        ours(session, "SAVEPOINT _cf_call")?;
        let ran = self.database.in_session(session, statements);
        // A grave error has ended the transaction.
        if session.is_open() {
            match &ran {
                Ok(_) => ours(session, "RELEASE _cf_call")?,
                Err(_) => ours(session, "ROLLBACK TO _cf_call; RELEASE _cf_call")?,
            }
        }
        ran
    }
}

/// Why one has ended whose time was over.
const LATE: &str = "the transaction was rolled back: it was open";

impl Work {
    fn finish(&mut self, end: &'static str) {
        // Rolls back what it has open.
        self.session = None;
        self.turn = None;
        self.end = end;
    }
}
