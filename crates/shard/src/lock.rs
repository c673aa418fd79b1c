//! The lock of a store's folder: one process at a time, and the second one is told who has it.

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::Error;
use crate::disk::{Disk as _, RealDisk};

/// Holds a folder for this process for as long as it lives; the system lets go of it when the
/// process dies.
pub(crate) struct Lock {
    /// Declared first: it is let go of before that is told.
    _file: File,
    release: Release,
}

/// Tells that a lock has been let go of.
#[derive(Default)]
struct Release(Arc<(Mutex<bool>, Condvar)>);

impl Drop for Release {
    fn drop(&mut self) {
        *self.0.0.lock() = true;
        self.0.1.notify_all();
    }
}

/// Waits for a lock to be let go of. Does not hold it.
pub(crate) struct Released(Arc<(Mutex<bool>, Condvar)>);

impl Released {
    /// Blocks until the lock is free, at most for `limit`.
    pub(crate) fn wait(&self, limit: Duration) {
        let mut released = self.0.0.lock();
        self.0.1.wait_while_for(&mut released, |it| !*it, limit);
    }
}

impl Lock {
    /// Makes the folder if need be and takes it, or says who has it.
    pub(crate) fn take(folder: &Path) -> Result<Lock, Error> {
        RealDisk
            .create_dir(folder)
            .map_err(Error::io("create the folder", folder))?;
        let path = folder.join("lock");
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
                return Err(Error::InUse {
                    path,
                    pid: holder(&mut file),
                });
            }
            Err(TryLockError::Error(e)) => return Err(Error::io("lock", &path)(e)),
        }
        file.set_len(0)
            .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()))
            .map_err(Error::io("write", &path))?;
        Ok(Lock {
            _file: file,
            release: Release::default(),
        })
    }

    /// To wait for its end.
    pub(crate) fn released(&self) -> Released {
        Released(self.release.0.clone())
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
