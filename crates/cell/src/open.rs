//! A cell in memory: its pages, the SQLite connection while there is one, and the queries that run
//! on it. Whose turn it is, and when any of it leaves memory, is up to the slot.

use std::sync::Arc;

use cellhouse_shard::Extra;
use parking_lot::Mutex;
use rusqlite::Connection;

use crate::cells::Current;
use crate::image::Image;
use crate::query::{Queries, Statements};
use crate::vfs::{self, Database};
use crate::{Error, Options, Setup};

/// Prepared statements kept per connection: more than the stores of this project use.
const STATEMENTS: usize = 64;

/// What a connection takes before it was measured, about: see `examples/memory.rs`.
const CONNECTION_BYTES: usize = 16 << 10;

pub(crate) struct Open {
    /// Before the connection, which they use.
    statements: Statements,
    /// Before the image, which it uses.
    connection: Option<Database>,
    connection_bytes: usize,
    pub(crate) image: Arc<Mutex<Image>>,
    pub(crate) current: Arc<Current>,
}

impl Open {
    pub(crate) fn new(image: Image, current: Arc<Current>) -> Open {
        Open {
            statements: Statements::default(),
            connection: None,
            connection_bytes: 0,
            image: Arc::new(Mutex::new(image)),
            current,
        }
    }

    pub(crate) fn connect(
        &mut self,
        options: &Options,
        setup: Option<Setup>,
    ) -> rusqlite::Result<()> {
        self.disconnect();
        let mut connection =
            vfs::open(&self.current.layer, self.image.clone(), options.cache_bytes)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        if let Some(setup) = setup {
            setup(&mut connection)?;
        }
        self.connection_bytes = CONNECTION_BYTES;
        self.connection = Some(connection);
        Ok(())
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// Whether a query of a session has rows to give.
    pub(crate) fn has_queries(&self) -> bool {
        self.statements.any_open()
    }

    /// Ends all queries and the connection.
    pub(crate) fn disconnect(&mut self) {
        self.statements = Statements::default();
        self.connection = None;
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .expect("a cell that is ready is connected")
    }

    pub(crate) fn queries(&mut self) -> Queries<'_> {
        let connection = self.connection.as_ref();
        let connection = connection.expect("a cell that is ready is connected");
        Queries::new(connection, &mut self.statements)
    }

    /// Ends a transaction that could not be rolled back when its closure failed.
    pub(crate) fn end_transaction(&mut self) -> rusqlite::Result<()> {
        match self.connection() {
            connection if connection.is_autocommit() => Ok(()),
            connection => connection.execute_batch("ROLLBACK"),
        }
    }

    /// Commits the open transaction, if there is one, together with `extra`. After an error nothing
    /// of both remains.
    pub(crate) fn commit(&mut self, extra: Vec<Extra>) -> Result<(), CommitFailed> {
        self.image.lock().attach(extra);
        let committed = match self.connection() {
            connection if connection.is_autocommit() => Ok(()),
            connection => run(connection, "COMMIT"),
        };
        // SQLite does not say when a transaction that changed nothing ends.
        let left = self.image.lock().detach();
        if let Err(error) = committed {
            // A constraint that is checked at the end leaves the transaction open.
            self.end_transaction().map_err(CommitFailed::Sqlite)?;
            return Err(CommitFailed::Sqlite(error));
        }
        match left.is_empty() {
            true => Ok(()),
            false => self
                .image
                .lock()
                .hand_in_alone(left)
                .map_err(CommitFailed::Cell),
        }
    }

    /// Why SQLite was told that something failed, if it was in this use of the cell.
    pub(crate) fn take_refusal(&self) -> Option<Error> {
        self.image.lock().take_refusal()
    }

    /// Bytes of memory, about. What SQLite takes is asked only with `measure`.
    pub(crate) fn memory(&mut self, measure: bool) -> usize {
        if let Some(connection) = &self.connection
            && measure
        {
            self.connection_bytes = vfs::memory(connection) + CONNECTION_BYTES / 2;
        }
        let connection = match self.connection {
            Some(_) => self.connection_bytes,
            None => 0,
        };
        connection + self.image.lock().memory()
    }
}

impl Drop for Open {
    /// The next one may use the same file.
    fn drop(&mut self) {
        self.image.lock().retire();
    }
}

/// Why a commit failed.
pub(crate) enum CommitFailed {
    Sqlite(rusqlite::Error),
    Cell(Error),
}

/// Runs a statement that is used all the time.
pub(crate) fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
