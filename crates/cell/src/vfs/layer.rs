//! A file layer that SQLite knows by name: where the SQL of the cells on it gets the time and
//! randomness from. One for each data directory, since SQLite asks the layer and not the
//! connection for them; it stays known to SQLite as long as a connection is open on it.

use std::ffi::{CStr, CString, c_int};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::SystemTime;

use rusqlite::ffi;

use super::{Sources, system};

/// 1970-01-01 as SQLite counts: milliseconds since noon on 24 November 4714 before Christ.
const EPOCH_MS: i64 = 210_866_760_000_000;

/// A file layer. SQLite forgets it when it is dropped.
pub(crate) struct Layer(ptr::NonNull<Known>);

/// What SQLite has pointers to.
struct Known {
    vfs: ffi::sqlite3_vfs,
    name: CString,
    sources: Sources,
}

// SAFETY: SQLite guards its list of layers by a lock of its own, and the sources are usable from any
// thread. Nobody else changes what is behind the pointer.
unsafe impl Send for Layer {}
// SAFETY: as above.
unsafe impl Sync for Layer {}

impl Layer {
    /// Tells SQLite about a new layer.
    pub(crate) fn new(sources: Sources) -> rusqlite::Result<Layer> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Relaxed);
        let name = CString::new(format!("cellhouse-{number}")).expect("digits hold no zero byte");
        let known = Known {
            vfs: system::calls(),
            name,
            sources,
        };
        let known = ptr::NonNull::from(Box::leak(Box::new(known)));
        let layer = Layer(known);
        // SAFETY: the box is ours until the drop, which takes it from SQLite first; its parts do
        // not move.
        let code = unsafe {
            let known = known.as_ptr();
            (*known).vfs.zName = (*known).name.as_ptr();
            (*known).vfs.pAppData = (&raw mut (*known).sources).cast();
            ffi::sqlite3_vfs_register(&raw mut (*known).vfs, 0)
        };
        match code {
            ffi::SQLITE_OK => Ok(layer),
            code => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)),
        }
    }

    pub(super) fn name(&self) -> &CStr {
        // SAFETY: the box lives until the drop, and the name never changes.
        unsafe { &(*self.0.as_ptr()).name }
    }

    pub(super) fn sources(&self) -> &Sources {
        // SAFETY: as in `name`.
        unsafe { &(*self.0.as_ptr()).sources }
    }
}

impl Drop for Layer {
    fn drop(&mut self) {
        // SAFETY: connections hold the layer, so that none is open; a layer that SQLite does not
        // know is a no-op for it. The box was leaked in `new` and nobody else frees it.
        unsafe {
            ffi::sqlite3_vfs_unregister(&raw mut (*self.0.as_ptr()).vfs);
            drop(Box::from_raw(self.0.as_ptr()));
        }
    }
}

impl Sources {
    /// Milliseconds as SQLite counts them. A clock set before 1970 counts as 1970.
    pub(super) fn now_ms(&self) -> i64 {
        let since = self.clock.now().duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or_default().as_millis();
        i64::try_from(since).map_or(i64::MAX, |now| EPOCH_MS.saturating_add(now))
    }

    /// How many of the bytes were filled: all or none.
    pub(super) fn fill(&self, bytes: &mut [u8]) -> c_int {
        match self.entropy.fill(bytes) {
            Ok(()) => c_int::try_from(bytes.len()).unwrap_or(c_int::MAX),
            Err(_) => 0,
        }
    }
}
