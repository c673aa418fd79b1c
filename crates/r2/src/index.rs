//! The bodies that an index names, each with what it is the body of: for whoever looks at all of them.

use std::fmt;

use cellhouse_cell::{CellName, Moment};
use rusqlite::{Connection, Row};

use crate::bodies::BodyId;
use crate::schema::Count;

/// What a body is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyOf {
    pub bucket: String,
    /// That of the object, or of the multipart upload.
    pub key: String,
    /// The number of the part, of an upload under way.
    pub part: Option<u32>,
    /// Where it is in the folder of the bodies.
    pub file: String,
}

/// What is wrong with a body that an index names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    Missing,
    /// It has so many bytes.
    WrongSize {
        found: u64,
        expected: u64,
    },
}

/// A body that is a file of the store.
pub(crate) struct Named {
    pub(crate) id: BodyId,
    pub(crate) size: u64,
    pub(crate) of: BodyOf,
}

const BODIES: &str = "
    SELECT objects.key, NULL, segments.body, segments.size
        FROM objects JOIN segments ON segments.version = objects.version
        WHERE segments.body IS NOT NULL
    UNION ALL
    SELECT uploads.key, parts.number, parts.body, parts.size
        FROM uploads JOIN parts ON parts.upload = uploads.id
        WHERE parts.body IS NOT NULL";

/// Names all buckets of a moment.
pub(crate) fn buckets(moment: &Moment) -> Result<Vec<String>, cellhouse_cell::Error> {
    let name = CellName::new("r2registry", "buckets")?;
    let read = |connection: &Connection| {
        let mut select = connection.prepare("SELECT name FROM buckets ORDER BY name")?;
        let names = select.query_map([], |row| row.get(0))?;
        Ok::<_, IndexError>(names.collect::<rusqlite::Result<_>>()?)
    };
    let found = moment.read(&name, read);
    Ok(found.map_err(|error| error.of(&name))?.unwrap_or_default())
}

/// How many bodies the index of a bucket names at a moment, and how many bytes they have.
pub(crate) fn amount(moment: &Moment, bucket: &str) -> Result<(u64, u64), cellhouse_cell::Error> {
    let name = CellName::new("r2", bucket)?;
    let read = |connection: &Connection| {
        let sql = format!("SELECT count(*), coalesce(sum(size), 0) FROM ({BODIES})");
        let amount = connection.query_row(&sql, [], |row| {
            Ok((row.get::<_, Count>(0)?.0, row.get::<_, Count>(1)?.0))
        });
        Ok::<_, IndexError>(amount?)
    };
    let found = moment.read(&name, read);
    Ok(found.map_err(|error| error.of(&name))?.unwrap_or_default())
}

/// Calls `each` with every body that the index of a bucket names at a moment.
pub(crate) fn each<E: From<cellhouse_cell::Error>>(
    moment: &Moment,
    bucket: &str,
    mut each: impl FnMut(Named) -> Result<(), E>,
) -> Result<(), E> {
    let name = CellName::new("r2", bucket).map_err(E::from)?;
    let mut failed = None;
    let read = |connection: &Connection| {
        let mut select = connection.prepare(BODIES)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            if let Err(error) = each(named(bucket, row)?) {
                failed = Some(error);
                break;
            }
        }
        Ok::<_, IndexError>(())
    };
    let read = moment.read(&name, read);
    match failed {
        Some(error) => Err(error),
        None => {
            read.map_err(|error| error.of(&name))?;
            Ok(())
        }
    }
}

fn named(bucket: &str, row: &Row<'_>) -> rusqlite::Result<Named> {
    let id = BodyId(row.get(2)?);
    Ok(Named {
        id,
        size: row.get::<_, Count>(3)?.0,
        of: BodyOf {
            bucket: bucket.to_owned(),
            key: String::from_utf8_lossy(row.get_ref(0)?.as_blob()?).into_owned(),
            part: row.get(1)?,
            file: file(bucket, id),
        },
    })
}

/// The name of a body's file in the folder of all bodies.
pub(crate) fn file(bucket: &str, id: BodyId) -> String {
    let id = id.to_string();
    format!("{bucket}/{}/{id}", &id[..2])
}

/// Whether a name is one that [`file`] makes.
pub(crate) fn is_file(name: &str) -> bool {
    let mut parts = name.split('/');
    let (Some(bucket), Some(id)) = (parts.next(), parts.nth(1).and_then(BodyId::parse)) else {
        return false;
    };
    crate::check_bucket_name(bucket).is_ok() && file(bucket, id) == name
}

enum IndexError {
    Cell(cellhouse_cell::Error),
    Sqlite(rusqlite::Error),
}

impl IndexError {
    fn of(self, cell: &CellName) -> cellhouse_cell::Error {
        match self {
            IndexError::Cell(error) => error,
            IndexError::Sqlite(source) => cellhouse_cell::Error::Sqlite {
                cell: cell.clone(),
                source: std::sync::Arc::new(source),
            },
        }
    }
}

impl From<cellhouse_cell::Error> for IndexError {
    fn from(error: cellhouse_cell::Error) -> IndexError {
        IndexError::Cell(error)
    }
}

impl From<rusqlite::Error> for IndexError {
    fn from(error: rusqlite::Error) -> IndexError {
        IndexError::Sqlite(error)
    }
}

impl fmt::Display for BodyOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bucket, key, file) = (&self.bucket, &self.key, &self.file);
        match self.part {
            None => write!(
                f,
                "the body of the object {key:?} of the bucket {bucket} (r2/{file})"
            ),
            Some(part) => write!(
                f,
                "part {part} of an upload to {key:?} of the bucket {bucket} (r2/{file})"
            ),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing => f.write_str("is missing"),
            Fault::WrongSize { found, expected } => {
                write!(f, "has {found} bytes and should have {expected}")
            }
        }
    }
}
