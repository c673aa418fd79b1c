//! What a reader's connection sees: the snapshot of an image that SQLite's read transaction began
//! with. SQLite says when one begins and ends by its locks.

use std::sync::Arc;

use cellhouse_shard::Ticket;
use parking_lot::Mutex;

use super::{Image, snapshots::Snapshot};
use crate::Error;
use crate::page::PAGE_SIZE;
use crate::vfs::{PageFile, Refused};

/// Where in the first page SQLite counts changes, and where it notes at which count the size was
/// written: <https://sqlite.org/fileformat.html>.
const CHANGE_COUNTERS: [usize; 2] = [24, 92];

/// The file of a connection that only reads.
pub(crate) struct View {
    image: Arc<Mutex<Image>>,
    at: Option<Snapshot>,
    seen: Option<(u64, Ticket)>,
    refusal: Option<Error>,
}

impl View {
    pub(crate) fn of(image: Arc<Mutex<Image>>) -> View {
        View {
            image,
            at: None,
            seen: None,
            refusal: None,
        }
    }

    /// The last commit that was seen since the last call, and its ticket.
    pub(crate) fn take_seen(&mut self) -> Option<(u64, Ticket)> {
        self.seen.take()
    }

    /// Why SQLite was told that something failed, if it was since the last call.
    pub(crate) fn take_refusal(&mut self) -> Option<Error> {
        self.refusal.take()
    }
}

impl PageFile for View {
    fn pages(&self) -> u32 {
        self.at.as_ref().map_or(0, |snapshot| snapshot.size)
    }

    fn read(&mut self, number: u32, offset: usize, into: &mut [u8]) -> Result<(), Refused> {
        let Some(snapshot) = &self.at else {
            into.fill(0);
            return Ok(());
        };
        let read = self
            .image
            .lock()
            .read_snapshot(snapshot, number, offset, into);
        if let Err(error) = read {
            self.refusal = Some(error);
            return Err(Refused::Failed);
        }
        if number == 1 {
            stamp(Image::stamp(snapshot), offset, into);
        }
        Ok(())
    }

    fn write(&mut self, _: u32, _: &[u8; PAGE_SIZE]) -> Result<(), Refused> {
        Err(Refused::Failed)
    }

    fn truncate(&mut self, _: u32) {}

    fn sync(&mut self) -> Result<(), Refused> {
        Ok(())
    }

    fn lock(&mut self) {
        if self.at.is_none() {
            let snapshot = self.image.lock().snapshot();
            self.seen = Some((snapshot.transaction, snapshot.ticket.clone()));
            self.at = Some(snapshot);
        }
    }

    fn unlock(&mut self) {
        if let Some(snapshot) = self.at.take() {
            self.image.lock().end_snapshot(&snapshot);
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.unlock();
    }
}

/// The connection that writes keeps the database to itself, and so does not count its commits. Readers
/// have to know when what they keep of the pages is of another state, so they see a count of ours.
fn stamp(count: u32, offset: usize, into: &mut [u8]) {
    for place in CHANGE_COUNTERS {
        for (index, byte) in (place..).zip(count.to_be_bytes()) {
            let at = index.checked_sub(offset);
            if let Some(target) = at.and_then(|at| into.get_mut(at)) {
                *target = byte;
            }
        }
    }
}
