//! Writing a backup: rows, then files, each in frames with checksums. What is a frame, and in which order
//! they come, is said in `mod.rs`.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use cellhouse_shard::Row;

use super::{CHUNK, HEAD, MAGIC, VERSION};
use crate::{Error, Progress};

pub(super) struct Writer<'a> {
    path: PathBuf,
    file: File,
    bytes: u64,
    /// An estimate.
    total: u64,
    progress: &'a mut dyn FnMut(Progress) -> bool,
    /// Rows, or files, of this section.
    count: u64,
    checksums: crc32fast::Hasher,
    content: Vec<u8>,
}

/// The files of a backup that is being written.
pub struct BackupFiles<'a>(&'a mut dyn Sink);

impl<'a> BackupFiles<'a> {
    pub(super) fn new(writer: &'a mut Writer<'_>) -> BackupFiles<'a> {
        BackupFiles(writer)
    }

    /// Adds a file of `size` bytes. `next` gives them piece by piece, then nothing; fewer or more of them
    /// are an error that ends the backup.
    pub fn add<E: From<Error>>(
        &mut self,
        name: &str,
        size: u64,
        mut next: impl FnMut() -> Result<Option<Bytes>, E>,
    ) -> Result<(), E> {
        self.0.begin(name, size)?;
        let mut rest = size;
        while let Some(bytes) = next()? {
            let length = bytes.len() as u64;
            if length > rest {
                return Err(self.0.wrong_size(name).into());
            }
            rest -= length;
            for chunk in bytes.chunks(CHUNK) {
                self.0.chunk(chunk)?;
            }
        }
        match rest {
            0 => Ok(()),
            _ => Err(self.0.wrong_size(name).into()),
        }
    }
}

/// What [`BackupFiles`] needs of the writer, whose lifetime is nobody's business.
trait Sink {
    fn begin(&mut self, name: &str, size: u64) -> Result<(), Error>;
    fn chunk(&mut self, bytes: &[u8]) -> Result<(), Error>;
    fn wrong_size(&self, name: &str) -> Error;
}

impl Sink for Writer<'_> {
    fn begin(&mut self, name: &str, size: u64) -> Result<(), Error> {
        self.count += 1;
        let content = [&size.to_le_bytes()[..], name.as_bytes()].concat();
        self.frame(&content)
    }

    fn chunk(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.frame(bytes)
    }

    fn wrong_size(&self, name: &str) -> Error {
        let problem = format!("{name} has not as many bytes as it should have");
        self.failed(io::Error::other(problem))
    }
}

impl<'a> Writer<'a> {
    pub(super) fn create(
        path: &Path,
        store: [u8; 16],
        total: u64,
        progress: &'a mut dyn FnMut(Progress) -> bool,
    ) -> Result<Writer<'a>, Error> {
        let mut writer = Writer {
            path: path.to_owned(),
            file: File::create(path).map_err(Error::io("write", path))?,
            bytes: 0,
            total,
            progress,
            count: 0,
            checksums: crc32fast::Hasher::new(),
            content: Vec::new(),
        };
        let mut head = Vec::with_capacity(HEAD);
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&VERSION.to_le_bytes());
        head.extend_from_slice(&[0; 4]);
        head.extend_from_slice(&store);
        writer.write(&head)?;
        Ok(writer)
    }

    pub(super) fn rows(&mut self, rows: &[Row]) -> Result<(), Error> {
        let mut content = std::mem::take(&mut self.content);
        content.clear();
        for row in rows {
            content.extend_from_slice(&self.length(row.key.len())?);
            content.extend_from_slice(&self.length(row.value.len())?);
            content.extend_from_slice(&row.key);
            content.extend_from_slice(&row.value);
        }
        self.count += rows.len() as u64;
        let written = self.frame(&content);
        self.content = content;
        written
    }

    /// The end of the rows, or of the files: how many there were.
    pub(super) fn end_section(&mut self) -> Result<u64, Error> {
        let count = std::mem::take(&mut self.count);
        let checksum = std::mem::take(&mut self.checksums).finalize();
        self.write(&[0; 8])?;
        self.write(&count.to_le_bytes())?;
        self.write(&checksum.to_le_bytes())?;
        Ok(count)
    }

    /// The end. Gives how many files there were, and the size of it all, which is on disk now.
    pub(super) fn finish(mut self) -> Result<(u64, u64), Error> {
        let files = self.end_section()?;
        self.file.sync_all().map_err(|e| self.failed(e))?;
        self.total = self.bytes;
        self.tell()?;
        Ok((files, self.bytes))
    }

    fn frame(&mut self, content: &[u8]) -> Result<(), Error> {
        let checksum = crc32fast::hash(content).to_le_bytes();
        self.checksums.update(&checksum);
        let length = self.length(content.len())?;
        self.write(&length)?;
        self.write(&checksum)?;
        self.write(content)?;
        self.tell()
    }

    fn tell(&mut self) -> Result<(), Error> {
        let progress = Progress {
            done: self.bytes,
            total: self.total.max(self.bytes),
        };
        match (self.progress)(progress) {
            true => Ok(()),
            false => Err(Error::Unwanted),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|e| self.failed(e))
    }

    fn length(&self, length: usize) -> Result<[u8; 4], Error> {
        let fits = u32::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge.into());
        fits.map(u32::to_le_bytes).map_err(|e| self.failed(e))
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::io("write", &self.path)(error)
    }
}
