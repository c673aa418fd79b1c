//! Which migrations were applied, in the table that wrangler keeps.

use crate::{Database, Error, Executed, Param, Statement, Value};

/// A migration that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its number.
    pub id: i64,
    /// The name of its file.
    pub name: String,
    /// When, as `YYYY-MM-DD HH:MM:SS` in UTC.
    pub applied_at: String,
}

/// The table of a database that records them.
pub struct Ledger<'a> {
    database: &'a Database,
    /// In quotes.
    table: String,
}

impl<'a> Ledger<'a> {
    /// The table of that name, which may not be there yet.
    pub fn new(database: &'a Database, table: &str) -> Ledger<'a> {
        Ledger {
            database,
            table: format!("\"{}\"", table.replace('"', "\"\"")),
        }
    }

    /// What was applied, in order. Nothing is made by asking. Blocks.
    pub fn applied(&self) -> Result<Vec<Applied>, Error> {
        let name = self.table[1..self.table.len() - 1].replace("\"\"", "\"");
        let known = Statement::with(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1",
            vec![Param::Text(name)],
        );
        let known = self.database.wait(&[known])?;
        if known.outputs.iter().all(|output| output.values.is_empty()) {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT id, name, applied_at FROM {} ORDER BY id",
            self.table
        );
        let answer = self.database.wait(&[Statement::new(&sql)])?;
        let rows = answer.outputs.iter().flat_map(|output| output.rows());
        Ok(rows.filter_map(applied).collect())
    }

    /// Makes the table if there is none. Blocks.
    pub fn prepare(&self) -> Result<(), Error> {
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {}(\n\t\tid         INTEGER PRIMARY KEY AUTOINCREMENT,\n\
             \t\tname       TEXT UNIQUE,\n\
             \t\tapplied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL\n)",
            self.table
        );
        self.database.wait(&[Statement::new(&sql)]).map(drop)
    }

    /// Applies a migration and records it in one transaction. Blocks.
    pub fn apply(&self, name: &str, sql: &str) -> Result<Executed, Error> {
        let insert = format!("INSERT INTO {} (name) VALUES (?1)", self.table);
        let note = Statement::with(&insert, vec![Param::Text(name.to_owned())]);
        self.database.script(sql.as_bytes(), Some(&note), |_| true)
    }
}

fn applied(row: &[Value]) -> Option<Applied> {
    match row {
        [
            Value::Integer(id),
            Value::Text(name),
            Value::Text(applied_at),
        ] => Some(Applied {
            id: *id,
            name: name.clone(),
            applied_at: applied_at.clone(),
        }),
        _ => None,
    }
}
