//! Bringing a cell to the newest version of its schema. The version is SQLite's `user_version`.

use rusqlite::{Connection, TransactionBehavior};

use crate::{CellName, Error};

/// `schema[n]` makes version n + 1 out of version n, each in a transaction of its own.
pub(crate) fn migrate(
    connection: &mut Connection,
    name: &CellName,
    schema: &[&str],
) -> Result<(), Error> {
    let sqlite = Error::sqlite(name);
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(&sqlite)?;
    let newer = || Error::Newer {
        cell: name.clone(),
        found,
        known: schema.len(),
    };
    let version = usize::try_from(found)
        .ok()
        .filter(|version| *version <= schema.len())
        .ok_or_else(newer)?;
    for (index, sql) in schema.iter().enumerate().skip(version) {
        step(connection, sql, index + 1).map_err(&sqlite)?;
    }
    Ok(())
}

fn step(connection: &mut Connection, sql: &str, version: usize) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.pragma_update(
        None,
        "user_version",
        i64::try_from(version).expect("a schema has few versions"),
    )?;
    transaction.commit()
}
