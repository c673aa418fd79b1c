//! Settings of a data directory: where the shard is, and how much memory its cells may take.

use std::sync::Arc;
use std::time::Duration;

use cellhouse_shard::disk::{Disk, RealDisk};
use cellhouse_shard::{Clock, Entropy, RealClock, RealEntropy, Store};

/// Prepares a connection to a cell before anything is done on it: an authorizer, limits.
pub type Setup = fn(&mut rusqlite::Connection) -> rusqlite::Result<()>;

/// How cells behave. All have sensible defaults.
#[derive(Clone)]
pub struct Options {
    /// Where the shard is; `None` is the folder `store` in the data directory.
    pub store: Option<Store>,
    /// Memory for open cells, in bytes: their pages, and what SQLite keeps for them. Beyond it the
    /// cells that were not used for longest leave memory, except those whose last commit is not
    /// durable yet. What the shard takes comes on top.
    pub memory_bytes: usize,
    /// The most that SQLite keeps of the pages of one cell besides, in bytes.
    pub cache_bytes: usize,
    /// Cells whose database is larger than this many bytes keep their pages in a file of the data
    /// directory, not in memory, and read from the shard only what they use.
    pub large_bytes: u64,
    /// The most bytes of pages that one transaction may change. It is kept in memory three times
    /// until it is durable.
    pub transaction_bytes: usize,
    /// For how long cells with history can go back; zero: they keep none, and nothing is spent on it.
    pub history: Duration,
    /// How exactly they can go back to a time. A page is kept once for each such span in which it
    /// changes; see [`Bookmark`](crate::Bookmark).
    pub history_epoch: Duration,
    /// The file layer of the shard's log.
    pub disk: Arc<dyn Disk>,
    /// The time, for SQL (`CURRENT_TIMESTAMP`) and the shard.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for SQL (`random()`) and the shard.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for Options {
    /// 64 MiB for all cells; 512 KiB of it for the page cache of one; large above 8 MiB; 256 MiB
    /// in one transaction, which is ten values of the largest size that State takes. 30 days of
    /// history, to 10 seconds.
    fn default() -> Options {
        Options {
            store: None,
            memory_bytes: 64 << 20,
            cache_bytes: 512 << 10,
            large_bytes: 8 << 20,
            transaction_bytes: 256 << 20,
            history: Duration::from_secs(30 * 24 * 60 * 60),
            history_epoch: Duration::from_secs(10),
            disk: Arc::new(RealDisk),
            clock: Arc::new(RealClock::default()),
            entropy: Arc::new(RealEntropy),
        }
    }
}
