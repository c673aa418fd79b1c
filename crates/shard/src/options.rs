//! Where a shard is and how much it may use. What SlateDB is told follows in `settings.rs`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;

use crate::disk::{Disk, RealDisk};
use crate::{Clock, Entropy, Error, RealClock, RealEntropy};

/// Where a store is.
#[derive(Clone)]
#[non_exhaustive]
pub enum Store {
    /// In this process's memory, gone with the shard. For tests.
    Memory,
    /// In a folder: objects as files, and a log of our own beside them.
    File(PathBuf),
    /// In any object store. With a folder for the log, commits are durable when they are in that
    /// folder, which then belongs to this store as much as its objects do; without, when they are
    /// in the object store.
    Objects {
        /// What errors call it.
        name: String,
        /// The objects.
        objects: Arc<dyn ObjectStore>,
        /// The folder of the log, on [`ShardOptions::disk`].
        log: Option<PathBuf>,
    },
}

impl Store {
    /// Reads `memory:` or `file:<folder>`.
    pub fn parse(url: &str) -> Result<Store, Error> {
        let refuse = |problem| {
            Err(Error::Url {
                url: url.to_owned(),
                problem,
            })
        };
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Store::Memory),
            Some(("memory", _)) => refuse("nothing may follow \"memory:\""),
            Some(("file", "")) => refuse("a folder must follow \"file:\""),
            Some(("file", folder)) => {
                let folder = folder.strip_prefix("//").unwrap_or(folder);
                Ok(Store::File(PathBuf::from(folder)))
            }
            Some(_) => refuse("it must begin with \"file:\" or be \"memory:\""),
            None => refuse("write \"file:\" before a folder"),
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Store::Memory => write!(f, "memory:"),
            Store::File(folder) => write!(f, "{}", folder.display()),
            Store::Objects { name, .. } => write!(f, "{name}"),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({self})")
    }
}

/// How a shard behaves. All but the store has defaults that fit a laptop.
#[derive(Clone)]
pub struct ShardOptions {
    /// Where it is.
    pub store: Store,
    /// Commits that wait to be written may hold this many bytes; then whoever commits waits.
    pub queue_bytes: usize,
    /// Rows are collected in memory up to this many bytes and then written as one sorted file.
    pub memtable_bytes: usize,
    /// All rows in memory that are not yet in a sorted file, in bytes; beyond that, commits wait
    /// for the disk. More than twice `memtable_bytes`, or files could not be written beside
    /// commits.
    pub unflushed_bytes: usize,
    /// Memory for what was read from sorted files, in bytes.
    pub block_cache_bytes: usize,
    /// Size of a file of the local log. A commit, or a group of them, larger than this gets a file
    /// of its own size.
    pub segment_bytes: u64,
    /// How often files of the local log that are not needed any more are looked for.
    pub log_collection: Duration,
    /// The file layer of the local log.
    pub disk: Arc<dyn Disk>,
    /// The time, for the ages of files and for waiting. Nothing that is stored depends on it but the
    /// names of SlateDB's files.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for the id of a new store and the names of SlateDB's files.
    pub entropy: Arc<dyn Entropy>,
}

impl ShardOptions {
    /// The defaults: 8 MiB waiting, 8 MiB sorted, 40 MiB unflushed, 8 MiB of blocks, log files of
    /// 16 MiB that are looked through every second.
    pub fn new(store: Store) -> ShardOptions {
        ShardOptions {
            store,
            queue_bytes: 8 << 20,
            memtable_bytes: 8 << 20,
            unflushed_bytes: 40 << 20,
            block_cache_bytes: 8 << 20,
            segment_bytes: 16 << 20,
            log_collection: Duration::from_secs(1),
            disk: Arc::new(RealDisk),
            clock: Arc::new(RealClock::default()),
            entropy: Arc::new(RealEntropy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let place = |url| Store::parse(url).map(|store| store.to_string());
        assert_eq!(place("memory:").unwrap(), "memory:");
        assert_eq!(place("file:/a/b").unwrap(), "/a/b");
        assert_eq!(place("file:///a/b").unwrap(), "/a/b");
        assert_eq!(place("file:a").unwrap(), "a");
        for bad in ["", "a/b", "memory:x", "file:", "s3:bucket"] {
            let message = place(bad).unwrap_err().to_string();
            assert!(message.contains("cannot name a store"), "{message}");
        }
    }
}
