//! A valve in front of a disk: syncs pass, wait, or fail.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_shard::disk::{Disk, DiskFile, RealDisk};
use parking_lot::{Condvar, Mutex};

/// How long a sync waits for a closed valve before it fails: a test that forgot it, or failed before it
/// opened it, must end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A disk whose syncs a test holds up or breaks. Clones are the same valve. It begins open.
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

#[derive(Default)]
struct State {
    position: Position,
    waiting: usize,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Position {
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
        self.gate.set(Position::Closed);
    }

    /// Syncs pass, also those that waited.
    pub fn open(&self) {
        self.gate.set(Position::Open);
    }

    /// Syncs fail, also those that waited.
    pub fn fail(&self) {
        self.gate.set(Position::Broken);
    }

    /// Returns when a sync waits.
    pub fn until_waiting(&self) {
        let mut state = self.gate.state.lock();
        while state.waiting == 0 {
            self.gate.changed.wait(&mut state);
        }
    }
}

impl Gate {
    fn set(&self, position: Position) {
        self.state.lock().position = position;
        self.changed.notify_all();
    }

    fn pass(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        state.waiting += 1;
        self.changed.notify_all();
        let closed = |state: &mut State| state.position == Position::Closed;
        let waited = self.changed.wait_while_for(&mut state, closed, PATIENCE);
        state.waiting -= 1;
        match state.position {
            _ if waited.timed_out() => Err(io::Error::other("the valve stayed closed")),
            Position::Broken => Err(io::Error::other("the disk is broken")),
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
