//! R2: buckets of objects, with the behaviour of Cloudflare's.
//!
//! A [`Bucket`] is one cell, which knows every object by its key, and a folder of bodies in the store.
//! Small bodies are in the cell itself, so that a put is one commit; larger ones are streamed to files
//! and never held in memory. An object exists when its row does: a body without a row is nothing, and is
//! swept. Calls on the index run at once on the caller's thread and come with a
//! [`Ticket`](cellhouse_cell::Ticket) that says when what they show can no longer be lost; bodies are
//! read and written on tokio's blocking pool. This crate knows no JavaScript and no HTTP.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

mod backup;
mod bodies;
mod bucket;
mod check;
mod checksum;
mod condition;
mod error;
mod get;
mod index;
mod keys;
mod limits;
mod list;
mod multipart;
mod object;
mod parts;
mod put;
mod r2;
mod range;
mod registry;
mod restore;
mod schema;
mod sweep;
mod uploads;

pub use backup::{BackupError, Bodies};
pub use bodies::{Incoming, Reader, Received};
pub use bucket::Bucket;
pub use cellhouse_cell::Ticket;
pub use check::{BodiesChecked, Finding};
pub use checksum::{Algorithm, Checksum, Hasher};
pub use condition::{Conditions, EtagCondition};
pub use error::{Error, ErrorKind};
pub use get::{Body, GetOptions, Got};
pub use index::{BodyOf, Fault};
pub use keys::{Access, AccessKey, NewKey};
pub use limits::{
    INLINE_BYTES, MAX_DELETE_KEYS, MAX_KEY_BYTES, MAX_LIST_KEYS, MAX_METADATA_BYTES,
    MAX_OBJECT_BYTES, MAX_PART_NUMBER, MAX_PUT_BYTES, MIN_PART_BYTES, UPLOAD_LIFETIME,
    check_bucket_name,
};
pub use list::{ListOptions, Page};
pub use multipart::{Part, PartsPage, Upload, UploadsOptions, UploadsPage};
pub use object::{HttpMetadata, Metadata, Object};
pub use put::PutOptions;
pub use r2::{R2, R2Options};
pub use range::{ByteRange, RangeRequest};
pub use registry::BucketInfo;
pub use restore::Restorer;
