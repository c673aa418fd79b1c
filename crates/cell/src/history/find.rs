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
    drop(image);
    let snapshot = open.current.shard.snapshot()?;
    let next = snapshot.epochs(cell, bookmark.epoch + 1, 1)?;
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

/// The bookmark of the state at a time, in milliseconds since 1970.
pub(super) fn at(open: &Open, cell: CellKey, time: u64, span: &Span) -> Result<Bookmark, Error> {
    let refuse = |problem| Err(Error::bookmark(time, problem));
    let mut image = open.image.lock();
    check_kept(&image, &time.to_string())?;
    if time > span.now {
        return refuse(BookmarkProblem::Future);
    }
    if time < span.now.saturating_sub(span.keep) {
        return refuse(BookmarkProblem::TooOld);
    }
    let mut now = || {
        let (epoch, transaction) = image.end_epoch();
        Bookmark::new(cell, epoch, transaction)
    };
    let snapshot = open.current.shard.snapshot()?;
    match epoch_of(&snapshot, cell, time, span)? {
        None => Ok(now()),
        Some((_, None)) => refuse(BookmarkProblem::TooOld),
        Some((number, Some(epoch))) if number <= time => {
            // In that epoch; but if nothing was changed since, the present is exact.
            match image.last_change() {
                Some(changed) if changed <= time => {
                    let (epoch, transaction) = image.end_epoch();
                    Ok(Bookmark::new(cell, epoch, transaction))
                }
                _ => before(cell, number, &epoch, image.history_since(), time),
            }
        }
        Some((number, Some(epoch))) => before(cell, number, &epoch, image.history_since(), time),
    }
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
    cell: CellKey,
    time: u64,
    span: &Span,
) -> Result<Option<(u64, Option<Epoch>)>, Error> {
    let mut first = time.saturating_sub(span.epoch).saturating_add(1);
    let mut last = None;
    loop {
        let epochs = snapshot.epochs(cell, first, EPOCHS)?;
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
