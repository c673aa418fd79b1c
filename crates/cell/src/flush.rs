//! Why a commit whose ticket is durable survives `kill -9` and a power cut, and what each thread
//! does for that.
//!
//! **Files.** A cell is an SQLite database in WAL mode with `synchronous=NORMAL`. A commit appends
//! its pages to the write-ahead log (`-wal`) with plain writes and syncs nothing. Each page in the
//! log carries a checksum that continues the one before it, so recovery sees a prefix of the
//! commits: never a later one without an earlier one, never half of one.
//!
//! **Group commit.** SQLite calls the commit hook when the pages of a commit are written, under the
//! lock of the connection; the hook numbers commits. The flusher clears the cell's "queued" flag,
//! *then* reads the newest number, *then* calls `fdatasync` on the log, then publishes the number
//! as durable. All pages of the commits up to that number were written before the call, so they are
//! on disk after it. A commit during the call finds the flag clear and queues the cell again: the
//! next group forms while this one syncs.
//!
//! **Checkpoint.** When the log has grown, the checkpointer copies it into the database through a
//! connection of its own, beside the writer. SQLite syncs the log before it copies the first page,
//! and syncs the database before it calls a copy complete; only then may the next commit begin the
//! log anew at its start. So at each moment every durable commit is in the synced log or in the
//! synced database. Beginning anew, SQLite writes the log's header with a new salt and syncs that
//! before the pages behind it: old pages can then never be taken for new ones. (That sync, one per
//! 16 MiB of log, is the only one on the thread of a writer.) To hold writers for a moment only,
//! most of the log is copied and the database synced while they go on; the gate is closed for what
//! came in meanwhile. Readers never wait.
//!
//! **Failed syncs.** After a failed `fsync` the kernel may have thrown the pages away and call the
//! next one a success. So nothing is retried: the cell fails all tickets beyond the durable mark,
//! refuses all further work, and is closed without a checkpoint. A full disk is different, since
//! SQLite reports it when writing: the commit fails, or the checkpoint is put off.
//!
//! **Opening.** After `kill -9` the log may show commits that are in the kernel's memory only. They
//! must not be shown, since a power cut could still take them. So opening copies the log into the
//! database and syncs it before anything is read.
//!
//! **Directories.** A new file's name is synced into its directory before the cell is used.

use std::sync::atomic::Ordering::SeqCst;

use rusqlite::{Connection, ErrorCode};

use crate::file::{SyncFile, connect};
use crate::shared::Shared;
use crate::{Error, Options};

/// SQLite's default page size plus the header of a page in the log.
const LOG_PAGE_BYTES: u64 = 4096 + 24;

/// Copying this much with the writers held takes about a millisecond.
const SHORT_HOLD_PAGES: u32 = 256;

/// How often the checkpointer tries to catch up with the writers before it holds them.
const CATCH_UP_ROUNDS: u32 = 4;

impl Options {
    pub(crate) fn checkpoint_pages(&self) -> u32 {
        u32::try_from(self.checkpoint_bytes / LOG_PAGE_BYTES)
            .unwrap_or(u32::MAX)
            .max(1)
    }
}

impl Shared {
    /// Makes all commits up to now durable. The job of the flusher.
    pub(crate) fn flush(&self) {
        self.flush_queued.store(false, SeqCst);
        let newest = self.commits.count.load(SeqCst);
        if newest > self.durable() && self.sync(&self.log).is_ok() {
            self.flushes.fetch_add(1, SeqCst);
            self.advance(newest);
        }
    }

    /// Copies the log into the database, so that the log can begin anew. The job of the
    /// checkpointer.
    pub(crate) fn checkpoint(&self) {
        let mut slot = self.checkpoint.lock();
        if self.failure().is_some() || self.connection().is_err() {
            return;
        }
        let done = self.copy_log(&mut slot);
        self.checkpoint_at.store(self.next_checkpoint(done), SeqCst);
        self.checkpoint_queued.store(false, SeqCst);
    }

    /// A checkpoint that did not succeed is due again when the log has grown by another half of the
    /// usual size.
    fn next_checkpoint(&self, done: bool) -> u32 {
        let usual = self.options.checkpoint_pages();
        let now = if done {
            0
        } else {
            self.commits.log_pages.load(SeqCst)
        };
        usual.max(now.saturating_add(usual / 2))
    }

    /// Whether the whole log was copied, except for a reason that has closed the cell.
    fn copy_log(&self, slot: &mut Option<Connection>) -> bool {
        match self.copy_beside_writers(slot) {
            Ok(()) => {
                self.checkpoints.fetch_add(1, SeqCst);
                true
            }
            Err(Stop::Later(reason)) => {
                tracing::warn!(
                    "cell {}: its log stays as it is for now: {reason}",
                    self.name
                );
                false
            }
            Err(Stop::Failed) => false,
        }
    }

    /// Always ends with the writers held: only then is it certain that the next commit finds the
    /// whole log copied and begins it anew.
    fn copy_beside_writers(&self, slot: &mut Option<Connection>) -> Result<(), Stop> {
        let connection = self.checkpoint_connection(slot)?;
        for _ in 0..CATCH_UP_ROUNDS {
            let left = self.copy(connection)?;
            self.sync(&self.database)?;
            if left <= SHORT_HOLD_PAGES {
                break;
            }
        }
        let _gate = self.gate.lock();
        match self.copy(connection)? {
            0 => Ok(()),
            left => Err(Stop::Later(format!("{left} of its pages are being read"))),
        }
    }

    /// Copies what SQLite finds in the log and may copy; how many pages are in the log beyond that
    /// by now.
    ///
    /// When the writer is just publishing a commit, SQLite may find the log's index half written.
    /// It then copies nothing and says -1; the next round does it.
    fn copy(&self, connection: &Connection) -> Result<u32, Stop> {
        let row = |row: &rusqlite::Row<'_>| row.get::<_, i64>(2);
        let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], row);
        let copied = u32::try_from(copied.map_err(|e| self.stop(e))?).unwrap_or(0);
        Ok(self.commits.log_pages.load(SeqCst).saturating_sub(copied))
    }

    fn checkpoint_connection<'a>(
        &self,
        slot: &'a mut Option<Connection>,
    ) -> Result<&'a Connection, Stop> {
        if slot.is_none() {
            *slot = Some(self.second_connection().map_err(|e| self.stop(e))?);
        }
        Ok(slot.as_ref().expect("it was just put there"))
    }

    /// A connection copies the log only once it has read something.
    fn second_connection(&self) -> rusqlite::Result<Connection> {
        let connection = connect(&self.database.path)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    }

    fn stop(&self, error: rusqlite::Error) -> Stop {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::OutOfMemory) => {
                Stop::Later(error.to_string())
            }
            _ => {
                self.fail(format!(
                    "copying the log into {}: {error}",
                    self.database.path.display()
                ));
                Stop::Failed
            }
        }
    }

    /// Syncs a file of the cell; a failure closes the cell.
    fn sync(&self, file: &SyncFile) -> Result<(), Stop> {
        if self.failure().is_some() {
            return Err(Stop::Failed);
        }
        self.options.disk.sync(&file.path, &file.file).map_err(|e| {
            self.fail(Error::io("sync", &file.path)(e).to_string());
            Stop::Failed
        })
    }
}

/// Why a checkpoint did not go through.
enum Stop {
    /// Nothing is wrong with the data; it can be tried again.
    Later(String),
    /// The cell has failed.
    Failed,
}
