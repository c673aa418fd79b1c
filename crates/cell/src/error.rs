//! What can go wrong with a cell, in words for the person who runs the program.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::CellName;

/// An error of a cell or of the data directory. Cheap to clone, because one failed sync fails many
/// tickets.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process has the data directory.
    #[error(
        "{} is in use by {}; stop it, or choose another data directory",
        path.display(),
        pid.map_or("another process".to_owned(), |pid| format!("another cellhouse process (pid {pid})"))
    )]
    InUse {
        /// The directory.
        path: PathBuf,
        /// The process that holds it, when it wrote that down.
        pid: Option<u32>,
    },
    /// The file system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, to follow "cannot".
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// SQLite refused something: wrong SQL, a constraint, a damaged database.
    #[error("cell {cell}: {source}")]
    Sqlite {
        /// The cell.
        cell: CellName,
        /// What SQLite said.
        source: Arc<rusqlite::Error>,
    },
    /// A transaction changed more than one may; nothing of it was done.
    #[error(
        "cell {cell}: a transaction changed more than {} MiB; make it in several smaller ones",
        limit >> 20
    )]
    TooLarge {
        /// The cell.
        cell: CellName,
        /// The most that one may change, in bytes.
        limit: usize,
    },
    /// The store failed or refused something. When it failed to take commits that were already in
    /// their cells, those cells go back to what is durable when they are next used.
    #[error(transparent)]
    Store(cellhouse_shard::Error),
    /// What the store has of a cell cannot be right.
    #[error("cell {cell}: {problem}; restore it from a backup")]
    Damaged {
        /// The cell.
        cell: Arc<str>,
        /// What is wrong.
        problem: String,
    },
    /// The cell was written by a newer version of this program.
    #[error(
        "cell {cell} has schema version {found}, but this cellhouse knows versions up to {known}; use a newer cellhouse"
    )]
    Newer {
        /// The cell.
        cell: CellName,
        /// The version that it has.
        found: i64,
        /// The newest version known here.
        known: usize,
    },
    /// The id cannot name a cell.
    #[error("{id:?} cannot name a {kind} cell: {problem}")]
    Name {
        /// The kind of cell.
        kind: &'static str,
        /// The id that was asked for.
        id: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A bookmark that the cell cannot go to. Nothing was changed.
    #[error("the bookmark {bookmark:?} cannot be used: {problem}")]
    Bookmark {
        /// The text of the bookmark, or the time that was asked for.
        bookmark: String,
        /// What is wrong with it.
        problem: BookmarkProblem,
    },
    /// While something was read, too much of it has changed, or the cell was closed or brought back
    /// to an earlier state. Reading it again helps.
    #[error("cell {cell}: too much has changed while it was read; read it again")]
    Outdated {
        /// The cell.
        cell: CellName,
    },
    /// The data directory was closed.
    #[error("the data directory {} is closed", path.display())]
    Closed {
        /// The directory.
        path: PathBuf,
    },
    /// The file is not a backup, or not a whole one.
    #[error("{} is not a usable backup: {problem}. Nothing was changed", path.display())]
    Backup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Whoever asked for it has gone; nothing is left of it.
    #[error("nobody wants it any more")]
    Unwanted,
    /// A backup can only be restored into a data directory without data.
    #[error("the data directory {} is not empty; restore into a new one. Nothing was changed", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// Restoring a backup was cut off.
    #[error(
        "restoring a backup into {} was not finished, so it has only a part of the data; remove it and restore again",
        path.display()
    )]
    HalfRestored {
        /// The directory.
        path: PathBuf,
    },
}

/// Why a cell cannot go to a bookmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BookmarkProblem {
    /// The text is not one that a cell gave.
    #[error("it is not a bookmark that was given here")]
    Malformed,
    /// It is of another cell.
    #[error("it is of another database")]
    OtherCell,
    /// What it stands for is not kept any more, or never was.
    #[error("what it stands for is no longer kept")]
    TooOld,
    /// Nothing was ever written.
    #[error("nothing was written yet")]
    NothingYet,
    /// It is of a time before the first commit, or so soon after it that nothing of then is kept.
    #[error("it lies before the first write, or within seconds of it")]
    BeforeFirst,
    /// It is of a moment that has not been.
    #[error("it lies in the future")]
    Future,
    /// It stands for the moment before a restore that has not taken place.
    #[error("the restore that it undoes has not taken place")]
    NotRestored,
    /// No history is kept.
    #[error("no history is kept here: it is switched off")]
    SwitchedOff,
}

impl Error {
    pub(crate) fn bookmark(bookmark: impl ToString, problem: BookmarkProblem) -> Error {
        Error::Bookmark {
            bookmark: bookmark.to_string(),
            problem,
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io {
            action,
            path,
            source: Arc::new(source),
        }
    }

    pub(crate) fn sqlite(cell: &CellName) -> impl Fn(rusqlite::Error) -> Error {
        move |source| Error::Sqlite {
            cell: cell.clone(),
            source: Arc::new(source),
        }
    }
}

impl From<cellhouse_shard::Error> for Error {
    fn from(error: cellhouse_shard::Error) -> Error {
        match error {
            cellhouse_shard::Error::InUse { path, pid } => Error::InUse { path, pid },
            other => Error::Store(other),
        }
    }
}
