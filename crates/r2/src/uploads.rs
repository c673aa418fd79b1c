//! Listing multipart uploads under way: by key and id, a page at a time, those whose keys have a common
//! beginning as one if a delimiter asks for it.

use cellhouse_cell::Ticket;
use rusqlite::Connection;

use crate::list::{end_of_prefix, group};
use crate::multipart::read_upload;
use crate::schema::Count;
use crate::{Bucket, Error, Upload, UploadsOptions, UploadsPage};

/// Rows that are read at once where there is a delimiter, and most of them may be skipped.
const ROWS_AT_ONCE: usize = 64;

/// After which key, and which id of that key, something is.
type Place = (Vec<u8>, String);

impl Bucket {
    /// A page of the uploads under way.
    pub fn uploads(&self, options: &UploadsOptions<'_>) -> Result<(UploadsPage, Ticket), Error> {
        let (page, ticket) = self
            .inner
            .cell
            .read(|connection| page(connection, options))?;
        Ok((page, ticket))
    }
}

fn page(connection: &Connection, options: &UploadsOptions<'_>) -> rusqlite::Result<UploadsPage> {
    let delimiter = options.delimiter.filter(|delimiter| !delimiter.is_empty());
    let mut after = first(options, delimiter);
    let mut page = UploadsPage::default();
    let mut last = None;
    loop {
        let rest = options.limit + 1 - page.uploads.len() - page.prefixes.len();
        let asked = delimiter.map_or(rest, |_| rest.min(ROWS_AT_ONCE));
        let rows = rows(connection, options.prefix, &after, asked)?;
        let ended = rows.len() < asked;
        let mut skipped = false;
        for upload in rows {
            if page.uploads.len() + page.prefixes.len() == options.limit {
                page.next = last;
                return Ok(page);
            }
            let group = delimiter.and_then(|mark| group(&upload.key, options.prefix, mark));
            if let Some(group) = group {
                after = (end_of_prefix(&group), String::new());
                last = Some((group.clone(), String::new()));
                page.prefixes.push(group);
                skipped = true;
                break;
            }
            after = (upload.key.as_bytes().to_vec(), upload.id.clone());
            last = Some((upload.key.clone(), upload.id.clone()));
            page.uploads.push(upload);
        }
        if ended && !skipped {
            return Ok(page);
        }
    }
}

/// What the page comes after.
fn first(options: &UploadsOptions<'_>, delimiter: Option<&str>) -> Place {
    match options.after {
        None => Place::default(),
        Some((key, "")) if delimiter.is_some_and(|delimiter| key.ends_with(delimiter)) => {
            (end_of_prefix(key), String::new())
        }
        Some((key, id)) => (key.as_bytes().to_vec(), id.to_owned()),
    }
}

fn rows(
    connection: &Connection,
    prefix: &str,
    after: &Place,
    limit: usize,
) -> rusqlite::Result<Vec<Upload>> {
    let sql = "SELECT id, key, created, ended, storage_class, checksums, http, custom FROM uploads
        WHERE ended IS NULL AND key >= ?1 AND key < ?2 AND (key, id) > (?3, ?4) ORDER BY key, id LIMIT ?5";
    let mut select = connection.prepare_cached(sql)?;
    let arguments = (
        prefix.as_bytes(),
        end_of_prefix(prefix),
        &after.0[..],
        &after.1,
        Count::of(limit),
    );
    let rows = select.query_map(arguments, |row| Ok(read_upload(row)?.0))?;
    rows.collect()
}
