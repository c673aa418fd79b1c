//! Putting an object: one commit, after its body is on disk.

use bytes::Bytes;
use cellhouse_cell::Ticket;
use rusqlite::{OptionalExtension as _, Transaction};

use crate::bodies::{BodyId, Place, Received, Version};
use crate::bucket::{LetGo, remove};
use crate::checksum::hex;
use crate::limits::{INLINE_BYTES, check_key, check_metadata};
use crate::object::Metadata;
use crate::schema::Count;
use crate::{Bucket, Checksum, Conditions, Error, Hasher, Object};

/// What `put` takes beside the key and the body.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PutOptions {
    pub only_if: Option<Conditions>,
    pub metadata: Metadata,
    /// What the body must amount to.
    pub checksum: Option<Checksum>,
}

/// Where a row says that a body, or a stretch of one, is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) small: Option<i64>,
    pub(crate) body: Option<BodyId>,
}

impl Bucket {
    /// An error if the key or what comes with the object cannot be stored; for callers that would rather
    /// know before a long body.
    pub fn check(&self, key: &str, metadata: &Metadata) -> Result<(), Error> {
        check_key(key)?;
        check_metadata(metadata)
    }

    /// Puts an object with a body of at most [`INLINE_BYTES`], in one commit.
    pub fn put_bytes(
        &self,
        key: &str,
        bytes: Bytes,
        options: &PutOptions,
    ) -> Result<(Option<Object>, Ticket), Error> {
        debug_assert!(bytes.len() <= INLINE_BYTES);
        let wanted = options.checksum.as_ref().map(|checksum| checksum.algorithm);
        self.put(key, Received::small(bytes, Hasher::new(wanted)), options)
    }

    /// Puts an object, with nothing left of what was under the key before. `None`: the conditions do not
    /// hold, and nothing was stored.
    pub fn put(
        &self,
        key: &str,
        received: Received,
        options: &PutOptions,
    ) -> Result<(Option<Object>, Ticket), Error> {
        self.check(key, &options.metadata)?;
        let object = self.object_of(key, &received, options)?;
        let (put, ticket) = self.change(|transaction| {
            if !holds(transaction, key, options.only_if.as_ref())? {
                return Ok((false, LetGo::default()));
            }
            let mut let_go = LetGo::default();
            remove(transaction, key, &mut let_go)?;
            let kept = keep(transaction, &received.place)?;
            let (object, version) = &object;
            insert(transaction, object, *version, kept.small)?;
            if kept.small.is_none() && received.size > 0 {
                insert_segment(transaction, *version, (0, received.size), kept)?;
            }
            Ok((true, let_go))
        })?;
        if !put {
            return Ok((None, ticket));
        }
        if let Place::File(body) = received.place {
            body.settled();
        }
        Ok((Some(object.0), ticket))
    }

    fn object_of(
        &self,
        key: &str,
        received: &Received,
        options: &PutOptions,
    ) -> Result<(Object, Version), Error> {
        let mut metadata = options.metadata.clone();
        if let Some(checksum) = &options.checksum {
            received.check(checksum)?;
            let field = checksum.algorithm.field();
            // The MD5 is the etag.
            if field != "md5" {
                metadata
                    .checksums
                    .insert(field.to_owned(), hex(&checksum.bytes));
            }
        }
        let version = self.inner.bodies.new_version()?;
        let object = Object {
            key: key.to_owned(),
            version: version.to_string(),
            size: received.size,
            etag: hex(&received.digests.md5),
            uploaded: self.now_ms(),
            metadata,
        };
        Ok((object, version))
    }
}

/// Whether conditions hold for what is under a key.
pub(crate) fn holds(
    transaction: &Transaction<'_>,
    key: &str,
    conditions: Option<&Conditions>,
) -> Result<bool, Error> {
    let Some(conditions) = conditions else {
        return Ok(true);
    };
    let mut select =
        transaction.prepare_cached("SELECT etag, uploaded FROM objects WHERE key = ?1")?;
    let present = select
        .query_row([key.as_bytes()], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(conditions.hold(
        present
            .as_ref()
            .map(|(etag, uploaded)| (etag.as_str(), *uploaded)),
    ))
}

/// Puts a small body into the index; an empty one is nothing.
pub(crate) fn keep(transaction: &Transaction<'_>, place: &Place) -> Result<Kept, Error> {
    let none = Kept {
        small: None,
        body: None,
    };
    match place {
        Place::Small(bytes) if bytes.is_empty() => Ok(none),
        Place::Small(bytes) => {
            let mut insert = transaction.prepare_cached("INSERT INTO small (bytes) VALUES (?1)")?;
            let small = Some(insert.insert([&bytes[..]])?);
            Ok(Kept { small, ..none })
        }
        Place::File(body) => Ok(Kept {
            body: Some(body.id()),
            ..none
        }),
    }
}

pub(crate) fn insert(
    transaction: &Transaction<'_>,
    object: &Object,
    version: Version,
    small: Option<i64>,
) -> Result<(), Error> {
    let sql = "INSERT INTO objects
        (key, version, size, etag, uploaded, small, storage_class, checksums, http, custom)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let columns = object.metadata.columns();
    transaction.prepare_cached(sql)?.execute((
        object.key.as_bytes(),
        &version.0[..],
        Count(object.size),
        &object.etag,
        object.uploaded,
        small,
        &object.metadata.storage_class,
        columns.checksums,
        columns.http,
        columns.custom,
    ))?;
    Ok(())
}

/// A stretch of an object's body: where it begins, and its size.
pub(crate) fn insert_segment(
    transaction: &Transaction<'_>,
    version: Version,
    (start, size): (u64, u64),
    kept: Kept,
) -> Result<(), Error> {
    let sql =
        "INSERT INTO segments (version, start, size, small, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    let body = kept.body.as_ref().map(|body| &body.0[..]);
    transaction.prepare_cached(sql)?.execute((
        &version.0[..],
        Count(start),
        Count(size),
        kept.small,
        body,
    ))?;
    Ok(())
}
