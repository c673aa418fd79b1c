//! The rows of parts: adding, removing, and choosing those that make an object.

use std::collections::HashSet;

use rusqlite::{OptionalExtension as _, Row, Transaction};

use crate::bodies::BodyId;
use crate::bucket::{LetGo, remove_small};
use crate::checksum::hex;
use crate::limits::MIN_PART_BYTES;
use crate::put::Kept;
use crate::schema::Count;
use crate::{Error, ErrorKind, Part};

/// A part with its body.
pub(crate) struct Arrived {
    pub(crate) size: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) kept: Kept,
}

pub(crate) fn insert_part(
    transaction: &Transaction<'_>,
    id: &str,
    part: &Part,
    md5: [u8; 16],
    kept: Kept,
) -> Result<(), Error> {
    let sql = "INSERT INTO parts (upload, number, size, md5, uploaded, small, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let body = kept.body.as_ref().map(|body| &body.0[..]);
    transaction.prepare_cached(sql)?.execute((
        id,
        part.number,
        Count(part.size),
        &md5[..],
        part.uploaded,
        kept.small,
        body,
    ))?;
    Ok(())
}

/// Removes the part with that number, or all that are left.
pub(crate) fn remove_parts(
    transaction: &Transaction<'_>,
    id: &str,
    number: Option<u32>,
    let_go: &mut LetGo,
) -> Result<(), Error> {
    let sql =
        "DELETE FROM parts WHERE upload = ?1 AND (?2 IS NULL OR number = ?2) RETURNING small, body";
    let mut delete = transaction.prepare_cached(sql)?;
    let rows = delete.query_map((id, number), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<(Option<i64>, Option<[u8; 16]>)> = rows.collect::<rusqlite::Result<_>>()?;
    for small in rows.iter().filter_map(|row| row.0) {
        remove_small(transaction, small)?;
    }
    let bodies = rows.iter().filter_map(|row| row.1).map(BodyId).collect();
    let_go.0.push((None, bodies));
    Ok(())
}

/// The parts that are named, in the order of their numbers, if they make an object.
pub(crate) fn chosen(
    transaction: &Transaction<'_>,
    id: &str,
    parts: &[(u32, String)],
) -> Result<Vec<Arrived>, Error> {
    let mut numbers = HashSet::new();
    if !parts.iter().all(|(number, _)| numbers.insert(*number)) {
        return Err(ErrorKind::Internal.into());
    }
    let mut rows = Vec::with_capacity(parts.len());
    for (number, etag) in parts {
        let row = select_part(transaction, id, *number)?;
        let row = row.filter(|row| hex(&row.md5) == *etag);
        rows.push((*number, row.ok_or(ErrorKind::InvalidPart)?));
    }
    let (_, others) = rows.split_last().ok_or(ErrorKind::InvalidPart)?;
    if others.iter().any(|(_, row)| row.size < MIN_PART_BYTES) {
        return Err(ErrorKind::EntityTooSmall.into());
    }
    rows.sort_by_key(|(number, _)| *number);
    let (last, others) = rows.split_last().ok_or(ErrorKind::InvalidPart)?;
    if let Some((_, first)) = others.first() {
        let even = others.iter().all(|(_, row)| row.size == first.size);
        if !even || first.size < MIN_PART_BYTES || last.1.size > first.size {
            return Err(ErrorKind::BadUpload.into());
        }
    }
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

fn select_part(
    transaction: &Transaction<'_>,
    id: &str,
    number: u32,
) -> Result<Option<Arrived>, Error> {
    let sql = "SELECT size, md5, small, body FROM parts WHERE upload = ?1 AND number = ?2";
    let mut select = transaction.prepare_cached(sql)?;
    let read = |row: &Row<'_>| {
        Ok(Arrived {
            size: row.get::<_, Count>(0)?.0,
            md5: row.get(1)?,
            kept: Kept {
                small: row.get(2)?,
                body: row.get::<_, Option<[u8; 16]>>(3)?.map(BodyId),
            },
        })
    };
    Ok(select.query_row((id, number), read).optional()?)
}
