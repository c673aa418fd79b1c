//! The file layer that SQLite sees: every database is a [`PageFile`] of ours, and the only thing
//! that SQLite may open is the one that [`open`] hands over.
//!
//! All `unsafe` code of this crate is in this folder, and nothing else is: what a page file does is
//! safe code elsewhere. `methods.rs` has the calls on an open file, `system.rs` those on the file
//! layer itself, `layer.rs` makes layers, `random.rs` is what SQL knows of randomness, `pragma.rs`
//! what settings SQL may change.
//!
//! The settings make SQLite keep its rollback journal and its temporary files in memory and never
//! look at locks, because a cell has one connection. SQLite then says exactly once per commit, by
//! `SQLITE_FCNTL_SYNC`, that all pages are written: after its in-memory journal could still undo
//! the transaction, so an error there makes the `COMMIT` fail and roll back.

mod layer;
mod methods;
mod pragma;
mod random;
mod system;

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use cellhouse_shard::{Clock, Entropy};
pub(crate) use layer::Layer;
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, ffi};

use crate::page::PAGE_SIZE;

/// The database file of one connection.
///
/// SQLite writes whole pages, in any order and perhaps several times, and then calls
/// [`PageFile::sync`]; or it changes its mind, writes the pages as they were before, and calls it
/// too. What is in the file when `sync` is called is what SQLite means.
pub(crate) trait PageFile: Send {
    /// Size of the file in pages.
    fn pages(&self) -> u32;

    /// Fills `into` from the page with this number (from 1, at most [`PageFile::pages`]), beginning
    /// at `offset` in it.
    fn read(&mut self, number: u32, offset: usize, into: &mut [u8]) -> Result<(), Refused>;

    /// Writes a page; one beyond the end makes the file longer.
    fn write(&mut self, number: u32, page: &[u8; PAGE_SIZE]) -> Result<(), Refused>;

    /// Makes the file shorter.
    fn truncate(&mut self, pages: u32);

    /// A transaction ends here. When it made the database smaller the file is still as long as
    /// before: SQLite shortens it afterwards. What counts is [`database_pages`].
    fn sync(&mut self) -> Result<(), Refused>;

    /// A transaction begins, if none is open.
    fn lock(&mut self) {}

    /// The transaction is over.
    fn unlock(&mut self) {}
}

/// Why a page file does not do what SQLite wants. The file itself keeps the whole reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no room for it.
    Full,
    /// It failed.
    Failed,
}

/// The size of the database in pages as its header (the first 100 bytes) tells it; `None` when it
/// does not, as before the first commit.
pub(crate) fn database_pages(header: &[u8; 100]) -> Option<u32> {
    let number = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().expect("4 bytes"));
    // The size is valid when the change counter is the one that it was written with.
    let (change_counter, size, valid_for) = (number(24), number(28), number(92));
    (size > 0 && change_counter == valid_for).then_some(size)
}

/// Where SQL gets the time and randomness from.
pub(crate) struct Sources {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

/// A connection with the layer that it uses.
pub(crate) struct Database {
    /// Before the layer, which it uses until it is closed.
    connection: Connection,
    _layer: Arc<Layer>,
}

impl Deref for Database {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Database {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

pub(crate) type SharedFile = Arc<Mutex<dyn PageFile>>;

thread_local! {
    /// What the next file that this thread opens is. A way of its own, because SQLite passes only a
    /// name through, and with a registry by name SQL could attach other cells.
    static NEXT: RefCell<Option<SharedFile>> = const { RefCell::new(None) };
}

/// Opens the one connection to a database that writes. `cache_bytes` is the most that SQLite keeps of its pages
/// for itself.
pub(crate) fn open(
    layer: &Arc<Layer>,
    file: SharedFile,
    cache_bytes: usize,
) -> rusqlite::Result<Database> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(layer, file, flags)?;
    let kib = (cache_bytes / 1024).max(1);
    connection.execute_batch(&format!(
        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; \
         PRAGMA temp_store=MEMORY; PRAGMA secure_delete=FAST; PRAGMA cache_size=-{kib}"
    ))?;
    Ok(Database {
        connection,
        _layer: layer.clone(),
    })
}

/// Opens a connection that only reads. Unlike the one of [`open`] it tells its file when its
/// transactions begin and end, and finds out at their beginning what has changed.
pub(crate) fn open_reader(
    layer: &Arc<Layer>,
    file: SharedFile,
    cache_bytes: usize,
) -> rusqlite::Result<Database> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(layer, file, flags)?;
    let kib = (cache_bytes / 1024).max(1);
    connection.execute_batch(&format!(
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{kib}"
    ))?;
    Ok(Database {
        connection,
        _layer: layer.clone(),
    })
}

fn connect(layer: &Arc<Layer>, file: SharedFile, flags: OpenFlags) -> rusqlite::Result<Connection> {
    NEXT.set(Some(file));
    let opened = Connection::open_with_flags_and_vfs("cell", flags, layer.name());
    NEXT.set(None);
    let connection = opened?;
    without_lookaside(&connection);
    random::register(&connection, layer.sources())?;
    Ok(connection)
}

/// Lookaside memory is 48 KB that each connection takes at once to save calls of the allocator: too
/// much for a cell that is mostly idle.
fn without_lookaside(connection: &Connection) {
    // SAFETY: the handle is that of an open connection, borrowed for the call only; the variadic
    // arguments are those that SQLITE_DBCONFIG_LOOKASIDE takes: a buffer, a size, a count.
    let code = unsafe {
        let none: *mut std::ffi::c_void = std::ptr::null_mut();
        let option = ffi::SQLITE_DBCONFIG_LOOKASIDE;
        ffi::sqlite3_db_config(connection.handle(), option, none, 0, 0)
    };
    debug_assert_eq!(
        code,
        ffi::SQLITE_OK,
        "nothing of the connection is in use yet"
    );
}

/// Bytes of memory that SQLite has taken for a connection: pages, schema, statements. Costs some
/// microseconds.
pub(crate) fn memory(connection: &Connection) -> usize {
    [
        ffi::SQLITE_DBSTATUS_CACHE_USED,
        ffi::SQLITE_DBSTATUS_SCHEMA_USED,
        ffi::SQLITE_DBSTATUS_STMT_USED,
    ]
    .into_iter()
    .map(|what| {
        let (mut now, mut highest) = (0, 0);
        // SAFETY: the handle is that of an open connection, borrowed for the call only, and the
        // pointers are to integers that live through it.
        unsafe {
            ffi::sqlite3_db_status(connection.handle(), what, &mut now, &mut highest, 0);
        }
        usize::try_from(now).unwrap_or(0)
    })
    .sum()
}

#[cfg(test)]
mod tests;
