//! Opening the SQLite file of a cell: locks, journal mode, recovery, schema. It ends with a
//! database in which every visible commit is on disk, whatever the state it was left in.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::{CellName, Error, Options, directory};

/// Marks a database as a cell: SQLite's `application_id`, the letters "cell".
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"cell");

/// SQLite's file layer that locks the database for this process when it is first used and keeps the
/// index of the write-ahead log in memory, so that no transaction costs a system call for locks.
const VFS: &str = "unix-excl";

/// Prepared statements kept per connection: more than the stores of this project use.
const STATEMENTS: usize = 64;

/// An open database with handles on its files for syncing.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) database: SyncFile,
    pub(crate) log: SyncFile,
}

/// A file that is only ever synced through this handle. The one of a database must outlive its
/// connections: closing any handle on a file drops the POSIX locks that SQLite holds on it.
pub(crate) struct SyncFile {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
}

impl SyncFile {
    fn open(path: PathBuf) -> Result<SyncFile, Error> {
        let file = File::open(&path).map_err(Error::io("open", &path))?;
        Ok(SyncFile { path, file })
    }
}

/// Opens the cell's database, or creates it, and brings it to the newest schema: `schema[n]` makes
/// version n + 1.
pub(crate) fn open(
    name: &CellName,
    path: &Path,
    schema: &[&str],
    options: &Options,
) -> Result<Opened, Error> {
    let parent = path
        .parent()
        .expect("a cell lies in the directory of its kind");
    directory::create(parent)?;
    if !path.exists() {
        create(name, path, schema)?;
    }
    let mut connection = connect(path).map_err(in_use_or(name, path))?;
    if application_id(&connection).map_err(in_use_or(name, path))? != APPLICATION_ID {
        return Err(Error::Foreign {
            cell: name.clone(),
            path: path.to_owned(),
        });
    }
    recover(&connection).map_err(in_use_or(name, path))?;
    migrate(&mut connection, name, path, schema)?;
    let database = SyncFile::open(path.to_owned())?;
    let log = SyncFile::open(with_suffix(path, "-wal"))?;
    directory::sync(parent)?;
    settle(&connection, options).map_err(Error::sqlite(name))?;
    Ok(Opened {
        connection,
        database,
        log,
    })
}

/// Makes the database under another name, and moves it to its place when it is whole and on disk.
fn create(name: &CellName, path: &Path, schema: &[&str]) -> Result<(), Error> {
    let draft = with_suffix(path, ".new");
    for leftover in [
        draft.clone(),
        with_suffix(&draft, "-wal"),
        with_suffix(&draft, "-journal"),
    ] {
        match fs::remove_file(&leftover) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", &leftover)(e));
            }
            _ => {}
        }
    }
    let mut connection = fill(&draft).map_err(Error::sqlite(name))?;
    migrate(&mut connection, name, &draft, schema)?;
    connection
        .close()
        .map_err(|(_, e)| Error::sqlite(name)(e))?;
    File::open(&draft)
        .and_then(|file| file.sync_all())
        .map_err(Error::io("sync", &draft))?;
    fs::rename(&draft, path).map_err(Error::io("move into place", &draft))?;
    directory::sync(
        path.parent()
            .expect("a cell lies in the directory of its kind"),
    )
}

/// An empty cell. Nothing is synced, because nobody relies on it yet.
fn fill(draft: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(draft)?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    Ok(connection)
}

/// A connection to a database of which this process already has one.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags_and_vfs(path, flags, VFS)?;
    connection.busy_timeout(Duration::ZERO)?; // Another process is reported at once.
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}

/// A database that somebody else holds shows as "busy" at the first thing done with it.
fn in_use_or(name: &CellName, path: &Path) -> impl Fn(rusqlite::Error) -> Error {
    move |e| match e.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::InUse {
            path: path.to_owned(),
            pid: None,
        },
        _ => Error::sqlite(name)(e),
    }
}

fn application_id(connection: &Connection) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

/// Copies what a crash left in the write-ahead log into the database, synced. Without that a commit
/// which was never synced could be shown now and be gone after the next power cut.
fn recover(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    truncate_log(connection)
}

/// Copies the whole log into the database, syncs both, and empties the log.
pub(crate) fn truncate_log(connection: &Connection) -> rusqlite::Result<()> {
    let busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(code, None));
    }
    Ok(())
}

fn migrate(
    connection: &mut Connection,
    name: &CellName,
    path: &Path,
    schema: &[&str],
) -> Result<(), Error> {
    let sqlite = Error::sqlite(name);
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(&sqlite)?;
    let newer = || Error::Newer {
        cell: name.clone(),
        path: path.to_owned(),
        found,
        known: schema.len(),
    };
    let version = usize::try_from(found)
        .ok()
        .filter(|version| *version <= schema.len())
        .ok_or_else(newer)?;
    for (index, sql) in schema.iter().enumerate().skip(version) {
        step(connection, sql, index + 1).map_err(&sqlite)?;
    }
    Ok(())
}

fn step(connection: &mut Connection, sql: &str, version: usize) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.pragma_update(
        None,
        "user_version",
        i64::try_from(version).expect("a schema has few versions"),
    )?;
    transaction.commit()
}

/// The checkpointer may hold SQLite's lock for writing for the time of one look at the index of the
/// log.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// From here on commits do not sync; `flush.rs` does.
fn settle(connection: &Connection, options: &Options) -> rusqlite::Result<()> {
    let kib = i64::try_from(options.cache_bytes / 1024).unwrap_or(i64::MAX);
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -kib.max(1))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    let keep = i64::try_from(options.checkpoint_bytes.saturating_mul(2)).unwrap_or(i64::MAX);
    connection.pragma_update_and_check(None, "journal_size_limit", keep, |_| Ok(()))
}
