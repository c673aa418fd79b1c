//! `cellhouse objects sql`: the rows of a query as a table or as JSON, and how many rows were written.

use serde_json::{Map, Value, json};

use super::ask::Asked;
use super::output::{line, plain};
use super::table;
use crate::cli::SqlArguments;
use crate::data::objects::{Action, Cell, Reply};
use crate::report::Stop;

/// Digits of a BLOB that a table shows.
const SHOWN_DIGITS: usize = 64;

pub(super) fn run(arguments: &SqlArguments) -> Result<(), Stop> {
    let of = &arguments.object.of;
    let action = Action::Sql {
        object: arguments.object.object.clone(),
        text: arguments.text.clone(),
    };
    Asked::about(of)?.ask(action, &mut |reply| match reply {
        Reply::Rows {
            columns,
            rows,
            written,
        } if of.json => {
            let rows: Vec<Value> = rows.iter().map(|row| object(&columns, row)).collect();
            line(&json!({"rows": rows, "rows_written": written}).to_string())
        }
        Reply::Rows {
            columns,
            rows,
            written,
        } => tell(&columns, &rows, written),
        _ => true,
    })
}

/// Prints rows, and how many there are: false when nobody reads it.
pub(in crate::commands) fn tell(columns: &[String], rows: &[Vec<Cell>], written: u64) -> bool {
    if !columns.is_empty() {
        let columns: Vec<String> = columns
            .iter()
            .map(|name| plain(name).into_owned())
            .collect();
        let texts = rows.iter().map(|row| row.iter().map(text).collect());
        if !table::print(&columns, &texts.collect::<Vec<_>>()) {
            return false;
        }
    }
    match (columns.is_empty(), written) {
        (false, 0) => line(&counted(rows.len() as u64, "")),
        (false, _) => line(&format!(
            "{}, {}",
            counted(rows.len() as u64, ""),
            counted(written, " written")
        )),
        (true, _) => line(&counted(written, " written")),
    }
}

fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 row{what}"),
        count => format!("{count} rows{what}"),
    }
}

/// As a table shows it.
fn text(cell: &Cell) -> table::Text {
    match cell {
        Cell::Null => table::Text::left("NULL"),
        Cell::Integer(number) => table::Text::right(&number.to_string()),
        Cell::Real(number) => table::Text::right(number),
        Cell::Text(text) => table::Text::left(&plain(text)),
        Cell::Blob(digits) if digits.len() <= SHOWN_DIGITS => {
            table::Text::left(&format!("x'{digits}'"))
        }
        Cell::Blob(digits) => table::Text::left(&format!(
            "x'{}...' ({} bytes)",
            &digits[..SHOWN_DIGITS],
            digits.len() / 2
        )),
    }
}

/// A row by the names of its columns; of two with the same name the last one counts, as in JavaScript.
pub(in crate::commands) fn object(columns: &[String], row: &[Cell]) -> Value {
    let named = columns.iter().cloned().zip(row.iter().map(value));
    Value::Object(named.collect::<Map<_, _>>())
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => json!(number),
        Cell::Real(number) => match number.parse::<f64>() {
            Ok(finite) if finite.is_finite() => json!(finite),
            _ => json!({"real": number}),
        },
        Cell::Text(text) => json!(text),
        Cell::Blob(digits) => json!({"hex": digits}),
    }
}
