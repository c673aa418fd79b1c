//! The pages of a cell after its last commit: all in memory, or, of a large cell, those that were
//! used in a local file.
//!
//! Small cells have no file: their pages are read from the shard in one scan, which costs about as
//! much as opening a file, and a million files would cost more than they bring.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;

use super::Source;
use super::cache_file::CacheFile;
use crate::Error;
use crate::page::Page;

pub(super) enum Base {
    /// Page n + 1 is at n.
    Memory {
        pages: Vec<Page>,
        bytes: usize,
    },
    File(CacheFile),
}

impl Base {
    /// All pages of a small cell, from the shard. A file from times when it was larger goes.
    pub(super) fn read(source: &Source, path: &Path, size: u32) -> Result<Base, Error> {
        CacheFile::remove(path);
        let mut pages = vec![Page::default(); size as usize];
        let mut bytes = 0;
        if size > 0 {
            for (number, page) in source.stored_pages(1, size)? {
                bytes += page.len();
                pages[number as usize - 1] = page;
            }
        }
        Ok(Base::Memory { pages, bytes })
    }

    /// The file of a large cell: the one that is there, if it has this transaction.
    pub(super) fn open_file(
        source: &Source,
        path: &Path,
        transaction: u64,
        size: u32,
    ) -> Result<Base, Error> {
        CacheFile::open(source, path, transaction, size).map(Base::File)
    }

    /// Fills `into` from a page, beginning at `offset` in it.
    pub(super) fn read_page(
        &mut self,
        source: &Source,
        number: u32,
        offset: usize,
        into: &mut [u8],
    ) -> Result<(), Error> {
        match self {
            Base::Memory { pages, .. } => {
                pages[number as usize - 1].read(offset, into);
                Ok(())
            }
            Base::File(file) => file.read(source, number, offset, into),
        }
    }

    /// A page, if it is here.
    pub(super) fn known(&mut self, number: u32) -> Option<Page> {
        match self {
            Base::Memory { pages, .. } => pages.get(number as usize - 1).cloned(),
            Base::File(file) => file.known(number),
        }
    }

    /// All pages of a new cell as they go to the shard.
    pub(super) fn all(&self) -> Vec<(u32, Bytes)> {
        match self {
            Base::Memory { pages, .. } => (1..).zip(pages.iter().map(Page::stored)).collect(),
            Base::File(_) => Vec::new(),
        }
    }

    /// Takes the changes of a commit, after which the database has `size` pages.
    pub(super) fn apply(&mut self, changes: BTreeMap<u32, Page>, size: u32) {
        match self {
            Base::Memory { pages, bytes } => {
                let gone = pages.drain(pages.len().min(size as usize)..);
                *bytes -= gone.map(|page| page.len()).sum::<usize>();
                pages.resize(size as usize, Page::default());
                for (number, page) in changes {
                    let place = &mut pages[number as usize - 1];
                    *bytes = *bytes + page.len() - place.len();
                    *place = page;
                }
            }
            Base::File(file) => file.apply(&changes, size),
        }
    }

    /// The cell has become large.
    pub(super) fn move_to_file(&mut self, source: &Source, path: &Path) {
        let Base::Memory { pages, .. } = self else {
            return;
        };
        match CacheFile::create(path, pages) {
            Ok(file) => *self = Base::File(file),
            // It works from memory too, as long as that lasts.
            Err(error) => tracing::warn!("cell {} stays in memory: {error}", source.name),
        }
    }

    pub(super) fn memory(&self) -> usize {
        match self {
            Base::Memory { pages, bytes } => bytes + pages.capacity() * size_of::<Page>(),
            Base::File(file) => file.memory(),
        }
    }

    pub(super) fn close(&mut self, source: &Source, transaction: u64, size: u32) {
        if let Base::File(file) = self {
            file.close(source, transaction, size);
        }
    }
}

/// Up to so many pages are read one by one: beginning a scan costs as much as eight of those
/// (measured: 25 us for a page, 210 us for a scan of three).
const ONE_BY_ONE: u32 = 8;

impl Source {
    /// The pages of the cell from `first` to `last` that the shard has; the others are zeros.
    pub(super) fn stored_pages(&self, first: u32, last: u32) -> Result<Vec<(u32, Page)>, Error> {
        let pages = match last - first < ONE_BY_ONE {
            true => self.one_by_one(first, last)?,
            false => self.shard.pages(self.key, first..last.saturating_add(1))?,
        };
        let read = |(number, bytes)| match Page::from_stored(bytes) {
            Some(page) => Ok((number, page)),
            None => Err(self.damaged(number)),
        };
        pages.into_iter().map(read).collect()
    }

    fn one_by_one(&self, first: u32, last: u32) -> Result<Vec<(u32, Bytes)>, Error> {
        let mut pages = Vec::new();
        for number in first..=last {
            let page = self.shard.page(self.key, number)?;
            pages.extend(page.map(|page| (number, page)));
        }
        Ok(pages)
    }

    fn damaged(&self, number: u32) -> Error {
        Error::Damaged {
            cell: self.full_name.clone(),
            problem: format!("page {number} in the store is not a page"),
        }
    }
}
