//! A disk in memory whose power can be cut: of what was written since the last sync each sector is
//! there or not, as a seed decides.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cellhouse_cell::{Disk, DiskFile};
use parking_lot::Mutex;

const SECTOR: usize = 512;

#[derive(Clone, Default)]
pub struct PowerDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    files: BTreeMap<PathBuf, Arc<Mutex<Data>>>,
    /// The names that survive.
    synced_names: BTreeMap<PathBuf, Arc<Mutex<Data>>>,
    off: bool,
    /// Operations until the power goes, if it is to go.
    left: Option<u64>,
}

#[derive(Clone, Default)]
struct Data {
    synced: Vec<u8>,
    written: Vec<u8>,
}

impl PowerDisk {
    /// Cuts the power: every operation fails from now on.
    pub fn cut(&self) {
        self.0.lock().off = true;
    }

    /// Cuts the power after that many more operations.
    pub fn cut_after(&self, operations: u64) {
        self.0.lock().left = Some(operations);
    }

    /// The power is back before anything was lost: operations failed, and now they work again.
    pub fn back_on(&self) {
        let mut state = self.0.lock();
        (state.off, state.left) = (false, None);
    }

    pub fn is_off(&self) -> bool {
        self.0.lock().off
    }

    /// The disk when the power is back.
    pub fn after_power_cut(&self, seed: u64) -> PowerDisk {
        let state = self.0.lock();
        let mut random = seed | 1;
        let mut keep = || {
            // xorshift
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random & 1 == 0
        };
        let mut names = state.synced_names.clone();
        for (name, data) in &state.files {
            if !names.contains_key(name) && keep() {
                names.insert(name.clone(), data.clone());
            }
        }
        let mut files = BTreeMap::new();
        for (name, data) in names {
            let data = data.lock().torn(&mut keep);
            let (synced, written) = (data.clone(), data);
            files.insert(name, Arc::new(Mutex::new(Data { synced, written })));
        }
        PowerDisk(Arc::new(Mutex::new(State {
            synced_names: files.clone(),
            files,
            ..State::default()
        })))
    }

    fn operate(&self) -> io::Result<parking_lot::MutexGuard<'_, State>> {
        let mut state = self.0.lock();
        match &mut state.left {
            Some(0) => state.off = true,
            Some(left) => *left -= 1,
            None => {}
        }
        match state.off {
            true => Err(io::Error::other("the power is off")),
            false => Ok(state),
        }
    }

    fn file(&self, data: Arc<Mutex<Data>>) -> Arc<dyn DiskFile> {
        Arc::new(OpenFile(self.clone(), data))
    }
}

impl Data {
    fn torn(&self, keep: &mut impl FnMut() -> bool) -> Vec<u8> {
        let mut image = self.written.clone();
        if image.len() > self.synced.len() && keep() {
            image.truncate(self.synced.len());
        }
        for (index, sector) in image.chunks_mut(SECTOR).enumerate() {
            let at = index * SECTOR;
            let old = self.synced.get(at..).unwrap_or_default();
            let old = &old[..old.len().min(sector.len())];
            if old != &sector[..old.len()] && !keep() {
                sector.fill(0);
                sector[..old.len()].copy_from_slice(old);
            }
        }
        image
    }
}

fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, path.display().to_string())
}

impl Disk for PowerDisk {
    fn create_dir(&self, _path: &Path) -> io::Result<()> {
        self.operate().map(drop)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let state = self.operate()?;
        let inside = state
            .files
            .keys()
            .filter(|name| name.parent() == Some(path));
        let name = |file: &PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
        Ok(inside.map(name).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let data = self.operate()?.files.get(path).cloned();
        Ok(self.file(data.ok_or_else(|| missing(path))?))
    }

    fn preallocate(&self, path: &Path, bytes: u64) -> io::Result<Arc<dyn DiskFile>> {
        let data = Arc::new(Mutex::new(Data {
            synced: Vec::new(),
            written: vec![0; bytes as usize],
        }));
        self.operate()?.files.insert(path.to_owned(), data.clone());
        Ok(self.file(data))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        let data = state.files.remove(from).ok_or_else(|| missing(from))?;
        state.files.insert(to.to_owned(), data);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let gone = self.operate()?.files.remove(path);
        gone.map(drop).ok_or_else(|| missing(path))
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        let state = &mut *state;
        let inside = |name: &PathBuf| name.parent() == Some(path);
        state.synced_names.retain(|name, _| !inside(name));
        for (name, data) in state.files.iter().filter(|(name, _)| inside(name)) {
            state.synced_names.insert(name.clone(), data.clone());
        }
        Ok(())
    }
}

struct OpenFile(PowerDisk, Arc<Mutex<Data>>);

impl DiskFile for OpenFile {
    fn len(&self) -> io::Result<u64> {
        let _state = self.0.operate()?;
        Ok(self.1.lock().written.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let _state = self.0.operate()?;
        let data = self.1.lock();
        let end = offset as usize + buffer.len();
        let found = data.written.get(offset as usize..end);
        buffer.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let _state = self.0.operate()?;
        let mut data = self.1.lock();
        let end = offset as usize + bytes.len();
        if data.written.len() < end {
            data.written.resize(end, 0);
        }
        data.written[offset as usize..end].copy_from_slice(bytes);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let _state = self.0.operate()?;
        let mut data = self.1.lock();
        data.synced = data.written.clone();
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}
