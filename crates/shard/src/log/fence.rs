//! The fence: a file with the epoch of the log's owner, by which an earlier owner learns that it is
//! one no more.
//!
//! A new owner first writes its epoch here, and then reads the log. A writer looks here after each
//! sync and before it says that something is durable. So of what it says is durable the new owner
//! has read everything: either the writer's look came before the new epoch, and then its record
//! was there when the log was read; or it saw the new epoch and said nothing.
//!
//! The lock of the store's folder keeps other processes out before it comes to this. The fence holds
//! also where there is no such lock, or somebody removed it.

use std::io;
use std::sync::Arc;

use bytes::{Buf, BufMut};

use super::record::BLOCK;
use super::segment::Folder;
use crate::Error;
use crate::disk::DiskFile;

const MAGIC: &[u8; 8] = b"CHfence1";
const USED: usize = 20;

pub(crate) struct Fence {
    file: Arc<dyn DiskFile>,
    epoch: u64,
    store: Arc<str>,
}

impl Fence {
    /// Becomes the owner.
    pub(crate) fn raise(folder: &Folder, epoch: u64, store: Arc<str>) -> Result<Fence, Error> {
        let path = folder.path.join("fence");
        let disk = &folder.disk;
        let file = match disk.open(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => disk
                .preallocate(&path, BLOCK as u64)
                .map_err(Error::io("make", &path))?,
            opened => opened.map_err(Error::io("open", &path))?,
        };
        let mut bytes = Vec::with_capacity(BLOCK);
        bytes.put_slice(MAGIC);
        bytes.put_u64_le(epoch);
        let crc = crc32fast::hash(&bytes);
        bytes.put_u32_le(crc);
        bytes.resize(BLOCK, 0);
        file.write_at(&bytes, 0)
            .and_then(|()| file.sync_all())
            .map_err(Error::io("write", &path))?;
        folder.sync()?;
        Ok(Fence { file, epoch, store })
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What to say when it does not hold any more.
    pub(crate) fn lost(&self) -> Error {
        Error::Fenced {
            store: self.store.to_string(),
        }
    }

    /// Whether nobody else became the owner. Reads the file, which is a fraction of a microsecond
    /// when the system has it in memory.
    pub(crate) fn holds(&self) -> io::Result<bool> {
        let mut bytes = [0; USED];
        self.file.read_at(&mut bytes, 0)?;
        let (fields, mut crc) = bytes.split_at(USED - 4);
        let (magic, mut epoch) = fields.split_at(MAGIC.len());
        // What cannot be read is somebody else's too.
        Ok(magic == MAGIC
            && crc32fast::hash(fields) == crc.get_u32_le()
            && epoch.get_u64_le() == self.epoch)
    }
}
