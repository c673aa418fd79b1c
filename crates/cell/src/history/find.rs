//! Finding what a bookmark stands for, and the bookmark of a time.

use cellhouse_shard::{CellKey, Epoch, Snapshot};

use super::Bookmark;
use crate::image::Image;
use crate::open::Open;
use crate::{BookmarkProblem, Error};

/// Epochs read at a time.
const EPOCHS: usize = 256;

/// What a bookmark stands for.
pub(super) enum Found {
    /// The present state.
    Now,
    /// The state before the epoch with this number.
    Before(u64, Epoch, Snapshot),
}

/// Times, in milliseconds since 1970 or for how long.
pub(super) struct Span {
    pub(super) now: u64,
    pub(super) keep: u64,
    pub(super) epoch: u64,
}

pub(super) fn check_kept(image: &Image, asked: &str) -> Result<(), Error> {
    match image.keeps_history() {
        true => Ok(()),
        false => Err(Error::bookmark(asked, BookmarkProblem::SwitchedOff)),
    }
}

/// What the bookmark stands for; the cell is in use.
pub(super) fn find(open: &Open, cell: CellKey, bookmark: &Bookmark) -> Result<Found, Error> {
    let refuse = |problem| Err(Error::bookmark(bookmark, problem));
    let image = open.image.lock();
    check_kept(&image, &bookmark.to_string())?;
    if !bookmark.is_of(cell) {
        return refuse(BookmarkProblem::OtherCell);
    }
    let (_, transaction) = image.state();
    if bookmark.transaction > transaction || bookmark.epoch > image.last_epoch() {
        return refuse(BookmarkProblem::Future);
    }
    if bookmark.transaction < image.history_since() {
        return refuse(BookmarkProblem::TooOld);
    }
    let first = image.first_epoch();
    drop(image);
    let snapshot = open.current.shard.snapshot()?;
    let next = epochs(&snapshot, first, cell, bookmark.epoch + 1, 1)?;
    let (number, epoch) = match next.first() {
        None if bookmark.transaction < transaction => return refuse(BookmarkProblem::TooOld),
        None if bookmark.before_restore => return refuse(BookmarkProblem::NotRestored),
        None => return Ok(Found::Now),
        Some((number, Some(epoch))) if epoch.transaction == bookmark.transaction => {
            (*number, *epoch)
        }
        Some(_) => return refuse(BookmarkProblem::TooOld),
    };
    match bookmark.before_restore {
        false => Ok(Found::Before(number, epoch, snapshot)),
        true => match next_restore(&snapshot, cell, number)? {
            Some((number, epoch)) => Ok(Found::Before(number, epoch, snapshot)),
            None => refuse(BookmarkProblem::NotRestored),
        },
    }
}

/// [`Snapshot::epochs`], and the cell's first one if that has no record.
fn epochs(
    snapshot: &Snapshot,
    first: Option<u64>,
    cell: CellKey,
    from: u64,
    limit: usize,
) -> Result<Vec<(u64, Option<Epoch>)>, Error> {
    match first {
        // Then there is no other.
        Some(number) if number >= from => Ok(vec![(number, Some(Epoch::FIRST))]),
        Some(_) => Ok(Vec::new()),
        None => Ok(snapshot.epochs(cell, from, limit)?),
    }
}

/// The first epoch from `first` on that began with a restore.
fn next_restore(
    snapshot: &Snapshot,
    cell: CellKey,
    mut first: u64,
) -> Result<Option<(u64, Epoch)>, Error> {
    loop {
        let epochs = snapshot.epochs(cell, first, EPOCHS)?;
        let Some((last, _)) = epochs.last() else {
            return Ok(None);
        };
        first = last + 1;
        let mut restores = epochs
            .into_iter()
            .filter_map(|(number, epoch)| Some((number, epoch.filter(|epoch| epoch.restores)?)));
        if let Some(found) = restores.next() {
            return Ok(Some(found));
        }
    }
}

/// The bookmark of the state at a time, in milliseconds since 1970. What a time before the first
/// commit would bring back is nothing, which nobody means.
pub(super) fn at(open: &Open, cell: CellKey, time: u64, span: &Span) -> Result<Bookmark, Error> {
    let bookmark = near(open, cell, time, span)?;
    if bookmark.transaction > 0 {
        return Ok(bookmark);
    }
    let problem = match open.image.lock().is_new() {
        true => BookmarkProblem::NothingYet,
        false => BookmarkProblem::BeforeFirst,
    };
    Err(Error::bookmark(time, problem))
}

fn near(open: &Open, cell: CellKey, time: u64, span: &Span) -> Result<Bookmark, Error> {
    let refuse = |problem| Err(Error::bookmark(time, problem));
    let mut image = open.image.lock();
    check_kept(&image, &time.to_string())?;
    if time > span.now {
        return refuse(BookmarkProblem::Future);
    }
    if time < span.now.saturating_sub(span.keep) {
        return refuse(BookmarkProblem::TooOld);
    }
    let snapshot = open.current.shard.snapshot()?;
    let unchanged = image.last_change().is_some_and(|changed| changed <= time);
    match epoch_of(&snapshot, image.first_epoch(), cell, time, span)? {
        None => Ok(present(&mut image, cell)),
        Some((_, None)) => refuse(BookmarkProblem::TooOld),
        // In that epoch; but if nothing was changed since, the present is exact.
        Some((number, Some(_))) if number <= time && unchanged => Ok(present(&mut image, cell)),
        Some((number, Some(epoch))) => before(cell, number, &epoch, image.history_since(), time),
    }
}

fn present(image: &mut Image, cell: CellKey) -> Bookmark {
    let (epoch, transaction) = image.end_epoch();
    Bookmark::new(cell, epoch, transaction)
}

fn before(
    cell: CellKey,
    number: u64,
    epoch: &Epoch,
    since: u64,
    time: u64,
) -> Result<Bookmark, Error> {
    match epoch.transaction < since {
        true => Err(Error::bookmark(time, BookmarkProblem::TooOld)),
        false => Ok(Bookmark::new(cell, number - 1, epoch.transaction)),
    }
}

/// The last epoch that began by `time` and may have commits after it, or else the first one that
/// began later.
fn epoch_of(
    snapshot: &Snapshot,
    first_epoch: Option<u64>,
    cell: CellKey,
    time: u64,
    span: &Span,
) -> Result<Option<(u64, Option<Epoch>)>, Error> {
    let mut first = time.saturating_sub(span.epoch).saturating_add(1);
    let mut last = None;
    loop {
        let epochs = epochs(snapshot, first_epoch, cell, first, EPOCHS)?;
        let Some((end, _)) = epochs.last() else {
            return Ok(last);
        };
        first = end + 1;
        for (number, epoch) in epochs {
            if number > time {
                return Ok(Some(last.unwrap_or((number, epoch))));
            }
            last = Some((number, epoch));
        }
    }
}
