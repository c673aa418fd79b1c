//! A valve in front of a disk: syncs pass, wait, or fail.

use std::io;
use std::path::Path;
use std::sync::Arc;

use cellhouse_shard::disk::{Disk, DiskFile, RealDisk};
use parking_lot::{Condvar, Mutex};

/// A disk whose syncs a test holds up or breaks. Clones are the same valve. It begins open; a test
/// that closes it opens it before it ends, or its threads wait for ever.
#[derive(Clone)]
pub struct Valve {
    disk: Arc<dyn Disk>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    #[default]
    Open,
    Closed,
    Broken,
}

impl Default for Valve {
    /// In front of the system's disk.
    fn default() -> Valve {
        Valve::new(Arc::new(RealDisk))
    }
}

impl Valve {
    /// In front of this disk.
    pub fn new(disk: Arc<dyn Disk>) -> Valve {
        Valve {
            disk,
            gate: Arc::default(),
        }
    }

    /// Syncs wait from now on.
    pub fn close(&self) {
        self.gate.set(State::Closed);
    }

    /// Syncs pass, also those that waited.
    pub fn open(&self) {
        self.gate.set(State::Open);
    }

    /// Syncs fail, also those that waited.
    pub fn fail(&self) {
        self.gate.set(State::Broken);
    }
}

impl Gate {
    fn set(&self, state: State) {
        *self.state.lock() = state;
        self.changed.notify_all();
    }

    fn pass(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        while *state == State::Closed {
            self.changed.wait(&mut state);
        }
        match *state {
            State::Broken => Err(io::Error::other("the disk is broken")),
            _ => Ok(()),
        }
    }
}

impl Disk for Valve {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.disk.create_dir(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.disk.list(path)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.disk.open(path)?;
        Ok(self.behind(file))
    }

    fn preallocate(&self, path: &Path, bytes: u64) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.disk.preallocate(path, bytes)?;
        Ok(self.behind(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.gate.pass()?;
        self.disk.sync_dir(path)
    }
}

impl Valve {
    fn behind(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(ValveFile {
            file,
            gate: self.gate.clone(),
        })
    }
}

struct ValveFile {
    file: Arc<dyn DiskFile>,
    gate: Arc<Gate>,
}

impl DiskFile for ValveFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.gate.pass()?;
        self.file.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.gate.pass()?;
        self.file.sync_all()
    }
}
