//! Restoring a backup into a data directory without data.
//!
//! The whole file is read and checked before anything is written. Then a file in the directory says
//! that restoring has begun, and goes when everything is durable: a directory in which it is found
//! holds only a part of a backup, and is refused.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::backup::Reader;
use crate::{Cells, Error, Progress, directory};

fn note(root: &Path) -> PathBuf {
    root.join("restoring")
}

/// Refuses a directory that holds only a part of a backup.
pub(crate) fn refuse_half_restored(root: &Path) -> Result<(), Error> {
    match note(root).exists() {
        true => Err(Error::HalfRestored {
            path: root.to_owned(),
        }),
        false => Ok(()),
    }
}

impl Cells {
    /// Puts everything that the backup at `from` holds into this data directory, which must not
    /// have any data, and returns when it is durable. `progress` counts bytes, each twice: first
    /// the file is checked, then it is taken over.
    ///
    /// A file that is damaged or cut off is an error that changes nothing. If taking over fails or
    /// is cut off, the directory cannot be opened any more and must be removed.
    pub fn restore(&self, from: &Path, mut progress: impl FnMut(Progress)) -> Result<(), Error> {
        let shard = self.shard()?;
        let busy = self.memory().cells > 0;
        if busy || !shard.is_empty()? {
            return Err(Error::NotEmpty {
                path: self.root().to_owned(),
            });
        }
        let total = check(from, &mut progress)?;
        let note = note(self.root());
        File::create_new(&note)
            .and_then(|file| file.sync_all())
            .map_err(Error::io("create", &note))?;
        directory::sync(self.root())?;
        let mut reader = Reader::open(from)?;
        while let Some(rows) = reader.rows()? {
            shard.restore(rows)?;
            progress(Progress {
                done: total + reader.done,
                total: total * 2,
            });
        }
        shard.ticket().wait()?;
        forget(&note).map_err(Error::io("remove", &note))?;
        directory::sync(self.root())
    }
}

/// Reads the whole file; its size if it is whole.
fn check(from: &Path, progress: &mut impl FnMut(Progress)) -> Result<u64, Error> {
    let mut reader = Reader::open(from)?;
    while reader.rows()?.is_some() {
        progress(Progress {
            done: reader.done,
            total: reader.total * 2,
        });
    }
    Ok(reader.total)
}

fn forget(note: &Path) -> io::Result<()> {
    fs::remove_file(note)
}
