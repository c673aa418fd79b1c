//! The local file of a large cell: a cache of the pages that were read or written, each at its
//! place, with a map of which ones are there.
//!
//! **Why it never shows a commit that the shard's log does not hold.** A file is taken up only by
//! its *mark* (`mark.rs`), a file beside it that names the store, the cell, the transaction, and the
//! pages that are there; and only if that transaction is the one that the shard has. Three rules:
//!
//! 1. The mark is written only when the cell is closed and its last commit is durable, after the
//!    pages have been synced. So when the mark was written the file held pages of that transaction
//!    and nothing else, and that transaction is in the log for good.
//! 2. Before the first page of a later commit is written to the file, the mark is removed and its
//!    folder synced. So a mark that is there after a crash, of the process or of the machine, is
//!    that of a file that no later commit has touched. (Pages that were missing may have been added
//!    since: they are of the marked transaction, and the map in the mark does not list them.)
//! 3. Transactions of a cell are numbered by its only writer, and a number is used again only when
//!    the commit that had it was never durable. So a durable transaction with the same number in the
//!    same store is the same state.
//!
//! Everything may be lost at any time: what is not there is read from the shard. A file that cannot
//! be read or written is a slower cell, not an error.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::Source;
use super::mark::{Mark, PageMap};
use crate::page::{PAGE_SIZE, Page};
use crate::{Error, directory};

/// Pages read from the shard at once when they are read in order, at most.
const READ_AHEAD: u32 = 64;

pub(super) struct CacheFile {
    path: PathBuf,
    file: File,
    here: PageMap,
    size: u32,
    /// Whether there may be a mark that says what is no longer true once a commit is written.
    marked: bool,
    /// Whether pages were added since the mark was written.
    grown: bool,
    /// Whether the mark could not be removed, so that nothing may be written any more.
    frozen: bool,
    /// The page after the last one that was read from the shard, and how many were read.
    ahead: (u32, u32),
}

impl CacheFile {
    /// Takes up the file at `path`, if its mark says that it is of this transaction, or makes an
    /// empty one.
    pub(super) fn open(
        source: &Source,
        path: &Path,
        transaction: u64,
        size: u32,
    ) -> Result<CacheFile, Error> {
        if let Some(mark) = Mark::read(path)
            && mark.is_of(source, transaction, size)
            && let Ok(file) = File::options().read(true).write(true).open(path)
        {
            return Ok(CacheFile::with(path, file, mark.here, size, true));
        }
        let file = make(path)?;
        Ok(CacheFile::with(
            path,
            file,
            PageMap::none(size),
            size,
            false,
        ))
    }

    /// A file with all these pages.
    pub(super) fn create(path: &Path, pages: &[Page]) -> Result<CacheFile, Error> {
        let size = u32::try_from(pages.len()).expect("SQLite numbers pages with 32 bits");
        let file = make(path)?;
        let mut new = CacheFile::with(path, file, PageMap::none(size), size, false);
        for (number, page) in (1..).zip(pages) {
            new.put(number, page).map_err(Error::io("write", path))?;
        }
        Ok(new)
    }

    fn with(path: &Path, file: File, here: PageMap, size: u32, marked: bool) -> CacheFile {
        CacheFile {
            path: path.to_owned(),
            file,
            here,
            size,
            marked,
            grown: !marked,
            frozen: false,
            ahead: (0, 1),
        }
    }

    /// Removes the file of a cell, if there is one.
    pub(super) fn remove(path: &Path) {
        Mark::remove(path);
        let _ = fs::remove_file(path); // mostly there is none
    }

    pub(super) fn read(
        &mut self,
        source: &Source,
        number: u32,
        offset: usize,
        into: &mut [u8],
    ) -> Result<(), Error> {
        if self.here.has(number) {
            let read = self.file.read_exact_at(into, place(number) + offset as u64);
            match read {
                Ok(()) => return Ok(()),
                Err(e) => self.lost(number, &e),
            }
        }
        self.fetch(source, number)?.read(offset, into);
        Ok(())
    }

    /// The page, if it is in the file.
    pub(super) fn known(&mut self, number: u32) -> Option<Page> {
        if !self.here.has(number) {
            return None;
        }
        let mut page = [0; PAGE_SIZE];
        match self.file.read_exact_at(&mut page, place(number)) {
            Ok(()) => Some(Page::new(&page)),
            Err(e) => {
                self.lost(number, &e);
                None
            }
        }
    }

    /// Reads a page from the shard, and those after it when the last ones were read in order.
    fn fetch(&mut self, source: &Source, number: u32) -> Result<Page, Error> {
        let (next, count) = self.ahead;
        let count = match number == next {
            true => (count * 2).min(READ_AHEAD),
            false => 1,
        };
        let mut last = number;
        while last < self.size && last - number + 1 < count && !self.here.has(last + 1) {
            last += 1;
        }
        self.ahead = (last + 1, count);
        let mut found: BTreeMap<u32, Page> =
            source.stored_pages(number, last)?.into_iter().collect();
        for missing in number..=last {
            let page = found.entry(missing).or_default();
            if let Err(e) = self.put(missing, page) {
                self.lost(missing, &e);
            }
        }
        Ok(found.remove(&number).unwrap_or_default())
    }

    /// Writes the pages of a commit that the shard has taken.
    pub(super) fn apply(&mut self, changes: &BTreeMap<u32, Page>, size: u32) {
        if self.marked && !self.frozen {
            self.unmark();
        }
        if size != self.size {
            self.resize(size);
        }
        for (number, page) in changes {
            if let Err(e) = self.put(*number, page) {
                self.lost(*number, &e);
            }
        }
    }

    fn resize(&mut self, size: u32) {
        self.size = size;
        self.here.resize(size);
        if !self.frozen
            && let Err(e) = self.file.set_len(place(size.saturating_add(1)))
        {
            tracing::warn!("cannot resize {}: {e}", self.path.display());
        }
    }

    /// Rule 2 at the top. If the mark cannot be removed, the file under it stays as it is.
    fn unmark(&mut self) {
        match Mark::remove_durably(&self.path) {
            Ok(()) => self.marked = false,
            Err(e) => {
                tracing::warn!("{} is used no more: {e}", self.path.display());
                self.frozen = true;
            }
        }
    }

    fn put(&mut self, number: u32, page: &Page) -> io::Result<()> {
        if self.frozen {
            self.here.set(number, false);
            return Ok(());
        }
        self.file.write_all_at(&page.expand(), place(number))?;
        self.here.set(number, true);
        self.grown = true;
        Ok(())
    }

    fn lost(&mut self, number: u32, error: &io::Error) {
        tracing::warn!("page {number} of {}: {error}", self.path.display());
        self.here.set(number, false);
    }

    pub(super) fn memory(&self) -> usize {
        self.here.memory()
    }

    /// Rule 1 at the top: the caller has seen that the transaction is durable.
    pub(super) fn close(&mut self, source: &Source, transaction: u64, size: u32) {
        if self.frozen || (self.marked && !self.grown) {
            return;
        }
        let mark = Mark::new(source, transaction, size, &self.here);
        let written = self.file.sync_data().and_then(|()| mark.write(&self.path));
        match written {
            Ok(()) => (self.marked, self.grown) = (true, false),
            Err(e) => tracing::warn!("{} is not kept: {e}", self.path.display()),
        }
    }
}

/// An empty file without a mark.
fn make(path: &Path) -> Result<File, Error> {
    let parent = path.parent().expect("an image lies in a folder");
    directory::create(parent)?;
    Mark::remove_durably(path).map_err(Error::io("remove the mark of", path))?;
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .map_err(Error::io("create", path))
}

fn place(number: u32) -> u64 {
    (u64::from(number) - 1) * PAGE_SIZE as u64
}
