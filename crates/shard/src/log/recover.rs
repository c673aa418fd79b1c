//! What a log holds when it is opened: all its segments in order, checked, up to the last whole
//! record.
//!
//! A crash may leave the records that were being written torn: the log then ends before the first
//! one that is not whole. Anything else that is not as it was written is an error that names the
//! file, and nothing is changed. What tells the two apart: each record says which ones before it
//! were durable, each segment says how far the log was when it was made, and so does SlateDB's
//! manifest.

use std::collections::VecDeque;
use std::path::PathBuf;

use async_trait::async_trait;
use slatedb::wal::{WalError, WalIterator, WalRows};

use super::record;
use super::scan::{Place, Scanned, check_tail, read, scan};
use super::segment::{Folder, Name, Segment, damaged};
use crate::Error;

/// What SlateDB knows about the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// Everything up to this id is in sorted files.
    pub(crate) replayed: u64,
    /// Everything up to this id was durable.
    pub(crate) flushed: u64,
}

pub(crate) struct Recovered {
    pub(crate) segments: Vec<Scanned>,
    /// Files that can be taken up again.
    pub(crate) free: Vec<PathBuf>,
    /// Files that cannot.
    pub(crate) drafts: Vec<PathBuf>,
    /// Id of the last record.
    pub(crate) last: u64,
}

pub(crate) fn recover(folder: &Folder, known: Known) -> Result<Recovered, Error> {
    let listing = folder.list()?;
    let mut segments = Vec::with_capacity(listing.segments.len());
    for name in &listing.segments {
        let segment = folder
            .open(*name)?
            .map_err(|problem| damaged(&folder.segment_path(*name), problem))?;
        segments.push(scan(segment)?);
    }
    // One that was made ready in advance may be used after one with a later number.
    segments.sort_by_key(|scanned: &Scanned| {
        let first = scanned.records.first();
        let first = first.map_or(u64::MAX, |place| place.head.id);
        (scanned.segment.header.name.epoch, first)
    });
    drop_fenced(&mut segments);
    let last = check_order(folder, &segments, known)?;
    Ok(Recovered {
        segments,
        free: listing.free,
        drafts: listing.drafts,
        last,
    })
}

/// Drops what an owner wrote that was none any more. The next owner's first segment says how far
/// the log went when it took over, so nothing that was ever called durable is dropped.
fn drop_fenced(segments: &mut [Scanned]) {
    for index in 1..segments.len() {
        let (before, after) = segments.split_at_mut(index);
        let next = &after[0].segment.header;
        if before[index - 1].segment.header.name.epoch == next.name.epoch {
            continue;
        }
        for older in before.iter_mut() {
            let late = |place: &Place| place.head.id > next.floor;
            if older.records.iter().any(late) {
                older.records.retain(|place| !late(place));
                older.closed = true; // Its end was decided; what follows is no damage.
            }
        }
    }
}

/// Checks that no record is missing that SlateDB needs, and gives the id of the last one.
fn check_order(folder: &Folder, segments: &[Scanned], known: Known) -> Result<u64, Error> {
    let mut last = known.replayed;
    let mut before: Option<&Scanned> = None;
    for scanned in segments {
        let (Some(first), Some(end)) = (scanned.records.first(), scanned.last_id()) else {
            check_floor(folder, before, scanned, last)?;
            continue;
        };
        if end > known.replayed && first.head.id > last + 1 {
            return Err(missing(folder, before, scanned, last + 1));
        }
        if first.head.id <= last && last > known.replayed {
            return Err(damaged(
                &scanned.segment.path,
                format!(
                    "repeats records that are in the log before it, from {}",
                    first.head.id
                ),
            ));
        }
        check_floor(folder, before, scanned, last)?;
        last = last.max(end);
        before = Some(scanned);
    }
    let newest = segments
        .iter()
        .rposition(|scanned| !scanned.records.is_empty());
    for scanned in &segments[newest.unwrap_or(0)..] {
        if !scanned.closed {
            check_tail(scanned, last + 1)?;
        }
    }
    if last < known.flushed {
        let lacks = format!(
            "lacks the records {} to {}, which were durable",
            last + 1,
            known.flushed
        );
        let path = newest.map_or(&folder.path, |newest| &segments[newest].segment.path);
        return Err(damaged(path, lacks));
    }
    Ok(last)
}

/// A segment was made when the log went up to its floor at least.
fn check_floor(
    folder: &Folder,
    before: Option<&Scanned>,
    scanned: &Scanned,
    last: u64,
) -> Result<(), Error> {
    if scanned.segment.header.floor > last {
        return Err(missing(folder, before, scanned, last + 1));
    }
    Ok(())
}

/// The records from `id` on should be in the segment before `next`, or in one that is not there.
fn missing(folder: &Folder, before: Option<&Scanned>, next: &Scanned, id: u64) -> Error {
    let next = next.segment.header.name;
    let known = before.map(|before| before.segment.header.name);
    // A gap in the numbers is a file that is not there.
    let gap = known.map_or(0, |known| match known.epoch == next.epoch {
        true => known.number,
        false => 0,
    });
    if gap + 1 < next.number {
        let name = Name {
            number: next.number - 1,
            ..next
        };
        let path = folder.segment_path(name);
        return damaged(&path, format!("is missing; it holds record {id}"));
    }
    match before {
        Some(before) => damaged(
            &before.segment.path,
            format!(
                "was changed or damaged at byte {}: record {id} should follow",
                before.end
            ),
        ),
        None => damaged(
            &folder.path,
            format!("lacks a file: the one before {next}.log, with record {id}"),
        ),
    }
}

impl Recovered {
    /// Writes again, and syncs, what may be in the system's memory only: the records of the last
    /// write. After a sync that failed, the system takes pages for clean that are not on disk, so
    /// that a sync alone would do nothing; and what is read here is shown to others.
    pub(crate) fn settle(&self) -> Result<(), Error> {
        let all = || self.segments.iter().flat_map(|scanned| &scanned.records);
        let synced = all().map(|place| place.head.synced).max().unwrap_or(0);
        for scanned in &self.segments {
            let segment = &scanned.segment;
            let mut unsure = scanned
                .records
                .iter()
                .filter(|place| place.head.id > synced)
                .peekable();
            if unsure.peek().is_none() {
                continue;
            }
            for place in unsure {
                again(segment, place)?;
            }
            segment
                .file
                .sync_data()
                .map_err(Error::io("sync", &segment.path))?;
        }
        Ok(())
    }

    /// The rows of all records after `replayed`, in order, as if they were written at `time`.
    pub(crate) fn replay(&self, replayed: u64, time: i64) -> Replay {
        let records = self.segments.iter().flat_map(|scanned| {
            let of = |place: &Place| (scanned.segment.clone(), *place);
            scanned.records.iter().map(of)
        });
        Replay {
            records: records
                .filter(|(_, place)| place.head.id > replayed)
                .collect(),
            time,
        }
    }
}

fn again(segment: &Segment, place: &Place) -> Result<(), Error> {
    let size = usize::try_from(place.head.size()).expect("a record is at most 4 GiB");
    let mut bytes = vec![0; size];
    let file = &segment.file;
    file.read_at(&mut bytes, place.offset)
        .map_err(Error::io("read", &segment.path))?;
    file.write_at(&bytes, place.offset)
        .map_err(Error::io("write", &segment.path))
}

/// The rows of a log, one record at a time.
pub(crate) struct Replay {
    records: VecDeque<(Segment, Place)>,
    time: i64,
}

#[async_trait]
impl WalIterator for Replay {
    async fn next(&mut self) -> Result<Option<WalRows>, WalError> {
        let Some((segment, place)) = self.records.pop_front() else {
            return Ok(None);
        };
        let rows = rows(&segment, &place, self.time).map_err(super::data_error)?;
        Ok(Some(WalRows {
            rows,
            last_consumed_wal_file_id: place.head.id,
        }))
    }
}

fn rows(segment: &Segment, place: &Place, time: i64) -> Result<Vec<slatedb::RowEntry>, Error> {
    let unreadable = || {
        damaged(
            &segment.path,
            format!("was changed or damaged at byte {}", place.offset),
        )
    };
    let (head, body) = read(segment, place.offset)?.ok_or_else(unreadable)?;
    record::rows(body, head.seq, time).ok_or_else(unreadable)
}
