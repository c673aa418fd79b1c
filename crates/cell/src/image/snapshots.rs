//! Snapshots: states of an image that somebody still reads while commits go on.
//!
//! A commit costs more only while there are any: then the pages that it replaces are kept, each with
//! the number of the last commit that it belongs to. They go when nobody reads that far back, and
//! when they take too much: what was read from them then fails.

use std::collections::BTreeMap;

use cellhouse_shard::Ticket;

use super::Image;
use crate::Error;
use crate::page::Page;

/// What the pages that are kept may take, in bytes: 64 MiB. A query that runs while more than that
/// changes has to begin again.
const MAX_KEPT: usize = 64 << 20;

/// A state of an image. [`Image::end_snapshot`] has to follow.
pub(crate) struct Snapshot {
    version: u64,
    /// Its size in pages.
    pub(crate) size: u32,
    /// The number of its last commit.
    pub(crate) transaction: u64,
    /// When that is durable.
    pub(crate) ticket: Ticket,
}

#[derive(Default)]
pub(super) struct Snapshots {
    /// Counts commits since the image was loaded.
    version: u64,
    /// How many read each version.
    live: BTreeMap<u64, u32>,
    /// Of each page what it was up to a version, the oldest first.
    old: BTreeMap<u32, Vec<(u64, Page)>>,
    bytes: usize,
    /// Older versions cannot be read any more.
    floor: u64,
    /// What the commit that is being made replaces.
    replaced: Vec<(u32, Page)>,
    /// Whether the image is no longer that of the cell.
    retired: bool,
}

impl Snapshots {
    pub(super) fn memory(&self) -> usize {
        self.bytes + self.old.len() * size_of::<(u32, Vec<(u64, Page)>)>()
    }

    /// A commit was made.
    pub(super) fn committed(&mut self) {
        let before = self.version;
        self.version += 1;
        for (number, page) in std::mem::take(&mut self.replaced) {
            self.bytes += page.len() + size_of::<(u64, Page)>();
            self.old.entry(number).or_default().push((before, page));
        }
        if self.bytes > MAX_KEPT {
            self.floor = self.version;
            self.clear();
        }
    }

    fn clear(&mut self) {
        self.old.clear();
        self.bytes = 0;
    }

    /// Whether somebody reads a version of the page for which nothing is kept yet.
    fn wants(&self, number: u32) -> bool {
        let newest = self.live.keys().next_back();
        let kept = self.old.get(&number).and_then(|pages| pages.last());
        match (newest, kept) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(newest), Some((until, _))) => newest > until,
        }
    }

    /// Whether a version cannot be read any more.
    fn is_lost(&self, version: u64) -> bool {
        self.retired || version < self.floor
    }

    /// What a page was in a version; `None`: what it is.
    fn page(&self, number: u32, version: u64) -> Option<&Page> {
        let pages = self.old.get(&number)?;
        let place = pages.partition_point(|(until, _)| *until < version);
        pages.get(place).map(|(_, page)| page)
    }

    fn end(&mut self, version: u64) {
        let first = self.live.keys().next() == Some(&version);
        if let Some(count) = self.live.get_mut(&version) {
            *count -= 1;
            if *count == 0 {
                self.live.remove(&version);
            }
        }
        match self.live.keys().next() {
            None => self.clear(),
            Some(&oldest) if first && oldest > version => self.forget_before(oldest),
            Some(_) => {}
        }
    }

    fn forget_before(&mut self, oldest: u64) {
        let mut bytes = 0;
        self.old.retain(|_, pages| {
            pages.retain(|(until, _)| *until >= oldest);
            let sizes = pages.iter().map(|(_, page)| page.len());
            bytes += sizes.sum::<usize>() + pages.len() * size_of::<(u64, Page)>();
            !pages.is_empty()
        });
        self.bytes = bytes;
    }
}

impl Image {
    /// The state after the last commit, for as long as it is wanted.
    pub(crate) fn snapshot(&mut self) -> Snapshot {
        let version = self.snapshots.version;
        *self.snapshots.live.entry(version).or_default() += 1;
        Snapshot {
            version,
            size: self.size,
            transaction: self.transaction,
            ticket: self.latest.ticket(),
        }
    }

    /// Nobody reads this one any more.
    pub(crate) fn end_snapshot(&mut self, snapshot: &Snapshot) {
        self.snapshots.end(snapshot.version);
    }

    /// No snapshot can be read from now on: the cell has another image, or none.
    pub(crate) fn retire(&mut self) {
        self.snapshots.retired = true;
        self.snapshots.clear();
    }

    /// Whether [`Image::retire`] was called.
    pub(crate) fn is_retired(&self) -> bool {
        self.snapshots.retired
    }

    /// Fills `into` from a page of a snapshot, beginning at `offset` in it.
    pub(crate) fn read_snapshot(
        &mut self,
        snapshot: &Snapshot,
        number: u32,
        offset: usize,
        into: &mut [u8],
    ) -> Result<(), Error> {
        if self.snapshots.is_lost(snapshot.version) {
            return Err(Error::Outdated {
                cell: self.source.name.clone(),
            });
        }
        if let Some(page) = self.snapshots.page(number, snapshot.version) {
            page.read(offset, into);
            return Ok(());
        }
        self.base.read_page(&self.source, number, offset, into)
    }

    /// A number that differs for any two states of this image that can be read.
    pub(crate) fn stamp(snapshot: &Snapshot) -> u32 {
        // As SQLite's own change counter, it only has to differ from that of other recent states.
        u32::try_from(snapshot.version & u64::from(u32::MAX)).expect("32 bits")
    }

    /// Before the changes go to the shard: keeps the pages that they replace, if somebody reads them.
    pub(super) fn keep_replaced(&mut self, size: u32) -> Result<(), Error> {
        self.snapshots.replaced.clear();
        if self.snapshots.live.is_empty() {
            return Ok(());
        }
        let changed = self.changes.pages.keys().copied();
        let changed = changed.take_while(|number| *number <= self.size.min(size));
        let gone = size.saturating_add(1)..=self.size;
        let wanted = |number: &u32| self.snapshots.wants(*number);
        let numbers: Vec<u32> = changed.chain(gone).filter(wanted).collect();
        for number in numbers {
            let page = self.old(number)?;
            self.snapshots.replaced.push((number, page));
        }
        Ok(())
    }
}
