//! A disk in memory that knows which writes are synced, and forgets the others when the power goes:
//! each sector of each on its own, so that writes tear.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cellhouse_shard::disk::{Disk, DiskFile};
use parking_lot::Mutex;

use crate::{Power, Random};

/// What a disk writes as a whole.
const SECTOR: usize = 512;

/// A file system in memory, with faults. Clones are the same disk.
///
/// The power is looked at under the lock of the world, so that nothing is done after a crash.
#[derive(Clone)]
pub struct FaultyDisk {
    world: Arc<Mutex<World>>,
    power: Arc<Power>,
}

#[derive(Default)]
struct World {
    files: Vec<File>,
    names: BTreeMap<PathBuf, usize>,
    /// Names as they are on disk, and what was done to them since, in order.
    durable_names: BTreeMap<PathBuf, usize>,
    unsynced_names: Vec<NameChange>,
    capacity: Option<usize>,
    failing_syncs: Vec<u64>,
    syncs: u64,
    skipped_syncs: Option<u64>,
}

#[derive(Clone)]
enum NameChange {
    Set(PathBuf, usize),
    Remove(PathBuf),
}

#[derive(Default, Clone)]
struct File {
    live: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<(usize, Vec<u8>)>,
}

impl FaultyDisk {
    /// An empty disk.
    pub fn new(power: Arc<Power>) -> FaultyDisk {
        FaultyDisk {
            world: Arc::default(),
            power,
        }
    }

    /// What is on the disk after the power was out: what was synced, and of the rest any sectors
    /// and the first few names, as `random` has it.
    pub fn after_crash(&self, random: &mut Random, power: Arc<Power>) -> FaultyDisk {
        let world = self.world.lock();
        let mut names = world.durable_names.clone();
        let kept = random.below(world.unsynced_names.len() as u64 + 1) as usize;
        for change in &world.unsynced_names[..kept] {
            change.apply(&mut names);
        }
        // A disk that keeps nothing, everything, or some sectors: all three are common.
        let keep = [0, 100, 50][random.below(3) as usize];
        let survive = |file: &File| file.after_crash(random, keep);
        let files = world.files.iter().map(survive).collect();
        let next = World {
            files,
            names: names.clone(),
            durable_names: names,
            capacity: world.capacity,
            ..World::default()
        };
        FaultyDisk {
            world: Arc::new(Mutex::new(next)),
            power,
        }
    }

    /// The same files for a process that starts after another one was killed: nothing is lost, and
    /// no sync fails any more.
    pub fn after_kill(&self, power: Arc<Power>) -> FaultyDisk {
        self.world.lock().failing_syncs.clear();
        FaultyDisk {
            world: self.world.clone(),
            power,
        }
    }

    /// Makes the next sync but `n` fail. What it was to write is lost, although reads still show
    /// it, as on a real system.
    pub fn fail_sync(&self, n: u64) {
        let mut world = self.world.lock();
        let number = world.syncs + n;
        world.failing_syncs.push(number);
    }

    /// The disk says that syncs from now on did what they should, but they do nothing: a bug that
    /// tests have to find. `every`: only one in so many.
    pub fn skip_syncs(&self, every: u64) {
        self.world.lock().skipped_syncs = Some(every);
    }

    /// How many bytes fit; `None`: any number.
    pub fn set_capacity(&self, bytes: Option<usize>) {
        self.world.lock().capacity = bytes;
    }

    /// The files in a folder, with their sizes.
    pub fn files(&self, folder: &Path) -> Vec<(PathBuf, usize)> {
        let world = self.world.lock();
        let inside = world
            .names
            .iter()
            .filter(|(path, _)| path.parent() == Some(folder));
        inside
            .map(|(path, file)| (path.clone(), world.files[*file].live.len()))
            .collect()
    }

    /// Changes a file behind everybody's back, durably.
    pub fn edit(&self, path: &Path, edit: impl FnOnce(&mut Vec<u8>)) {
        let mut world = self.world.lock();
        let file = *world.names.get(path).expect("the file exists");
        let file = &mut world.files[file];
        edit(&mut file.live);
        file.durable = file.live.clone();
        file.unsynced.clear();
    }

    /// Removes a file behind everybody's back, durably.
    pub fn erase(&self, path: &Path) {
        let mut world = self.world.lock();
        world.names.remove(path).expect("the file exists");
        world.durable_names.remove(path);
    }

    fn handle(&self, file: usize) -> Arc<dyn DiskFile> {
        Arc::new(FaultyFile {
            disk: self.clone(),
            file,
        })
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            NameChange::Set(path, file) => names.insert(path.clone(), *file),
            NameChange::Remove(path) => names.remove(path),
        };
    }
}

impl World {
    fn change(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.unsynced_names.push(change);
    }

    fn room(&self, more: usize) -> io::Result<()> {
        let used: usize = self
            .names
            .values()
            .map(|file| self.files[*file].live.len())
            .sum();
        match self.capacity {
            Some(capacity) if used + more > capacity => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        let found = self.names.get(path).copied();
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Whether a sync works, does nothing, or fails.
    fn sync(&mut self) -> io::Result<bool> {
        let number = self.syncs;
        self.syncs += 1;
        if self.failing_syncs.contains(&number) {
            return Err(io::Error::other("the disk is broken"));
        }
        let skipped = self
            .skipped_syncs
            .is_some_and(|every| number.is_multiple_of(every));
        Ok(!skipped)
    }
}

impl File {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        put(&mut self.live, offset, bytes);
        self.unsynced.push((offset, bytes.to_vec()));
    }

    fn settle(&mut self) {
        for (offset, bytes) in self.unsynced.drain(..) {
            put(&mut self.durable, offset, &bytes);
        }
    }

    fn after_crash(&self, random: &mut Random, keep: u64) -> File {
        let mut bytes = self.durable.clone();
        for (offset, written) in &self.unsynced {
            for (index, sector) in written.chunks(SECTOR).enumerate() {
                if random.chance(keep) {
                    put(&mut bytes, offset + index * SECTOR, sector);
                }
            }
        }
        File {
            live: bytes.clone(),
            durable: bytes,
            unsynced: Vec::new(),
        }
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

impl Disk for FaultyDisk {
    fn create_dir(&self, _path: &Path) -> io::Result<()> {
        self.power.use_once()
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.power.check()?;
        let files = self.files(path);
        let name = |(path, _): (PathBuf, usize)| Some(path.file_name()?.to_string_lossy().into());
        Ok(files.into_iter().filter_map(name).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.power.check()?;
        let file = self.world.lock().find(path)?;
        Ok(self.handle(file))
    }

    fn preallocate(&self, path: &Path, bytes: u64) -> io::Result<Arc<dyn DiskFile>> {
        let mut world = self.world.lock();
        self.power.use_once()?;
        let size = bytes as usize;
        world.room(size)?;
        let mut file = File::default();
        file.write(0, &vec![0; size]);
        world.files.push(file);
        let file = world.files.len() - 1;
        world.change(NameChange::Set(path.to_owned(), file));
        drop(world);
        Ok(self.handle(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.world.lock();
        self.power.use_once()?;
        let file = world.find(from)?;
        world.change(NameChange::Remove(from.to_owned()));
        world.change(NameChange::Set(to.to_owned(), file));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut world = self.world.lock();
        self.power.use_once()?;
        world.find(path)?;
        world.change(NameChange::Remove(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, _path: &Path) -> io::Result<()> {
        let mut world = self.world.lock();
        self.power.use_once()?;
        if world.sync()? {
            world.durable_names = world.names.clone();
            world.unsynced_names.clear();
        }
        Ok(())
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    file: usize,
}

impl FaultyFile {
    fn sync(&self) -> io::Result<()> {
        let mut world = self.disk.world.lock();
        self.disk.power.use_once()?;
        let synced = world.sync();
        let file = &mut world.files[self.file];
        match synced {
            Ok(true) => file.settle(),
            Ok(false) => {}
            // The system takes the pages for clean now.
            Err(_) => file.unsynced.clear(),
        }
        synced.map(drop)
    }
}

impl DiskFile for FaultyFile {
    fn len(&self) -> io::Result<u64> {
        self.disk.power.check()?;
        Ok(self.disk.world.lock().files[self.file].live.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.disk.power.check()?;
        let world = self.disk.world.lock();
        let live = &world.files[self.file].live;
        let start = offset as usize;
        let bytes = live.get(start..start + buffer.len());
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut world = self.disk.world.lock();
        self.disk.power.check()?;
        // If it goes out while this is written, some of it may be on disk.
        let power = self.disk.power.use_once();
        world.files[self.file].write(offset as usize, bytes);
        power
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync()
    }
}
