//! What SQLite says of SQL that it refuses, with everything it knows: both codes, and where in the
//! text. What users are shown of it is not decided here.

use rusqlite::ffi;

/// An error of SQL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct SqlError {
    /// SQLite's primary result code.
    pub code: i32,
    /// Its extended result code; the primary one if it has no other.
    pub extended: i32,
    /// Its message.
    pub message: String,
    /// The byte of the text that the message is about, if it is about one.
    pub offset: Option<usize>,
    /// The query is not there any more: its connection was closed meanwhile.
    pub closed: bool,
}

impl SqlError {
    pub(super) fn new(extended: i32, message: String, offset: Option<usize>) -> SqlError {
        SqlError {
            code: extended & 0xff,
            extended,
            message,
            offset,
            closed: false,
        }
    }

    pub(super) fn closed() -> SqlError {
        SqlError {
            closed: true,
            ..SqlError::new(ffi::SQLITE_ABORT, "the query was closed".to_owned(), None)
        }
    }

    /// What rusqlite kept of an error.
    pub fn from_rusqlite(error: &rusqlite::Error) -> SqlError {
        let (code, message) = match error {
            rusqlite::Error::SqliteFailure(error, message) => {
                (error.extended_code, message.clone())
            }
            rusqlite::Error::SqlInputError { error, msg, .. } => {
                (error.extended_code, Some(msg.clone()))
            }
            _ => (ffi::SQLITE_ERROR, None),
        };
        SqlError::new(code, message.unwrap_or_else(|| error.to_string()), None)
    }
}
