//! Multipart uploads: parts that arrive by themselves and become an object without being copied.
//!
//! That an upload has ended is known for [`UPLOAD_LIFETIME`](crate::UPLOAD_LIFETIME), so that completing it
//! again can be refused and aborting it again is nothing.

use cellhouse_cell::Ticket;
use rusqlite::{OptionalExtension as _, Row, Transaction};

use crate::bodies::{Place, Received, random};
use crate::bucket::{LetGo, remove};
use crate::checksum::{etag_of_parts, hex};
use crate::limits::{MAX_OBJECT_BYTES, MAX_PART_NUMBER, check_key};
use crate::object::read_metadata;
use crate::parts::{chosen, insert_part, remove_parts};
use crate::put::{holds, insert, insert_segment, keep};
use crate::schema::Count;
use crate::{Bucket, Conditions, Error, ErrorKind, Metadata, Object};

/// An upload under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Upload {
    pub id: String,
    pub key: String,
    /// In milliseconds since 1970.
    pub created: i64,
    pub metadata: Metadata,
}

/// A part that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1 to [`MAX_PART_NUMBER`].
    pub number: u32,
    /// The MD5 of its bytes.
    pub etag: String,
    pub size: u64,
    /// In milliseconds since 1970.
    pub uploaded: i64,
}

/// Some parts of an upload, by number.
#[derive(Debug, Clone, PartialEq)]
pub struct PartsPage {
    pub upload: Upload,
    pub parts: Vec<Part>,
    pub truncated: bool,
}

/// Which uploads are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct UploadsOptions<'a> {
    /// Only those whose keys begin so.
    pub prefix: &'a str,
    /// Keys that have it after the prefix are shown as one: up to and with its first occurrence.
    pub delimiter: Option<&'a str>,
    /// Only those after this key and id. A key that the delimiter ends, without an id, stands for all keys that
    /// begin so.
    pub after: Option<(&'a str, &'a str)>,
    /// Uploads and beginnings of a page.
    pub limit: usize,
}

/// Some uploads, by key and id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UploadsPage {
    pub uploads: Vec<Upload>,
    /// Beginnings of keys that the delimiter made one.
    pub prefixes: Vec<String>,
    /// After which key and id the next page begins; `None` for the last page.
    pub next: Option<(String, String)>,
}

impl Bucket {
    /// Begins an upload: its id.
    pub fn create_upload(&self, key: &str, metadata: &Metadata) -> Result<(String, Ticket), Error> {
        self.check(key, metadata)?;
        let id = hex(&random::<32>(self.inner.bodies.entropy())?);
        let now = self.now_ms();
        let ((), ticket) = self.change(|transaction| {
            let sql =
                "INSERT INTO uploads (id, key, created, storage_class, checksums, http, custom)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let columns = metadata.columns();
            transaction.prepare_cached(sql)?.execute((
                &id,
                key.as_bytes(),
                now,
                &metadata.storage_class,
                columns.checksums,
                columns.http,
                columns.custom,
            ))?;
            Ok(((), LetGo::default()))
        })?;
        Ok((id, ticket))
    }

    /// An upload that is under way.
    pub fn upload(&self, key: &str, id: &str) -> Result<(Upload, Ticket), Error> {
        check_key(key)?;
        let (found, ticket) = self.inner.cell.read(|connection| {
            let mut select = connection.prepare_cached(SELECT_UPLOAD)?;
            select
                .query_row((id, key.as_bytes()), read_upload)
                .optional()
        })?;
        let (upload, ended) = found.ok_or(ErrorKind::NoSuchUpload)?;
        match ended {
            true => Err(ErrorKind::NoSuchUpload.into()),
            false => Ok((upload, ticket)),
        }
    }

    /// Adds a part, in the place of one with the same number.
    pub fn put_part(
        &self,
        key: &str,
        id: &str,
        number: u32,
        received: Received,
    ) -> Result<(Part, Ticket), Error> {
        check_key(key)?;
        check_number(number)?;
        let part = Part {
            number,
            etag: hex(&received.digests.md5),
            size: received.size,
            uploaded: self.now_ms(),
        };
        let ((), ticket) = self.change(|transaction| {
            under_way(transaction, key, id)?;
            let mut let_go = LetGo::default();
            remove_parts(transaction, id, Some(number), &mut let_go)?;
            let kept = keep(transaction, &received.place)?;
            insert_part(transaction, id, &part, received.digests.md5, kept)?;
            Ok(((), let_go))
        })?;
        if let Place::File(body) = received.place {
            body.settled();
        }
        Ok((part, ticket))
    }

    /// Makes an object of the parts that are named, by number and etag, in the order of their numbers. The
    /// others are removed.
    pub fn complete(
        &self,
        key: &str,
        id: &str,
        parts: &[(u32, String)],
    ) -> Result<(Object, Ticket), Error> {
        let (object, ticket) = self.complete_if(key, id, parts, None)?;
        Ok((object.ok_or(ErrorKind::Internal)?, ticket))
    }

    /// As [`Bucket::complete`], if conditions hold for what is under the key; `None`, and the upload goes on,
    /// if they do not.
    pub fn complete_if(
        &self,
        key: &str,
        id: &str,
        parts: &[(u32, String)],
        only_if: Option<&Conditions>,
    ) -> Result<(Option<Object>, Ticket), Error> {
        check_key(key)?;
        let version = self.inner.bodies.new_version()?;
        let now = self.now_ms();
        self.change(|transaction| {
            let upload = under_way(transaction, key, id)?;
            let rows = chosen(transaction, id, parts)?;
            if !holds(transaction, key, only_if)? {
                return Ok((None, LetGo::default()));
            }
            let object = Object {
                key: key.to_owned(),
                version: version.to_string(),
                size: rows.iter().map(|row| row.size).sum(),
                etag: etag_of_parts(rows.iter().map(|row| &row.md5[..])),
                uploaded: now,
                metadata: upload.metadata,
            };
            if object.size > MAX_OBJECT_BYTES {
                return Err(ErrorKind::EntityTooLarge.into());
            }
            let mut let_go = LetGo::default();
            remove(transaction, key, &mut let_go)?;
            insert(transaction, &object, version, None)?;
            let mut start = 0;
            for row in rows.iter().filter(|row| row.size > 0) {
                insert_segment(transaction, version, (start, row.size), row.kept)?;
                start += row.size;
            }
            for (number, _) in parts {
                let sql = "DELETE FROM parts WHERE upload = ?1 AND number = ?2";
                transaction.prepare_cached(sql)?.execute((id, number))?;
            }
            remove_parts(transaction, id, None, &mut let_go)?;
            end(transaction, id, now)?;
            Ok((Some(object), let_go))
        })
    }

    /// Ends an upload and removes its parts. One that has ended stays as it ended.
    pub fn abort(&self, key: &str, id: &str) -> Result<Ticket, Error> {
        check_key(key)?;
        let now = self.now_ms();
        let ((), ticket) = self.change(|transaction| {
            let (_, ended) = find(transaction, key, id)?;
            let mut let_go = LetGo::default();
            if !ended {
                remove_parts(transaction, id, None, &mut let_go)?;
                end(transaction, id, now)?;
            }
            Ok(((), let_go))
        })?;
        Ok(ticket)
    }

    /// Parts of an upload whose numbers are above `after`.
    pub fn parts(
        &self,
        key: &str,
        id: &str,
        after: u32,
        limit: usize,
    ) -> Result<(PartsPage, Ticket), Error> {
        let (upload, _) = self.upload(key, id)?;
        let sql = "SELECT number, md5, size, uploaded FROM parts
            WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
        let (mut parts, ticket) = self.inner.cell.read(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let rows = select.query_map((id, after, Count::of(limit + 1)), read_part)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let truncated = parts.len() > limit;
        parts.truncate(limit);
        let page = PartsPage {
            upload,
            parts,
            truncated,
        };
        Ok((page, ticket))
    }
}

const SELECT_UPLOAD: &str = "SELECT id, key, created, ended, storage_class, checksums, http, custom
    FROM uploads WHERE id = ?1 AND key = ?2";

/// An upload, and whether it has ended.
pub(crate) fn read_upload(row: &Row<'_>) -> rusqlite::Result<(Upload, bool)> {
    let upload = Upload {
        id: row.get(0)?,
        key: String::from_utf8_lossy(row.get_ref(1)?.as_blob()?).into_owned(),
        created: row.get(2)?,
        metadata: read_metadata(row, 4)?,
    };
    Ok((upload, row.get::<_, Option<i64>>(3)?.is_some()))
}

fn read_part(row: &Row<'_>) -> rusqlite::Result<Part> {
    Ok(Part {
        number: row.get(0)?,
        etag: hex(row.get_ref(1)?.as_blob()?),
        size: row.get::<_, Count>(2)?.0,
        uploaded: row.get(3)?,
    })
}

fn find(transaction: &Transaction<'_>, key: &str, id: &str) -> Result<(Upload, bool), Error> {
    let mut select = transaction.prepare_cached(SELECT_UPLOAD)?;
    let found = select
        .query_row((id, key.as_bytes()), read_upload)
        .optional()?;
    found.ok_or_else(|| ErrorKind::NoSuchUpload.into())
}

fn under_way(transaction: &Transaction<'_>, key: &str, id: &str) -> Result<Upload, Error> {
    match find(transaction, key, id)? {
        (_, true) => Err(ErrorKind::NoSuchUpload.into()),
        (upload, false) => Ok(upload),
    }
}

fn end(transaction: &Transaction<'_>, id: &str, now: i64) -> Result<(), Error> {
    let mut update = transaction.prepare_cached("UPDATE uploads SET ended = ?2 WHERE id = ?1")?;
    update.execute((id, now))?;
    Ok(())
}

fn check_number(number: u32) -> Result<(), Error> {
    match (1..=MAX_PART_NUMBER).contains(&number) {
        true => Ok(()),
        false => Err(Error::argument(format!(
            "Part number must be between 1 and {MAX_PART_NUMBER} (inclusive). Actual value was: {number}"
        ))),
    }
}
