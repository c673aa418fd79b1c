//! What commands do to D1 databases: the requests, what is replied, and doing it where the data is.
//!
//! Nothing is told before it is durable. Files are named by absolute paths and read and written by the
//! process that has the data.

mod files;
mod run;

use std::path::PathBuf;

use cellhouse_config::{Binding, BindingKind};
use cellhouse_d1::{Database, Error, ErrorKind, ExportOptions, Ledger, Meta, Output};
use serde::{Deserialize, Serialize};

use super::objects::Cell;
use super::{Asker, Event, Owner};

/// What the database of a binding is called in the store. Those of Ploy and of wrangler never meet.
pub(crate) fn database_of(binding: &Binding) -> String {
    let store = binding.store().unwrap_or_default();
    match binding.kind {
        BindingKind::PloyDb { .. } => format!("db-{store}"),
        _ => format!("d1-{store}"),
    }
}

/// What is to be done to a database.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// As [`database_of`] calls it.
    pub(crate) database: String,
    pub(crate) action: Action,
}

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// One [`Reply::Info`].
    Info,
    /// One [`Reply::Results`]. All statements in one transaction.
    Sql { text: String },
    /// Progress in bytes, and one [`Reply::Executed`]. All statements in one transaction.
    File { path: PathBuf },
    /// [`Reply::Lines`], or a file that is written, and one [`Reply::Exported`].
    Export {
        to: Option<PathBuf>,
        tables: Vec<String>,
        no_schema: bool,
        no_data: bool,
    },
    /// One [`Reply::Applied`]: the names of the migrations that were applied.
    Applied { table: String },
    /// One [`Reply::Executed`]. Applies a migration and records it, in one transaction.
    Migrate {
        table: String,
        name: String,
        sql: String,
    },
    /// One [`Reply::Bookmark`]: of now, or of a moment in milliseconds since 1970.
    Bookmark { time: Option<u64> },
    /// One [`Reply::Bookmark`], of what was before.
    Restore { bookmark: String },
}

/// What is replied. After the last one comes [`Reply::End`], or else why there is none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "lowercase")]
pub(crate) enum Reply {
    Info {
        bytes: u64,
        tables: u64,
    },
    Results {
        results: Vec<ResultOf>,
    },
    Executed {
        statements: u64,
        rows_read: u64,
        rows_written: u64,
        bytes: u64,
    },
    Lines {
        lines: Vec<String>,
    },
    Exported {
        statements: u64,
    },
    Applied {
        names: Vec<String>,
    },
    Bookmark {
        bookmark: String,
    },
    /// All was done.
    End,
    /// The request is wrong.
    Wrong {
        message: String,
    },
}

/// What one statement gave.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResultOf {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// In microseconds.
    pub(crate) duration: u64,
    pub(crate) changes: u64,
    pub(crate) last_row_id: i64,
    pub(crate) changed_db: bool,
    pub(crate) size_after: u64,
    pub(crate) rows_read: u64,
    pub(crate) rows_written: u64,
}

impl From<Output> for ResultOf {
    fn from(output: Output) -> ResultOf {
        let Meta {
            duration,
            changes,
            last_row_id,
            changed_db,
            size_after,
            rows_read,
            rows_written,
        } = output.meta;
        let rows = output
            .rows()
            .map(|row| row.iter().cloned().map(Cell::from).collect());
        ResultOf {
            rows: rows.collect(),
            columns: output.columns,
            duration: u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            changes,
            last_row_id,
            changed_db,
            size_after,
            rows_read,
            rows_written,
        }
    }
}

/// What an action has at hand.
struct Work<'a, 'b> {
    owner: &'a Owner,
    asker: &'a mut Asker<'b>,
    database: Database,
}

/// Why a request ends before its end.
enum Refusal {
    Wrong(String),
    Failed(String),
    /// Nobody waits for it any more.
    Gone,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        match error.kind() {
            ErrorKind::Refused => Refusal::Wrong(error.to_string()),
            ErrorKind::Unwanted => Refusal::Gone,
            _ => Refusal::Failed(error.to_string()),
        }
    }
}

impl Request {
    /// Does it; the last event.
    pub(super) fn run(&self, owner: &Owner, asker: &mut Asker<'_>) -> Event {
        let done = owner.databases.open(&self.database).map_err(Refusal::from);
        let done = done.and_then(|database| {
            self.action.run(&mut Work {
                owner,
                asker,
                database,
            })
        });
        Event::D1(match done {
            Ok(()) | Err(Refusal::Gone) => Reply::End,
            Err(Refusal::Wrong(message)) => Reply::Wrong { message },
            Err(Refusal::Failed(message)) => return Event::Failed { message },
        })
    }
}

impl Action {
    fn run(&self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        match self {
            Action::Info => run::info(work),
            Action::Sql { text } => run::sql(work, text),
            Action::File { path } => files::execute(work, path),
            Action::Export {
                to,
                tables,
                no_schema,
                no_data,
            } => {
                let options = ExportOptions {
                    tables: tables.clone(),
                    no_schema: *no_schema,
                    no_data: *no_data,
                };
                files::export(work, &options, to.as_deref())
            }
            Action::Applied { table } => {
                let applied = Ledger::new(&work.database, table).applied()?;
                let names = applied.into_iter().map(|one| one.name).collect();
                work.tell(Reply::Applied { names })
            }
            Action::Migrate { table, name, sql } => run::migrate(work, table, name, sql),
            Action::Bookmark { time } => run::bookmark(work, *time),
            Action::Restore { bookmark } => {
                let (bookmark, _) = work.database.restore(bookmark)?;
                work.tell(Reply::Bookmark { bookmark })
            }
        }
    }
}

impl Work<'_, '_> {
    /// Tells something when all that it could depend on is durable.
    fn tell(&mut self, reply: Reply) -> Result<(), Refusal> {
        let shard = self.owner.cells.shard();
        let shard = shard.map_err(|error| Refusal::Failed(error.to_string()))?;
        let durable = shard.ticket().wait();
        durable.map_err(|error| Refusal::Failed(error.to_string()))?;
        match self.asker.tell(Event::D1(reply)) {
            true => Ok(()),
            false => Err(Refusal::Gone),
        }
    }
}
