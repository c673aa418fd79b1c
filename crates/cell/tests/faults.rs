//! What tickets and cells do when the disk stalls or fails, and what is left after a power cut that
//! loses or tears everything that was not synced.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cellhouse_cell::{Cell, CellName, Cells, Disk, Error, Options, RealDisk, Ticket};
use parking_lot::{Condvar, Mutex};
use proptest::prelude::*;
use tempfile::TempDir;

const SCHEMA: &[&str] = &["CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB)"];

/// A disk that syncs, waits, or fails, as told.
#[derive(Default)]
struct Told {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stalled: bool,
    failing: Option<&'static str>,
    waiting: usize,
    /// The log as it was when its last sync began.
    synced_log: Vec<u8>,
}

impl Told {
    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock());
        self.changed.notify_all();
    }

    /// Returns when a sync has begun and waits.
    fn until_waiting(&self) {
        let mut state = self.state.lock();
        while state.waiting == 0 {
            self.changed.wait(&mut state);
        }
    }
}

impl Disk for Told {
    fn sync(&self, path: &Path, file: &File) -> io::Result<()> {
        let at_start = fs::read(path)?;
        let mut state = self.state.lock();
        state.waiting += 1;
        self.changed.notify_all();
        while state.stalled {
            self.changed.wait(&mut state);
        }
        state.waiting -= 1;
        if state
            .failing
            .is_some_and(|suffix| path.to_string_lossy().ends_with(suffix))
        {
            return Err(io::Error::other("the disk is on fire"));
        }
        if path.to_string_lossy().ends_with("-wal") {
            state.synced_log = at_start;
        }
        RealDisk.sync(path, file)
    }
}

fn open(dir: &Path, disk: &Arc<Told>, checkpoint_bytes: u64) -> (Cells, Cell) {
    let options = Options {
        disk: disk.clone(),
        checkpoint_bytes,
        ..Options::default()
    };
    let cells = Cells::open(dir, options).unwrap();
    let cell = cells
        .cell(&CellName::new("test", "a").unwrap(), SCHEMA)
        .unwrap();
    (cells, cell)
}

fn reopen(dir: &Path) -> (Cells, Vec<i64>) {
    let cells = Cells::open(dir, Options::default()).unwrap();
    let cell = cells
        .cell(&CellName::new("test", "a").unwrap(), SCHEMA)
        .unwrap();
    let check: String = cell
        .read(|c| c.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
        .unwrap()
        .0;
    assert_eq!(check, "ok");
    let numbers = all(&cell).unwrap();
    (cells, numbers)
}

fn all(cell: &Cell) -> Result<Vec<i64>, Error> {
    let read = |c: &rusqlite::Connection| {
        c.prepare("SELECT n FROM t ORDER BY n")?
            .query_map([], |row| row.get(0))?
            .collect()
    };
    Ok(cell.read(read)?.0)
}

#[derive(Debug)]
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(e: E) -> Failure {
        Failure(e.to_string())
    }
}

fn insert(cell: &Cell, n: i64, bytes: usize) -> Result<Ticket, Failure> {
    let value = vec![u8::try_from(n & 0xff).unwrap(); bytes];
    let write = |tx: &rusqlite::Transaction<'_>| -> Result<(), Failure> {
        tx.execute("INSERT INTO t VALUES (?1, ?2)", (n, &value))?;
        Ok(())
    };
    Ok(cell.write(write)?.1)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

#[test]
fn a_stalled_disk_holds_tickets_but_not_the_cell() {
    let dir = TempDir::new().unwrap();
    let disk = Arc::<Told>::default();
    let (_cells, cell) = open(dir.path(), &disk, 1 << 30);
    let before = insert(&cell, 1, 10).unwrap();
    before.wait().unwrap();
    disk.set(|state| state.stalled = true);
    let first = insert(&cell, 2, 10).unwrap();
    disk.until_waiting();
    let second = insert(&cell, 3, 10).unwrap();
    assert_eq!(all(&cell).unwrap(), [1, 2, 3], "reads see commits at once");
    let (_, seen) = cell
        .read(|c| c.query_row("SELECT max(n) FROM t", [], |row| row.get::<_, i64>(0)))
        .unwrap();
    assert!(before.is_durable());
    assert!(
        [&first, &second, &seen, &cell.ticket()]
            .iter()
            .all(|ticket| !ticket.is_durable())
    );
    let waited = runtime()
        .block_on(async { tokio::time::timeout(Duration::from_millis(20), seen.durable()).await });
    assert!(waited.is_err(), "a ticket must wait for the disk");
    disk.set(|state| state.stalled = false);
    seen.wait().unwrap();
    assert!([first, second].iter().all(Ticket::is_durable));
}

#[test]
fn commits_during_a_sync_wait_for_the_next_one() {
    let dir = TempDir::new().unwrap();
    let disk = Arc::<Told>::default();
    let (_cells, cell) = open(dir.path(), &disk, 1 << 30);
    disk.set(|state| state.stalled = true);
    insert(&cell, 1, 10).unwrap();
    disk.until_waiting();
    let late: Vec<_> = (2..50).map(|n| insert(&cell, n, 10).unwrap()).collect();
    disk.set(|state| state.stalled = false);
    late.iter().for_each(|ticket| ticket.wait().unwrap());
    assert_eq!(
        cell.stats().flushes,
        2,
        "one sync for the first, one for all that came meanwhile"
    );
}

#[test]
fn a_failed_sync_fails_every_ticket_and_closes_the_cell() {
    let dir = TempDir::new().unwrap();
    let disk = Arc::<Told>::default();
    let (cells, cell) = open(dir.path(), &disk, 1 << 30);
    let safe = insert(&cell, 1, 10).unwrap();
    safe.wait().unwrap();
    disk.set(|state| (state.stalled, state.failing) = (true, Some("-wal")));
    let lost = insert(&cell, 2, 10).unwrap();
    disk.until_waiting();
    let also_lost = insert(&cell, 3, 10).unwrap();
    disk.set(|state| (state.stalled, state.failing) = (false, Some("-wal")));
    let error = lost.wait().unwrap_err().to_string();
    assert!(
        error.starts_with("cell test/a: the disk did not take the latest changes (cannot sync "),
        "{error}"
    );
    assert!(error.contains("a.db-wal: the disk is on fire)"), "{error}");
    disk.set(|state| state.failing = None);
    assert_eq!(
        also_lost.wait().unwrap_err().to_string(),
        error,
        "a later success proves nothing"
    );
    safe.wait().unwrap();
    assert_eq!(insert(&cell, 4, 10).unwrap_err().0, error);
    assert_eq!(all(&cell).unwrap_err().to_string(), error);
    let again = cells
        .cell(&CellName::new("test", "a").unwrap(), SCHEMA)
        .unwrap();
    assert_eq!(all(&again).unwrap_err().to_string(), error);
    assert_eq!(cells.close().unwrap_err().to_string(), error);
    drop((cell, again, cells));
    let (_cells, found) = reopen(dir.path());
    assert!(found.starts_with(&[1]), "{found:?}");
}

#[test]
fn a_failed_sync_of_the_database_closes_the_cell_too() {
    let dir = TempDir::new().unwrap();
    let disk = Arc::<Told>::default();
    let (cells, cell) = open(dir.path(), &disk, 100_000);
    disk.set(|state| state.failing = Some(".db"));
    let mut acknowledged = 0;
    let error = loop {
        match insert(&cell, acknowledged, 2000).and_then(|ticket| Ok(ticket.wait()?)) {
            Ok(()) => acknowledged += 1,
            Err(e) => break e.0,
        }
    };
    assert!(error.contains("a.db: the disk is on fire)"), "{error}");
    assert!(cells.close().is_err());
    let (_cells, found) = reopen(dir.path());
    assert!(
        found.len() as i64 >= acknowledged,
        "{} of {acknowledged}",
        found.len()
    );
}

#[test]
fn other_cells_go_on_when_one_fails() {
    let dir = TempDir::new().unwrap();
    let disk = Arc::<Told>::default();
    let (cells, cell) = open(dir.path(), &disk, 1 << 30);
    disk.set(|state| state.failing = Some("a.db-wal"));
    insert(&cell, 1, 10).unwrap().wait().unwrap_err();
    let other = cells
        .cell(&CellName::new("test", "b").unwrap(), SCHEMA)
        .unwrap();
    insert(&other, 1, 10).unwrap().wait().unwrap();
}

/// What a disk may hold after a power cut: each sector as it was at the last sync, or as it was
/// written since.
fn torn(synced: &[u8], written: &[u8], keep: &[bool]) -> Vec<u8> {
    let mut image = written.to_vec();
    for (index, sector) in image.chunks_mut(512).enumerate() {
        if !keep[index % keep.len()] {
            for (offset, byte) in sector.iter_mut().enumerate() {
                *byte = synced.get(index * 512 + offset).copied().unwrap_or(0);
            }
        }
    }
    // SQLite syncs the header by itself before it writes the first page.
    image[..32].copy_from_slice(&written[..32]);
    image
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_power_cut_loses_no_durable_commit_and_leaves_a_prefix(
        durable in prop::collection::vec(0..9000usize, 0..8),
        late in prop::collection::vec(0..9000usize, 1..8),
        keep in prop::collection::vec(any::<bool>(), 1..97),
        length in 0.0..=1.0f64,
    ) {
        let dir = TempDir::new().unwrap();
        let disk = Arc::<Told>::default();
        let (cells, cell) = open(dir.path(), &disk, 1 << 30);
        for (n, bytes) in durable.iter().enumerate() {
            insert(&cell, n as i64, *bytes).unwrap();
        }
        cell.ticket().wait().unwrap();
        disk.set(|state| state.stalled = true);
        for (n, bytes) in late.iter().enumerate() {
            insert(&cell, (durable.len() + n) as i64, *bytes).unwrap();
        }
        let folder = dir.path().join("cells/test");
        let written = fs::read(folder.join("a.db-wal")).unwrap();
        let synced = disk.state.lock().synced_log.clone();
        let mut image = torn(&synced, &written, &keep);
        let growth = (written.len() - synced.len()) as f64 * length;
        image.truncate((synced.len() + growth as usize).max(32));

        let after = TempDir::new().unwrap();
        let copy = after.path().join("cells/test");
        fs::create_dir_all(&copy).unwrap();
        fs::copy(folder.join("a.db"), copy.join("a.db")).unwrap();
        fs::write(copy.join("a.db-wal"), image).unwrap();
        disk.set(|state| state.stalled = false);
        drop((cell, cells));

        let (_cells, found) = reopen(after.path());
        prop_assert!(found.len() >= durable.len(), "lost a durable commit: {found:?} of {}", durable.len());
        prop_assert_eq!(&found, &(0..found.len() as i64).collect::<Vec<_>>());
    }
}
