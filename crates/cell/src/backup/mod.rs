//! Backups: all cells of a running data directory at one moment, and files that belong to them, in one
//! file.
//!
//! Layout, integers little-endian. A head: `CELLBACK`, version (4 bytes, 2), 4 zero bytes, the id of
//! the store it is of (16). Then frames: length of the content (4 bytes), its CRC-32 (4), the
//! content. A frame of rows has them in ascending order of their keys over the whole file: length of
//! the key (4), length of the value (4), the key, the value. The last frame of rows has no content;
//! after its eight zero bytes comes the number of rows (8 bytes) and their CRC-32, that of all
//! frames' CRC-32s one after the other (4 bytes).
//!
//! Then the files, each as a frame with its size (8 bytes) and its name (UTF-8), and frames with so
//! many bytes. They end as the rows do, with their number and the CRC-32 of all frames since then,
//! and after that there is nothing. Version 1 ended with the rows; it is still read.
//!
//! Rows are those of the store (`cellhouse_shard`), so a backup can be read by a version that knows
//! the store's format. A file is written beside its place and moved there when it is whole and on
//! disk, so a file under the name that was asked for is always a whole one.

mod read;
mod write;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cellhouse_shard::Row;

pub(crate) use read::Reader;
pub use write::BackupFiles;
use write::Writer;

use crate::{Cells, Error, Moment, Progress};

const MAGIC: &[u8; 8] = b"CELLBACK";
const VERSION: u32 = 2;
/// The one without files.
const ROWS_ONLY: u32 = 1;
const HEAD: usize = 8 + 4 + 4 + 16;
/// Rows read from the store and written at a time.
const ROWS: usize = 512;
/// Most bytes of a file in one frame.
const CHUNK: usize = 1 << 20;
/// Longest content of a frame that is believed: far more than [`ROWS`] rows of any size in use.
const MAX_FRAME: usize = 64 << 20;

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackedUp {
    /// Cells.
    pub cells: u64,
    /// Rows of the store.
    pub rows: u64,
    /// Files beside the cells.
    pub files: u64,
    /// Size of the backup.
    pub bytes: u64,
}

/// What belongs to cells and is not in them.
pub trait GivesFiles {
    /// Why not all of it could be had.
    type Error: From<Error>;

    /// How many bytes it is, about: what the cells of that moment speak of.
    fn bytes(&mut self, moment: &Moment) -> Result<u64, Self::Error>;

    /// Adds all of it. Nothing of it may go meanwhile.
    fn give(&mut self, moment: &Moment, files: &mut BackupFiles<'_>) -> Result<(), Self::Error>;
}

/// Nothing.
struct NoFiles;

impl GivesFiles for NoFiles {
    type Error = Error;

    fn bytes(&mut self, _: &Moment) -> Result<u64, Error> {
        Ok(0)
    }

    fn give(&mut self, _: &Moment, _: &mut BackupFiles<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl Cells {
    /// Writes all cells as they are at one moment into a new file at `to`, while reads and writes go
    /// on. Everything in it is durable. `progress` counts bytes, of which the total is an estimate.
    ///
    /// Nothing is left at `to` if it fails; a file that is there already is an error.
    pub fn backup(&self, to: &Path, mut progress: impl FnMut(Progress)) -> Result<BackedUp, Error> {
        self.backup_with(to, NoFiles, |now| {
            progress(now);
            true
        })
    }

    /// As [`Cells::backup`], with files that are not cells. `progress` says whether anybody still wants the
    /// backup; [`Error::Unwanted`] if not.
    pub fn backup_with<F: GivesFiles>(
        &self,
        to: &Path,
        files: F,
        mut progress: impl FnMut(Progress) -> bool,
    ) -> Result<BackedUp, F::Error> {
        if to.exists() {
            let exists = io::Error::from(io::ErrorKind::AlreadyExists);
            return Err(Error::io("write a backup to", to)(exists).into());
        }
        let draft = beside(to);
        let written = self.write_backup(&draft, files, &mut progress);
        let moved = written.and_then(|done| {
            put_in_place(&draft, to)?;
            Ok(done)
        });
        moved.inspect_err(|_| drop(fs::remove_file(&draft)))
    }

    fn write_backup<F: GivesFiles>(
        &self,
        draft: &Path,
        mut files: F,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<BackedUp, F::Error> {
        let moment = self.moment()?;
        let (cells, bytes) = size_of(moment.snapshot())?;
        let total = bytes + files.bytes(&moment)?;
        let mut writer = Writer::create(draft, moment.store(), total, progress)?;
        let mut last: Option<Row> = None;
        loop {
            let rows = moment.snapshot().rows(last.as_ref(), ROWS);
            let rows = rows.map_err(Error::from)?;
            if rows.is_empty() {
                break;
            }
            writer.rows(&rows)?;
            last = rows.last().cloned();
        }
        let rows = writer.end_section()?;
        let mut these = BackupFiles::new(&mut writer);
        files.give(&moment, &mut these)?;
        let (files, bytes) = writer.finish()?;
        Ok(BackedUp {
            cells,
            rows,
            files,
            bytes,
        })
    }
}

/// The number of cells, and of bytes in their pages.
fn size_of(snapshot: &cellhouse_shard::Snapshot) -> Result<(u64, u64), Error> {
    let (mut cells, mut bytes, mut after) = (0, 0, None);
    loop {
        let some = snapshot.cells(after, 1_000)?;
        let Some((last, _)) = some.last() else {
            return Ok((cells, bytes));
        };
        after = Some(*last);
        cells += some.len() as u64;
        let pages = some.iter().map(|(_, meta)| u64::from(meta.pages));
        bytes += pages.sum::<u64>() * crate::page::PAGE_SIZE as u64;
    }
}

fn beside(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

fn put_in_place(draft: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(draft, to).map_err(Error::io("move into place", draft))?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    crate::directory::sync(parent.unwrap_or(Path::new(".")))
}
