//! Errors of databases, in Cloudflare's words where it has some. The `D1_ERROR: ` before them is
//! JavaScript's.

use cellhouse_cell::SqlError;

/// What kind of error it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was asked is wrong or refused, and the database goes on.
    Refused,
    /// It took too long.
    Timeout,
    /// Nobody wants the answer any more.
    Unwanted,
    /// The storage failed.
    Storage,
}

/// An error of a database. Nothing has been changed when one is returned.
///
/// Its message may tell what the database holds, so before it leaves the process the ticket of
/// [`Database::ticket`](crate::Database::ticket) must be durable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// What Cloudflare says when the time of a query is over.
const TIMEOUT: &str = "D1 DB storage operation exceeded timeout which caused object to be reset.";

impl Error {
    /// What kind it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn refused(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Refused, message)
    }

    pub(crate) fn timeout() -> Error {
        Error::new(ErrorKind::Timeout, TIMEOUT)
    }

    /// Of a query that was stopped because nobody wants its answer.
    pub fn unwanted() -> Error {
        Error::new(ErrorKind::Unwanted, "nobody waits for the query any more")
    }

    pub(crate) fn storage(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Storage, message)
    }

    fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: message.into(),
        }
    }
}

impl From<cellhouse_cell::Error> for Error {
    fn from(error: cellhouse_cell::Error) -> Error {
        match &error {
            // A constraint that is looked at when the transaction ends.
            cellhouse_cell::Error::Sqlite { source, .. } => {
                let source = SqlError::from_rusqlite(source);
                match cellhouse_cell::sql::is_of_storage(&source) {
                    true => Error::storage(format!("storage: {error}")),
                    false => Error::refused(cellhouse_cell::sql::text(&source, None)),
                }
            }
            cellhouse_cell::Error::TooLarge { .. } | cellhouse_cell::Error::Bookmark { .. } => {
                Error::refused(error.to_string())
            }
            _ => Error::storage(format!("storage: {error}")),
        }
    }
}

/// Of our own SQL, which only the storage can make fail.
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        Error::storage(format!("storage: {}", SqlError::from_rusqlite(&error)))
    }
}
