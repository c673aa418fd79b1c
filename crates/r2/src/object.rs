//! What is known of an object beside its body.

use std::collections::BTreeMap;

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::bodies::Version;
use crate::schema::Count;

/// An object as `head` gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub key: String,
    /// Another one for each put.
    pub version: String,
    /// Bytes of its body.
    pub size: u64,
    /// Without quotes: the MD5 of the body, or of the MD5s of its parts with `-` and how many they are.
    pub etag: String,
    /// In milliseconds since 1970.
    pub uploaded: i64,
    pub metadata: Metadata,
}

/// What comes with an object and is kept as it came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    pub http: HttpMetadata,
    /// Name and value, in the order in which they came.
    pub custom: Vec<(String, String)>,
    /// `Standard` if none was named.
    pub storage_class: Option<String>,
    /// Digests in hexadecimal digits by `md5`, `sha1`, `sha256`, ..., and those of S3 by its own names.
    pub checksums: BTreeMap<String, String>,
}

/// Headers of an answer with the object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// In milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_expiry: Option<f64>,
}

impl HttpMetadata {
    fn is_empty(&self) -> bool {
        *self == HttpMetadata::default()
    }
}

impl Object {
    /// Whether it is of several parts, whose etag is no MD5 of its bytes.
    pub fn is_multipart(&self) -> bool {
        self.etag.contains('-')
    }

    /// How many parts it was made of; 1 if it was put at once.
    pub fn parts(&self) -> u32 {
        let count = self.etag.rsplit_once('-').map(|(_, count)| count.parse());
        count.and_then(Result::ok).unwrap_or(1)
    }

    /// The digest of the body, if it is known, in hexadecimal digits.
    pub fn md5(&self) -> Option<&str> {
        (!self.is_multipart()).then_some(&self.etag)
    }
}

/// Rows as [`Stored::read`] takes them, of one key.
pub(crate) const SELECT: &str = "SELECT key, version, size, etag, uploaded, small, storage_class, checksums, \
    http, custom FROM objects WHERE key = ?1";

/// A row of the index.
pub(crate) struct Stored {
    pub(crate) object: Object,
    pub(crate) version: Version,
    /// The body, if it is a small one.
    pub(crate) small: Option<i64>,
}

impl Stored {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
        let version = Version(row.get(1)?);
        let object = Object {
            key: String::from_utf8_lossy(row.get_ref(0)?.as_blob()?).into_owned(),
            version: version.to_string(),
            size: row.get::<_, Count>(2)?.0,
            etag: row.get(3)?,
            uploaded: row.get(4)?,
            metadata: read_metadata(row, 6)?,
        };
        Ok(Stored {
            object,
            version,
            small: row.get(5)?,
        })
    }
}

/// Metadata in the columns from `first` on: storage class, checksums, http, custom.
pub(crate) fn read_metadata(row: &Row<'_>, first: usize) -> rusqlite::Result<Metadata> {
    Ok(Metadata {
        storage_class: row.get(first)?,
        checksums: from_json(row, first + 1)?,
        http: from_json(row, first + 2)?,
        custom: from_json(row, first + 3)?,
    })
}

/// The same columns, to be written: NULL for what is empty.
pub(crate) struct Columns {
    pub(crate) checksums: Option<String>,
    pub(crate) http: Option<String>,
    pub(crate) custom: Option<String>,
}

impl Metadata {
    /// The headers as JSON, or `None` if there are none.
    pub fn http_json(&self) -> Option<String> {
        to_json(self.http.is_empty(), &self.http)
    }

    /// The pairs of names and values as JSON, or `None` if there are none.
    pub fn custom_json(&self) -> Option<String> {
        to_json(self.custom.is_empty(), &self.custom)
    }

    /// The checksums as JSON, or `None` if there are none.
    pub fn checksums_json(&self) -> Option<String> {
        to_json(self.checksums.is_empty(), &self.checksums)
    }

    pub(crate) fn columns(&self) -> Columns {
        Columns {
            checksums: self.checksums_json(),
            http: self.http_json(),
            custom: self.custom_json(),
        }
    }
}

fn to_json(empty: bool, value: &impl Serialize) -> Option<String> {
    (!empty).then(|| serde_json::to_string(value).expect("strings and numbers are JSON"))
}

fn from_json<T: Default + for<'de> Deserialize<'de>>(
    row: &Row<'_>,
    index: usize,
) -> rusqlite::Result<T> {
    let text = row.get_ref(index)?.as_str_or_null()?;
    let Some(text) = text else {
        return Ok(T::default());
    };
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, error.into())
    })
}
