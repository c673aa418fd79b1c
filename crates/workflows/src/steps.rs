//! The steps of an execution, as its handler comes to them.

use cellhouse_cell::Ticket;
use rusqlite::{Connection, OptionalExtension as _, Transaction};
use serde::{Deserialize, Serialize};

use crate::workflow::check;
use crate::{Error, Execution, Workflow};

/// The error of a step that has failed for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepError {
    /// The error's class, such as `TypeError`.
    pub name: String,
    /// Its message.
    pub message: String,
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It is to be run; it has failed so often.
    Open(u32),
    /// It is done, and gave this: JSON text, or nothing.
    Done(Option<String>),
    /// It has failed for good.
    Failed(StepError),
}

impl Workflow {
    /// The handler comes to a step: the `nth` of its name, from 0.
    pub fn step(
        &self,
        execution: &str,
        name: &str,
        nth: u32,
        input: Option<&str>,
    ) -> Result<(Progress, Ticket), Error> {
        check("the input of a step", input)?;
        self.cell.write(|transaction: &Transaction<'_>| {
            must_run(transaction, execution)?;
            let sql = "INSERT INTO steps (execution, name, nth, done, failures, input) \
                       VALUES (?1, ?2, ?3, 0, 0, ?4) ON CONFLICT DO NOTHING";
            let mut insert = transaction.prepare_cached(sql)?;
            insert.execute((execution, name, nth, input))?;
            progress(transaction, execution, name, nth)
        })
    }

    /// A step is done.
    pub fn step_done(
        &self,
        execution: &str,
        name: &str,
        nth: u32,
        output: Option<&str>,
    ) -> Result<Ticket, Error> {
        check("the result of a step", output)?;
        let ((), ticket) = self.cell.write(|transaction: &Transaction<'_>| {
            must_run(transaction, execution)?;
            let sql = "UPDATE steps SET done = 1, output = ?4 \
                       WHERE execution = ?1 AND name = ?2 AND nth = ?3";
            let mut update = transaction.prepare_cached(sql)?;
            update.execute((execution, name, nth, output))?;
            Ok::<_, Error>(())
        })?;
        Ok(ticket)
    }

    /// A step has failed once more; `last`: for good, with that error.
    pub fn step_failed(
        &self,
        execution: &str,
        name: &str,
        nth: u32,
        last: Option<&StepError>,
    ) -> Result<Ticket, Error> {
        let last = last.map(serde_json::to_string).transpose();
        let last = last.map_err(|error| Error::Storage(error.to_string()))?;
        let ((), ticket) = self.cell.write(|transaction: &Transaction<'_>| {
            must_run(transaction, execution)?;
            let sql = "UPDATE steps SET failures = failures + 1, done = ?4 IS NOT NULL, error = ?4 \
                       WHERE execution = ?1 AND name = ?2 AND nth = ?3";
            let mut update = transaction.prepare_cached(sql)?;
            update.execute((execution, name, nth, last))?;
            Ok::<_, Error>(())
        })?;
        Ok(ticket)
    }

    /// The handler comes to its `nth` sleep, from 0: when it ends, in milliseconds since 1970.
    pub fn sleep(&self, execution: &str, nth: u32, millis: i64) -> Result<(i64, Ticket), Error> {
        let wake = self.workflows.now().saturating_add(millis.max(0));
        self.cell.write(|transaction: &Transaction<'_>| {
            must_run(transaction, execution)?;
            let sql = "INSERT INTO sleeps VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            transaction
                .prepare_cached(sql)?
                .execute((execution, nth, wake))?;
            let sql = "SELECT wake FROM sleeps WHERE execution = ?1 AND nth = ?2";
            let mut select = transaction.prepare_cached(sql)?;
            Ok(select.query_row((execution, nth), |row| row.get(0))?)
        })
    }
}

/// What has ended must not go on.
fn must_run(connection: &Connection, id: &str) -> Result<(), Error> {
    let found = Execution::find(connection, id)?;
    let found = found.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    match found.status.is_over() {
        true => Err(Error::Over {
            id: id.to_owned(),
            status: found.status.as_str(),
        }),
        false => Ok(()),
    }
}

fn progress(
    connection: &Connection,
    execution: &str,
    name: &str,
    nth: u32,
) -> Result<Progress, Error> {
    let sql = "SELECT done, failures, output, error FROM steps \
               WHERE execution = ?1 AND name = ?2 AND nth = ?3";
    let mut select = connection.prepare_cached(sql)?;
    let row = select.query_row((execution, name, nth), |row| {
        Ok((
            row.get::<_, bool>(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
        ))
    });
    let (done, failures, output, error): (_, _, _, Option<String>) = match row.optional()? {
        Some(row) => row,
        None => return Ok(Progress::Open(0)),
    };
    Ok(match (done, error) {
        (false, _) => Progress::Open(failures),
        (true, None) => Progress::Done(output),
        (true, Some(error)) => Progress::Failed(error_of(&error)),
    })
}

fn error_of(text: &str) -> StepError {
    serde_json::from_str(text).unwrap_or_else(|_| StepError {
        name: "Error".to_owned(),
        message: text.to_owned(),
    })
}
