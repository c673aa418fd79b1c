//! Segments: the files of the log, each made at its full size and then only written within it.
//!
//! The first block of a segment is its header, little-endian: `CHlog\0\0\x01` (the last byte is the
//! version), the store's id (16 bytes), then 8 bytes each: number, epoch of its writer, floor, size;
//! and a CRC-32 of all that. Records follow from the second block on.
//!
//! A segment is taken up again when its records are not needed any more. Its old records are then
//! still in it; they are told from new ones by their epoch, or by ids not above the floor: the id
//! of the last durable record of the log when the header was written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Buf, BufMut};

use super::record::BLOCK;
use crate::Error;
use crate::disk::{Disk, DiskFile};
use crate::format::StoreId;

const MAGIC: &[u8; 8] = b"CHlog\0\0\x01";
const HEADER: usize = 8 + 16 + 4 * 8;

/// Where the records of a segment begin.
pub(crate) const FIRST: u64 = BLOCK as u64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) store: StoreId,
    pub(crate) number: u64,
    pub(crate) epoch: u64,
    pub(crate) floor: u64,
    /// Bytes of the file.
    pub(crate) size: u64,
}

impl Header {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(BLOCK);
        out.put_slice(MAGIC);
        out.put_slice(&self.store);
        out.put_u64_le(self.number);
        out.put_u64_le(self.epoch);
        out.put_u64_le(self.floor);
        out.put_u64_le(self.size);
        let crc = crc32fast::hash(&out);
        out.put_u32_le(crc);
        out.resize(BLOCK, 0);
        out
    }

    /// What is wrong with a header, to follow the file's name.
    pub(crate) fn read(block: &[u8]) -> Result<Header, &'static str> {
        let (mut fields, mut crc) = block.split_at(HEADER);
        if fields[..7] == MAGIC[..7] && fields[7] > MAGIC[7] {
            return Err("was written by a newer cellhouse");
        }
        if &fields[..8] != MAGIC || crc32fast::hash(fields) != crc.get_u32_le() {
            return Err("has a damaged first block");
        }
        fields.advance(MAGIC.len());
        let mut store = StoreId::default();
        fields.copy_to_slice(&mut store);
        Ok(Header {
            store,
            number: fields.get_u64_le(),
            epoch: fields.get_u64_le(),
            floor: fields.get_u64_le(),
            size: fields.get_u64_le(),
        })
    }
}

/// An open segment.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) header: Header,
}

/// The folder of the log, with what all its files have in common.
#[derive(Clone)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) store: StoreId,
    /// Size of a new segment.
    pub(crate) segment_bytes: u64,
}

/// Ends the name of a segment.
const SEGMENT: &str = ".log";
/// Begins the name of a file that waits to be taken up again, or was being made.
const FREE: &str = "free-";

impl Folder {
    /// The numbers of the segments, ascending, and the files that are free.
    pub(crate) fn list(&self) -> Result<(Vec<u64>, Vec<PathBuf>), Error> {
        let names = self
            .disk
            .list(&self.path)
            .map_err(Error::io("list", &self.path))?;
        let mut numbers: Vec<u64> = names.iter().filter_map(|name| number(name)).collect();
        numbers.sort_unstable();
        let free = names
            .iter()
            .filter(|name| name.starts_with(FREE))
            .map(|name| self.path.join(name))
            .collect();
        Ok((numbers, free))
    }

    pub(crate) fn segment_path(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:016x}{SEGMENT}"))
    }

    pub(crate) fn free_path(&self, number: u64) -> PathBuf {
        self.path.join(format!("{FREE}{number:016x}"))
    }

    /// Makes a segment out of `reuse`, or anew, durable with its name before it returns.
    pub(crate) fn make(&self, header: Header, reuse: Option<PathBuf>) -> Result<Segment, Error> {
        let (draft, file) = match reuse {
            Some(path) => {
                let file = self.disk.open(&path).map_err(Error::io("open", &path))?;
                (path, file)
            }
            None => {
                let path = self.free_path(header.number);
                let file = self.disk.preallocate(&path, header.size);
                (path.clone(), file.map_err(Error::io("make", &path))?)
            }
        };
        file.write_at(&header.write(), 0)
            .and_then(|()| file.sync_all())
            .map_err(Error::io("write", &draft))?;
        let path = self.segment_path(header.number);
        self.disk
            .rename(&draft, &path)
            .map_err(Error::io("rename", &draft))?;
        self.sync()?;
        Ok(Segment { path, file, header })
    }

    /// Opens a segment and reads its header; the inner error says what is wrong with it.
    pub(crate) fn open(&self, number: u64) -> Result<Result<Segment, &'static str>, Error> {
        let path = self.segment_path(number);
        let file = self.disk.open(&path).map_err(Error::io("open", &path))?;
        let size = file.len().map_err(Error::io("read", &path))?;
        if size < FIRST {
            return Ok(Err("was cut off"));
        }
        let mut block = vec![0; BLOCK];
        file.read_at(&mut block, 0)
            .map_err(Error::io("read", &path))?;
        let header = match Header::read(&block) {
            Ok(header) => header,
            Err(problem) => return Ok(Err(problem)),
        };
        if header.store != self.store {
            return Ok(Err("belongs to another store"));
        }
        if header.number != number {
            return Ok(Err("was renamed"));
        }
        if header.size != size {
            return Ok(Err("was cut off"));
        }
        Ok(Ok(Segment { path, file, header }))
    }

    /// Makes the names of files durable.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        self.disk
            .sync_dir(&self.path)
            .map_err(Error::io("sync the folder", &self.path))
    }
}

fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SEGMENT)?;
    (digits.len() == 16).then(|| u64::from_str_radix(digits, 16).ok())?
}

/// An error that names a segment.
pub(crate) fn damaged(path: &Path, problem: impl Into<String>) -> Error {
    Error::Damaged {
        file: path.display().to_string(),
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_can_be_read_back_and_a_damaged_one_is_refused() {
        let header = Header {
            store: [5; 16],
            number: 7,
            epoch: 3,
            floor: 100,
            size: 1 << 20,
        };
        let mut block = header.write();
        assert_eq!(block.len(), BLOCK);
        assert_eq!(Header::read(&block), Ok(header));
        block[30] ^= 1;
        assert_eq!(Header::read(&block), Err("has a damaged first block"));
        block[7] = 2;
        assert_eq!(
            Header::read(&block),
            Err("was written by a newer cellhouse")
        );
        assert_eq!(Header::read(&[0; BLOCK]), Err("has a damaged first block"));
    }

    #[test]
    fn names() {
        assert_eq!(number("00000000000000ff.log"), Some(255));
        for other in [
            "ff.log",
            "00000000000000ff",
            "free-00000000000000ff",
            "fence",
        ] {
            assert_eq!(number(other), None);
        }
    }
}
