//! `deleteAll()`: everything that an object has stored goes, its tables, its alarm and its facets too, and with
//! that the store knows it no longer.

use cellhouse_cell::Queries;

use crate::{Error, Storage};

/// Free pages for which it is worth writing the database anew: 64 KiB.
const WORTH_IT: i64 = 16;

impl Storage {
    /// Removes everything. Not in an explicit transaction. It takes effect with the next flush, as
    /// all writes do, together with what is written after it. Queries that are open end. Nobody may use its
    /// facets any more.
    pub fn delete_all(&mut self) -> Result<(), Error> {
        self.check()?;
        if self.depth() > 0 {
            return Err(Error::refused(
                "Cannot call deleteAll() within a transaction",
            ));
        }
        let cursors = std::mem::take(&mut self.cursors);
        self.begin()?;
        self.touch_alarm()?;
        self.read(|queries| {
            cursors.into_iter().for_each(|id| queries.close(id));
            drop_tables(queries)?;
            queries.execute_batch("DELETE FROM _cf_KV; DELETE FROM _cf_METADATA")?;
            Ok(())
        })?;
        self.marked = false;
        self.wiped = true;
        self.shrink = true;
        Ok(())
    }

    /// Writes the database anew if much of it is free. That it does not work is no harm.
    pub(crate) fn give_back_space(&mut self) {
        let shrunk = self.session.with(|queries| -> Result<(), Error> {
            let free: i64 = queries.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
            if free >= WORTH_IT {
                queries.execute_batch("VACUUM")?;
            }
            Ok(())
        });
        if let Err(error) = shrunk {
            tracing::debug!("object {} keeps its free space: {error}", self.address);
        }
    }
}

fn drop_tables(queries: &mut Queries<'_>) -> Result<(), Error> {
    // References between tables are checked at the end, when there are none. The setting ends with
    // the transaction.
    queries.execute_batch("PRAGMA defer_foreign_keys = ON")?;
    // Virtual tables first: they have tables of their own.
    let passes = [
        "SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view')",
        "SELECT type, name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'",
        "SELECT type, name FROM sqlite_schema WHERE type = 'table' \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
    ];
    for list in passes {
        let mut statement = queries.prepare(list)?;
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let found: Vec<(String, String)> = found.collect::<Result<_, _>>()?;
        drop(statement);
        for (kind, name) in found {
            let name = name.replace('"', "\"\"");
            queries.execute_batch(&format!("DROP {kind} IF EXISTS \"{name}\""))?;
        }
    }
    // What ANALYZE has written.
    let statistics = "SELECT name FROM sqlite_schema WHERE name GLOB 'sqlite_stat*'";
    let mut statement = queries.prepare(statistics)?;
    let names: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    drop(statement);
    for name in names {
        queries.execute_batch(&format!("DROP TABLE IF EXISTS {name}"))?;
    }
    Ok(())
}
