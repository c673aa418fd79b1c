//! Reading a backup, frame by frame; nothing in it is believed.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use cellhouse_shard::Row;

use super::{CHUNK, HEAD, MAGIC, MAX_FRAME, ROWS_ONLY, VERSION};
use crate::Error;

/// A backup that is read from its beginning: first all rows, then all files.
pub(crate) struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    version: u32,
    /// Size of the file.
    pub(crate) total: u64,
    /// How much of it was read.
    pub(crate) done: u64,
    /// Rows, or files, of this section.
    count: u64,
    checksums: crc32fast::Hasher,
    last_key: Option<Bytes>,
}

/// What is done with a file of a backup: its name, its size, its bytes.
pub(crate) type Take<'a> = dyn FnMut(&str, u64, &mut dyn Read) -> Result<(), Error> + 'a;

/// The bytes of one file in a backup.
pub(crate) struct Content<'a> {
    reader: &'a mut Reader,
    rest: u64,
    frame: Bytes,
    /// Why there are no more of them: what the backup itself has to say of it.
    failed: Option<Error>,
}

impl Reader {
    pub(crate) fn open(path: &Path) -> Result<Reader, Error> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let total = file.metadata().map_err(Error::io("read", path))?.len();
        let mut reader = Reader {
            path: path.to_owned(),
            file: BufReader::new(file),
            version: 0,
            total,
            done: 0,
            count: 0,
            checksums: crc32fast::Hasher::new(),
            last_key: None,
        };
        let head: [u8; HEAD] = reader.read()?;
        if &head[..8] != MAGIC {
            return Err(reader.unusable("it was not written by cellhouse"));
        }
        reader.version = u32::from_le_bytes(head[8..12].try_into().expect("4 bytes"));
        match reader.version {
            VERSION | ROWS_ONLY => Ok(reader),
            version => Err(reader.unusable(format!(
                "it has version {version}, but this cellhouse knows versions up to {VERSION}"
            ))),
        }
    }

    /// Whether it was written by a version that put files into backups.
    pub(crate) fn knows_files(&self) -> bool {
        self.version != ROWS_ONLY
    }

    /// The rows of the next frame; `None` after the last one, when they have been found whole.
    pub(crate) fn rows(&mut self) -> Result<Option<Vec<Row>>, Error> {
        let at = self.done;
        let Some(content) = self.frame()? else {
            self.end_section()?;
            if !self.knows_files() {
                self.end()?;
            }
            return Ok(None);
        };
        let damaged = |reader: &Reader| reader.unusable(format!("it is damaged at byte {at}"));
        let rows = parse(content).ok_or_else(|| damaged(self))?;
        self.count += rows.len() as u64;
        for row in &rows {
            if self.last_key.as_ref().is_some_and(|last| *last >= row.key) {
                return Err(damaged(self));
            }
            self.last_key = Some(row.key.clone());
        }
        Ok(Some(rows))
    }

    /// The next file, for `take` to read. `None` after the last one, when the backup has been found whole.
    /// What of the file `take` leaves is read and checked.
    pub(crate) fn file(&mut self, take: &mut Take<'_>) -> Result<Option<()>, Error> {
        if !self.knows_files() {
            return Ok(None);
        }
        let at = self.done;
        let Some(head) = self.frame()? else {
            self.end_section()?;
            self.end()?;
            return Ok(None);
        };
        self.count += 1;
        let damaged = |reader: &Reader| reader.unusable(format!("it is damaged at byte {at}"));
        let (size, name) = head.split_first_chunk().ok_or_else(|| damaged(self))?;
        let name = std::str::from_utf8(name).map_err(|_| damaged(self))?;
        let mut content = Content {
            rest: u64::from_le_bytes(*size),
            reader: self,
            frame: Bytes::new(),
            failed: None,
        };
        let taken = take(name, content.rest, &mut content);
        if let Some(error) = content.failed.take() {
            return Err(error);
        }
        taken?;
        while content.more()? {
            content.frame.clear();
        }
        Ok(Some(()))
    }

    /// The content of the next frame, or `None` for the one that ends a section.
    fn frame(&mut self) -> Result<Option<Bytes>, Error> {
        let at = self.done;
        let length = u32::from_le_bytes(self.read()?) as usize;
        let checksum: [u8; 4] = self.read()?;
        if length == 0 && checksum == [0; 4] {
            return Ok(None);
        }
        let damaged = |reader: &Reader| reader.unusable(format!("it is damaged at byte {at}"));
        if length > MAX_FRAME || length as u64 > self.total - self.done {
            return Err(damaged(self));
        }
        let mut content = vec![0; length];
        self.fill(&mut content)?;
        if crc32fast::hash(&content).to_le_bytes() != checksum {
            return Err(damaged(self));
        }
        self.checksums.update(&checksum);
        Ok(Some(content.into()))
    }

    /// Checks what stands behind the last frame of the rows, or of the files.
    fn end_section(&mut self) -> Result<(), Error> {
        let count = u64::from_le_bytes(self.read()?);
        let checksum = u32::from_le_bytes(self.read()?);
        let found = std::mem::take(&mut self.checksums).finalize();
        let same = count == std::mem::take(&mut self.count) && checksum == found;
        match same {
            true => Ok(()),
            false => Err(self.unfit()),
        }
    }

    fn end(&self) -> Result<(), Error> {
        match self.done == self.total {
            true => Ok(()),
            false => Err(self.unfit()),
        }
    }

    fn read<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.done += bytes.len() as u64;
        self.file.read_exact(bytes).map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => self.unusable("it is cut off"),
            _ => Error::io("read", &self.path)(e),
        })
    }

    fn unfit(&self) -> Error {
        self.unusable("its end does not fit what is before it")
    }

    pub(crate) fn unusable(&self, problem: impl Into<String>) -> Error {
        Error::Backup {
            path: self.path.clone(),
            problem: problem.into(),
        }
    }
}

impl Content<'_> {
    /// Reads a frame if nothing is left of the last one; false at the end.
    fn more(&mut self) -> Result<bool, Error> {
        if !self.frame.is_empty() {
            return Ok(true);
        }
        if self.rest == 0 {
            return Ok(false);
        }
        let at = self.reader.done;
        let frame = self.reader.frame()?.unwrap_or_default();
        let length = frame.len() as u64;
        if frame.is_empty() || frame.len() > CHUNK || length > self.rest {
            let problem = format!("it is damaged at byte {at}");
            return Err(self.reader.unusable(problem));
        }
        self.rest -= length;
        self.frame = frame;
        Ok(true)
    }
}

impl Read for Content<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.more() {
            Ok(true) => {
                let length = into.len().min(self.frame.len());
                into[..length].copy_from_slice(&self.frame.split_to(length));
                Ok(length)
            }
            Ok(false) => Ok(0),
            Err(error) => {
                let told = io::Error::other(error.to_string());
                self.failed = Some(error);
                Err(told)
            }
        }
    }
}

fn parse(mut content: Bytes) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    while !content.is_empty() {
        let key = take_length(&mut content)?;
        let value = take_length(&mut content)?;
        if content.len() < key.checked_add(value)? {
            return None;
        }
        rows.push(Row {
            key: content.split_to(key),
            value: content.split_to(value),
        });
    }
    Some(rows)
}

fn take_length(content: &mut Bytes) -> Option<usize> {
    let bytes = content.first_chunk::<4>().copied()?;
    drop(content.split_to(4));
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}
