//! The files of a directory, found by their paths.
//!
//! A path leads to a regular file inside the directory, or to nothing: not by `..` or an encoded slash, not
//! through a link that leads out, not to what is ignored.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use crate::ignored::Ignored;

/// The directory as one request sees it.
pub(crate) struct Files {
    root: PathBuf,
    ignored: std::sync::Arc<Ignored>,
}

/// A file that is there.
#[derive(Debug)]
pub(crate) struct File {
    /// As it was asked for, from the directory on, with a slash before it.
    pub(crate) path: String,
    /// Where it is, without links.
    pub(crate) real: PathBuf,
    /// Changes with the file: path, size and time of its last change.
    pub(crate) tag: String,
}

impl Files {
    /// `None` if there is no such directory.
    pub(crate) fn open(directory: &Path, ignored: std::sync::Arc<Ignored>) -> Option<Files> {
        let root = directory.canonicalize().ok()?;
        Some(Files { root, ignored })
    }

    /// The file of a decoded path.
    pub(crate) fn find(&self, path: &str) -> Option<File> {
        let relative = path.strip_prefix('/')?;
        if !relative.split('/').all(is_name) || self.ignored.is_ignored(relative) {
            return None;
        }
        let real = self.root.join(relative).canonicalize().ok()?;
        if !real.starts_with(&self.root) || self.is_ignored_under_its_name(&real) {
            return None;
        }
        let metadata = real.metadata().ok().filter(Metadata::is_file)?;
        Some(File {
            tag: tag(relative, &metadata),
            path: path.to_owned(),
            real,
        })
    }

    /// Whether a link, or another way to write the name, leads to what is ignored.
    fn is_ignored_under_its_name(&self, real: &Path) -> bool {
        let relative = real.strip_prefix(&self.root).ok().and_then(Path::to_str);
        relative.is_none_or(|relative| self.ignored.is_ignored(relative))
    }
}

/// Whether this can be the name of a file, and of nothing else.
fn is_name(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && !segment.contains(['\0', std::path::MAIN_SEPARATOR])
        && segment.len() <= 255
}

fn tag(path: &str, metadata: &Metadata) -> String {
    let modified = metadata.modified().ok();
    let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let mut hasher = Sha256::new();
    hasher.update(path);
    hasher.update([0]);
    hasher.update(modified.map_or(0, |since| since.as_nanos()).to_le_bytes());
    hasher.update(metadata.len().to_le_bytes());
    let hash = hasher.finalize();
    hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
