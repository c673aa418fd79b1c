//! Going back: bookmarks of a cell's states, finding what one stands for, bringing that back, and
//! forgetting what is too old.
//!
//! What commits keep for this is made in `image/history.rs` and stored by the shard. A bookmark names
//! the last epoch and transaction at its moment and ends the epoch, so its state is exactly that
//! before the epoch that comes next. Bringing back a state is a commit like any other, so it can be
//! undone as well.
//!
//! Only cells that were opened with [`Cells::cell_with_history`] have one; for the others every call is
//! refused ([`BookmarkProblem::SwitchedOff`](crate::BookmarkProblem::SwitchedOff)).

mod bookmark;
mod find;
mod restore;

use std::time::SystemTime;

pub use bookmark::Bookmark;
use cellhouse_shard::{Sweep, Ticket};

use crate::image::millis;
use crate::{Cell, Cells, Error};

impl Cell {
    /// The number of the last commit, for ordering what was seen of the cell; 0 before the first one.
    /// Unlike a bookmark it costs nothing, and nothing can be gone back to by it.
    pub fn transaction(&self) -> Result<(u64, Ticket), Error> {
        self.with(|open, slot| Ok((open.image.lock().state().1, slot.latest.ticket())))
    }

    /// Stands for the cell as it is after the last commit, which the ticket is of. To be asked for
    /// when somebody wants to come back: the next commit keeps the pages that it replaces, as the
    /// first one of an epoch does.
    pub fn bookmark(&self) -> Result<(Bookmark, Ticket), Error> {
        self.with(|open, slot| {
            let mut image = open.image.lock();
            find::check_kept(&image, "now")?;
            let (epoch, transaction) = image.end_epoch();
            let bookmark = Bookmark::new(slot.key, epoch, transaction);
            Ok((bookmark, slot.latest.ticket()))
        })
    }

    /// Stands for the cell as it was at `time`, or somewhat earlier: by
    /// [`Options::history_epoch`](crate::Options::history_epoch) at most.
    pub fn bookmark_at(&self, time: SystemTime) -> Result<(Bookmark, Ticket), Error> {
        let options = &self.cells.options;
        let kept = find::Span {
            now: millis(options.clock.now()),
            keep: u64::try_from(options.history.as_millis()).unwrap_or(u64::MAX),
            epoch: u64::try_from(options.history_epoch.as_millis()).unwrap_or(u64::MAX),
        };
        self.with(|open, slot| {
            let bookmark = find::at(open, slot.key, millis(time), &kept)?;
            Ok((bookmark, slot.latest.ticket()))
        })
    }

    /// Stands for the cell as it will be just before the next [`Cell::restore`] that changes it.
    pub fn bookmark_before_restore(&self) -> Result<(Bookmark, Ticket), Error> {
        let (bookmark, ticket) = self.bookmark()?;
        Ok((bookmark.before_restore(), ticket))
    }

    /// Says no if the cell cannot go to this bookmark now.
    pub fn check_bookmark(&self, bookmark: &Bookmark) -> Result<(), Error> {
        self.with(|open, slot| find::find(open, slot.key, bookmark).map(drop))
    }
}

/// A way through all cells that forgets what is too old: see [`Cells::sweep_history`].
#[derive(Debug, Default)]
pub struct HistorySweep(Option<Sweep>);

impl Cells {
    /// Removes history that is older than [`Options::history`](crate::Options::history), looking at
    /// about `rows` rows of the store. Whether there is more to do in this pass; afterwards the next
    /// call begins a new one. How often this runs changes nothing but the space used. Blocks while
    /// it reads.
    pub fn sweep_history(&self, sweep: &mut HistorySweep, rows: usize) -> Result<bool, Error> {
        let options = &self.inner.options;
        let begin = || {
            let time = options.clock.now().checked_sub(options.history);
            Sweep::new(millis(time.unwrap_or(SystemTime::UNIX_EPOCH)))
        };
        let more = self
            .shard()?
            .sweep(sweep.0.get_or_insert_with(begin), rows)?;
        if !more {
            sweep.0 = None;
        }
        Ok(more)
    }
}
