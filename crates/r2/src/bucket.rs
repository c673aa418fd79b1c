//! A bucket: a handle, looking at one object, and removing objects.

use std::sync::Arc;

use cellhouse_cell::{Cell, Clock, Ticket};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use crate::bodies::{Bodies, BodyId, Incoming, Version};
use crate::limits::{MAX_DELETE_KEYS, check_key};
use crate::object::{SELECT, Stored};
use crate::schema::Count;
use crate::{Algorithm, Error, Hasher, Object, r2};

/// A bucket. Cheap to clone, usable from any thread.
///
/// What a method returns must not leave the process before the ticket beside it is durable.
#[derive(Clone)]
pub struct Bucket {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    name: String,
    pub(crate) cell: Cell,
    pub(crate) bodies: Arc<Bodies>,
    clock: Arc<dyn Clock>,
}

/// What a commit lets go of.
#[derive(Default)]
pub(crate) struct LetGo(pub(crate) Vec<(Option<Version>, Vec<BodyId>)>);

impl Bucket {
    pub(crate) fn new(
        name: &str,
        cell: Cell,
        bodies: Arc<Bodies>,
        clock: Arc<dyn Clock>,
    ) -> Bucket {
        Bucket {
            inner: Arc::new(Inner {
                name: name.to_owned(),
                cell,
                bodies,
                clock,
            }),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The object under a key.
    pub fn head(&self, key: &str) -> Result<(Option<Object>, Ticket), Error> {
        check_key(key)?;
        let (found, ticket) = self.inner.cell.read(|connection| select(connection, key))?;
        Ok((found.map(|stored| stored.object), ticket))
    }

    /// A body that is about to arrive. `wanted` is the checksum that it will be checked with.
    pub fn receive(&self, wanted: Option<Algorithm>) -> Incoming {
        self.inner.bodies.incoming(Hasher::new(wanted))
    }

    /// Removes objects; those that are not there too. All or none.
    pub fn delete(&self, keys: &[&str]) -> Result<Ticket, Error> {
        if keys.len() > MAX_DELETE_KEYS {
            let count = keys.len();
            return Err(Error::argument(format!(
                "At most {MAX_DELETE_KEYS} keys can be deleted at once, not {count}."
            )));
        }
        keys.iter().try_for_each(|key| check_key(key))?;
        let ((), ticket) = self.change(|transaction| {
            let mut let_go = LetGo::default();
            for key in keys {
                remove(transaction, key, &mut let_go)?;
            }
            Ok(((), let_go))
        })?;
        Ok(ticket)
    }

    /// Whether it has no object and no upload under way.
    pub fn is_empty(&self) -> Result<bool, Error> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM objects)
            AND NOT EXISTS (SELECT 1 FROM uploads WHERE ended IS NULL)";
        let (empty, _) = self
            .inner
            .cell
            .read(|connection| connection.query_row(sql, [], |row| row.get(0)))?;
        Ok(empty)
    }

    /// Objects, and the bytes of their bodies.
    pub fn usage(&self) -> Result<(u64, u64), Error> {
        let sql = "SELECT count(*), coalesce(sum(size), 0) FROM objects";
        let read = |connection: &Connection| {
            connection.query_row(sql, [], |row| {
                Ok((row.get::<_, Count>(0)?.0, row.get::<_, Count>(1)?.0))
            })
        };
        Ok(self.inner.cell.read(read)?.0)
    }

    /// The ticket for everything that is in the index now. An error of a method is covered by it.
    pub fn ticket(&self) -> Ticket {
        self.inner.cell.ticket()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        r2::now_ms(&*self.inner.clock)
    }

    /// One commit; the bodies that it lets go of are removed later.
    pub(crate) fn change<T>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<(T, LetGo), Error>,
    ) -> Result<(T, Ticket), Error> {
        let doom = |transaction: &Transaction<'_>| {
            let (value, let_go) = f(transaction)?;
            Ok::<_, Error>((value, self.inner.bodies.doom(let_go.0)))
        };
        let ((value, doom), ticket) = self.inner.cell.write(doom)?;
        doom.committed(&ticket);
        Ok((value, ticket))
    }
}

/// The row of a key.
pub(crate) fn select(connection: &Connection, key: &str) -> rusqlite::Result<Option<Stored>> {
    let mut statement = connection.prepare_cached(SELECT)?;
    statement
        .query_row([key.as_bytes()], Stored::read)
        .optional()
}

/// Removes the row of a key, if there is one, with its body.
pub(crate) fn remove(
    transaction: &Transaction<'_>,
    key: &str,
    let_go: &mut LetGo,
) -> Result<(), Error> {
    let sql = "DELETE FROM objects WHERE key = ?1 RETURNING version, small";
    let removed = transaction
        .prepare_cached(sql)?
        .query_row([key.as_bytes()], |row| {
            Ok((Version(row.get(0)?), row.get::<_, Option<i64>>(1)?))
        })
        .optional()?;
    match removed {
        None => Ok(()),
        Some((_, Some(small))) => remove_small(transaction, small),
        Some((version, None)) => remove_segments(transaction, version, let_go),
    }
}

pub(crate) fn remove_small(transaction: &Transaction<'_>, small: i64) -> Result<(), Error> {
    let mut delete = transaction.prepare_cached("DELETE FROM small WHERE id = ?1")?;
    delete.execute([small])?;
    Ok(())
}

fn remove_segments(
    transaction: &Transaction<'_>,
    version: Version,
    let_go: &mut LetGo,
) -> Result<(), Error> {
    let sql = "DELETE FROM segments WHERE version = ?1 RETURNING small, body";
    let mut delete = transaction.prepare_cached(sql)?;
    let rows = delete.query_map([&version.0[..]], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<(Option<i64>, Option<[u8; 16]>)> = rows.collect::<rusqlite::Result<_>>()?;
    for small in rows.iter().filter_map(|row| row.0) {
        remove_small(transaction, small)?;
    }
    let bodies = rows.iter().filter_map(|row| row.1).map(BodyId).collect();
    let_go.0.push((Some(version), bodies));
    Ok(())
}
