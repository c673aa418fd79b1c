//! Segments: the files of the log, each made at its full size and then only written within it.
//!
//! The name of a segment is the epoch of its writer and a number, so that two writers never mean the
//! same file. The first block of a segment is its header, little-endian: `CHlog\0\0\x01` (the last byte is the
//! version), the store's id (16 bytes), then 8 bytes each: epoch, number, floor, size; and a
//! CRC-32 of all that. Records follow from the second block on.
//!
//! A segment is taken up again when its records are not needed any more. Its old records are then
//! still in it; they are told from new ones by their epoch, or by ids not above the floor: the id
//! of the last durable record of the log when the header was written.

use std::fmt;
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

/// Names a segment: consecutive numbers for each epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) epoch: u64,
    pub(crate) number: u64,
}

impl Name {
    /// The name of a file, if it is that of a segment.
    fn parse(file: &str) -> Option<Name> {
        let (epoch, number) = file.strip_suffix(SEGMENT)?.split_once('-')?;
        let parse = |text: &str, digits| match text.len() == digits {
            true => u64::from_str_radix(text, 16).ok(),
            false => None,
        };
        Some(Name {
            epoch: parse(epoch, 16)?,
            number: parse(number, 8)?,
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{:08x}", self.epoch, self.number)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) store: StoreId,
    pub(crate) name: Name,
    pub(crate) floor: u64,
    /// Bytes of the file.
    pub(crate) size: u64,
}

impl Header {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(BLOCK);
        out.put_slice(MAGIC);
        out.put_slice(&self.store);
        out.put_u64_le(self.name.epoch);
        out.put_u64_le(self.name.number);
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
            name: Name {
                epoch: fields.get_u64_le(),
                number: fields.get_u64_le(),
            },
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
/// Begins the name of a segment that waits to be taken up again. All of it is on disk.
const FREE: &str = "free-";
/// Begins the name of a segment that is being made. Left over, it may not be on disk at all,
/// although it can be read.
const DRAFT: &str = "draft-";

/// What is in the folder.
pub(crate) struct Listing {
    pub(crate) segments: Vec<Name>,
    pub(crate) free: Vec<PathBuf>,
    pub(crate) drafts: Vec<PathBuf>,
}

impl Folder {
    pub(crate) fn list(&self) -> Result<Listing, Error> {
        let names = self
            .disk
            .list(&self.path)
            .map_err(Error::io("list", &self.path))?;
        let segments = names.iter().filter_map(|name| Name::parse(name)).collect();
        let beginning = |prefix: &str| {
            let names = names.iter().filter(|name| name.starts_with(prefix));
            names.map(|name| self.path.join(name)).collect()
        };
        Ok(Listing {
            segments,
            free: beginning(FREE),
            drafts: beginning(DRAFT),
        })
    }

    pub(crate) fn segment_path(&self, name: Name) -> PathBuf {
        self.path.join(format!("{name}{SEGMENT}"))
    }

    pub(crate) fn free_path(&self, name: Name) -> PathBuf {
        self.path.join(format!("{FREE}{name}"))
    }

    /// Makes a segment out of `reuse`, or anew, durable with its name before it returns.
    pub(crate) fn make(&self, header: Header, reuse: Option<PathBuf>) -> Result<Segment, Error> {
        let (draft, file) = match reuse {
            Some(path) => {
                let file = self.disk.open(&path).map_err(Error::io("open", &path))?;
                (path, file)
            }
            None => {
                let path = self.path.join(format!("{DRAFT}{}", header.name));
                let file = self.disk.preallocate(&path, header.size);
                (path.clone(), file.map_err(Error::io("make", &path))?)
            }
        };
        file.write_at(&header.write(), 0)
            .and_then(|()| file.sync_all())
            .map_err(Error::io("write", &draft))?;
        let path = self.segment_path(header.name);
        self.disk
            .rename(&draft, &path)
            .map_err(Error::io("rename", &draft))?;
        self.sync()?;
        Ok(Segment { path, file, header })
    }

    /// Opens a segment and reads its header; the inner error says what is wrong with it.
    pub(crate) fn open(&self, name: Name) -> Result<Result<Segment, &'static str>, Error> {
        let path = self.segment_path(name);
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
        if header.name != name {
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
            name: Name {
                epoch: 3,
                number: 7,
            },
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
        let name = Name {
            epoch: 3,
            number: 255,
        };
        let file = format!("{name}.log");
        assert_eq!(file, "0000000000000003-000000ff.log");
        assert_eq!(Name::parse(&file), Some(name));
        for other in ["3-ff.log", "0000000000000003.log", "fence"] {
            assert_eq!(Name::parse(other), None);
        }
        assert_eq!(Name::parse(&format!("free-{file}")), None);
    }
}
