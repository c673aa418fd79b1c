//! Queries, migrations and bookmarks.

use std::time::{Duration, SystemTime};

use cellhouse_d1::{Error, Executed, Ledger, Splitter, Statement, Value};

use super::{Refusal, Reply, Work};

pub(super) fn info(work: &mut Work<'_, '_>) -> Result<(), Refusal> {
    let count = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let answer = work.database.wait(&[Statement::new(count)])?;
    let values = answer.outputs.iter().flat_map(|output| &output.values);
    let tables = values.map(|value| match value {
        Value::Integer(count) => count.unsigned_abs(),
        _ => 0,
    });
    let tables = tables.sum();
    let bytes = work.database.size();
    work.tell(Reply::Info { bytes, tables })
}

/// Each statement of the text has rows of its own.
pub(super) fn sql(work: &mut Work<'_, '_>, text: &str) -> Result<(), Refusal> {
    let statements = split(text)?;
    if statements.is_empty() {
        let message = "there is no statement in the SQL".to_owned();
        return Err(Refusal::Wrong(message));
    }
    let answer = work.database.wait(&statements)?;
    let results = answer.outputs.into_iter().map(Into::into).collect();
    work.tell(Reply::Results { results })
}

fn split(text: &str) -> Result<Vec<Statement>, Error> {
    let mut splitter = Splitter::default();
    splitter.push(text.as_bytes());
    let mut statements = Vec::new();
    while let Some((_, sql)) = splitter.next(true)? {
        statements.push(Statement::new(&sql));
    }
    Ok(statements)
}

pub(super) fn migrate(
    work: &mut Work<'_, '_>,
    table: &str,
    name: &str,
    sql: &str,
) -> Result<(), Refusal> {
    let ledger = Ledger::new(&work.database, table);
    ledger.prepare()?;
    let done = ledger.apply(name, sql)?;
    executed(work, &done, sql.len() as u64)
}

pub(super) fn executed(
    work: &mut Work<'_, '_>,
    done: &Executed,
    bytes: u64,
) -> Result<(), Refusal> {
    work.tell(Reply::Executed {
        statements: done.statements,
        rows_read: done.rows_read,
        rows_written: done.rows_written,
        bytes,
    })
}

pub(super) fn bookmark(work: &mut Work<'_, '_>, time: Option<u64>) -> Result<(), Refusal> {
    let time = time.map(|time| SystemTime::UNIX_EPOCH + Duration::from_millis(time));
    let (bookmark, _) = work.database.bookmark(time)?;
    work.tell(Reply::Bookmark { bookmark })
}
