//! `update()`: atomic changes of single fields of a JSON value with `$set`, `$unset`, `$inc`,
//! `$push` and `$pop`.
//!
//! One transaction: the document of changes is checked wholly (`parse`, `tree`), the fields are
//! found in the value (`resolve`), the edits worked out (`plan`) and made by SQLite's JSON
//! functions (`document`). An error leaves everything as it was. All paths mean the value as it was
//! before the update. A key that is missing or expired starts from `{}`.
//!
//! Where documents leave a choice: a digits-only name is an index in an array and a name in an
//! object; missing parents are made as objects; an array grows only at its end, so an index beyond
//! its length is an error; `$unset` of an element removes it and the following ones move up;
//! `$unset` and `$pop` of what is not there do nothing; names may hold anything but dots and NUL.
//! Of duplicate names in a stored object SQLite sees the first.

mod document;
mod number;
mod parse;
mod plan;
mod resolve;
mod tree;

use cellhouse_cell::Ticket;
use rusqlite::{Connection, Transaction};

use crate::changes;
use crate::error::Method;
use crate::store::{replace, select};
use crate::watch::is_watched;
use crate::{Error, Store, limits};
use document::Document;
use parse::Change;
use tree::Tree;

/// SQLite's JSON functions read values nested up to here.
const MAX_DEPTH: usize = 1000;

/// What is wrong with an update, without the key.
#[derive(Debug)]
pub(crate) struct Problem {
    message: String,
}

impl Problem {
    fn new(message: impl Into<String>) -> Problem {
        Problem {
            message: message.into(),
        }
    }

    fn of(self, key: &str) -> Error {
        Error::type_error(format!("update of key {key:?}: {}", self.message))
    }
}

/// Inside of an update either the user's problem or the storage's.
enum Failure {
    Problem(Problem),
    Error(Error),
}

impl Store {
    /// Changes single fields of the JSON value of a key in one transaction.
    ///
    /// `document` is JSON text: `{"$set": {path: value}, "$unset": {path: any}, "$inc": {path:
    /// number}, "$push": {path: value}, "$pop": {path: 1 or -1}}`, where a path is names and
    /// indexes with dots between them. Metadata and expiration stay as they are. An error is of the
    /// kind `Type`, names the key and the path, and has changed nothing.
    pub fn update(&self, key: &str, document: &str) -> Result<Ticket, Error> {
        limits::check_key(Method::Update, key)?;
        let edits = parse::parse(document).map_err(|problem| problem.of(key))?;
        let tree = Tree::build(&edits).map_err(|problem| problem.of(key))?;
        let update = |transaction: &Transaction<'_>| -> Result<bool, Error> {
            let now = self.now_ms();
            let watched = is_watched(transaction)?;
            let before = match watched {
                true => Some(changes::before(transaction, key, now)?),
                false => None,
            };
            let changed = apply(transaction, key, &edits, &tree, now);
            let changed = changed.map_err(|failure| match failure {
                Failure::Problem(problem) => problem.of(key),
                Failure::Error(error) => error,
            })?;
            if let Some(before) = before.filter(|_| changed) {
                changes::note_put(transaction, key, before, now)?;
            }
            Ok(watched && changed)
        };
        let (watched, ticket) = self.slices.of(key).write(update)?;
        if watched {
            self.tell_watchers();
        }
        Ok(ticket)
    }
}

/// Whether there was anything to change.
fn apply(
    connection: &Connection,
    key: &str,
    changes: &[Change],
    tree: &Tree<'_>,
    now_ms: i64,
) -> Result<bool, Failure> {
    let stored = select(connection, key, now_ms)?;
    let before = stored.as_ref().map_or(&b"{}"[..], |entry| &entry.value);
    let mut document = Document::parse(connection, before)?;
    let places = resolve::resolve(&document, tree, changes)?;
    let edits = plan::plan(changes, tree, &places)?;
    if edits.is_empty() && stored.is_some() {
        return Ok(false);
    }
    document.set(&edits.sets)?;
    document.remove(&edits.removals)?;
    let after = document.into_json()?;
    limits::check_value(Method::Update, after.len())?;
    match stored {
        Some(_) => save(connection, key, &after)?,
        None => replace(connection, key, None, None, after.as_bytes())?,
    }
    Ok(true)
}

/// Puts a new value where metadata and expiration stay.
fn save(connection: &Connection, key: &str, json: &str) -> Result<(), Error> {
    let sql = "UPDATE entries SET value = ?2 WHERE key = ?1";
    connection
        .prepare_cached(sql)?
        .execute((key.as_bytes(), json.as_bytes()))?;
    Ok(())
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Problem(problem)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Error(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        Failure::Error(error.into())
    }
}
