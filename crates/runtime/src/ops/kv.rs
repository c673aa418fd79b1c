//! The KV binding, which is also State. A call is answered at once; what it wrote or saw closes the
//! gate until it is durable. Numbers that may be absent are NaN when they are.

use cellhouse_cell::Ticket;
use cellhouse_kv::{BulkOptions, Entry, Error, ErrorKind, ListOptions, PutOptions, Store};
use deno_core::{JsBuffer, OpState, op2, v8};
use deno_error::JsErrorBox;

use super::env::EnvTable;
use crate::isolate::Events;
use crate::spec::BindingValue;

/// The forms in which a value is given to JavaScript; `kv.js` has the same numbers.
const TEXT: u32 = 0;

fn store(state: &OpState, index: u32) -> Result<Store, JsErrorBox> {
    match state.borrow::<EnvTable>().get(index) {
        Some(BindingValue::State(store)) => Ok(store.clone()),
        _ => Err(JsErrorBox::type_error("this binding is not a KV namespace")),
    }
}

fn close_gate(state: &OpState, ticket: Ticket) {
    state.borrow::<Events>().gate().add(ticket);
}

/// An error may tell what the store holds, so it closes the gate as a read does.
fn thrown(state: &OpState, store: &Store, error: &Error) -> JsErrorBox {
    close_gate(state, store.ticket());
    match error.kind() {
        ErrorKind::Type => JsErrorBox::type_error(error.to_string()),
        _ => JsErrorBox::generic(error.to_string()),
    }
}

/// Takes the ticket of a result out, and turns its error into JavaScript's.
fn settle<T>(
    state: &OpState,
    store: &Store,
    result: Result<(T, Ticket), Error>,
) -> Result<T, JsErrorBox> {
    let (value, ticket) = result.map_err(|error| thrown(state, store, &error))?;
    close_gate(state, ticket);
    Ok(value)
}

fn settle_write(
    state: &OpState,
    store: &Store,
    result: Result<Ticket, Error>,
) -> Result<(), JsErrorBox> {
    settle(state, store, result.map(|ticket| ((), ticket)))
}

fn optional(number: f64) -> Option<i64> {
    (!number.is_nan()).then_some(number as i64)
}

// ---- values

/// Bytes that are not UTF-8 are replaced. A byte order mark stays, as in Cloudflare's KV.
fn text<'s>(scope: &v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::Value>> {
    Some(v8::String::new(scope, &String::from_utf8_lossy(bytes))?.into())
}

fn buffer<'s>(scope: &v8::PinScope<'s, '_>, bytes: Vec<u8>) -> v8::Local<'s, v8::Value> {
    let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes).make_shared();
    v8::ArrayBuffer::with_backing_store(scope, &store).into()
}

fn value<'s>(
    scope: &v8::PinScope<'s, '_>,
    bytes: Vec<u8>,
    form: u32,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    match form {
        TEXT => text(scope, &bytes)
            .ok_or_else(|| JsErrorBox::range_error("the value is too long for a string")),
        _ => Ok(buffer(scope, bytes)),
    }
}

/// `[value, metadata]`.
fn with_metadata<'s>(
    scope: &v8::PinScope<'s, '_>,
    entry: Entry,
    form: u32,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let metadata = match &entry.metadata {
        Some(metadata) => text(scope, metadata.as_bytes()),
        None => None,
    };
    let metadata = metadata.unwrap_or_else(|| v8::null(scope).into());
    let value = value(scope, entry.value, form)?;
    Ok(v8::Array::new_with_elements(scope, &[value, metadata]).into())
}

// ---- operations

/// The value, or `[value, metadata]` if asked for; null if there is none.
#[op2]
pub(crate) fn op_kv_get<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[string] key: &str,
    #[smi] form: u32,
    cache_ttl: f64,
    metadata: bool,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let store = store(state, index)?;
    match settle(state, &store, store.get(key, optional(cache_ttl)))? {
        None => Ok(v8::null(scope).into()),
        Some(entry) if metadata => with_metadata(scope, entry, form),
        Some(entry) => value(scope, entry.value, form),
    }
}

/// `[[key, [value, metadata] or null], ...]` as text, each key once.
#[op2]
pub(crate) fn op_kv_get_many<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[serde] keys: Vec<String>,
    #[string] kind: &str,
    cache_ttl: f64,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let store = store(state, index)?;
    let options = BulkOptions {
        kind: Some(kind),
        cache_ttl: optional(cache_ttl),
    };
    let entries = settle(state, &store, store.get_many(&keys, &options))?;
    let mut elements = Vec::with_capacity(entries.len());
    for (key, entry) in entries {
        let key = text(scope, key.as_bytes()).unwrap_or_else(|| v8::null(scope).into());
        let entry = match entry {
            Some(entry) => with_metadata(scope, entry, TEXT)?,
            None => v8::null(scope).into(),
        };
        elements.push(v8::Array::new_with_elements(scope, &[key, entry]).into());
    }
    Ok(v8::Array::new_with_elements(scope, &elements).into())
}

/// `metadata` is JSON text, or empty for none.
#[op2(fast)]
#[allow(
    clippy::too_many_arguments,
    reason = "an op takes what JavaScript has, one by one"
)]
pub(crate) fn op_kv_put(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] key: &str,
    #[string] value: &str,
    #[string] metadata: &str,
    expiration: f64,
    expiration_ttl: f64,
) -> Result<(), JsErrorBox> {
    put(
        state,
        index,
        key,
        value.as_bytes(),
        metadata,
        expiration,
        expiration_ttl,
    )
}

/// Fails where `op_kv_put` would because of the key.
#[op2(fast)]
pub(crate) fn op_kv_check_key(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] key: &str,
) -> Result<(), JsErrorBox> {
    let store = store(state, index)?;
    let checked = store.check_put(key, 0, &PutOptions::default());
    checked.map_err(|error| thrown(state, &store, &error))
}

#[op2]
#[allow(
    clippy::too_many_arguments,
    reason = "an op takes what JavaScript has, one by one"
)]
pub(crate) fn op_kv_put_bytes(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] key: &str,
    #[buffer] value: JsBuffer,
    #[string] metadata: &str,
    expiration: f64,
    expiration_ttl: f64,
) -> Result<(), JsErrorBox> {
    put(
        state,
        index,
        key,
        &value,
        metadata,
        expiration,
        expiration_ttl,
    )
}

fn put(
    state: &OpState,
    index: u32,
    key: &str,
    value: &[u8],
    metadata: &str,
    expiration: f64,
    expiration_ttl: f64,
) -> Result<(), JsErrorBox> {
    let store = store(state, index)?;
    let options = PutOptions {
        expiration: optional(expiration),
        expiration_ttl: optional(expiration_ttl),
        metadata: (!metadata.is_empty()).then_some(metadata),
    };
    settle_write(state, &store, store.put(key, value, &options))
}

#[op2(fast)]
pub(crate) fn op_kv_delete(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] key: &str,
) -> Result<(), JsErrorBox> {
    let store = store(state, index)?;
    settle_write(state, &store, store.delete(key))
}

/// The update document is JSON text.
#[op2(fast)]
pub(crate) fn op_kv_update(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] key: &str,
    #[string] document: &str,
) -> Result<(), JsErrorBox> {
    let store = store(state, index)?;
    settle_write(state, &store, store.update(key, document))
}

/// A page of keys: `[cursor or null, name, expiration in seconds or null, metadata as JSON text or null,
/// name, ...]`.
#[op2]
pub(crate) fn op_kv_list<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[string] prefix: Option<String>,
    limit: f64,
    #[string] cursor: Option<String>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let store = store(state, index)?;
    let options = ListOptions {
        prefix: prefix.as_deref(),
        limit: optional(limit),
        cursor: cursor.as_deref(),
    };
    let page = settle(state, &store, store.list(&options))?;
    let null: v8::Local<'s, v8::Value> = v8::null(scope).into();
    let optional_text = |text: Option<&str>| {
        text.and_then(|text| self::text(scope, text.as_bytes()))
            .unwrap_or(null)
    };
    let mut elements = Vec::with_capacity(1 + 3 * page.keys.len());
    elements.push(optional_text(page.cursor.as_deref()));
    for key in &page.keys {
        elements.push(optional_text(Some(&key.name)));
        elements.push(
            key.expiration
                .map_or(null, |at| v8::Number::new(scope, at as f64).into()),
        );
        elements.push(optional_text(key.metadata.as_deref()));
    }
    Ok(v8::Array::new_with_elements(scope, &elements).into())
}
