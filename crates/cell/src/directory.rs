//! Directories that survive a power cut.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use crate::Error;

/// Creates `path` and its missing parents so that they are still there after a power cut.
pub(crate) fn create(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    create(parent)?;
    match fs::create_dir(path) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => {
            Err(Error::io("create the directory", path)(e))
        }
        _ => sync(parent),
    }
}

/// Makes the names in a directory durable.
pub(crate) fn sync(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(Error::io("sync the directory", path))
}
