//! What an app does with a workflow: beginning executions, asking for them, cancelling them.

use std::sync::Arc;

use cellhouse_cell::{Cell, Ticket};
use rusqlite::Transaction;

use crate::workflows::Inner;
use crate::{Error, Execution, Status};

/// The most bytes of an input, an output, or an error. Ours: Ploy names none.
pub(crate) const MAX_VALUE_BYTES: usize = 1 << 20;

/// A workflow. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Workflow {
    pub(crate) name: Arc<str>,
    pub(crate) cell: Cell,
    pub(crate) workflows: Arc<Inner>,
}

impl Workflow {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Begins an execution: its id. The handler runs when that is durable.
    pub fn trigger(&self, input: Option<&str>) -> Result<(String, Ticket), Error> {
        check("the input", input)?;
        let id = self.workflows.new_id()?;
        let now = self.workflows.now();
        let ((), ticket) = self.cell.write(|transaction: &Transaction<'_>| {
            let sql = "INSERT INTO executions (id, status, input, created, due) \
                       VALUES (?1, ?2, ?3, ?4, ?4)";
            let pending = Status::Pending.as_str();
            transaction
                .prepare_cached(sql)?
                .execute((&id, pending, input, now))?;
            Ok::<_, Error>(())
        })?;
        self.workflows.changed.notify_one();
        Ok((id, ticket))
    }

    /// An execution.
    pub fn execution(&self, id: &str) -> Result<(Execution, Ticket), Error> {
        let (found, ticket) = self
            .cell
            .read(|connection| Execution::find(connection, id))?;
        let not_found = || Error::NotFound(id.to_owned());
        Ok((found.ok_or_else(not_found)?, ticket))
    }

    /// Cancels an execution. Its handler, if it runs, gets an error at its next step, and what it returns
    /// does not count. Nothing happens to one that has ended.
    pub fn cancel(&self, id: &str) -> Result<Ticket, Error> {
        let (known, _) = self.execution(id)?;
        if known.status.is_over() {
            return Ok(self.cell.ticket());
        }
        let now = self.workflows.now();
        let ((), ticket) = self.cell.write(|transaction: &Transaction<'_>| {
            let sql = "UPDATE executions SET status = ?2, completed = ?3, due = NULL WHERE id = ?1";
            let cancelled = Status::Cancelled.as_str();
            transaction.execute(sql, (id, cancelled, now))?;
            Ok::<_, Error>(())
        })?;
        Ok(ticket)
    }

    /// The ticket for everything that is committed now.
    pub fn ticket(&self) -> Ticket {
        self.cell.ticket()
    }
}

pub(crate) fn check(what: &str, value: Option<&str>) -> Result<(), Error> {
    match value {
        Some(value) if value.len() > MAX_VALUE_BYTES => Err(Error::TooLarge(format!(
            "{what} has {} bytes of JSON; a workflow's values have {MAX_VALUE_BYTES} at most",
            value.len()
        ))),
        _ => Ok(()),
    }
}
