//! Errors of schedules and timers.

/// An error of this crate. Nothing has been changed when one is returned.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument that can never be right: a `TypeError` for an app.
    #[error("{0}")]
    Wrong(String),
    /// The storage failed.
    #[error("storage: {0}")]
    Storage(String),
}

impl From<cellhouse_cell::Error> for Error {
    fn from(error: cellhouse_cell::Error) -> Error {
        Error::Storage(error.to_string())
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        Error::Storage(error.to_string())
    }
}
