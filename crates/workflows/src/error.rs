//! Errors of workflows.

/// An error of this crate. Nothing has been changed when one is returned.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no execution of that id.
    #[error("there is no execution {0:?} of this workflow")]
    NotFound(String),
    /// The execution has ended, so nothing of it may go on.
    #[error("the execution {id} is {status}")]
    Over {
        /// Its id.
        id: String,
        /// How it ended.
        status: &'static str,
    },
    /// Something is too large.
    #[error("{0}")]
    TooLarge(String),
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
