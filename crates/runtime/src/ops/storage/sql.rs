//! `storage.sql`: statements, their bindings, and rows in chunks.

use std::cell::RefCell;
use std::rc::Rc;

use cellhouse_objects::{Binding, Cursor, Row, Storage, Value};
use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;

use super::with;
use crate::ops::objects::slot;

/// Rows that are fetched at once.
const CHUNK: usize = 64;

type Local<'s> = v8::Local<'s, v8::Value>;

/// `[cursor, columns, rows, done, rows read, rows written]`: the first rows of the last statement. There is
/// no cursor (0) when these are all. Bindings are null, numbers, booleans, strings and bytes.
#[op2(reentrant)]
pub(crate) fn op_storage_sql<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] object: u32,
    #[string] text: &str,
    bindings: v8::Local<'s, v8::Array>,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let owned: Vec<Owned> = (0..bindings.length())
        .filter_map(|index| bindings.get_index(scope, index))
        .map(|value| Owned::of(scope, value))
        .collect();
    let bindings: Vec<Binding<'_>> = owned.iter().map(Owned::binding).collect();
    let (cursor, rows) = with(&state, object, true, |storage| {
        let mut cursor = storage.sql(text, &bindings)?;
        let rows = storage.rows(&mut cursor, CHUNK)?;
        Ok((cursor, rows))
    })?;
    let columns: Vec<Local<'_>> = cursor
        .columns()
        .iter()
        .map(|name| string(scope, name))
        .collect();
    let columns = v8::Array::new_with_elements(scope, &columns).into();
    let counts = Counts::of(&cursor);
    let number = match counts.done {
        true => 0,
        false => slot(&state.borrow(), object)?.keep_cursor(cursor),
    };
    let number = v8::Integer::new_from_unsigned(scope, number).into();
    let rows = array_of_rows(scope, rows);
    let [done, read, written] = counts.values(scope);
    let all = [number, columns, rows, done, read, written];
    Ok(v8::Array::new_with_elements(scope, &all))
}

/// `[rows, done, rows read, rows written]`: the next rows of a cursor.
#[op2(reentrant)]
pub(crate) fn op_storage_sql_next<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] object: u32,
    #[smi] number: u32,
) -> Result<v8::Local<'s, v8::Array>, JsErrorBox> {
    let cursor = slot(&state.borrow(), object)?.take_cursor(number);
    let Some(mut cursor) = cursor else {
        return Err(JsErrorBox::generic("the cursor has ended"));
    };
    let rows = with(&state, object, false, |storage| {
        storage.rows(&mut cursor, CHUNK)
    })?;
    let counts = Counts::of(&cursor);
    if !counts.done {
        slot(&state.borrow(), object)?.put_cursor(number, cursor);
    }
    let rows = array_of_rows(scope, rows);
    let [done, read, written] = counts.values(scope);
    Ok(v8::Array::new_with_elements(
        scope,
        &[rows, done, read, written],
    ))
}

/// Ends a cursor before its last row.
#[op2(fast, reentrant)]
pub(crate) fn op_storage_sql_close(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
    #[smi] number: u32,
) -> Result<(), JsErrorBox> {
    let cursor = slot(&state.borrow(), object)?.take_cursor(number);
    let Some(mut cursor) = cursor else {
        return Ok(());
    };
    with(&state, object, false, |storage| {
        storage.close_cursor(&mut cursor);
        Ok(())
    })
}

#[op2(fast, reentrant)]
pub(crate) fn op_storage_database_size(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
) -> Result<f64, JsErrorBox> {
    let size = with(&state, object, false, Storage::database_size)?;
    Ok(size as f64)
}

/// What is known of a cursor besides its rows.
struct Counts {
    done: bool,
    read: u64,
    written: u64,
}

impl Counts {
    fn of(cursor: &Cursor) -> Counts {
        Counts {
            done: cursor.is_done(),
            read: cursor.rows_read(),
            written: cursor.rows_written(),
        }
    }

    fn values<'s>(&self, scope: &v8::PinScope<'s, '_>) -> [Local<'s>; 3] {
        [
            v8::Boolean::new(scope, self.done).into(),
            v8::Number::new(scope, self.read as f64).into(),
            v8::Number::new(scope, self.written as f64).into(),
        ]
    }
}

/// A binding, out of JavaScript's hands.
enum Owned {
    Null,
    Number(f64),
    Boolean(bool),
    Text(String),
    Blob(Vec<u8>),
}

impl Owned {
    fn of(scope: &v8::PinScope<'_, '_>, value: Local<'_>) -> Owned {
        if value.is_null_or_undefined() {
            Owned::Null
        } else if let Some(number) = value
            .is_number()
            .then(|| value.number_value(scope))
            .flatten()
        {
            Owned::Number(number)
        } else if value.is_boolean() {
            Owned::Boolean(value.is_true())
        } else if let Ok(view) = value.try_cast::<v8::ArrayBufferView>() {
            let mut bytes = vec![0; view.byte_length()];
            view.copy_contents(&mut bytes);
            Owned::Blob(bytes)
        } else {
            Owned::Text(value.to_rust_string_lossy(scope))
        }
    }

    fn binding(&self) -> Binding<'_> {
        match self {
            Owned::Null => Binding::Null,
            Owned::Number(number) => Binding::Number(*number),
            Owned::Boolean(value) => Binding::Boolean(*value),
            Owned::Text(text) => Binding::Text(text),
            Owned::Blob(bytes) => Binding::Blob(bytes),
        }
    }
}

fn array_of_rows<'s>(scope: &v8::PinScope<'s, '_>, rows: Vec<Row>) -> Local<'s> {
    let rows: Vec<Local<'_>> = rows
        .into_iter()
        .map(|row| {
            let values: Vec<Local<'_>> = row.into_iter().map(|value| local(scope, value)).collect();
            v8::Array::new_with_elements(scope, &values).into()
        })
        .collect();
    v8::Array::new_with_elements(scope, &rows).into()
}

fn local<'s>(scope: &v8::PinScope<'s, '_>, value: Value) -> Local<'s> {
    match value {
        Value::Null => v8::null(scope).into(),
        Value::Integer(number) => v8::Number::new(scope, number as f64).into(),
        Value::Real(number) => v8::Number::new(scope, number).into(),
        Value::Text(text) => string(scope, &text),
        Value::Blob(bytes) => {
            let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes).make_shared();
            v8::ArrayBuffer::with_backing_store(scope, &store).into()
        }
    }
}

fn string<'s>(scope: &v8::PinScope<'s, '_>, text: &str) -> Local<'s> {
    match v8::String::new(scope, text) {
        Some(text) => text.into(),
        None => v8::null(scope).into(),
    }
}
