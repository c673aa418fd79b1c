//! One database: queries that read run side by side, those that write take turns.

use std::collections::VecDeque;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use cellhouse_cell::sql::{Stop, Watch, watched};
use cellhouse_cell::{Cell, Seen, Session, Ticket};
use parking_lot::Mutex;

use crate::databases::Shared;
use crate::execute::{Failed, Run, may_only_read, size_of_database};
use crate::pool::Pool;
use crate::turn::Turns;
use crate::{Answer, Error, Output, Statement};

/// Texts that are known to take longer than the budget, per database.
const SLOW: usize = 64;
/// How often a query that reads begins again because too much has changed meanwhile.
const AGAIN: u32 = 3;

/// A database. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Database {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    name: String,
    pub(crate) cell: Cell,
    pub(crate) shared: Arc<Shared>,
    pub(crate) turns: Turns,
    last_row_id: AtomicI64,
    size: AtomicU64,
    slow: Mutex<VecDeque<u64>>,
}

impl Inner {
    pub(crate) fn new(name: &str, cell: Cell, shared: Arc<Shared>) -> Inner {
        Inner {
            name: name.to_owned(),
            cell,
            shared,
            turns: Turns::default(),
            last_row_id: AtomicI64::new(0),
            size: AtomicU64::new(0),
            slow: Mutex::default(),
        }
    }
}

/// Tells SQL to stop when the future that waits for it is dropped.
pub(crate) struct StopOnDrop(pub(crate) Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Database {
    pub(crate) fn new(inner: Inner) -> Database {
        Database {
            inner: Arc::new(inner),
        }
    }

    /// The name that it was opened with.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The cell that it is.
    pub fn cell(&self) -> &Cell {
        &self.inner.cell
    }

    /// The ticket for everything that is in the database now. An error of a method is covered by it.
    pub fn ticket(&self) -> Ticket {
        self.inner.cell.ticket()
    }

    /// Bytes that were in use after the last query that wrote.
    pub fn size(&self) -> u64 {
        self.inner.size.load(Relaxed)
    }

    /// Runs statements in one transaction on the caller's thread, if that takes no longer than the
    /// budget and nobody else writes. `None`: it would, nothing was changed, and
    /// [`Database::run`] is the way.
    pub fn now(&self, statements: &[Statement]) -> Option<Result<Answer, Error>> {
        let budget = self.inner.shared.options.budget;
        if budget.is_zero() || self.is_slow(statements) {
            return None;
        }
        let answer = self
            .read_now(statements, budget)
            .or_else(|failed| match failed {
                Failed::Writes => {
                    let turn = self.inner.turns.now().ok_or(Failed::Busy)?;
                    let answer = self.write(statements, self.watch(budget, None));
                    drop(turn);
                    answer
                }
                other => Err(other),
            });
        match answer {
            Ok(answer) => Some(Ok(answer)),
            Err(Failed::Busy | Failed::Cell(cellhouse_cell::Error::Outdated { .. })) => None,
            Err(Failed::Stopped(_)) => {
                self.remember_slow(statements);
                None
            }
            Err(failed) => Some(Err(failed.into())),
        }
    }

    /// Runs statements in one transaction, on a thread of the pool, within the time that a query
    /// may take. When the future is dropped the SQL stops, and what it has written is undone unless
    /// it was already committed.
    pub async fn run(&self, statements: Vec<Statement>) -> Result<Answer, Error> {
        let stop = Stop::default();
        let _stop = StopOnDrop(stop.clone());
        let statements: Arc<[Statement]> = statements.into();
        let (database, read, unwanted) = (self.clone(), statements.clone(), stop.clone());
        let readers = &self.inner.shared.readers;
        let answer = pooled(readers, move || database.read_long(&read, Some(unwanted)));
        let answer = match self.may_only_read(&statements) {
            true => answer.await,
            false => Err(Failed::Writes),
        };
        match answer {
            Err(Failed::Writes) => {}
            other => return other.map_err(Error::from),
        }
        let turn = self
            .inner
            .turns
            .next(&self.inner.shared.options.clock)
            .await;
        let database = self.clone();
        let answer = pooled(&self.inner.shared.writers, move || {
            let time = database.inner.shared.options.query_time;
            let answer = database.write(&statements, database.watch(time, Some(stop)));
            drop(turn);
            answer
        });
        answer.await.map_err(Error::from)
    }

    /// As [`Database::run`], on the caller's thread, which is not one of a runtime.
    pub fn wait(&self, statements: &[Statement]) -> Result<Answer, Error> {
        if self.may_only_read(statements) {
            match self.read_long(statements, None) {
                Err(Failed::Writes) => {}
                other => return other.map_err(Error::from),
            }
        }
        let turn = self.inner.turns.wait();
        let time = self.inner.shared.options.query_time;
        let answer = self.write(statements, self.watch(time, None));
        drop(turn);
        answer.map_err(Error::from)
    }

    /// The whole database as a file of SQLite.
    pub async fn dump(&self) -> Result<(Vec<u8>, Ticket), Error> {
        let cell = self.inner.cell.clone();
        let readers = &self.inner.shared.readers;
        let file = pooled(readers, move || cell.file().map_err(Failed::from)).await;
        let (file, seen) = file.map_err(Error::from)?;
        Ok((file, seen.ticket))
    }

    pub(crate) fn watch(&self, time: Duration, stop: Option<Stop>) -> Watch {
        let clock = self.inner.shared.options.clock.clone();
        Watch {
            deadline: clock.monotonic() + time,
            clock,
            stop,
        }
    }

    fn may_only_read(&self, statements: &[Statement]) -> bool {
        statements.iter().all(|one| may_only_read(&one.sql))
    }

    fn read_now(&self, statements: &[Statement], budget: Duration) -> Result<Answer, Failed> {
        match self.may_only_read(statements) {
            true => self.read(statements, self.watch(budget, None)),
            false => Err(Failed::Writes),
        }
    }

    fn read_long(&self, statements: &[Statement], stop: Option<Stop>) -> Result<Answer, Failed> {
        let time = self.inner.shared.options.query_time;
        let watch = self.watch(time, stop);
        let mut tries = 0;
        loop {
            tries += 1;
            match self.read(statements, watch.clone()) {
                Err(Failed::Cell(cellhouse_cell::Error::Outdated { .. })) if tries < AGAIN => {}
                done => return done,
            }
        }
    }

    /// Runs statements on a connection that only reads; [`Failed::Writes`] if one of them writes.
    fn read(&self, statements: &[Statement], watch: Watch) -> Result<Answer, Failed> {
        let inner = &self.inner;
        let looked = || {
            inner.cell.look(|queries| -> Result<_, Failed> {
                // One statement is a transaction by itself.
                if statements.len() > 1 {
                    queries.execute_batch("BEGIN")?;
                }
                let mut run = Run {
                    queries,
                    clock: &inner.shared.options.clock,
                    writes: false,
                    last_row_id: inner.last_row_id.load(Relaxed),
                    size: inner.size.load(Relaxed),
                    bytes: 0,
                    measure: false,
                };
                run.all(statements)
            })
        };
        match watched(watch, looked) {
            (_, Some(stopped)) => Err(Failed::Stopped(stopped)),
            (Err(failed), None) => Err(failed),
            (
                Ok((
                    outputs,
                    Seen {
                        transaction,
                        ticket,
                        ..
                    },
                )),
                None,
            ) => Ok(Answer {
                outputs,
                ticket,
                transaction,
            }),
        }
    }

    /// Runs statements in a transaction and commits it. The caller has the turn.
    fn write(&self, statements: &[Statement], watch: Watch) -> Result<Answer, Failed> {
        let mut session = self.inner.cell.session();
        let ran = watched(watch, || -> Result<_, Failed> {
            session.begin()?;
            self.in_session(&mut session, statements)
        });
        let outputs = match ran {
            (_, Some(stopped)) => return Err(Failed::Stopped(stopped)),
            (outputs, None) => outputs?,
        };
        let ticket = session.commit()?;
        Ok(self.committed(outputs, ticket))
    }

    /// Runs statements in the transaction that is open.
    pub(crate) fn in_session(
        &self,
        session: &mut Session,
        statements: &[Statement],
    ) -> Result<Vec<Output>, Failed> {
        let clock = &self.inner.shared.options.clock;
        let ran = session.with(|queries| -> Result<_, Failed> {
            let size = match self.size() {
                0 => size_of_database(queries)?,
                size => size,
            };
            let mut run = Run {
                queries,
                clock,
                writes: true,
                last_row_id: 0,
                size,
                bytes: 0,
                measure: false,
            };
            run.all(statements)
        });
        ran.map(|(outputs, _)| outputs)
    }

    /// Notes what later queries tell of the database.
    pub(crate) fn committed(&self, outputs: Vec<Output>, ticket: Ticket) -> Answer {
        if let Some(last) = outputs.last() {
            self.inner.last_row_id.store(last.meta.last_row_id, Relaxed);
            self.inner.size.store(last.meta.size_after, Relaxed);
        }
        Answer {
            outputs,
            ticket,
            transaction: self.inner.cell.last_transaction(),
        }
    }

    /// Finds out how large it is.
    pub(crate) fn measure(&self) -> Result<(), Error> {
        let (size, _) = self
            .inner
            .cell
            .look(|queries| -> Result<_, Error> { Ok(size_of_database(queries)?) })?;
        self.inner.size.store(size, Relaxed);
        Ok(())
    }

    fn is_slow(&self, statements: &[Statement]) -> bool {
        let slow = self.inner.slow.lock();
        !slow.is_empty() && slow.contains(&fingerprint(statements))
    }

    fn remember_slow(&self, statements: &[Statement]) {
        let mut slow = self.inner.slow.lock();
        slow.push_front(fingerprint(statements));
        slow.truncate(SLOW);
    }
}

async fn pooled<T: Send + 'static>(
    pool: &Pool,
    f: impl FnOnce() -> Result<T, Failed> + Send + 'static,
) -> Result<T, Failed> {
    let done = pool.run(f).await;
    done.unwrap_or_else(|| {
        Err(Error::storage("the query could not be run: its thread has ended").into())
    })
}

/// Stands for the texts, whatever their parameters.
fn fingerprint(statements: &[Statement]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for one in statements {
        one.sql.hash(&mut hasher);
    }
    hasher.finish()
}
