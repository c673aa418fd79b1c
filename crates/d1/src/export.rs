//! A database as SQL text, in the form of `wrangler d1 export`: tables with their rows first, then
//! indexes, triggers and views. All of it is of one moment.

use std::fmt::Write as _;

use cellhouse_cell::{Queries, Ticket};
use rusqlite::types::ValueRef;

use crate::execute::Failed;
use crate::{Database, Error};

/// What of a database is exported.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// Only these tables; all if there are none.
    pub tables: Vec<String>,
    /// Leave out what makes tables, indexes, triggers and views.
    pub no_schema: bool,
    /// Leave out the rows.
    pub no_data: bool,
}

/// What wrangler says of a database with virtual tables.
const VIRTUAL: &str = "D1 Export error: cannot export databases with Virtual Tables (fts5)";

impl Database {
    /// Gives the statements to `each` one by one, until it says that it wants no more. Blocks.
    pub fn export(
        &self,
        options: &ExportOptions,
        mut each: impl FnMut(&str) -> bool,
    ) -> Result<Ticket, Error> {
        let exported = self.inner.cell.look(|queries| -> Result<(), Failed> {
            queries.execute_batch("BEGIN")?;
            let mut export = Export { queries, options };
            // Wanting no more is no error.
            export.write(&mut each).map(|_| ())
        });
        let ((), seen) = exported.map_err(Error::from)?;
        Ok(seen.ticket)
    }
}

struct Export<'a, 'q> {
    queries: &'a mut Queries<'q>,
    options: &'a ExportOptions,
}

type Each<'a> = &'a mut dyn FnMut(&str) -> bool;

impl Export<'_, '_> {
    /// `None` when nobody wants more.
    fn write(&mut self, each: Each<'_>) -> Result<Option<()>, Failed> {
        if !each("PRAGMA defer_foreign_keys=TRUE;") {
            return Ok(None);
        }
        let tables = self.pairs(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql NOT NULL \
             ORDER BY tbl_name = 'sqlite_sequence', rowid",
        )?;
        if tables.iter().any(|(_, sql)| is_virtual(sql)) {
            return Err(Error::refused(VIRTUAL).into());
        }
        for (name, sql) in &tables {
            if self.is_wanted(name) && self.table(name, sql, each)?.is_none() {
                return Ok(None);
            }
        }
        if self.options.no_schema {
            return Ok(Some(()));
        }
        let rest = self.pairs(
            "SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL \
             AND type IN ('index', 'trigger', 'view') ORDER BY type COLLATE NOCASE",
        )?;
        for (name, sql) in &rest {
            if self.is_wanted(name) && !each(&format!("{sql};")) {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    fn is_wanted(&self, name: &str) -> bool {
        let tables = &self.options.tables;
        tables.is_empty() || tables.iter().any(|table| table == name)
    }

    fn table(&mut self, name: &str, sql: &str, each: Each<'_>) -> Result<Option<()>, Failed> {
        let schema = match name {
            "sqlite_sequence" => "DELETE FROM sqlite_sequence;".to_owned(),
            _ if name.starts_with("sqlite_stat") => "ANALYZE sqlite_schema;".to_owned(),
            _ if name.starts_with("sqlite_") || name.starts_with("_cf_") => return Ok(Some(())),
            _ => created(sql),
        };
        if !self.options.no_schema && !each(&schema) {
            return Ok(None);
        }
        match self.options.no_data {
            true => Ok(Some(())),
            false => self.rows(name, each),
        }
    }

    fn rows(&mut self, table: &str, each: Each<'_>) -> Result<Option<()>, Failed> {
        // Not generated columns, which cannot be inserted.
        let mut columns = self
            .queries
            .prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid")?;
        let columns = columns
            .query_map([table], |row| row.get::<_, String>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        let names = columns.iter().map(|name| quoted(name));
        let names = names.collect::<Vec<_>>().join(",");
        let table = quoted(table);
        let mut rows = self
            .queries
            .prepare(&format!("SELECT {names} FROM {table}"))?;
        let mut rows = rows.query([])?;
        let mut line = String::new();
        while let Some(row) = rows.next()? {
            line.clear();
            let _ = write!(line, "INSERT INTO {table} ({names}) VALUES(");
            for column in 0..columns.len() {
                if column > 0 {
                    line.push(',');
                }
                literal(row.get_ref(column)?, &mut line);
            }
            line.push_str(");");
            if !each(&line) {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    fn pairs(&mut self, sql: &str) -> Result<Vec<(String, String)>, Failed> {
        let mut statement = self.queries.prepare(sql)?;
        let pairs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(pairs.collect::<Result<_, _>>()?)
    }
}

fn is_virtual(sql: &str) -> bool {
    let start = "create virtual table";
    sql.get(..start.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// As wrangler: a table whose name is in quotes may be there already.
fn created(sql: &str) -> String {
    let quoted = sql
        .strip_prefix("CREATE TABLE ")
        .filter(|rest| rest.starts_with(['\'', '"']));
    match quoted {
        Some(rest) => format!("CREATE TABLE IF NOT EXISTS {rest};"),
        None => format!("{sql};"),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A value as SQL has it, of the same type.
fn literal(value: ValueRef<'_>, out: &mut String) {
    let _ = match value {
        ValueRef::Null => write!(out, "NULL"),
        ValueRef::Integer(number) => write!(out, "{number}"),
        ValueRef::Real(number) if number.is_infinite() => {
            let sign = if number < 0.0 { "-" } else { "" };
            write!(out, "{sign}9e999")
        }
        ValueRef::Real(number) => write!(out, "{number:?}"),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) if !text.contains('\0') => write!(out, "'{}'", text.replace('\'', "''")),
            // What no literal of SQL can hold.
            _ => write!(out, "CAST({} AS TEXT)", hex(text)),
        },
        ValueRef::Blob(bytes) => write!(out, "{}", hex(bytes)),
    };
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2 + 3);
    out.push_str("X'");
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('\'');
    out
}
