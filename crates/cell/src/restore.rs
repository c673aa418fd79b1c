//! Restoring a backup into a data directory without data.
//!
//! The whole backup is read and checked before anything is written. Then a file in the directory says
//! that restoring has begun, and goes when everything is durable: a directory in which it is found
//! holds only a part of a backup, and is refused.

use std::fs::{self, File};
use std::io::{self, Read};
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

/// Where the files of a backup go.
pub trait TakesFiles {
    /// Whether it has a place for a file of that name; otherwise what is wrong with it. Changes nothing.
    fn check(&self, name: &str) -> Result<(), String>;

    /// Takes a file of `size` bytes, which is on disk when this returns. An error says where it happened.
    fn take(&mut self, name: &str, size: u64, bytes: &mut dyn Read) -> io::Result<()>;
}

/// Takes none.
struct NoFiles;

impl TakesFiles for NoFiles {
    fn check(&self, _: &str) -> Result<(), String> {
        Err("nobody here knows it".to_owned())
    }

    fn take(&mut self, _: &str, _: u64, _: &mut dyn Read) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// What a backup held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Files beside the cells; `None`: it was made by a version that did not put them into backups.
    pub files: Option<u64>,
}

impl Cells {
    /// Puts everything that the backup at `from` holds into this data directory, which must not
    /// have any data, and returns when it is durable. `progress` counts bytes, each twice: first
    /// the backup is checked, then it is taken over.
    ///
    /// One that is damaged or cut off, or that has files, is an error that changes nothing. If taking over
    /// fails or is cut off, the directory cannot be opened any more and must be removed.
    pub fn restore(&self, from: &Path, progress: impl FnMut(Progress)) -> Result<Restored, Error> {
        self.restore_with(from, &mut NoFiles, progress)
    }

    /// As [`Cells::restore`], with somebody who takes the files of the backup.
    pub fn restore_with(
        &self,
        from: &Path,
        files: &mut dyn TakesFiles,
        mut progress: impl FnMut(Progress),
    ) -> Result<Restored, Error> {
        let shard = self.shard()?;
        let busy = self.memory().cells > 0;
        if busy || !shard.is_empty()? {
            return Err(Error::NotEmpty {
                path: self.root().to_owned(),
            });
        }
        let total = check(from, files, &mut progress)?;
        let note = note(self.root());
        File::create_new(&note)
            .and_then(|file| file.sync_all())
            .map_err(Error::io("create", &note))?;
        directory::sync(self.root())?;
        let mut told = |reader: &Reader| {
            progress(Progress {
                done: total + reader.done,
                total: total * 2,
            });
        };
        let mut reader = Reader::open(from)?;
        while let Some(rows) = reader.rows()? {
            shard.restore(rows)?;
            told(&reader);
        }
        let mut take = |name: &str, size: u64, bytes: &mut dyn Read| {
            let taken = files.take(name, size, bytes);
            taken.map_err(Error::io("restore", Path::new(name)))
        };
        let mut count = 0;
        while reader.file(&mut take)?.is_some() {
            count += 1;
            told(&reader);
        }
        shard.ticket().wait()?;
        fs::remove_file(&note).map_err(Error::io("remove", &note))?;
        directory::sync(self.root())?;
        Ok(Restored {
            files: reader.knows_files().then_some(count),
        })
    }
}

/// Reads the whole backup; its size if it is whole.
fn check(
    from: &Path,
    files: &dyn TakesFiles,
    progress: &mut impl FnMut(Progress),
) -> Result<u64, Error> {
    let mut reader = Reader::open(from)?;
    let mut told = |reader: &Reader| {
        progress(Progress {
            done: reader.done,
            total: reader.total * 2,
        });
    };
    while reader.rows()?.is_some() {
        told(&reader);
    }
    let mut refused = None;
    let mut look = |name: &str, _: u64, _: &mut dyn Read| {
        refused = refused.take().or_else(|| {
            let problem = files.check(name).err()?;
            Some(format!("it has a file {name:?}: {problem}"))
        });
        Ok(())
    };
    while reader.file(&mut look)?.is_some() {
        told(&reader);
    }
    match refused {
        Some(problem) => Err(reader.unusable(problem)),
        None => Ok(reader.total),
    }
}
