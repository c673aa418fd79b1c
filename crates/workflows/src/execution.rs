//! An execution as it is stored and shown. Times are in milliseconds since 1970, values are JSON text.

use rusqlite::{Connection, OptionalExtension as _, Row};

/// `due` is when the handler runs next, unless the execution has ended. A step is known by its name and
/// by how many steps of that name the handler began before it.
pub(crate) const SCHEMA: &[&str] = &["
    CREATE TABLE executions (
        id TEXT NOT NULL PRIMARY KEY,
        status TEXT NOT NULL,
        input TEXT,
        output TEXT,
        error TEXT,
        created INTEGER NOT NULL,
        started INTEGER,
        completed INTEGER,
        due INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX executions_by_due ON executions (due) WHERE due IS NOT NULL;
    CREATE INDEX executions_by_end ON executions (completed) WHERE completed IS NOT NULL;
    CREATE TABLE steps (
        execution TEXT NOT NULL,
        name TEXT NOT NULL,
        nth INTEGER NOT NULL,
        done INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        input TEXT,
        output TEXT,
        error TEXT,
        PRIMARY KEY (execution, name, nth)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sleeps (
        execution TEXT NOT NULL,
        nth INTEGER NOT NULL,
        wake INTEGER NOT NULL,
        PRIMARY KEY (execution, nth)
    ) STRICT, WITHOUT ROWID;
"];

/// Where an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its handler has not begun.
    Pending,
    /// It has begun and has not ended; it may sleep.
    Running,
    /// Its handler has returned.
    Completed,
    /// Its handler has thrown, or took too long.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl Status {
    /// As Ploy's types have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Running => "running",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    /// Whether nothing happens any more.
    pub fn is_over(self) -> bool {
        !matches!(self, Status::Pending | Status::Running)
    }

    fn of(text: &str) -> Status {
        let all = [
            Status::Pending,
            Status::Running,
            Status::Completed,
            Status::Cancelled,
        ];
        let known = all.into_iter().find(|status| status.as_str() == text);
        known.unwrap_or(Status::Failed)
    }
}

/// An execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    pub id: String,
    pub status: Status,
    pub input: Option<String>,
    pub output: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    pub started: Option<i64>,
    pub completed: Option<i64>,
}

pub(crate) const COLUMNS: &str = "id, status, input, output, error, started, completed";

impl Execution {
    pub(crate) fn of_row(row: &Row<'_>) -> rusqlite::Result<Execution> {
        Ok(Execution {
            id: row.get(0)?,
            status: Status::of(row.get_ref(1)?.as_str()?),
            input: row.get(2)?,
            output: row.get(3)?,
            error: row.get(4)?,
            started: row.get(5)?,
            completed: row.get(6)?,
        })
    }

    pub(crate) fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<Execution>> {
        let sql = format!("SELECT {COLUMNS} FROM executions WHERE id = ?1");
        let mut select = connection.prepare_cached(&sql)?;
        select.query_row([id], Execution::of_row).optional()
    }
}
