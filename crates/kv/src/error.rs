//! Errors of stores: the messages of Cloudflare's runtime and service where they have one, and
//! which class of JavaScript error each one is.

use std::fmt;

/// What kind of JavaScript error it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A `TypeError`: an argument that no service would take.
    Type,
    /// An `Error` whose message begins with "KV": Cloudflare's service refuses this with that HTTP
    /// status.
    Refused(u16),
    /// An `Error`: the storage failed.
    Storage,
}

/// An error of a store. Nothing has been changed when one is returned.
///
/// Its message may tell what the store holds, so before it leaves the process the ticket of
/// [`Store::ticket`](crate::Store::ticket) must be durable.
#[derive(Debug, Clone, thiserror::Error)]
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
        Error {
            kind: ErrorKind::Type,
            message: message.into(),
        }
    }

    pub(crate) fn storage(message: impl Into<String>) -> Error {
        Error {
            kind: ErrorKind::Storage,
            message: message.into(),
        }
    }

    pub(crate) fn refused(method: Method, status: u16, message: impl fmt::Display) -> Error {
        let message = format!("KV {method} failed: {status} {message}");
        Error {
            kind: ErrorKind::Refused(status),
            message,
        }
    }
}

impl From<cellhouse_cell::Error> for Error {
    fn from(e: cellhouse_cell::Error) -> Error {
        Error {
            kind: ErrorKind::Storage,
            message: format!("storage: {e}"),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Error {
        Error {
            kind: ErrorKind::Storage,
            message: format!("storage: {e}"),
        }
    }
}

/// The methods as Cloudflare's messages name them; `list` is a GET there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    GetBulk,
    Put,
    Delete,
    Update,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Get => "GET",
            Method::GetBulk => "GET_BULK",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Update => "UPDATE",
        })
    }
}
