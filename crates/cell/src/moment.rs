//! All cells at one moment, for reading only: what a backup is made from, and what a check of anything
//! that belongs to cells looks at. Commits go on meanwhile and are not seen.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cellhouse_shard::{CellKey, CellMeta, Snapshot};
use parking_lot::Mutex;
use rusqlite::Connection;

use crate::cells::Current;
use crate::page::PAGE_SIZE;
use crate::page::Page;
use crate::vfs::{self, Layer, PageFile, Refused, database_pages};
use crate::{CellName, Cells, Error};

/// Pages read from the store at a time.
const CHUNK: u32 = 64;
/// Chunks that are kept while a database is read: 16 MiB.
const CHUNKS: usize = 64;
/// Memory for SQLite's own cache meanwhile.
const CACHE_BYTES: usize = 2 << 20;

/// All cells as they were at one moment, all of it durable. The store keeps old versions of rows for it, so
/// it should not be held for longer than it is needed.
pub struct Moment {
    snapshot: Arc<Snapshot>,
    current: Arc<Current>,
}

impl Cells {
    /// The present moment. Blocks until all that it shows is durable.
    pub fn moment(&self) -> Result<Moment, Error> {
        let current = self.inner.current()?;
        let snapshot = current.shard.snapshot()?;
        // What is not durable may vanish from the store, and nobody may know more than it.
        snapshot.ticket().wait()?;
        Ok(Moment {
            snapshot: Arc::new(snapshot),
            current,
        })
    }
}

impl Moment {
    /// Runs `f` on a cell as it was; `None` if it was not there. What `f` writes goes nowhere.
    pub fn read<T, E: From<Error>>(
        &self,
        name: &CellName,
        f: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let key = name.key();
        let meta = self.snapshot.meta(key, &name.to_string());
        let Some(meta) = meta.map_err(Error::from)? else {
            return Ok(None);
        };
        let file = Stored::new(self.snapshot.clone(), key, &meta);
        let connection = open(&self.current.layer, file.clone()).map_err(Error::sqlite(name))?;
        let result = f(&connection);
        drop(connection);
        // A failure below SQLite is the error, and not what SQLite made of it.
        match file.lock().failure.take() {
            Some(failure) => Err(failure.into()),
            None => result.map(Some),
        }
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The id of the store.
    pub(crate) fn store(&self) -> [u8; 16] {
        self.current.shard.id()
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moment({:?})", self.snapshot)
    }
}

/// A connection to a database as a snapshot has it.
pub(crate) fn open(
    layer: &Arc<Layer>,
    file: Arc<Mutex<Stored>>,
) -> rusqlite::Result<vfs::Database> {
    vfs::open(layer, file, CACHE_BYTES)
}

/// A database as a snapshot has it, for reading only.
pub(crate) struct Stored {
    snapshot: Arc<Snapshot>,
    key: CellKey,
    size: u32,
    /// By the number of their first page, with the time of their last use.
    chunks: BTreeMap<u32, (u64, BTreeMap<u32, Page>)>,
    uses: u64,
    pub(crate) failure: Option<Error>,
}

impl Stored {
    pub(crate) fn new(snapshot: Arc<Snapshot>, key: CellKey, meta: &CellMeta) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Stored {
            snapshot,
            key,
            size: meta.pages,
            chunks: BTreeMap::new(),
            uses: 0,
            failure: None,
        }))
    }

    fn page(&mut self, number: u32) -> Result<Page, Error> {
        let first = (number - 1) / CHUNK * CHUNK + 1;
        if !self.chunks.contains_key(&first) {
            let chunk = self.chunk(first)?;
            self.make_room();
            self.chunks.insert(first, (0, chunk));
        }
        self.uses += 1;
        let (used, chunk) = self.chunks.get_mut(&first).expect("it was put there");
        *used = self.uses;
        Ok(chunk.get(&number).cloned().unwrap_or_default())
    }

    fn chunk(&self, first: u32) -> Result<BTreeMap<u32, Page>, Error> {
        let end = first.saturating_add(CHUNK).min(self.size.saturating_add(1));
        let mut chunk = BTreeMap::new();
        for (number, bytes) in self.snapshot.pages(self.key, first..end)? {
            // What is no page is read as zeros, which SQLite then complains of.
            chunk.insert(number, Page::from_stored(bytes).unwrap_or_default());
        }
        Ok(chunk)
    }

    fn make_room(&mut self) {
        if self.chunks.len() >= CHUNKS {
            let oldest = self.chunks.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(first) = oldest.map(|(first, _)| *first) {
                self.chunks.remove(&first);
            }
        }
    }

    /// SQLite trusts the size of the file where the header tells none.
    pub(crate) fn wrong_size(&mut self) -> Option<String> {
        let mut header = [0; 100];
        if self.size > 0 {
            self.page(1).ok()?.read(0, &mut header);
        }
        let told = database_pages(&header).unwrap_or(0);
        (told != self.size).then(|| {
            let stored = self.size;
            format!("its header says {told} pages, the store {stored}")
        })
    }
}

impl PageFile for Stored {
    fn pages(&self) -> u32 {
        self.size
    }

    fn read(&mut self, number: u32, offset: usize, into: &mut [u8]) -> Result<(), Refused> {
        match self.page(number) {
            Ok(page) => {
                page.read(offset, into);
                Ok(())
            }
            Err(error) => {
                self.failure = Some(error);
                Err(Refused::Failed)
            }
        }
    }

    fn write(&mut self, _: u32, _: &[u8; PAGE_SIZE]) -> Result<(), Refused> {
        Err(Refused::Failed)
    }

    fn truncate(&mut self, _: u32) {}

    fn sync(&mut self) -> Result<(), Refused> {
        Ok(())
    }
}
