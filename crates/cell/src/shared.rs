//! The state of one open cell, shared by its handles, its tickets and the workers.
//!
//! Locks are taken in this order: `checkpoint`, `gate`, `connection`. A closure of a caller runs
//! under the last two.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tokio::sync::watch;

use crate::file::{Opened, SyncFile, truncate_log};
use crate::worker::Queue;
use crate::{CellName, Error, Options, Ticket};

/// The queues of the two workers that serve all cells of a data directory.
#[derive(Clone)]
pub(crate) struct Workers {
    pub(crate) flusher: Arc<Queue>,
    pub(crate) checkpointer: Arc<Queue>,
}

/// What SQLite's commit hook counts. Written only under the lock of the connection.
#[derive(Default)]
pub(crate) struct Commits {
    /// Commits since the cell was opened; the number of the latest one.
    pub(crate) count: AtomicU64,
    /// Pages in the write-ahead log.
    pub(crate) log_pages: AtomicU32,
}

pub(crate) struct Shared {
    pub(crate) name: CellName,
    root: PathBuf,
    pub(crate) options: Options,
    /// The connection that copies the log into the database beside the one that writes; opened when
    /// first needed.
    pub(crate) checkpoint: Mutex<Option<Connection>>,
    /// Held by whoever writes, and by the end of a checkpoint. Readers do not wait for it.
    pub(crate) gate: Mutex<()>,
    connection: Mutex<Option<Connection>>,
    /// After the connections, so that it is dropped after them: see [`SyncFile`].
    pub(crate) database: SyncFile,
    pub(crate) log: SyncFile,
    pub(crate) commits: Arc<Commits>,
    durable: AtomicU64,
    marks: watch::Sender<u64>,
    failure: OnceLock<Error>,
    workers: Workers,
    pub(crate) flush_queued: AtomicBool,
    pub(crate) checkpoint_queued: AtomicBool,
    /// The size of the log, in pages, at which the next checkpoint is due.
    pub(crate) checkpoint_at: AtomicU32,
    pub(crate) flushes: AtomicU64,
    pub(crate) checkpoints: AtomicU64,
}

impl Shared {
    pub(crate) fn new(
        name: CellName,
        root: PathBuf,
        opened: Opened,
        options: Options,
        workers: Workers,
    ) -> Result<Arc<Shared>, Error> {
        let Opened {
            mut connection,
            database,
            log,
        } = opened;
        let commits = Arc::<Commits>::default();
        let hook = commits.clone();
        connection
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
                hook.log_pages
                    .store(u32::try_from(pages).unwrap_or(0), SeqCst);
                hook.count.fetch_add(1, SeqCst);
                Ok(())
            }))
            .map_err(Error::sqlite(&name))?;
        let checkpoint_at = AtomicU32::new(options.checkpoint_pages());
        Ok(Arc::new(Shared {
            name,
            root,
            options,
            checkpoint: Mutex::new(None),
            gate: Mutex::new(()),
            connection: Mutex::new(Some(connection)),
            database,
            log,
            commits,
            durable: AtomicU64::new(0),
            marks: watch::Sender::new(0),
            failure: OnceLock::new(),
            workers,
            flush_queued: AtomicBool::new(false),
            checkpoint_queued: AtomicBool::new(false),
            checkpoint_at,
            flushes: AtomicU64::new(0),
            checkpoints: AtomicU64::new(0),
        }))
    }

    /// The number of the last commit that is on disk.
    pub(crate) fn durable(&self) -> u64 {
        self.durable.load(SeqCst)
    }

    pub(crate) fn advance(&self, commit: u64) {
        if self.durable.fetch_max(commit, SeqCst) < commit {
            self.marks.send_modify(|mark| *mark = commit.max(*mark));
        }
    }

    /// Closes the cell for good and fails every ticket that waits or will wait.
    pub(crate) fn fail(&self, reason: String) {
        let error = Error::NotDurable {
            cell: self.name.clone(),
            reason,
        };
        if self.failure.set(error.clone()).is_ok() {
            tracing::error!("{error}");
        }
        self.marks.send_modify(|_| ());
    }

    pub(crate) fn failure(&self) -> Option<&Error> {
        self.failure.get()
    }

    pub(crate) async fn wait_durable(&self, commit: u64) -> Result<(), Error> {
        let mut marks = self.marks.subscribe();
        let settled = |durable: &u64| *durable >= commit || self.failure().is_some();
        marks
            .wait_for(settled)
            .await
            .map(drop)
            .expect("the sender is a field of self");
        match self.failure() {
            Some(error) if self.durable() < commit => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// The connection, unless the cell failed or was closed.
    pub(crate) fn connection(&self) -> Result<MappedMutexGuard<'_, Connection>, Error> {
        let guard = self.connection.lock();
        if let Some(error) = self.failure() {
            return Err(error.clone());
        }
        let open = MutexGuard::try_map(guard, Option::as_mut);
        let connection = open.map_err(|_| Error::Closed {
            path: self.root.clone(),
        })?;
        if !connection.is_autocommit() {
            // A transaction that could not be rolled back when its closure failed.
            connection
                .execute_batch("ROLLBACK")
                .map_err(Error::sqlite(&self.name))?;
        }
        Ok(connection)
    }

    /// The ticket for what is committed now. To be called under the lock of the connection, with
    /// the count of commits as it was when that lock was taken.
    pub(crate) fn ticket(self: &Arc<Self>, before: u64) -> Ticket {
        let commit = self.commits.count.load(SeqCst);
        if commit != before {
            self.flush_soon();
            self.checkpoint_when_due();
        }
        Ticket {
            cell: self.clone(),
            commit,
        }
    }

    fn flush_soon(self: &Arc<Self>) {
        if !self.flush_queued.swap(true, SeqCst) {
            self.workers.flusher.push(self.clone());
        }
    }

    fn checkpoint_when_due(self: &Arc<Self>) {
        let pages = self.commits.log_pages.load(SeqCst);
        if pages >= self.checkpoint_at.load(SeqCst) && !self.checkpoint_queued.swap(true, SeqCst) {
            self.workers.checkpointer.push(self.clone());
        }
    }

    /// Makes everything durable, empties the log into the database and closes it.
    pub(crate) fn close(&self) -> Result<(), Error> {
        let mut checkpoint = self.checkpoint.lock();
        let _gate = self.gate.lock();
        let Some(connection) = self.connection.lock().take() else {
            return Ok(());
        };
        checkpoint.take();
        self.flush();
        if let Some(error) = self.failure() {
            close_as_it_is(connection);
            return Err(error.clone());
        }
        let sqlite = Error::sqlite(&self.name);
        truncate_log(&connection).map_err(&sqlite)?;
        connection.close().map_err(|(_, e)| sqlite(e))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.failure.get().is_some()
            && let Some(connection) = self.connection.get_mut().take()
        {
            self.checkpoint.get_mut().take();
            close_as_it_is(connection);
        }
    }
}

/// Closes a database whose log may have lost something, so that SQLite does not copy the log into
/// it.
fn close_as_it_is(connection: Connection) {
    if let Err(e) = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true) {
        tracing::error!("closing a cell that failed: {e}");
    }
    drop(connection);
}
