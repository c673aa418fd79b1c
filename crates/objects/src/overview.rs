//! What an object holds, without its contents: for people who look at it.

use cellhouse_cell::Queries;

use crate::{Error, Storage};

/// What an object holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// How many keys `storage.put` and `storage.kv.put` have made.
    pub keys: u64,
    /// The tables that its SQL has made, by name; those inside of virtual tables too.
    pub tables: Vec<String>,
}

impl Storage {
    /// Counts the keys and lists the tables. Reads all keys, so it takes longer the more there are.
    pub fn overview(&mut self) -> Result<Overview, Error> {
        self.read(|queries| {
            Ok(Overview {
                keys: count_keys(queries)?,
                tables: list_tables(queries)?,
            })
        })
    }
}

fn count_keys(queries: &mut Queries<'_>) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM _cf_KV";
    let count: i64 = queries.prepare(sql)?.query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn list_tables(queries: &mut Queries<'_>) -> Result<Vec<String>, Error> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' \
               ORDER BY name";
    let mut statement = queries.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}
