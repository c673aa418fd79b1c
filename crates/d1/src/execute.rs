//! Running statements on a connection: what is refused, what comes back, what is counted.

use std::sync::Arc;

use cellhouse_cell::sql::{self, Stopped};
use cellhouse_cell::{Clock, Queries, QueryId, SqlError};

use crate::limits::MAX_RESULT_BYTES;
use crate::{Error, Meta, Output, Param, Statement, Value};

/// What Cloudflare says of a text without a statement, or with a comment behind the last one.
const NO_STATEMENT: &str = "SQL code did not contain a statement.";
/// What it says when no statement of a call has anything in it.
const NO_STATEMENTS: &str = "No SQL statements detected.";
const BINDINGS_LAST: &str = "When executing multiple SQL statements in a single call, only the last \
                             statement can have parameters.";
const BINDINGS_COUNT: &str = "Wrong number of parameter bindings for SQL query.";

/// Bytes of a page of every database.
const PAGE_BYTES: u64 = 4096;

/// Why statements did not run to their end.
#[derive(Debug)]
pub(crate) enum Failed {
    Error(Error),
    Cell(cellhouse_cell::Error),
    /// They write, and were tried on a connection that only reads.
    Writes,
    Stopped(Stopped),
    /// Somebody else writes.
    Busy,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed::Error(error)
    }
}

impl From<cellhouse_cell::Error> for Failed {
    fn from(error: cellhouse_cell::Error) -> Failed {
        Failed::Cell(error)
    }
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Failed {
        Failed::Error(error.into())
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Error {
        match failed {
            Failed::Error(error) => error,
            Failed::Cell(error) => error.into(),
            Failed::Stopped(Stopped::Deadline) => Error::timeout(),
            Failed::Stopped(Stopped::Unwanted) => Error::unwanted(),
            Failed::Writes => Error::refused("attempt to write a readonly database"),
            Failed::Busy => Error::refused("database is locked: SQLITE_BUSY"),
        }
    }
}

fn failed(error: &SqlError, reason: Option<&'static str>) -> Failed {
    let text = sql::text(error, reason);
    Failed::Error(match sql::is_of_storage(error) {
        true => Error::storage(format!("storage: {text}")),
        false => Error::refused(text),
    })
}

/// A connection on which the statements of a call run.
pub(crate) struct Run<'a, 'q> {
    pub(crate) queries: &'a mut Queries<'q>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    /// Whether it may write.
    pub(crate) writes: bool,
    /// The rowid that was inserted last.
    pub(crate) last_row_id: i64,
    /// Bytes of the database that are in use.
    pub(crate) size: u64,
    /// What the rows so far take.
    pub(crate) bytes: usize,
    /// Whether to find out the size also after a statement that only changed rows.
    pub(crate) measure: bool,
}

impl Run<'_, '_> {
    /// Runs all statements that are not empty, one after the other.
    pub(crate) fn all(&mut self, statements: &[Statement]) -> Result<Vec<Output>, Failed> {
        let full: Vec<&Statement> = statements
            .iter()
            .filter(|one| !is_blank(&one.sql))
            .collect();
        let Some(last) = full.len().checked_sub(1) else {
            return Err(Error::refused(NO_STATEMENTS).into());
        };
        let mut outputs = Vec::with_capacity(full.len());
        for (at, one) in full.into_iter().enumerate() {
            self.measure = at == last;
            outputs.push(self.one(one)?);
        }
        Ok(outputs)
    }

    /// Runs the statements of one text, of which the last one has the parameters and the rows.
    pub(crate) fn one(&mut self, statement: &Statement) -> Result<Output, Failed> {
        let began = self.clock.monotonic();
        let (changes, row_id) = (self.queries.total_changes(), self.row_id());
        let size = self.size;
        let (columns, values, rows_read) = self.text(&statement.sql, &statement.params)?;
        let changes = self.queries.total_changes() - changes;
        // Asking costs as much as a short statement.
        if self.writes && (self.measure || changes == 0) {
            self.size = size_of_database(self.queries)?;
        }
        Ok(Output {
            columns,
            values,
            meta: Meta {
                duration: self.clock.monotonic().saturating_sub(began),
                changes,
                last_row_id: self.row_id(),
                changed_db: changes != 0 || self.row_id() != row_id || self.size != size,
                size_after: self.size,
                rows_read,
                rows_written: changes,
            },
        })
    }

    fn row_id(&self) -> i64 {
        match self.writes {
            true => self.queries.last_insert_rowid(),
            false => self.last_row_id,
        }
    }

    fn text(
        &mut self,
        text: &str,
        params: &[Param],
    ) -> Result<(Vec<String>, Vec<Value>, u64), Failed> {
        let (mut rest, mut read) = (text, 0);
        loop {
            let (id, end) = self.prepare(rest)?;
            let last = end == rest.len();
            let given = match last {
                true => params,
                false => &[],
            };
            let ran = self
                .check(id, last, given.len())
                .and_then(|()| self.rows(id, given, last));
            read += counted(self.queries.scanned(id).unwrap_or(0), &ran);
            self.queries.close(id);
            let (columns, values) = ran?;
            if last {
                return Ok((columns, values, read));
            }
            rest = &rest[end..];
        }
    }

    fn prepare(&mut self, text: &str) -> Result<(QueryId, usize), Failed> {
        let (prepared, reason) = sql::of_user(|| self.queries.query(text));
        let prepared = prepared.map_err(|error| failed(&error, reason))?;
        let (id, end) = prepared.ok_or_else(|| Error::refused(NO_STATEMENT))?;
        if sql::alters() && sql::names_ours(&text[..end]) {
            // Not kept: it would not be asked about again.
            self.queries.discard(id);
            return Err(Error::refused(sql::NOT_AUTHORIZED).into());
        }
        Ok((id, end))
    }

    fn check(&mut self, id: QueryId, last: bool, given: usize) -> Result<(), Failed> {
        let refused = |error| failed(&error, None);
        if !self.writes && !self.queries.is_readonly(id).map_err(refused)? {
            return Err(Failed::Writes);
        }
        match (last, self.queries.parameters(id).map_err(refused)?) {
            (false, 1..) => Err(Error::refused(BINDINGS_LAST).into()),
            (_, count) if count == given => Ok(()),
            _ => Err(Error::refused(BINDINGS_COUNT).into()),
        }
    }

    /// Makes all steps of a query. Only the rows of the last one are of interest.
    fn rows(
        &mut self,
        id: QueryId,
        params: &[Param],
        wanted: bool,
    ) -> Result<(Vec<String>, Vec<Value>), Failed> {
        let refused = |error| failed(&error, None);
        for (number, param) in (1..).zip(params) {
            let bound = self.queries.bind(id, number, param.value());
            bound.map_err(refused)?;
        }
        let mut columns = None;
        let mut values = Vec::new();
        loop {
            let (stepped, reason) = sql::of_user(|| self.queries.step(id));
            let row = stepped.map_err(|error| failed(&error, reason))?;
            // After the first step, which may have prepared it anew because the schema has changed.
            if columns.is_none() {
                columns = Some(self.queries.columns(id).map_err(refused)?);
            }
            if !row {
                return Ok((columns.unwrap_or_default(), values));
            }
            if wanted {
                let row = self.queries.row(id).map_err(refused)?;
                for value in row.map(Value::of) {
                    self.bytes += value.bytes();
                    values.push(value);
                }
                self.check_size()?;
            }
        }
    }

    fn check_size(&self) -> Result<(), Failed> {
        if self.bytes <= MAX_RESULT_BYTES {
            return Ok(());
        }
        let most = MAX_RESULT_BYTES >> 20;
        let message = format!("the rows take more than {most} MB; ask for fewer with LIMIT");
        Err(Error::refused(message).into())
    }
}

/// Rows that a query has read, about: see [`Meta::rows_read`].
fn counted(steps: u64, ran: &Result<(Vec<String>, Vec<Value>), Failed>) -> u64 {
    let given = match ran {
        Ok((columns, values)) if !columns.is_empty() => values.len() / columns.len(),
        _ => 0,
    };
    // SQLite counts steps from a row to the next.
    let scanned = steps + u64::from(steps > 0);
    scanned.max(given as u64)
}

/// Bytes of the database that are in use, in the transaction that is open.
pub(crate) fn size_of_database(queries: &Queries<'_>) -> rusqlite::Result<u64> {
    let pages = |sql| -> rusqlite::Result<u64> {
        let mut statement = queries.prepare_cached(sql)?;
        let pages: u32 = statement.query_row([], |row| row.get(0))?;
        Ok(u64::from(pages))
    };
    let free = pages("PRAGMA freelist_count")?;
    Ok(pages("PRAGMA page_count")?.saturating_sub(free) * PAGE_BYTES)
}

/// Whether a text is empty by D1's rule: without the comments that do not begin a line nothing is
/// left.
fn is_blank(sql: &str) -> bool {
    let (mut rest, mut line_begins) = (sql, true);
    while let Some(next) = rest.chars().next() {
        let trimmed = rest.trim_start();
        if line_begins && trimmed.len() < rest.len() && trimmed.starts_with("--") {
            rest = &trimmed[trimmed.find('\n').unwrap_or(trimmed.len())..];
            line_begins = false;
            continue;
        }
        if !next.is_whitespace() {
            return false;
        }
        line_begins = next == '\n';
        rest = &rest[next.len_utf8()..];
    }
    true
}

/// Whether a statement may be one that only reads and does not ask what its connection has done.
pub(crate) fn may_only_read(sql: &str) -> bool {
    let word = first_word(sql);
    let reads = ["select", "with", "values", "explain"];
    reads.iter().any(|known| word.eq_ignore_ascii_case(known))
        && !contains(sql, b"last_insert_rowid")
        && !contains(sql, b"changes")
}

/// The first word behind spaces and comments.
pub(crate) fn first_word(sql: &str) -> &str {
    let rest = after_spaces(sql);
    let end = rest.find(|c: char| !c.is_ascii_alphabetic());
    &rest[..end.unwrap_or(rest.len())]
}

/// What follows spaces and comments.
pub(crate) fn after_spaces(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        let after = match rest.as_bytes() {
            [b'-', b'-', ..] => rest.find('\n').map(|end| end + 1),
            [b'/', b'*', ..] => rest.find("*/").map(|end| end + 2),
            _ => return rest,
        };
        rest = after.map_or("", |after| &rest[after..]).trim_start();
    }
}

/// Whether it contains a word of lower-case letters and underscores, whatever its case there.
fn contains(sql: &str, word: &[u8]) -> bool {
    let mut windows = sql.as_bytes().windows(word.len());
    windows.any(|window| window.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_without_anything_in_them() {
        for blank in ["", "  \n", " -- a", "\n\n-- a\n  -- b\n"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for full in ["-- a", " -- a\n-- b", "SELECT 1", " /* a */", ";"] {
            assert!(!is_blank(full), "{full:?}");
        }
    }

    #[test]
    fn statements_that_may_only_read() {
        for reads in [
            "select 1",
            " /* a */ -- b\n WITH x",
            "VALUES (1)",
            "explain select 1",
        ] {
            assert!(may_only_read(reads), "{reads:?}");
        }
        let others = [
            "",
            "--",
            "/*",
            "INSERT INTO t SELECT 1",
            "PRAGMA table_list",
            "SELECT LAST_insert_rowid()",
            "SELECT changes()",
        ];
        for other in others {
            assert!(!may_only_read(other), "{other:?}");
        }
    }
}
