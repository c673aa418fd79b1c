//! The file layer under the local log: every file operation of the log goes through a [`Disk`], so
//! that a test can lose, tear, refuse and delay them. [`RealDisk`] is the system's.

mod real;

use std::io;
use std::path::Path;
use std::sync::Arc;

pub use real::RealDisk;

/// A file system, as much of it as the log uses. Calls block; the log makes them on its own
/// threads.
pub trait Disk: Send + Sync + 'static {
    /// Makes a folder and its missing parents. Durable when it returns.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// The names of the files in a folder, in any order.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Opens a file that exists, for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Makes a file, or empties one that exists, and fills it with `bytes` zeros, so that later
    /// writes within them need no more space. Nothing of it is durable before
    /// [`DiskFile::sync_all`] and [`Disk::sync_dir`]. `ErrorKind::StorageFull` leaves no file.
    fn preallocate(&self, path: &Path, bytes: u64) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name in the same folder; durable after [`Disk::sync_dir`].
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; durable after [`Disk::sync_dir`].
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
}

/// An open file of a [`Disk`]. Usable from several threads at once.
pub trait DiskFile: Send + Sync + 'static {
    /// Its size in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Whether it has no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Fills `buffer` from `offset` on; an error if the file is shorter.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`. Durable after [`DiskFile::sync_data`].
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Returns when everything written before the call is on disk. After an error nobody knows what
    /// is there.
    fn sync_data(&self) -> io::Result<()>;

    /// [`DiskFile::sync_data`], with the file's size and whatever else the system keeps about it.
    fn sync_all(&self) -> io::Result<()>;
}
