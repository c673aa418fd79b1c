//! The same statements on a cell and on plain SQLite: the same results, the same errors, the same
//! content.

mod support;

use cellhouse_cell::rusqlite::types::Value;
use cellhouse_cell::rusqlite::{self, Connection};
use cellhouse_cell::{Cell, CellName, Cells, Options};
use proptest::prelude::*;
use support::check;
use tempfile::TempDir;

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned)
}

fn statement() -> impl Strategy<Value = String> {
    let number = 0..60i64;
    let size = prop_oneof![5 => 0..200usize, 1 => 200..50_000usize];
    prop_oneof![
        3 => name().prop_map(|t| format!("CREATE TABLE IF NOT EXISTS {t} (x INTEGER PRIMARY KEY, y, z TEXT)")),
        1 => name().prop_map(|t| format!("CREATE TABLE {t} (x PRIMARY KEY, y NOT NULL, z) WITHOUT ROWID")),
        2 => name().prop_map(|t| format!("CREATE INDEX IF NOT EXISTS {t}_y ON {t} (y, z)")),
        1 => name().prop_map(|t| format!("CREATE UNIQUE INDEX {t}_u ON {t} (z) WHERE z IS NOT NULL")),
        1 => name().prop_map(|t| format!("DROP INDEX {t}_y")),
        1 => name().prop_map(|t| format!("DROP TABLE {t}")),
        1 => (name(), name()).prop_map(|(t, u)| format!("ALTER TABLE {t} RENAME TO {u}")),
        1 => (name(), name()).prop_map(|(t, u)| format!("ALTER TABLE {t} ADD COLUMN w_{u} DEFAULT 'w'")),
        1 => (name(), name()).prop_map(|(t, u)| format!("ALTER TABLE {t} DROP COLUMN w_{u}")),
        8 => (name(), number.clone(), size).prop_map(|(t, n, s)| format!("INSERT OR REPLACE INTO {t} (x, y, z) VALUES ({n}, zeroblob({s}), 'z{n}')")),
        4 => (name(), number.clone(), 0..400usize).prop_map(|(t, n, s)| format!(
            "INSERT OR IGNORE INTO {t} (x, y) SELECT value + {n}, printf('%.{s}c', 'q') FROM \
             (WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n LIMIT {s}) SELECT value FROM n)")),
        2 => (name(), number.clone()).prop_map(|(t, n)| format!("UPDATE {t} SET y = x || y, z = 'u' || x WHERE x < {n}")),
        2 => (name(), number.clone()).prop_map(|(t, n)| format!("DELETE FROM {t} WHERE x > {n}")),
        1 => name().prop_map(|t| format!("DELETE FROM {t}")),
        1 => (name(), name()).prop_map(|(t, u)| format!("INSERT INTO {t} SELECT * FROM {u}")),
        3 => Just("BEGIN".to_owned()),
        3 => Just("COMMIT".to_owned()),
        2 => Just("ROLLBACK".to_owned()),
        2 => name().prop_map(|s| format!("SAVEPOINT {s}")),
        2 => name().prop_map(|s| format!("ROLLBACK TO {s}")),
        1 => name().prop_map(|s| format!("RELEASE {s}")),
        2 => Just("VACUUM".to_owned()),
        1 => Just("REINDEX".to_owned()),
        1 => Just("ANALYZE".to_owned()),
        1 => prop::sample::select(vec!["PRAGMA auto_vacuum=FULL", "PRAGMA auto_vacuum=INCREMENTAL", "PRAGMA incremental_vacuum(3)", "PRAGMA user_version=5", "PRAGMA foreign_keys=OFF", "PRAGMA cache_spill=OFF", "PRAGMA cache_spill=ON"]).prop_map(str::to_owned),
        1 => Just("CREATE TEMP TABLE IF NOT EXISTS tmp (x); INSERT INTO tmp VALUES (1)".to_owned()),
    ]
}

type Rows = Vec<Vec<Value>>;

/// Every table with its rows in order, and its definition.
fn dump(connection: &Connection) -> rusqlite::Result<Vec<(String, Rows)>> {
    let mut tables = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type = 'table' ORDER BY name")?;
    let tables: Vec<(String, String)> = tables
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let rows = |(name, sql): (String, String)| {
        let mut statement =
            connection.prepare(&format!("SELECT * FROM {name} ORDER BY 1, 2, 3"))?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|i| row.get(i)).collect())?;
        Ok((sql, rows.collect::<rusqlite::Result<Rows>>()?))
    };
    tables.into_iter().map(rows).collect()
}

fn same_dump(cell: &Cell, plain: &Connection) {
    let found = cell.read(dump).unwrap().0;
    assert!(found == dump(plain).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(support::cases(32)))]

    #[test]
    fn a_cell_does_what_sqlite_does(
        statements in prop::collection::vec(statement(), 1..80),
        large in any::<bool>(),
    ) {
        let dir = TempDir::new().unwrap();
        let options = || Options {
            cache_bytes: 24 << 10,
            large_bytes: if large { 50_000 } else { 50_000_000 },
            ..Options::default()
        };
        let id = CellName::new("test", "a").unwrap();
        let cells = Cells::open(dir.path(), options()).unwrap();
        let cell = cells.cell(&id, &[]).unwrap();
        let plain = Connection::open_in_memory().unwrap();
        // All in one use of the cell: a transaction that is left open is rolled back after it.
        let outcome = |connection: &Connection, sql: &str| match connection.execute_batch(sql) {
            Ok(()) => (String::new(), connection.is_autocommit()),
            Err(e) => (e.to_string(), connection.is_autocommit()),
        };
        cell.read(|connection| {
            for sql in &statements {
                assert_eq!(outcome(connection, sql), outcome(&plain, sql), "{}", sql);
            }
            let open = !connection.is_autocommit();
            if open {
                connection.execute_batch("ROLLBACK")?;
                plain.execute_batch("ROLLBACK")?;
            }
            Ok(())
        }).unwrap();
        same_dump(&cell, &plain);
        check(&cell);
        drop(cell);
        cells.close().unwrap();
        drop(cells);
        for keep in [true, false] {
            if !keep {
                let _ = std::fs::remove_dir_all(dir.path().join("images"));
            }
            let cells = Cells::open(dir.path(), options()).unwrap();
            // A database with a version of its own looks like a newer one to a shorter schema.
            let cell = cells.cell(&id, &["", "", "", "", ""]).unwrap();
            same_dump(&cell, &plain);
            check(&cell);
        }
    }
}
