//! Errors of objects: the messages of Cloudflare's runtime where it has one, and which class of
//! JavaScript error each one is.

use cellhouse_cell::SqlError;

/// What kind of JavaScript error it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A `TypeError`: an argument that is never right.
    Type,
    /// A `RangeError`: beyond a limit.
    Range,
    /// An `Error`: what was asked cannot be done, and the object goes on.
    Refused,
    /// An `Error`: the storage failed. Writes that the object believes in may be gone, so it has to
    /// start again, and nothing that it wanted to send may leave.
    Storage,
}

/// An error of an object, a namespace or a migration.
///
/// Unless it is [`ErrorKind::Storage`], nothing was changed. Its message may tell what the object
/// holds, so before it leaves the process the ticket of [`Storage::ticket`](crate::Storage::ticket)
/// must be durable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// What kind of JavaScript error it becomes.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn type_error(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Type, message)
    }

    pub(crate) fn range(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Range, message)
    }

    pub(crate) fn refused(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Refused, message)
    }

    pub(crate) fn storage(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Storage, message)
    }

    fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        let message = message.into();
        Error { kind, message }
    }
}

impl From<cellhouse_cell::Error> for Error {
    fn from(e: cellhouse_cell::Error) -> Error {
        Error::storage(format!("storage: {e}"))
    }
}

/// Of our own SQL, which only the storage can make fail.
impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Error {
        Error::storage(format!("storage: {}", SqlError::from_rusqlite(&e)))
    }
}
