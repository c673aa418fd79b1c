//! What can go wrong with a shard, in words for the person who runs the program.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::CellKey;

/// An error of a shard. Cheap to clone, because one failed sync fails many tickets.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process has the store open.
    #[error(
        "{} is in use by {}; stop it, or choose another folder",
        path.display(),
        pid.map_or("another process".to_owned(), |pid| format!("another cellhouse process (pid {pid})"))
    )]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The process that holds it, when it wrote that down.
        pid: Option<u32>,
    },
    /// The file system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, to follow "cannot".
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The text cannot name a store.
    #[error("{url:?} cannot name a store: {problem}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The store was made by a newer version of this program.
    #[error(
        "the store {store} has format {found}, but this cellhouse knows formats up to {known}; \
         use a newer cellhouse. Nothing was changed"
    )]
    Newer {
        /// Where the store is.
        store: String,
        /// The format that it has.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// What is there is not a store.
    #[error(
        "{store} is not a cellhouse store: {problem}. Choose an empty place. Nothing was changed"
    )]
    Foreign {
        /// What was opened.
        store: String,
        /// How that shows.
        problem: String,
    },
    /// A file of the store is missing or was changed by something else.
    #[error(
        "{file} {problem}. The store cannot be used without it: put the file back, or restore a \
         backup into an empty folder. Nothing was changed"
    )]
    Damaged {
        /// The file, with its place in it where that is known.
        file: String,
        /// What is wrong, to follow the file's name.
        problem: String,
    },
    /// Two cells' names have the same key, or a cell's record is not of that cell.
    #[error(
        "the store has {found:?} under the key {key:?} of cell {expected:?}; use another id for it"
    )]
    NameTaken {
        /// The key of both.
        key: CellKey,
        /// The cell that was asked for.
        expected: Arc<str>,
        /// The cell that is there.
        found: Arc<str>,
    },
    /// A commit that cannot be stored; nothing of it was.
    #[error("cell {cell}: a commit is malformed: {problem}")]
    BadCommit {
        /// The cell.
        cell: Arc<str>,
        /// What is wrong with it.
        problem: String,
    },
    /// The log failed to take commits that readers had already seen. They may be lost, so the shard
    /// refuses everything from then on: going on could show or build on data that is not there
    /// after a crash.
    #[error(
        "the store {store} did not take the latest changes ({reason}); they may be lost. It has to be \
         opened again, which goes back to what is durable"
    )]
    NotDurable {
        /// Where the store is.
        store: String,
        /// What failed.
        reason: String,
    },
    /// Another process took the store over.
    #[error("the store {store} was opened by another process, which is now its only writer")]
    Fenced {
        /// Where the store is.
        store: String,
    },
    /// The shard was closed.
    #[error("the store {store} is closed")]
    Closed {
        /// Where the store is.
        store: String,
    },
    /// The storage engine refused something.
    #[error("the store {store} cannot {action}: {reason}")]
    Engine {
        /// Where the store is.
        store: String,
        /// What was tried, to follow "cannot".
        action: &'static str,
        /// What the engine said.
        reason: String,
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

    /// What SlateDB said, as an error of the store. An object that is not there is named.
    pub(crate) fn engine(
        store: &str,
        action: &'static str,
    ) -> impl Fn(slatedb::Error) -> Error + use<> {
        let store = store.to_owned();
        move |error| from_engine(&store, action, &error)
    }
}

fn from_engine(store: &str, action: &'static str, error: &slatedb::Error) -> Error {
    use slatedb::{CloseReason, ErrorKind};
    let store = store.to_owned();
    match error.kind() {
        ErrorKind::Closed(CloseReason::Fenced) => return Error::Fenced { store },
        ErrorKind::Closed(CloseReason::Clean) => return Error::Closed { store },
        _ => {}
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(now) = cause {
        if let Some(ours) = now.downcast_ref::<Error>() {
            return ours.clone();
        }
        if let Some(path) = missing_object(now) {
            return Error::Damaged {
                file: format!("{store}: the file {path}"),
                problem: "is missing".to_owned(),
            };
        }
        cause = now.source();
    }
    Error::Engine {
        store,
        action,
        reason: reason(error),
    }
}

/// The object that an error is about, if it is that the object is not there.
fn missing_object<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a str> {
    let shared = error.downcast_ref::<Arc<object_store::Error>>();
    match shared.map(|error| &**error).or(error.downcast_ref())? {
        object_store::Error::NotFound { path, .. } => Some(path),
        _ => None,
    }
}

/// An error with its causes, each once.
pub(crate) fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(now) = cause {
        let more = now.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = now.source();
    }
    text
}
