//! What an object should have, and what it has.

use std::collections::BTreeMap;

use cellhouse_objects::{Error, ListOptions, Storage, Value};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    pub known: bool,
    pub values: BTreeMap<String, Vec<u8>>,
    pub rows: Vec<Vec<u8>>,
    pub table: bool,
    pub alarm: Option<i64>,
}

pub fn read(storage: &mut Storage) -> Result<Object, Error> {
    let table = "SELECT count(*) FROM sqlite_schema WHERE name = 't'";
    let mut cursor = storage.sql(table, &[])?;
    let table = storage.rows(&mut cursor, 9)? == [[Value::Integer(1)]];
    let mut rows = Vec::new();
    if table {
        let mut cursor = storage.sql("SELECT v FROM t ORDER BY rowid", &[])?;
        while !cursor.is_done() {
            for row in storage.rows(&mut cursor, 3)? {
                let [Value::Blob(value)] = &row[..] else {
                    panic!("{row:?}");
                };
                rows.push(value.clone());
            }
        }
    }
    Ok(Object {
        known: storage.exists(),
        values: storage.list(&ListOptions::default())?.into_iter().collect(),
        rows,
        table,
        alarm: storage.alarm()?,
    })
}

/// Whether it exists is known only after the flush.
pub fn compare_one(storage: &mut Storage, model: &Object) -> Result<(), Error> {
    let found = read(storage)?;
    assert_eq!(
        Object {
            known: model.known,
            ..found
        },
        *model
    );
    Ok(())
}
