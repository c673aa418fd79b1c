//! A JSON document under change, held as SQLite's JSONB: every look at it and every edit is done by
//! SQLite's JSON functions.
//!
//! One statement takes many paths, so the cost of an update does not grow with its fields times the
//! document's size in copies.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Row};

use super::{Failure, Problem};
use crate::Error;

/// Most paths in one edit. SQLite takes 1000 arguments per function, two per path.
const EDITS_PER_STATEMENT: usize = 256;

/// A document in the middle of a transaction.
pub(crate) struct Document<'a> {
    connection: &'a Connection,
    jsonb: Vec<u8>,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    Nothing,
    Object,
    /// With its number of elements.
    Array(u64),
    /// With its JSON text.
    Number(String),
    Text,
    Boolean,
    Null,
}

impl Found {
    /// For error messages: "it is ...".
    pub(crate) fn described(&self) -> &'static str {
        match self {
            Found::Nothing => "missing",
            Found::Object => "an object",
            Found::Array(_) => "an array",
            Found::Number(_) => "a number",
            Found::Text => "a string",
            Found::Boolean => "a boolean",
            Found::Null => "null",
        }
    }
}

impl<'a> Document<'a> {
    /// Reads JSON text (SQLite also takes JSON5).
    pub(crate) fn parse(connection: &'a Connection, json: &[u8]) -> Result<Document<'a>, Failure> {
        let not_json = || Problem::new("its value is not JSON, so it has no fields to change");
        let text = std::str::from_utf8(json)
            .ok()
            .filter(|text| !text.contains('\0'))
            .ok_or_else(not_json)?;
        let parsed = connection
            .prepare_cached("SELECT jsonb(?1)")?
            .query_row([text], |row| row.get(0));
        match parsed {
            Ok(jsonb) => Document { connection, jsonb }.without_nul_names(text),
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::Unknown) => Err(not_json().into()),
            Err(e) => Err(e.into()),
        }
    }

    /// SQLite compares field names only up to a NUL, so it could change a field other than the one
    /// meant.
    fn without_nul_names(self, text: &str) -> Result<Document<'a>, Failure> {
        let escaped = ["\\u0000", "\\x00", "\\0"];
        if !escaped.iter().any(|nul| text.contains(nul)) {
            return Ok(self);
        }
        let sql =
            "SELECT EXISTS (SELECT 1 FROM json_tree(?1) WHERE instr(CAST(key AS BLOB), x'00'))";
        if self
            .connection
            .prepare_cached(sql)?
            .query_row([&self.jsonb], |row| row.get(0))?
        {
            return Err(Problem::new("its value has a field name with a NUL character").into());
        }
        Ok(self)
    }

    /// What is at each of the paths.
    pub(crate) fn look(&self, paths: &[&str]) -> Result<Vec<Found>, Error> {
        // Materialized, because SQLite would otherwise search for each path once per use of its
        // type.
        let sql = "WITH found (n, path, type) AS MATERIALIZED
                (SELECT key, value, json_type(?1, value) FROM json_each(?2))
            SELECT type, CASE
                WHEN type IN ('integer', 'real') THEN ?1 -> path
                WHEN type = 'array' THEN json_array_length(?1, path) END
            FROM found ORDER BY n";
        let paths = serde_json::to_string(paths).expect("a list of strings is JSON");
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map((&self.jsonb, paths), found)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What is directly in the object or array at a path, by name or index: one pass, where
    /// [`Document::look`] searches for each path. `None` stands for what takes a look of its own to
    /// know exactly.
    pub(crate) fn members(&self, path: &str) -> Result<HashMap<Vec<u8>, Option<Found>>, Error> {
        let sql = "SELECT CAST(key AS BLOB), type, CASE type WHEN 'integer' THEN value END
            FROM json_each(?1, ?2)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((&self.jsonb, path))?;
        let mut members = HashMap::new();
        while let Some(row) = rows.next()? {
            // Of several members of one name the first counts, as in all functions of SQLite.
            members.entry(row.get(0)?).or_insert(member(row)?);
        }
        Ok(members)
    }

    /// Puts JSON texts at paths, in that order: replaces what is there, or makes it with its
    /// parents.
    pub(crate) fn set(&mut self, edits: &[(String, String)]) -> Result<(), Error> {
        for edits in in_powers_of_two(edits) {
            let pairs =
                (0..edits.len()).map(|n| format!(", ?{}, jsonb(?{})", 2 * n + 2, 2 * n + 3));
            let sql = format!("SELECT jsonb_set(?1{})", pairs.collect::<String>());
            let arguments = edits
                .iter()
                .flat_map(|(path, json)| [path.as_str(), json.as_str()]);
            self.edit(&sql, arguments)?;
        }
        Ok(())
    }

    /// Removes what is at the paths, in that order.
    pub(crate) fn remove(&mut self, paths: &[String]) -> Result<(), Error> {
        for paths in in_powers_of_two(paths) {
            let places = (0..paths.len()).map(|n| format!(", ?{}", n + 2));
            let sql = format!("SELECT jsonb_remove(?1{})", places.collect::<String>());
            self.edit(&sql, paths.iter().map(String::as_str))?;
        }
        Ok(())
    }

    /// Replaces the document by the result of a function of it, the first parameter, and of texts.
    fn edit<'b>(&mut self, sql: &str, texts: impl Iterator<Item = &'b str>) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.raw_bind_parameter(1, &self.jsonb)?;
        for (text, parameter) in texts.zip(2..) {
            statement.raw_bind_parameter(parameter, text)?;
        }
        let row = statement.raw_query().next()?.map(|row| row.get(0));
        self.jsonb = row.unwrap_or(Err(rusqlite::Error::QueryReturnedNoRows))?;
        Ok(())
    }

    /// The whole document as JSON text.
    pub(crate) fn into_json(self) -> Result<String, Error> {
        Ok(self
            .connection
            .prepare_cached("SELECT json(?1)")?
            .query_row([&self.jsonb], |row| row.get(0))?)
    }
}

/// From the type, and the text of a number or the length of an array.
fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(match row.get_ref(0)? {
        ValueRef::Text(b"array") => Found::Array(u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0)),
        ValueRef::Text(b"integer" | b"real") => Found::Number(row.get(1)?),
        ValueRef::Text(kind) => simple(kind),
        _ => Found::Nothing,
    })
}

/// From the type, and the value of a whole number, which is exact only if it fits into 64 bits.
fn member(row: &Row<'_>) -> rusqlite::Result<Option<Found>> {
    Ok(match (row.get_ref(1)?, row.get_ref(2)?) {
        (_, ValueRef::Integer(int)) => Some(Found::Number(int.to_string())),
        (ValueRef::Text(b"integer" | b"real" | b"array"), _) => None,
        (kind, _) => Some(simple(kind.as_bytes()?)),
    })
}

fn simple(kind: &[u8]) -> Found {
    match kind {
        b"object" => Found::Object,
        b"text" => Found::Text,
        b"null" => Found::Null,
        _ => Found::Boolean,
    }
}

/// Slices whose lengths are powers of two, so that few different statements need to be prepared.
fn in_powers_of_two<T>(mut all: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let largest = all.len().min(EDITS_PER_STATEMENT).checked_ilog2()?;
        let (slice, rest) = all.split_at(1 << largest);
        all = rest;
        Some(slice)
    })
}
