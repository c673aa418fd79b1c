//! Stored bodies: small ones in memory, others in a file of their own, which goes when nobody has it any more.
//!
//! The files hold a cache: they are never synced, and those of an earlier process are deleted when the folder
//! is opened.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

/// The largest body that is kept in memory. More than this costs less to read from a file than to hold.
pub(super) const MAX_IN_MEMORY: usize = 64 << 10;

/// The folder of the bodies of one process.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    next: AtomicU64,
}

impl Folder {
    /// Empties the folder, if it is there.
    pub(super) fn open(path: &Path) -> io::Result<Arc<Folder>> {
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Arc::new(Folder {
            path: path.to_path_buf(),
            next: AtomicU64::new(0),
        }))
    }

    /// A new file, which is deleted when the last clone of the path is dropped.
    pub(super) fn create(&self) -> io::Result<(File, Arc<BodyPath>)> {
        std::fs::create_dir_all(&self.path)?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.path.join(format!("body-{number}"));
        let file = File::options().write(true).create_new(true).open(&path)?;
        Ok((file, Arc::new(BodyPath(path))))
    }
}

#[derive(Debug)]
pub(super) struct BodyPath(PathBuf);

impl Drop for BodyPath {
    fn drop(&mut self) {
        // What stays is deleted when the folder is opened again.
        drop(std::fs::remove_file(&self.0));
    }
}

/// A body as it is stored.
#[derive(Debug, Clone)]
pub(super) enum Stored {
    Memory(Bytes),
    File { path: Arc<BodyPath>, length: u64 },
}

impl Stored {
    pub(super) fn length(&self) -> u64 {
        match self {
            Stored::Memory(bytes) => bytes.len() as u64,
            Stored::File { length, .. } => *length,
        }
    }

    /// A part of it, for one reader.
    pub(super) fn part(&self, range: Range<u64>) -> io::Result<Body> {
        match self {
            Stored::Memory(bytes) => {
                let index = |at: u64| usize::try_from(at).expect("it is within the bytes");
                Ok(Body::Bytes(
                    bytes.slice(index(range.start)..index(range.end)),
                ))
            }
            Stored::File { path, .. } => Ok(Body::File(BodyFile {
                // The bytes stay there for this reader, whatever becomes of the path.
                file: File::open(&path.0)?,
                range,
            })),
        }
    }
}

/// The body of a response that was found.
#[derive(Debug)]
pub enum Body {
    /// There is none: a 304, or a part that is not there.
    None,
    /// All of it.
    Bytes(Bytes),
    /// To be read from a file.
    File(BodyFile),
}

/// A part of an open file. It can be read to its end even if the response leaves the cache meanwhile.
#[derive(Debug)]
pub struct BodyFile {
    /// Open for reading.
    pub file: File,
    /// The bytes that are the body.
    pub range: Range<u64>,
}
