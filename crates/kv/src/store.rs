//! A store: cells with one table each, and the methods for one key.

use std::sync::Arc;

use cellhouse_cell::{CellName, Cells, Stats, Ticket};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use crate::changes;
use crate::error::Method;
use crate::slices::Slices;
use crate::watch::{Watchers, is_watched};
use crate::{Clock, DEFAULT_MIN_TTL, Error, SystemClock, limits};

/// Keys are compared as bytes, which is the order that `list` promises. The value comes last, so
/// that listing never reads it. `expires` is in milliseconds since the epoch.
pub(crate) const SCHEMA: &[&str] = &[
    "
    CREATE TABLE entries (
        key BLOB NOT NULL PRIMARY KEY,
        expires INTEGER,
        metadata TEXT,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX entries_by_expiry ON entries (expires) WHERE expires IS NOT NULL;
",
    changes::SCHEMA,
];

/// How a store behaves.
#[derive(Clone)]
pub struct StoreOptions {
    /// The shortest time to live that `put` takes, in seconds. 60 is Cloudflare's; 0 and 1 allow
    /// any.
    pub min_ttl_seconds: u32,
    /// Tells when entries expire.
    pub clock: Arc<dyn Clock>,
    /// Among how many cells a new store spreads its keys, 1 to [`MAX_SLICES`]: more let a big store
    /// be written on several threads at once. A store that is there keeps its number.
    ///
    /// [`MAX_SLICES`]: crate::MAX_SLICES
    pub slices: u32,
}

impl Default for StoreOptions {
    fn default() -> StoreOptions {
        StoreOptions {
            min_ttl_seconds: DEFAULT_MIN_TTL,
            clock: Arc::new(SystemClock),
            slices: 1,
        }
    }
}

/// What is stored under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The bytes that were put.
    pub value: Vec<u8>,
    /// JSON text.
    pub metadata: Option<String>,
}

/// What `put` takes beside the value.
#[derive(Debug, Clone, Copy, Default)]
pub struct PutOptions<'a> {
    /// When the entry expires, in seconds since the epoch.
    pub expiration: Option<i64>,
    /// In how many seconds it expires. Wins over `expiration`.
    pub expiration_ttl: Option<i64>,
    /// JSON text. `null` is no metadata.
    pub metadata: Option<&'a str>,
}

/// A key-value store. Cheap to clone, usable from any thread.
///
/// What a method returns must not leave the process before the ticket beside it is durable.
#[derive(Clone)]
pub struct Store {
    pub(crate) slices: Arc<Slices>,
    pub(crate) options: StoreOptions,
    pub(crate) watchers: Watchers,
}

impl Store {
    /// Opens the store of that name in a data directory; an empty one if there is none.
    pub fn open(cells: &Cells, name: &str, options: StoreOptions) -> Result<Store, Error> {
        let slices = Arc::new(Slices::open(cells, name, options.slices)?);
        Ok(Store {
            slices,
            options,
            watchers: Watchers::default(),
        })
    }

    /// What it is called in its data directory, where no two stores have one name.
    pub fn name(&self) -> &CellName {
        self.slices.all()[0].name()
    }

    /// The entry of a key, or `None`. `cache_ttl` is checked and has no effect: reads are never
    /// stale.
    pub fn get(&self, key: &str, cache_ttl: Option<i64>) -> Result<(Option<Entry>, Ticket), Error> {
        limits::check_key(Method::Get, key)?;
        limits::check_cache_ttl(Method::Get, cache_ttl)?;
        let cell = self.slices.of(key);
        Ok(cell.read(|connection| select(connection, key, self.now_ms()))?)
    }

    /// Puts a value, with nothing left of what was under the key before.
    pub fn put(&self, key: &str, value: &[u8], options: &PutOptions<'_>) -> Result<Ticket, Error> {
        self.check_put(key, value.len(), options)?;
        let metadata = limits::check_metadata(options.metadata)?;
        let put = |transaction: &Transaction<'_>| {
            let now = self.now_ms();
            let expires = limits::expiry(options, now, self.options.min_ttl_seconds)?;
            let watched = is_watched(transaction)?;
            if watched {
                let before = changes::before(transaction, key, now)?;
                changes::note_put(transaction, key, before, now)?;
            }
            replace(transaction, key, expires, metadata, value)?;
            Ok(watched)
        };
        let (watched, ticket) = self.slices.of(key).write::<_, Error>(put)?;
        if watched {
            self.tell_watchers();
        }
        Ok(ticket)
    }

    /// Whether [`Store::put`] would take such an entry now; the error is the one that it would give. Reads and
    /// changes nothing.
    pub fn check_put(
        &self,
        key: &str,
        value_bytes: usize,
        options: &PutOptions<'_>,
    ) -> Result<(), Error> {
        // In the order of Cloudflare's service, which sees the value last.
        limits::check_key(Method::Put, key)?;
        limits::expiry(options, self.now_ms(), self.options.min_ttl_seconds)?;
        limits::check_metadata(options.metadata)?;
        limits::check_value(Method::Put, value_bytes)
    }

    /// Whether a key could be one; the error is that of [`Store::get`].
    pub fn check_key(&self, key: &str) -> Result<(), Error> {
        limits::check_key(Method::Get, key)
    }

    /// Removes a key; one that is not there too.
    pub fn delete(&self, key: &str) -> Result<Ticket, Error> {
        limits::check_key(Method::Delete, key)?;
        let delete = |transaction: &Transaction<'_>| -> Result<bool, Error> {
            let watched = is_watched(transaction)?;
            if watched {
                let now = self.now_ms();
                let before = changes::before(transaction, key, now)?;
                changes::note_delete(transaction, key, before, now)?;
            }
            transaction
                .prepare_cached("DELETE FROM entries WHERE key = ?1")?
                .execute([key.as_bytes()])?;
            Ok(watched)
        };
        let (watched, ticket) = self.slices.of(key).write(delete)?;
        if watched {
            self.tell_watchers();
        }
        Ok(ticket)
    }

    /// The ticket for everything that is in the store now. An error of a method is covered by it.
    pub fn ticket(&self) -> Ticket {
        self.slices.ticket()
    }

    /// Among how many cells the keys are spread.
    pub fn slices(&self) -> usize {
        self.slices.count()
    }

    /// Counters of the cells below.
    pub fn stats(&self) -> Stats {
        self.slices.stats()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.options.clock.now_ms()
    }
}

/// The entry of a key unless it has expired.
pub(crate) fn select(
    connection: &Connection,
    key: &str,
    now_ms: i64,
) -> rusqlite::Result<Option<Entry>> {
    let sql = "SELECT expires, metadata, value FROM entries WHERE key = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    statement
        .query_row([key.as_bytes()], |row| live(row, now_ms))
        .optional()
        .map(Option::flatten)
}

/// An entry is gone from its expiry on, to the millisecond.
fn live(row: &Row<'_>, now_ms: i64) -> rusqlite::Result<Option<Entry>> {
    let expires: Option<i64> = row.get(0)?;
    if expires.is_some_and(|expires| expires <= now_ms) {
        return Ok(None);
    }
    Ok(Some(Entry {
        metadata: row.get(1)?,
        value: row.get(2)?,
    }))
}

pub(crate) fn replace(
    connection: &Connection,
    key: &str,
    expires: Option<i64>,
    metadata: Option<&str>,
    value: &[u8],
) -> Result<(), Error> {
    let sql = "INSERT INTO entries (key, expires, metadata, value) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (key) DO UPDATE
        SET expires = excluded.expires, metadata = excluded.metadata, value = excluded.value";
    connection
        .prepare_cached(sql)?
        .execute((key.as_bytes(), expires, metadata, value))?;
    Ok(())
}
