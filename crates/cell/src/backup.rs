//! Backups: all cells of a running data directory at one moment, in one file.
//!
//! Layout, integers little-endian. A head: `CELLBACK`, version (4 bytes, 1), 4 zero bytes, the id of
//! the store it is of (16). Then frames: length of the content (4 bytes), its CRC-32 (4), the
//! content. The content of a frame is rows, in ascending order of their keys over the whole file:
//! length of the key (4), length of the value (4), the key, the value. The last frame has no
//! content; after its eight zero bytes comes the number of rows (8 bytes) and their CRC-32, that of
//! all frames' CRC-32s one after the other (4 bytes), and then nothing.
//!
//! Rows are those of the store (`cellhouse_shard`), so a backup can be read by a version that knows
//! the store's format. A file is written beside its place and moved there when it is whole and on
//! disk, so a file under the name that was asked for is always a whole one.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use cellhouse_shard::Row;

use crate::{Cells, Error, Progress};

const MAGIC: &[u8; 8] = b"CELLBACK";
const VERSION: u32 = 1;
const HEAD: usize = 8 + 4 + 4 + 16;
/// Rows read from the store and written at a time.
const ROWS: usize = 512;
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
    /// Size of the file.
    pub bytes: u64,
}

impl Cells {
    /// Writes all cells as they are at one moment into a new file at `to`, while reads and writes go
    /// on. Everything in it is durable. `progress` counts bytes, of which the total is an estimate.
    ///
    /// Nothing is left at `to` if it fails; a file that is there already is an error.
    pub fn backup(&self, to: &Path, mut progress: impl FnMut(Progress)) -> Result<BackedUp, Error> {
        if to.exists() {
            let exists = io::Error::from(io::ErrorKind::AlreadyExists);
            return Err(Error::io("write a backup to", to)(exists));
        }
        let draft = beside(to);
        let written = self.write_backup(&draft, &mut progress);
        let moved = written.and_then(|done| {
            put_in_place(&draft, to)?;
            Ok(done)
        });
        moved.inspect_err(|_| drop(fs::remove_file(&draft)))
    }

    fn write_backup(
        &self,
        draft: &Path,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<BackedUp, Error> {
        let shard = self.shard()?;
        let snapshot = shard.snapshot()?;
        // What is not durable may vanish from the store, and a backup must not know more than it.
        snapshot.ticket().wait()?;
        let (cells, estimate) = size_of(&snapshot)?;
        let failed = |e| Error::io("write", draft)(e);
        let mut file = Writer::create(draft, shard.id()).map_err(failed)?;
        let mut last: Option<Row> = None;
        loop {
            let rows = snapshot.rows(last.as_ref(), ROWS)?;
            if rows.is_empty() {
                break;
            }
            file.frame(&rows).map_err(failed)?;
            last = rows.last().cloned();
            progress(Progress {
                done: file.bytes,
                total: estimate.max(file.bytes),
            });
        }
        let (rows, bytes) = file.finish().map_err(failed)?;
        progress(Progress {
            done: bytes,
            total: bytes,
        });
        Ok(BackedUp { cells, rows, bytes })
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

struct Writer {
    file: File,
    bytes: u64,
    rows: u64,
    checksums: crc32fast::Hasher,
    content: Vec<u8>,
}

impl Writer {
    fn create(path: &Path, store: [u8; 16]) -> io::Result<Writer> {
        let mut writer = Writer {
            file: File::create(path)?,
            bytes: 0,
            rows: 0,
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

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn frame(&mut self, rows: &[Row]) -> io::Result<()> {
        let mut content = std::mem::take(&mut self.content);
        content.clear();
        for row in rows {
            content.extend_from_slice(&length(row.key.len())?);
            content.extend_from_slice(&length(row.value.len())?);
            content.extend_from_slice(&row.key);
            content.extend_from_slice(&row.value);
        }
        let checksum = crc32fast::hash(&content).to_le_bytes();
        self.checksums.update(&checksum);
        self.rows += rows.len() as u64;
        self.write(&length(content.len())?)?;
        self.write(&checksum)?;
        self.write(&content)?;
        self.content = content;
        Ok(())
    }

    fn finish(mut self) -> io::Result<(u64, u64)> {
        let checksum = self.checksums.clone().finalize();
        self.write(&[0; 8])?;
        self.write(&self.rows.to_le_bytes())?;
        self.write(&checksum.to_le_bytes())?;
        self.file.sync_all()?;
        Ok((self.rows, self.bytes))
    }
}

fn length(length: usize) -> io::Result<[u8; 4]> {
    let length = u32::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
    Ok(length.to_le_bytes())
}

/// Reads a backup frame by frame and believes nothing.
pub(crate) struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    /// Size of the file.
    pub(crate) total: u64,
    /// How much of it was read.
    pub(crate) done: u64,
    rows: u64,
    checksums: crc32fast::Hasher,
    last_key: Option<Bytes>,
}

impl Reader {
    pub(crate) fn open(path: &Path) -> Result<Reader, Error> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let total = file.metadata().map_err(Error::io("read", path))?.len();
        let mut reader = Reader {
            path: path.to_owned(),
            file: BufReader::new(file),
            total,
            done: 0,
            rows: 0,
            checksums: crc32fast::Hasher::new(),
            last_key: None,
        };
        let head: [u8; HEAD] = reader.read()?;
        if &head[..8] != MAGIC {
            return Err(reader.unusable("it was not written by cellhouse"));
        }
        let version = u32::from_le_bytes(head[8..12].try_into().expect("4 bytes"));
        match version {
            VERSION => Ok(reader),
            _ => Err(reader.unusable(format!(
                "it has version {version}, but this cellhouse knows {VERSION}"
            ))),
        }
    }

    /// The rows of the next frame; `None` after the last one, when the file has been found whole.
    pub(crate) fn rows(&mut self) -> Result<Option<Vec<Row>>, Error> {
        let at = self.done;
        let length = u32::from_le_bytes(self.read()?) as usize;
        let checksum: [u8; 4] = self.read()?;
        if length == 0 && checksum == [0; 4] {
            self.end()?;
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
        let rows = parse(content.into()).ok_or_else(|| damaged(self))?;
        self.rows += rows.len() as u64;
        for row in &rows {
            if self.last_key.as_ref().is_some_and(|last| *last >= row.key) {
                return Err(damaged(self));
            }
            self.last_key = Some(row.key.clone());
        }
        Ok(Some(rows))
    }

    fn end(&mut self) -> Result<(), Error> {
        let rows = u64::from_le_bytes(self.read()?);
        let checksum = u32::from_le_bytes(self.read()?);
        let same = rows == self.rows && checksum == self.checksums.clone().finalize();
        match same && self.done == self.total {
            true => Ok(()),
            false => Err(self.unusable("its end does not fit what is before it")),
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

    fn unusable(&self, problem: impl Into<String>) -> Error {
        Error::Backup {
            path: self.path.clone(),
            problem: problem.into(),
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
