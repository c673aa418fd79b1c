//! The disk as the bundler sees it, and a record of everything it asked for.
//!
//! What was read, and what was looked for and is not there, is exactly what can change the result:
//! the watcher's list. Nothing here caches or writes.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oxc_resolver::{FileMetadata, FileSystem as ResolverFileSystem, ResolveError};
use parking_lot::Mutex;
use rolldown_fs::{FileSystem, OsFileSystem};

/// Cheap to clone; clones share the record.
#[derive(Clone)]
pub(crate) struct TrackedFs {
    disk: OsFileSystem,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    read: BTreeSet<PathBuf>,
    missing: BTreeSet<PathBuf>,
}

impl TrackedFs {
    /// Everything whose change, creation or removal can change the bundle: the files read, and the
    /// paths under `root` (or in a folder of packages) that were looked for in vain. Sorted.
    pub(crate) fn watch_list(&self, root: &Path) -> Vec<PathBuf> {
        let seen = self.seen.lock();
        let missing = seen
            .missing
            .iter()
            .filter(|path| worth_watching(path, root));
        let all: BTreeSet<&PathBuf> = seen.read.iter().chain(missing).collect();
        all.into_iter().cloned().collect()
    }

    /// Puts a path on the list that was found out about elsewhere.
    pub(crate) fn note(&self, path: &Path) {
        self.seen.lock().read.insert(path.to_path_buf());
    }

    fn note_missing<T>(&self, path: &Path, result: io::Result<T>) -> io::Result<T> {
        if result.is_err() {
            self.seen.lock().missing.insert(path.to_path_buf());
        }
        result
    }

    fn note_read<T>(&self, path: &Path, result: io::Result<T>) -> io::Result<T> {
        match result {
            Ok(content) => {
                self.note(path);
                Ok(content)
            }
            Err(error) => self.note_missing(path, Err(error)),
        }
    }
}

/// Source text without the byte order mark that some editors write.
pub(crate) fn without_mark(text: String) -> String {
    match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// A path inside an installed package does not come and go by itself; a package does.
fn worth_watching(missing: &Path, root: &Path) -> bool {
    // A file was asked for something inside it, as if it were a folder.
    if missing.parent().is_some_and(Path::is_file) {
        return false;
    }
    let Some(package) = path_in_packages(missing) else {
        return missing.starts_with(root);
    };
    let depth = package.components().count();
    let scoped = package.to_string_lossy().starts_with('@');
    let is_package = depth <= 1 + usize::from(scoped);
    is_package && (missing.starts_with(root) || packages_exist(missing))
}

/// What follows the last `node_modules` of a path.
fn path_in_packages(path: &Path) -> Option<PathBuf> {
    let parts: Vec<_> = path.components().collect();
    let at = parts
        .iter()
        .rposition(|part| part.as_os_str() == "node_modules")?;
    Some(parts[at + 1..].iter().collect())
}

fn packages_exist(path: &Path) -> bool {
    path.ancestors()
        .find(|ancestor| {
            ancestor
                .file_name()
                .is_some_and(|name| name == "node_modules")
        })
        .is_some_and(Path::is_dir)
}

impl ResolverFileSystem for TrackedFs {
    fn new(yarn_pnp: bool) -> Self {
        TrackedFs {
            disk: OsFileSystem::new(yarn_pnp),
            seen: Arc::default(),
        }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.note_read(path, self.disk.read(path))
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        self.note_read(path, self.disk.read_to_string(path))
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.note_missing(path, self.disk.metadata(path))
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.note_missing(path, self.disk.symlink_metadata(path))
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        let target = self.disk.read_link(path)?;
        self.note(path);
        Ok(target)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.note_missing(path, self.disk.canonicalize(path))
    }
}

impl FileSystem for TrackedFs {
    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        Err(read_only(path))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        Err(read_only(path))
    }

    fn write(&self, path: &Path, _content: &[u8]) -> io::Result<()> {
        Err(read_only(path))
    }

    fn exists(&self, path: &Path) -> bool {
        self.metadata(path).is_ok()
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        self.note_read(path, self.disk.read_dir(path))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        Err(read_only(path))
    }
}

fn read_only(path: &Path) -> io::Error {
    let message = format!("a bundle is not written to disk: {}", path.display());
    io::Error::new(io::ErrorKind::PermissionDenied, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_or_missing_is_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::write(root.join("a.ts"), "1").unwrap();
        let fs = <TrackedFs as ResolverFileSystem>::new(false);
        let clone = fs.clone();
        assert_eq!(clone.read_to_string(&root.join("a.ts")).unwrap(), "1");
        assert!(clone.metadata(&root.join("b.ts")).is_err());
        assert!(clone.metadata(&root.join("node_modules/x")).is_err());
        assert!(clone.metadata(&root.join("node_modules/@x/y")).is_err());
        assert!(
            clone
                .metadata(&root.join("node_modules/x/lib/z.js"))
                .is_err()
        );
        assert!(
            clone
                .metadata(&root.parent().unwrap().join("tsconfig.json"))
                .is_err()
        );
        assert!(clone.metadata(&root.join("a.ts/tsconfig.json")).is_err());
        let expected = ["a.ts", "b.ts", "node_modules/@x/y", "node_modules/x"];
        let expected: Vec<_> = expected.iter().map(|name| root.join(name)).collect();
        assert_eq!(fs.watch_list(root), expected);
    }

    #[test]
    fn nothing_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let fs = <TrackedFs as ResolverFileSystem>::new(false);
        let path = folder.path().join("x");
        assert!(fs.write(&path, b"x").is_err());
        assert!(fs.create_dir_all(&path).is_err());
        assert!(fs.remove_file(&path).is_err());
        assert!(!path.exists());
    }
}
