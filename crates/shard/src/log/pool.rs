//! The segments of an open log: which hold records that may still be needed, which are free, and the
//! one that is made ready before the active one is full.
//!
//! Making a segment ready means disk syncs, so it happens beside the log's thread. A segment is free
//! when SlateDB says that nothing refers to its records; its name says so, durably, before its
//! first block is overwritten.

use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use slatedb::wal::WalFileRange;
use slatedb_common::clock::SystemClock as _;
use tokio::runtime::Handle;

use super::fence::Fence;
use super::recover::Recovered;
use super::segment::{Folder, Header, Name, Segment};
use crate::Error;
use crate::counters::Counters;
use crate::monotone::Monotone;
use crate::place::Place;

/// Free files that are kept: as much log as is written at full speed between two collections.
const FREE: usize = 16;

/// Free files that are kept when the log is opened.
const FREE_AT_OPEN: usize = 2;

pub(crate) struct Pool {
    folder: Folder,
    fence: Arc<Fence>,
    epoch: u64,
    state: Mutex<State>,
    made: Condvar,
    counters: Arc<Counters>,
    work: Work,
}

/// The time for the ages of segments, and where they are made.
#[derive(Clone)]
pub(crate) struct Work {
    pub(crate) clock: Arc<Monotone>,
    pub(crate) handle: Handle,
}

impl Work {
    fn now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}

struct State {
    /// Full segments, oldest first.
    full: Vec<Full>,
    free: Vec<PathBuf>,
    next: Next,
    next_number: u64,
    /// The first segment, until the log's thread takes it.
    first: Option<Segment>,
    last: u64,
}

enum Next {
    None,
    Making,
    Made(Result<Segment, Error>),
}

/// A segment that is written no more.
struct Full {
    name: Name,
    first: u64,
    last: u64,
    /// In milliseconds since 1970.
    since: i64,
}

impl Pool {
    /// Takes over what was found, frees what holds nothing, and makes the first segment.
    pub(crate) fn start(
        folder: Folder,
        fence: Arc<Fence>,
        recovered: Recovered,
        counters: Arc<Counters>,
        work: Work,
    ) -> Result<Pool, Error> {
        let since = work.now();
        let mut full = Vec::new();
        let mut empty = Vec::new();
        for scanned in &recovered.segments {
            let name = scanned.segment.header.name;
            match (scanned.records.first(), scanned.last_id()) {
                (Some(first), Some(last)) => full.push(Full {
                    name,
                    first: first.head.id,
                    last,
                    since,
                }),
                _ => empty.push(name),
            }
        }
        let pool = Pool {
            folder,
            epoch: fence.epoch(),
            fence,
            state: Mutex::new(State {
                full,
                free: recovered.free,
                next: Next::None,
                next_number: 1,
                first: None,
                last: recovered.last,
            }),
            made: Condvar::new(),
            counters,
            work,
        };
        for path in &recovered.drafts {
            let removed = pool.folder.disk.remove(path);
            removed.map_err(Error::io("remove", path))?;
        }
        pool.release(&empty)?;
        pool.trim(FREE_AT_OPEN)?;
        let first = pool.make(pool.folder.segment_bytes, recovered.last)?;
        pool.state.lock().first = Some(first);
        Ok(pool)
    }

    /// The first segment, and the id of the last record before it.
    pub(crate) fn first(&self) -> (Segment, u64) {
        let mut state = self.state.lock();
        let first = state.first.take().expect("the log has one thread");
        (first, state.last)
    }

    /// Makes the next segment ready, in the background, unless that has begun. `synced` is the id
    /// of the last durable record. `place` is held meanwhile, so that nobody else has the store.
    pub(crate) fn prepare(self: &Arc<Self>, synced: u64, place: &Place) {
        let mut state = self.state.lock();
        if !matches!(state.next, Next::None) {
            return;
        }
        state.next = Next::Making;
        drop(state);
        let (pool, place) = (self.clone(), place.clone());
        self.work.handle.spawn_blocking(move || {
            let made = pool.make(pool.folder.segment_bytes, synced);
            pool.state.lock().next = Next::Made(made);
            pool.made.notify_all();
            drop(place);
        });
    }

    /// Waits for what goes on in the background.
    pub(crate) fn finish(&self) {
        let mut state = self.state.lock();
        while matches!(state.next, Next::Making) {
            self.made.wait(&mut state);
        }
    }

    /// The next segment, with room for `bytes`; waits until it is ready. The one before, with these
    /// first and last ids, is full.
    pub(crate) fn switch(
        &self,
        full: &Segment,
        ids: Option<(u64, u64)>,
        bytes: u64,
        synced: u64,
    ) -> Result<Segment, Error> {
        if let Some((first, last)) = ids {
            let since = self.work.now();
            self.state.lock().full.push(Full {
                name: full.header.name,
                first,
                last,
                since,
            });
        }
        let room = bytes + super::segment::FIRST;
        if room > self.folder.segment_bytes {
            let size = room.next_multiple_of(super::record::BLOCK as u64);
            return self.make(size, synced);
        }
        let mut state = self.state.lock();
        loop {
            match std::mem::replace(&mut state.next, Next::None) {
                Next::Made(made) => return made,
                Next::Making => {
                    state.next = Next::Making;
                    self.made.wait(&mut state);
                }
                Next::None => break,
            }
        }
        drop(state);
        self.make(self.folder.segment_bytes, synced)
    }

    /// How many segments hold records after this id, besides the active one.
    pub(crate) fn since(&self, id: u64) -> usize {
        let state = self.state.lock();
        state.full.iter().filter(|full| full.last > id).count()
    }

    /// Frees the segments that none of the ranges touches.
    pub(crate) fn collect(
        &self,
        referenced: &[WalFileRange],
        min_age: Duration,
        dry_run: bool,
    ) -> Result<(), Error> {
        let now = self.work.now();
        let unneeded = |full: &Full| {
            is_old(full, now, min_age) && !referenced.iter().any(|range| touches(range, full))
        };
        let mut names = Vec::new();
        let mut state = self.state.lock();
        if !dry_run {
            state.full.retain(|full| {
                let gone = unneeded(full);
                names.extend(gone.then_some(full.name));
                !gone
            });
        }
        drop(state);
        self.release(&names)?;
        self.trim(FREE)
    }

    fn make(&self, size: u64, floor: u64) -> Result<Segment, Error> {
        self.check_owner()?;
        let mut state = self.state.lock();
        let number = state.next_number;
        state.next_number += 1;
        let reuse = match size == self.folder.segment_bytes {
            true => state.free.pop(),
            false => None,
        };
        drop(state);
        let reuse = reuse.filter(|path| self.usable(path));
        self.counters.segments.fetch_add(1, Relaxed);
        let header = Header {
            store: self.folder.store,
            name: Name {
                epoch: self.epoch,
                number,
            },
            floor,
            size,
        };
        self.folder.make(header, reuse)
    }

    /// An earlier owner leaves the files alone.
    fn check_owner(&self) -> Result<(), Error> {
        match self.fence.holds() {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.fence.lost()),
            Err(e) => Err(Error::io("read the fence in", &self.folder.path)(e)),
        }
    }

    /// Whether a free file has the size of a segment; it may be left from other settings, or be one
    /// for a large group. If not, it goes.
    fn usable(&self, path: &Path) -> bool {
        let disk = &self.folder.disk;
        let size = disk.open(path).and_then(|file| file.len());
        let usable = size.is_ok_and(|size| size == self.folder.segment_bytes);
        if !usable && let Err(e) = disk.remove(path) {
            tracing::warn!("cannot remove {}: {e}", path.display());
        }
        usable
    }

    /// Gives segments names that say that they are free.
    fn release(&self, names: &[Name]) -> Result<(), Error> {
        if names.is_empty() {
            return Ok(());
        }
        self.check_owner()?;
        let mut freed = Vec::new();
        for name in names {
            let from = self.folder.segment_path(*name);
            let to = self.folder.free_path(*name);
            let renamed = self.folder.disk.rename(&from, &to);
            renamed.map_err(Error::io("rename", &from))?;
            freed.push(to);
        }
        self.folder.sync()?;
        self.state.lock().free.extend(freed);
        Ok(())
    }

    /// Removes free files beyond `keep`.
    fn trim(&self, keep: usize) -> Result<(), Error> {
        let mut state = self.state.lock();
        let from = state.free.len().min(keep);
        let surplus = state.free.split_off(from);
        drop(state);
        for path in surplus {
            let removed = self.folder.disk.remove(&path);
            removed.map_err(Error::io("remove", &path))?;
        }
        Ok(())
    }
}

fn is_old(full: &Full, now: i64, min_age: Duration) -> bool {
    let age = u64::try_from(now - full.since).unwrap_or(0);
    Duration::from_millis(age) >= min_age
}

fn touches(range: &WalFileRange, full: &Full) -> bool {
    let begins = match range.0 {
        Bound::Included(start) => full.last >= start,
        Bound::Excluded(start) => full.last > start,
        Bound::Unbounded => true,
    };
    let ends = match range.1 {
        Bound::Included(end) => full.first <= end,
        Bound::Excluded(end) => full.first < end,
        Bound::Unbounded => true,
    };
    begins && ends
}
