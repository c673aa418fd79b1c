//! Statements and their rows between JavaScript and Rust. What JSON does to values on the way to D1
//! and back is done here: numbers are doubles, those that are not finite null, BLOBs arrays of
//! numbers.

use cellhouse_d1::{Output, Param, Statement, Value};
use deno_core::v8;

type Local<'s> = v8::Local<'s, v8::Value>;

/// From `[sql, parameters, ...]`. Parameters are null, numbers, strings and bytes.
pub(super) fn statements<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    list: v8::Local<'s, v8::Array>,
) -> Vec<Statement> {
    let mut statements = Vec::with_capacity(list.length() as usize / 2);
    for index in (0..list.length()).step_by(2) {
        let (Some(sql), Some(params)) = (
            list.get_index(scope, index),
            list.get_index(scope, index + 1),
        ) else {
            continue;
        };
        let sql = sql.to_rust_string_lossy(scope);
        let params: Vec<Param> = match params.try_cast::<v8::Array>() {
            Ok(params) => (0..params.length())
                .filter_map(|index| params.get_index(scope, index))
                .map(|value| param(scope, value))
                .collect(),
            Err(_) => Vec::new(),
        };
        statements.push(Statement::with(&sql, params));
    }
    statements
}

fn param<'s>(scope: &v8::PinScope<'s, '_>, value: Local<'s>) -> Param {
    if let Some(number) = value
        .is_number()
        .then(|| value.number_value(scope))
        .flatten()
    {
        Param::Number(number)
    } else if value.is_string() {
        Param::Text(value.to_rust_string_lossy(scope))
    } else if let Ok(view) = value.try_cast::<v8::ArrayBufferView>() {
        let mut bytes = vec![0; view.byte_length()];
        view.copy_contents(&mut bytes);
        Param::Blob(bytes)
    } else {
        Param::Null
    }
}

/// `[transaction, output, ...]`, where an output is `[columns, values of all rows, duration in ms,
/// changes, last row id, changed, size, rows read, rows written]`.
pub(super) fn answer<'s>(
    scope: &v8::PinScope<'s, '_>,
    outputs: Vec<Output>,
    transaction: u64,
) -> Local<'s> {
    let mut elements = Vec::with_capacity(outputs.len() + 1);
    elements.push(number(scope, transaction as f64));
    elements.extend(outputs.into_iter().map(|output| one(scope, output)));
    v8::Array::new_with_elements(scope, &elements).into()
}

fn one<'s>(scope: &v8::PinScope<'s, '_>, output: Output) -> Local<'s> {
    let columns = output.columns.iter().map(|name| string(scope, name));
    let columns: Vec<Local<'_>> = columns.collect();
    let values = output.values.into_iter().map(|value| local(scope, value));
    let values: Vec<Local<'_>> = values.collect();
    let meta = output.meta;
    let elements = [
        v8::Array::new_with_elements(scope, &columns).into(),
        v8::Array::new_with_elements(scope, &values).into(),
        number(scope, meta.duration.as_secs_f64() * 1_000.0),
        number(scope, meta.changes as f64),
        number(scope, meta.last_row_id as f64),
        v8::Boolean::new(scope, meta.changed_db).into(),
        number(scope, meta.size_after as f64),
        number(scope, meta.rows_read as f64),
        number(scope, meta.rows_written as f64),
    ];
    v8::Array::new_with_elements(scope, &elements).into()
}

fn local<'s>(scope: &v8::PinScope<'s, '_>, value: Value) -> Local<'s> {
    match value {
        Value::Integer(integer) => number(scope, integer as f64),
        Value::Real(real) if real.is_finite() => number(scope, real),
        Value::Null | Value::Real(_) => v8::null(scope).into(),
        Value::Text(text) => string(scope, &text),
        Value::Blob(bytes) => {
            let bytes = bytes.iter().map(|byte| number(scope, f64::from(*byte)));
            let bytes: Vec<Local<'_>> = bytes.collect();
            v8::Array::new_with_elements(scope, &bytes).into()
        }
    }
}

fn number<'s>(scope: &v8::PinScope<'s, '_>, number: f64) -> Local<'s> {
    v8::Number::new(scope, number).into()
}

fn string<'s>(scope: &v8::PinScope<'s, '_>, text: &str) -> Local<'s> {
    match v8::String::new(scope, text) {
        Some(text) => text.into(),
        None => v8::null(scope).into(),
    }
}
