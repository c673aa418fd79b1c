//! The tables of a bucket's index.
//!
//! Keys are compared as bytes, which is the order that `list` promises. Bodies are not beside the keys, so
//! that listing never reads them: a small one is in `small`, that of an object of several parts or of a
//! file in `segments`. Times are in milliseconds since 1970.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

pub(crate) const SCHEMA: &[&str] = &["
    CREATE TABLE objects (
        key BLOB NOT NULL PRIMARY KEY,
        version BLOB NOT NULL,
        size INTEGER NOT NULL,
        etag TEXT NOT NULL,
        uploaded INTEGER NOT NULL,
        small INTEGER,
        storage_class TEXT,
        checksums TEXT,
        http TEXT,
        custom TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE small (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE segments (
        version BLOB NOT NULL,
        start INTEGER NOT NULL,
        size INTEGER NOT NULL,
        small INTEGER,
        body BLOB,
        PRIMARY KEY (version, start)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX segments_by_body ON segments (body) WHERE body IS NOT NULL;
    CREATE TABLE uploads (
        id TEXT NOT NULL PRIMARY KEY,
        key BLOB NOT NULL,
        created INTEGER NOT NULL,
        ended INTEGER,
        storage_class TEXT,
        checksums TEXT,
        http TEXT,
        custom TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX uploads_by_key ON uploads (key, id) WHERE ended IS NULL;
    CREATE TABLE parts (
        upload TEXT NOT NULL,
        number INTEGER NOT NULL,
        size INTEGER NOT NULL,
        md5 BLOB NOT NULL,
        uploaded INTEGER NOT NULL,
        small INTEGER,
        body BLOB,
        PRIMARY KEY (upload, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX parts_by_body ON parts (body) WHERE body IS NOT NULL;
"];

/// A number of bytes or rows in a column: SQLite's integers have a sign.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count(pub(crate) u64);

impl Count {
    pub(crate) fn of(number: usize) -> Count {
        Count(number as u64)
    }
}

impl ToSql for Count {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Count> {
        let number = value.as_i64()?;
        u64::try_from(number)
            .map(Count)
            .map_err(|_| FromSqlError::OutOfRange(number))
    }
}
