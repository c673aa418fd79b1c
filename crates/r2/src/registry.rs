//! Which buckets there are. What is in one is in its own cell.

use rusqlite::{OptionalExtension as _, Transaction};

use crate::r2::Inner;
use crate::{Error, R2};

/// The second table is that of `keys`.
pub(crate) const SCHEMA: &[&str] = &["
    CREATE TABLE buckets (name TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE keys (
        id TEXT NOT NULL PRIMARY KEY,
        secret TEXT NOT NULL,
        name TEXT NOT NULL,
        created INTEGER NOT NULL,
        bucket TEXT,
        writes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
"];

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketInfo {
    pub name: String,
    /// In milliseconds since 1970.
    pub created: i64,
}

impl R2 {
    /// All buckets by name.
    pub fn buckets(&self) -> Result<Vec<BucketInfo>, Error> {
        let (buckets, _) = self.inner.registry.read(|connection| {
            let mut select =
                connection.prepare_cached("SELECT name, created FROM buckets ORDER BY name")?;
            let rows = select.query_map([], |row| {
                Ok(BucketInfo {
                    name: row.get(0)?,
                    created: row.get(1)?,
                })
            })?;
            rows.collect()
        })?;
        Ok(buckets)
    }

    /// The bucket of that name, if there is one.
    pub fn find_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Error> {
        find(&self.inner, name)
    }
}

pub(crate) fn find(inner: &Inner, name: &str) -> Result<Option<BucketInfo>, Error> {
    let (found, _) = inner.registry.read(|connection| {
        let mut select =
            connection.prepare_cached("SELECT created FROM buckets WHERE name = ?1")?;
        let found = select.query_row([name], |row| row.get(0)).optional()?;
        Ok(found.map(|created| BucketInfo {
            name: name.to_owned(),
            created,
        }))
    })?;
    Ok(found)
}

/// Adds a bucket unless it is there. Writes nothing if it is.
pub(crate) fn add(inner: &Inner, name: &str) -> Result<(), Error> {
    if find(inner, name)?.is_some() {
        return Ok(());
    }
    let now = inner.now_ms();
    inner.registry.write(|transaction: &Transaction<'_>| {
        let sql = "INSERT INTO buckets VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        transaction.execute(sql, (name, now))?;
        Ok::<_, Error>(())
    })?;
    Ok(())
}

pub(crate) fn remove(inner: &Inner, name: &str) -> Result<(), Error> {
    inner.registry.write(|transaction: &Transaction<'_>| {
        transaction.execute("DELETE FROM buckets WHERE name = ?1", [name])?;
        Ok::<_, Error>(())
    })?;
    Ok(())
}
