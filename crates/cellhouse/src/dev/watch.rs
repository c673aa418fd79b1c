//! Notices changes of the files that an app was made from.
//!
//! Watches directories, not files: editors replace files, and a file that does not exist yet can make
//! a difference too. What changes is only ever a reason to look again, so events may be merged freely.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use notify::event::ModifyKind;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// How long after a change others are waited for: saving in an editor makes several events.
const SETTLE: Duration = Duration::from_millis(10);

/// How much earlier than it was a file may claim to have been changed: file systems read a clock that
/// ticks every 10 ms at most, and late on a busy machine.
const CLOCK_TICK: Duration = Duration::from_millis(50);

/// Watches a set of files that can be replaced.
pub(super) struct Watcher {
    inner: RecommendedWatcher,
    files: Arc<Mutex<HashSet<PathBuf>>>,
    directories: HashSet<PathBuf>,
    changes: mpsc::UnboundedReceiver<Change>,
    change: mpsc::UnboundedSender<Change>,
}

/// What is known of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// A file may have been changed while it was read, or just before.
    Suspected,
    /// A file was changed while it was watched.
    Seen,
}

impl Watcher {
    pub(super) fn new() -> notify::Result<Watcher> {
        let (sender, changes) = mpsc::unbounded_channel();
        let files = Arc::new(Mutex::new(HashSet::<PathBuf>::new()));
        let watched = files.clone();
        let change = sender.clone();
        let inner = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if matches!(event.kind, EventKind::Access(_)) {
                return;
            }
            let watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
            // What comes into a watched folder, or leaves it, counts too.
            let moves = matches!(
                event.kind,
                EventKind::Create(_)
                    | EventKind::Remove(_)
                    | EventKind::Modify(ModifyKind::Name(_))
            );
            let is_watched = |path: &PathBuf| {
                watched.contains(path)
                    || moves && path.parent().is_some_and(|folder| watched.contains(folder))
            };
            if event.paths.iter().any(is_watched) {
                // Nobody listens any more when the command ends.
                let _ = sender.send(Change::Seen);
            }
        })?;
        Ok(Watcher {
            inner,
            files,
            directories: HashSet::new(),
            changes,
            change,
        })
    }

    /// Watches these files from now on, and no others. They were read after `read_since`; what has
    /// changed since then is a change.
    pub(super) fn set(&mut self, files: impl IntoIterator<Item = PathBuf>, read_since: SystemTime) {
        self.watch(files);
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.iter().any(|file| changed_after(file, read_since)) {
            // This watcher listens.
            let _ = self.change.send(Change::Suspected);
        }
    }

    fn watch(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        let files: HashSet<PathBuf> = files.into_iter().map(real).collect();
        let directories: HashSet<PathBuf> = files
            .iter()
            .filter_map(|file| existing_parent(file))
            .collect();
        for old in self.directories.difference(&directories) {
            drop(self.inner.unwatch(old));
        }
        for new in directories.difference(&self.directories) {
            drop(self.inner.watch(new, RecursiveMode::NonRecursive));
        }
        self.directories = directories;
        *self.files.lock().unwrap_or_else(PoisonError::into_inner) = files;
    }

    /// Watches these files too, which were read after `read_since`.
    pub(super) fn add(&mut self, files: impl IntoIterator<Item = PathBuf>, read_since: SystemTime) {
        let known = self
            .files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        self.set(known.into_iter().chain(files), read_since);
    }

    /// Waits for a change and for the quiet after it.
    pub(super) async fn changed(&mut self) -> Change {
        let Some(mut change) = self.changes.recv().await else {
            return std::future::pending().await;
        };
        while let Ok(Some(next)) = tokio::time::timeout(SETTLE, self.changes.recv()).await {
            change = change.max(next);
        }
        change
    }
}

fn changed_after(file: &Path, moment: SystemTime) -> bool {
    let changed = file.metadata().and_then(|metadata| metadata.modified());
    // One from the future says nothing, and would say it for ever.
    let past = SystemTime::now() + CLOCK_TICK;
    changed.is_ok_and(|changed| changed + CLOCK_TICK > moment && changed <= past)
}

/// Events carry real paths, so links in the directory part are followed.
fn real(file: PathBuf) -> PathBuf {
    let parent = file.parent().and_then(|parent| parent.canonicalize().ok());
    match (parent, file.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => file,
    }
}

/// The folder in which a change of the file shows: a folder itself, as what is in it counts.
fn existing_parent(file: &Path) -> Option<PathBuf> {
    file.ancestors()
        .skip(usize::from(!file.is_dir()))
        .find(|path| path.is_dir())
        .map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_changed_before_it_was_watched_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ts");
        std::fs::write(&file, "1").unwrap();
        tokio::time::sleep(3 * CLOCK_TICK).await;
        let mut watcher = Watcher::new().unwrap();
        watcher.set([file.clone()], SystemTime::now());
        let quiet = tokio::time::timeout(2 * SETTLE, watcher.changed()).await;
        assert!(quiet.is_err(), "nothing has changed");

        let future = SystemTime::now() + Duration::from_secs(3600);
        let stamp = |file: std::fs::File| file.set_modified(future);
        std::fs::File::open(&file).and_then(stamp).unwrap();
        watcher.set([file.clone()], SystemTime::now());
        tokio::time::sleep(2 * SETTLE).await;
        while watcher.changes.try_recv() == Ok(Change::Seen) {}
        let quiet = tokio::time::timeout(2 * SETTLE, watcher.changed()).await;
        assert!(quiet.is_err(), "nothing has changed");

        watcher.set([], SystemTime::now());
        let read_since = SystemTime::now();
        std::fs::write(&file, "2").unwrap();
        watcher.set([file.clone()], read_since);
        assert_eq!(watcher.changed().await, Change::Suspected);
        std::fs::write(&file, "3").unwrap();
        assert_eq!(watcher.changed().await, Change::Seen);
    }
}
