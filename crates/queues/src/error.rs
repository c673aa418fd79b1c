//! Errors of queues, and which of them are Cloudflare's.

/// What kind of error it is for an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The queue takes no such message: `Queue send failed: ` goes before it.
    Refused,
    /// The storage failed.
    Storage,
    /// Something else is wrong with what was asked for.
    Wrong,
}

/// An error of a queue. Nothing has been changed when one is returned.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn refused(message: String) -> Error {
        Error {
            kind: ErrorKind::Refused,
            message,
        }
    }

    pub(crate) fn wrong(message: String) -> Error {
        Error {
            kind: ErrorKind::Wrong,
            message,
        }
    }

    pub(crate) fn storage(error: impl std::fmt::Display) -> Error {
        Error {
            kind: ErrorKind::Storage,
            message: format!("storage: {error}"),
        }
    }
}

impl From<cellhouse_cell::Error> for Error {
    fn from(error: cellhouse_cell::Error) -> Error {
        Error::storage(error)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        Error::storage(error)
    }
}
