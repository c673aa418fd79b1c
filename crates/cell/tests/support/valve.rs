//! The real disk, whose syncs wait or fail when told.

use std::io;
use std::path::Path;
use std::sync::Arc;

use cellhouse_cell::{Disk, DiskFile, RealDisk};
use parking_lot::{Condvar, Mutex};

#[derive(Clone, Default)]
pub struct Valve(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    closed: bool,
    broken: bool,
    waiting: usize,
}

impl Valve {
    /// Syncs wait from now on.
    pub fn close(&self) {
        self.set(|state| state.closed = true);
    }

    /// Syncs go through from now on, also those that wait.
    pub fn open(&self) {
        self.set(|state| {
            *state = State {
                waiting: state.waiting,
                ..State::default()
            }
        });
    }

    /// Syncs fail from now on, also those that wait.
    pub fn fail(&self) {
        self.set(|state| (state.closed, state.broken) = (false, true));
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.state.lock());
        self.0.changed.notify_all();
    }

    /// Returns when a sync has begun and waits.
    pub fn until_waiting(&self) {
        let mut state = self.0.state.lock();
        while state.waiting == 0 {
            self.0.changed.wait(&mut state);
        }
    }
}

impl Inner {
    fn pass(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        state.waiting += 1;
        self.changed.notify_all();
        while state.closed {
            self.changed.wait(&mut state);
        }
        state.waiting -= 1;
        match state.broken {
            true => Err(io::Error::other("the disk is on fire")),
            false => Ok(()),
        }
    }
}

impl Disk for Valve {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_dir(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(path)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(Through(RealDisk.open(path)?, self.0.clone())))
    }

    fn preallocate(&self, path: &Path, bytes: u64) -> io::Result<Arc<dyn DiskFile>> {
        let file = RealDisk.preallocate(path, bytes)?;
        Ok(Arc::new(Through(file, self.0.clone())))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_dir(path)
    }
}

struct Through(Arc<dyn DiskFile>, Arc<Inner>);

impl DiskFile for Through {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.1.pass()?;
        self.0.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.1.pass()?;
        self.0.sync_all()
    }
}

impl Drop for Valve {
    fn drop(&mut self) {
        // Whoever waits for a sync at the end of a test must get on.
        if Arc::strong_count(&self.0) == 1 || std::thread::panicking() {
            self.open();
        }
    }
}
