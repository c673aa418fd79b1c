//! Settings of a data directory, and the one thing in it that tests must be able to make fail:
//! syncing a file.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// How cells behave. All have sensible defaults.
#[derive(Clone)]
pub struct Options {
    /// Memory for the database pages of one open cell, in bytes.
    pub cache_bytes: usize,
    /// A write-ahead log that has grown to this many bytes is copied into its database and begun
    /// anew.
    pub checkpoint_bytes: u64,
    /// How commits get onto the disk.
    pub disk: Arc<dyn Disk>,
}

impl Default for Options {
    /// 8 MiB of pages; 16 MiB of log, which a start after a crash reads back in well under 100 ms.
    fn default() -> Options {
        Options {
            cache_bytes: 8 << 20,
            checkpoint_bytes: 16 << 20,
            disk: Arc::new(RealDisk),
        }
    }
}

/// Makes what was written to a file survive a power cut.
pub trait Disk: Send + Sync {
    /// Returns when all that was written to `file` before the call is on disk. After an error
    /// nobody knows what is there, so the cell concerned refuses everything from then on.
    fn sync(&self, path: &Path, file: &File) -> io::Result<()>;
}

/// `fdatasync`, or what the system has in its place.
pub struct RealDisk;

impl Disk for RealDisk {
    fn sync(&self, _path: &Path, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}
