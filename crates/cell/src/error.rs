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
    /// Another process has the data directory, or has one of its databases open.
    #[error(
        "{} is in use by {}; stop it, or choose another data directory",
        path.display(),
        pid.map_or("another process".to_owned(), |pid| format!("another cellhouse process (pid {pid})"))
    )]
    InUse {
        /// The directory or the database.
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
    /// SQLite refused something: wrong SQL, a constraint, a full disk, a damaged file.
    #[error("cell {cell}: {source}")]
    Sqlite {
        /// The cell.
        cell: CellName,
        /// What SQLite said.
        source: Arc<rusqlite::Error>,
    },
    /// The disk failed to take commits that were already in the cell. They may be lost, so the cell
    /// refuses everything from then on: going on could show or build on data that is not there
    /// after a crash.
    #[error(
        "cell {cell}: the disk did not take the latest changes ({reason}); they may be lost. \
         The cell is closed until cellhouse is started again, which goes back to what is on disk"
    )]
    NotDurable {
        /// The cell.
        cell: CellName,
        /// What failed.
        reason: String,
    },
    /// The cell was written by a newer version of this program.
    #[error(
        "cell {cell}: {} has schema version {found}, but this cellhouse knows versions up to {known}; use a newer cellhouse",
        path.display()
    )]
    Newer {
        /// The cell.
        cell: CellName,
        /// Its database.
        path: PathBuf,
        /// The version in the file.
        found: i64,
        /// The newest version known here.
        known: usize,
    },
    /// The file is an SQLite database, but not a cell.
    #[error("cell {cell}: {} is a database of another program; move it away", path.display())]
    Foreign {
        /// The cell.
        cell: CellName,
        /// The database.
        path: PathBuf,
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
    /// The data directory was closed.
    #[error("the data directory {} is closed", path.display())]
    Closed {
        /// The directory.
        path: PathBuf,
    },
}

impl Error {
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
