//! Values of SQL: what may be bound, and what comes back.

use rusqlite::types::ValueRef;

/// A value for a parameter, by the type that it has in JavaScript.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Binding<'a> {
    /// `null` and `undefined`: NULL.
    Null,
    /// Every number is a REAL, whole ones too; NaN is NULL.
    Number(f64),
    /// The text `true` or `false`.
    Boolean(bool),
    /// A TEXT; whatever else there is in JavaScript is one too, as `String(value)`.
    Text(&'a str),
    /// A BLOB: `ArrayBuffer` and its views.
    Blob(&'a [u8]),
}

impl Binding<'_> {
    pub(super) fn value(&self) -> ValueRef<'_> {
        match self {
            Binding::Null => ValueRef::Null,
            Binding::Number(number) => ValueRef::Real(*number),
            Binding::Boolean(true) => ValueRef::Text(b"true"),
            Binding::Boolean(false) => ValueRef::Text(b"false"),
            Binding::Text(text) => ValueRef::Text(text.as_bytes()),
            Binding::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// An INTEGER, which JavaScript gets as a number, though beyond 2^53 that is not exact.
    Integer(i64),
    /// A REAL.
    Real(f64),
    /// A TEXT. What is not UTF-8 in it is replaced.
    Text(String),
    /// A BLOB: an `ArrayBuffer`.
    Blob(Vec<u8>),
}

impl Value {
    pub(super) fn of(value: ValueRef<'_>) -> Value {
        match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        }
    }

    /// Bytes of memory, about.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Value>()
            + match self {
                Value::Text(text) => text.len(),
                Value::Blob(bytes) => bytes.len(),
                _ => 0,
            }
    }
}
