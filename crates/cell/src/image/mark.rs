//! The mark of a large cell's local file: a small file beside it that says of which transaction it
//! is and which pages are there. `cache_file.rs` says when there is one and what that means.
//!
//! Layout, integers little-endian: `CELLMARK`, version (4 bytes, 1), the store's id (16), the cell's
//! key (16), transaction (8), size in pages (4), one bit for each page, padded to 8 bytes, and the
//! CRC-32 of all that. A mark that is not exactly so counts as none.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::Source;

const MAGIC: &[u8; 8] = b"CELLMARK";
const VERSION: u32 = 1;
/// Bytes before the map.
const HEAD: usize = 8 + 4 + 16 + 16 + 8 + 4;

/// Which pages are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageMap {
    words: Vec<u64>,
    size: u32,
}

impl PageMap {
    pub(super) fn none(size: u32) -> PageMap {
        PageMap {
            words: vec![0; words(size)],
            size,
        }
    }

    pub(super) fn has(&self, number: u32) -> bool {
        number <= self.size && self.words[word(number)] & bit(number) != 0
    }

    /// `number` is at most the size.
    pub(super) fn set(&mut self, number: u32, here: bool) {
        match here {
            true => self.words[word(number)] |= bit(number),
            false => self.words[word(number)] &= !bit(number),
        }
    }

    /// New pages are not there.
    pub(super) fn resize(&mut self, size: u32) {
        self.words.resize(words(size), 0);
        let last = size % 64;
        if let (1.., Some(word)) = (last, self.words.last_mut()) {
            *word &= (1 << last) - 1;
        }
        self.size = size;
    }

    pub(super) fn memory(&self) -> usize {
        self.words.capacity() * 8
    }
}

fn words(size: u32) -> usize {
    size.div_ceil(64) as usize
}

fn word(number: u32) -> usize {
    (number as usize - 1) / 64
}

fn bit(number: u32) -> u64 {
    1 << ((number - 1) % 64)
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mark {
    store: [u8; 16],
    cell: [u8; 16],
    transaction: u64,
    pub(super) here: PageMap,
}

impl Mark {
    pub(super) fn new(source: &Source, transaction: u64, size: u32, here: &PageMap) -> Mark {
        debug_assert_eq!(size, here.size, "the map is of all pages");
        Mark {
            store: source.shard.id(),
            cell: source.key.bytes(),
            transaction,
            here: here.clone(),
        }
    }

    pub(super) fn is_of(&self, source: &Source, transaction: u64, size: u32) -> bool {
        self.store == source.shard.id()
            && self.cell == source.key.bytes()
            && self.transaction == transaction
            && self.here.size == size
    }

    /// The mark of the file at `path`, if there is a whole one.
    pub(super) fn read(path: &Path) -> Option<Mark> {
        decode(&fs::read(beside(path, ".mark")).ok()?)
    }

    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let draft = beside(path, ".mark-new");
        fs::write(&draft, self.encode())?;
        fs::rename(&draft, beside(path, ".mark"))
    }

    pub(super) fn remove(path: &Path) {
        let _ = fs::remove_file(beside(path, ".mark")); // mostly there is none
    }

    /// Returns when the mark cannot come back, not even by a power cut.
    pub(super) fn remove_durably(path: &Path) -> io::Result<()> {
        match fs::remove_file(beside(path, ".mark")) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
            Ok(()) => {
                let folder = path.parent().expect("an image lies in a folder");
                File::open(folder).and_then(|folder| folder.sync_all())
            }
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD + self.here.words.len() * 8 + 4);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.store);
        out.extend_from_slice(&self.cell);
        out.extend_from_slice(&self.transaction.to_le_bytes());
        out.extend_from_slice(&self.here.size.to_le_bytes());
        out.extend(self.here.words.iter().flat_map(|word| word.to_le_bytes()));
        out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
        out
    }
}

fn decode(bytes: &[u8]) -> Option<Mark> {
    let (body, crc) = bytes.split_last_chunk::<4>()?;
    if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
        return None;
    }
    let (magic, rest) = body.split_first_chunk::<8>()?;
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let (store, rest) = rest.split_first_chunk::<16>()?;
    let (cell, rest) = rest.split_first_chunk::<16>()?;
    let (transaction, rest) = rest.split_first_chunk::<8>()?;
    let (size, map) = rest.split_first_chunk::<4>()?;
    let size = u32::from_le_bytes(*size);
    let known = magic == MAGIC && u32::from_le_bytes(*version) == VERSION;
    let (map, []) = map.as_chunks::<8>() else {
        return None;
    };
    let here = PageMap {
        words: map.iter().map(|word| u64::from_le_bytes(*word)).collect(),
        size,
    };
    (known && here.words.len() == words(size)).then_some(Mark {
        store: *store,
        cell: *cell,
        transaction: u64::from_le_bytes(*transaction),
        here,
    })
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(size: u32) -> Mark {
        let mut here = PageMap::none(size);
        for number in [1, 2, 64, 65, size] {
            here.set(number.min(size), true);
        }
        Mark {
            store: [1; 16],
            cell: [2; 16],
            transaction: 77,
            here,
        }
    }

    #[test]
    fn a_mark_can_be_read_back_and_a_damaged_one_is_none() {
        for size in [1, 64, 65, 1000] {
            let bytes = mark(size).encode();
            assert_eq!(decode(&bytes), Some(mark(size)));
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 4;
                assert_eq!(decode(&damaged), None, "byte {at}");
                assert_eq!(decode(&bytes[..at]), None, "cut at {at}");
            }
        }
    }

    #[test]
    fn pages_cut_off_a_map_are_not_there_when_it_grows_again() {
        let mut here = mark(100).here;
        here.set(70, true);
        here.resize(66);
        assert!(here.has(65) && !here.has(70));
        here.resize(100);
        assert!(here.has(1) && here.has(65) && !here.has(70) && !here.has(100));
        here.resize(0);
        assert!(!here.has(1));
    }
}
