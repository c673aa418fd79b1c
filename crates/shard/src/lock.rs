//! The lock of a store's folder: one process at a time, and the second one is told who has it.

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::Error;
use crate::disk::{Disk as _, RealDisk};

/// Holds a folder for this process for as long as it lives; the system lets go of it when the
/// process dies.
pub(crate) struct Lock {
    _file: File,
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
        Ok(Lock { _file: file })
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
