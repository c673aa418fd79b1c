//! Statements with their parameters, and what they give.

use std::sync::Arc;
use std::time::Duration;

use cellhouse_cell::Ticket;
use rusqlite::types::ValueRef;

/// A value for a parameter, by the type that it has in JavaScript.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    /// NULL.
    Null,
    /// Every number is a REAL, whole ones too. Those that JSON does not have are NULL.
    Number(f64),
    /// A TEXT.
    Text(String),
    /// A BLOB.
    Blob(Vec<u8>),
}

impl Param {
    pub(crate) fn value(&self) -> ValueRef<'_> {
        match self {
            Param::Number(number) if number.is_finite() => ValueRef::Real(*number + 0.0),
            Param::Null | Param::Number(_) => ValueRef::Null,
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }
}

/// SQL with its parameters. Usually one statement; of several, the last one has the parameters and
/// the rows. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text.
    pub sql: Arc<str>,
    /// Its parameters, from `?1`.
    pub params: Arc<[Param]>,
}

impl Statement {
    /// Without parameters.
    pub fn new(sql: &str) -> Statement {
        Statement {
            sql: sql.into(),
            params: Arc::new([]),
        }
    }

    /// With parameters.
    pub fn with(sql: &str, params: impl Into<Arc<[Param]>>) -> Statement {
        Statement {
            sql: sql.into(),
            params: params.into(),
        }
    }
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// An INTEGER, which JavaScript gets as a number, though beyond 2^53 that is not exact.
    Integer(i64),
    /// A REAL.
    Real(f64),
    /// A TEXT. What is not UTF-8 in it is replaced.
    Text(String),
    /// A BLOB.
    Blob(Vec<u8>),
}

impl Value {
    pub(crate) fn of(value: ValueRef<'_>) -> Value {
        match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        }
    }

    /// Bytes of memory, about.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Value>()
            + match self {
                Value::Text(text) => text.len(),
                Value::Blob(bytes) => bytes.len(),
                _ => 0,
            }
    }
}

/// What one statement gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The names of the columns. Two may be the same.
    pub columns: Vec<String>,
    /// The values of all rows, one row after the other.
    pub values: Vec<Value>,
    /// How it went.
    pub meta: Meta,
}

impl Output {
    /// The rows.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[Value]> {
        self.values.chunks_exact(self.columns.len().max(1))
    }
}

/// What D1 tells of a statement beside its rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meta {
    /// How long it ran.
    pub duration: Duration,
    /// Rows that it inserted, updated or deleted, triggers and foreign keys included.
    pub changes: u64,
    /// The rowid of the row that was inserted last, by any statement.
    pub last_row_id: i64,
    /// Whether it changed the database.
    pub changed_db: bool,
    /// Bytes of the database that are in use after it; after one of several statements of a call that
    /// only changed rows, those before it.
    pub size_after: u64,
    /// Rows that it read, about: those that it gave, or those that its scans of whole tables went
    /// through if that is more.
    pub rows_read: u64,
    /// Rows that it wrote. Cloudflare counts entries of indexes besides.
    pub rows_written: u64,
}

/// What the statements of one call gave, which ran in one transaction.
#[derive(Debug)]
pub struct Answer {
    /// One for each statement that was not empty.
    pub outputs: Vec<Output>,
    /// Stands for all commits that they could see, and their own.
    pub ticket: Ticket,
    /// The number of the database's last commit that they could see, their own included.
    pub transaction: u64,
}
