//! The storage of an object as its JavaScript reaches it. Every call is answered at once; what it wrote or
//! saw closes the gate until it is durable. Values are written and read by `crate::clone`.

use std::cell::RefCell;
use std::rc::Rc;

use cellhouse_objects::{Error, ListOptions, Storage};
use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;

use super::clone::{helpers, settle};
use super::objects::{js_error, slot};
use crate::clone::{self, Host};
use crate::isolate::Events;
use crate::objects::{Refused, Slot};

pub(crate) mod bookmarks;
pub(crate) mod sql;

/// Uses the storage of an object. `writes`: it may have changed.
pub(crate) fn with<T>(
    state: &RefCell<OpState>,
    number: u32,
    writes: bool,
    f: impl FnOnce(&mut Storage) -> Result<T, Error>,
) -> Result<T, JsErrorBox> {
    let state = state.borrow();
    let slot = slot(&state, number)?;
    let events = state.borrow::<Events>();
    use_storage(&slot, events, writes, f)
}

fn use_storage<T>(
    slot: &Rc<Slot>,
    events: &Events,
    writes: bool,
    f: impl FnOnce(&mut Storage) -> Result<T, Error>,
) -> Result<T, JsErrorBox> {
    if writes {
        events.instances().wrote(slot);
    }
    let result = slot.storage(f);
    // What an error tells of the object is covered too.
    if let Some(ticket) = slot.ticket() {
        events.gate().add(ticket);
    }
    result.map_err(|refused| match refused {
        Refused::Error(error) => js_error(&error),
        reset @ Refused::Reset => JsErrorBox::generic(reset.to_string()),
    })
}

type Value<'s> = v8::Local<'s, v8::Value>;

/// A value as it is stored, or `None` because writing it threw an exception.
fn stored(
    state: &RefCell<OpState>,
    scope: &mut v8::PinScope<'_, '_>,
    value: Value<'_>,
) -> Result<Option<Vec<u8>>, JsErrorBox> {
    let written = clone::serialize(scope, &helpers(state), value, Host::None);
    match written.map_err(|error| error.throw(scope)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(None) => Ok(None),
        Err(Some(error)) => Err(error),
    }
}

fn read<'s>(
    state: &RefCell<OpState>,
    scope: &mut v8::PinScope<'s, '_>,
    bytes: &[u8],
) -> Result<Value<'s>, JsErrorBox> {
    let value = clone::deserialize(scope, &helpers(state), bytes, Host::None);
    settle(scope, value)
}

/// `[key, value, key, value, ...]`.
fn pairs<'s>(
    state: &RefCell<OpState>,
    scope: &mut v8::PinScope<'s, '_>,
    found: Vec<(String, Vec<u8>)>,
) -> Result<Value<'s>, JsErrorBox> {
    let mut flat = Vec::with_capacity(2 * found.len());
    for (key, bytes) in found {
        let key = v8::String::new(scope, &key)
            .ok_or_else(|| JsErrorBox::range_error("a key is too long for a string"))?;
        flat.push(key.into());
        flat.push(read(state, scope, &bytes)?);
    }
    Ok(v8::Array::new_with_elements(scope, &flat).into())
}

// ---- keys and values

/// The value, or undefined.
#[op2(reentrant)]
pub(crate) fn op_storage_get<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] object: u32,
    #[string] key: &str,
) -> Result<Value<'s>, JsErrorBox> {
    match with(&state, object, false, |storage| storage.get(key))? {
        Some(bytes) => read(&state, scope, &bytes),
        None => Ok(v8::undefined(scope).into()),
    }
}

/// `[key, value, key, value, ...]` of those that are there, in the order of keys.
#[op2(reentrant)]
pub(crate) fn op_storage_get_many<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] object: u32,
    #[serde] keys: Vec<String>,
) -> Result<Value<'s>, JsErrorBox> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let found = with(&state, object, false, |storage| storage.get_many(&keys))?;
    pairs(&state, scope, found)
}

#[op2(reentrant)]
pub(crate) fn op_storage_put<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] object: u32,
    #[string] key: &str,
    value: Value<'s>,
) -> Result<(), JsErrorBox> {
    match stored(&state, scope, value)? {
        Some(bytes) => with(&state, object, true, |storage| storage.put(key, &bytes)),
        None => Ok(()),
    }
}

/// `values` as many as `keys`; all of them or none.
#[op2(reentrant)]
pub(crate) fn op_storage_put_many<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] object: u32,
    #[serde] keys: Vec<String>,
    values: v8::Local<'s, v8::Array>,
) -> Result<(), JsErrorBox> {
    let mut written = Vec::with_capacity(keys.len());
    for index in 0..values.length() {
        let Some(value) = values.get_index(scope, index) else {
            return Ok(());
        };
        match stored(&state, scope, value)? {
            Some(bytes) => written.push(bytes),
            None => return Ok(()),
        }
    }
    let pairs: Vec<(&str, &[u8])> = keys
        .iter()
        .map(String::as_str)
        .zip(written.iter().map(Vec::as_slice))
        .collect();
    with(&state, object, true, |storage| storage.put_many(&pairs))
}

#[op2(fast, reentrant)]
pub(crate) fn op_storage_delete(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
    #[string] key: &str,
) -> Result<bool, JsErrorBox> {
    with(&state, object, true, |storage| storage.delete(key))
}

#[op2(reentrant)]
#[smi]
pub(crate) fn op_storage_delete_many(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
    #[serde] keys: Vec<String>,
) -> Result<u32, JsErrorBox> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let deleted = with(&state, object, true, |storage| storage.delete_many(&keys))?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

/// `[key, value, key, value, ...]`. NaN is no limit.
#[op2(reentrant)]
#[allow(
    clippy::too_many_arguments,
    reason = "an object would cost more than the call"
)]
pub(crate) fn op_storage_list<'s>(
    state: Rc<RefCell<OpState>>,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] object: u32,
    #[string] start: Option<String>,
    #[string] start_after: Option<String>,
    #[string] end: Option<String>,
    #[string] prefix: Option<String>,
    reverse: bool,
    limit: f64,
) -> Result<Value<'s>, JsErrorBox> {
    let options = ListOptions {
        start: start.as_deref(),
        start_after: start_after.as_deref(),
        end: end.as_deref(),
        prefix: prefix.as_deref(),
        reverse,
        limit: (!limit.is_nan()).then_some(limit as i64),
    };
    let found = with(&state, object, false, |storage| storage.list(&options))?;
    pairs(&state, scope, found)
}

#[op2(fast, reentrant)]
pub(crate) fn op_storage_delete_all(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
) -> Result<(), JsErrorBox> {
    with(&state, object, true, Storage::delete_all)
}

// ---- transactions

/// Opens a transaction in those that are open; gives how many were.
#[op2(fast, reentrant)]
#[smi]
pub(crate) fn op_storage_begin(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
) -> Result<u32, JsErrorBox> {
    let level = with(&state, object, true, Storage::transaction)?;
    let state = state.borrow();
    Ok(slot(&state, object)?.push_level(level))
}

/// Ends the innermost transaction.
#[op2(fast, reentrant)]
pub(crate) fn op_storage_end(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
    commit: bool,
) -> Result<(), JsErrorBox> {
    let level = slot(&state.borrow(), object)?.pop_level();
    let Some(level) = level else { return Ok(()) };
    with(&state, object, true, |storage| match commit {
        true => storage.commit(level),
        false => storage.rollback(level),
    })
}

/// Waits until everything that was written is durable.
#[op2]
pub(crate) async fn op_storage_sync(state: Rc<RefCell<OpState>>) -> Result<(), JsErrorBox> {
    let events = state.borrow().borrow::<Events>().clone();
    events.pass_gate().await.map_err(JsErrorBox::generic)
}

// ---- alarms

/// When the alarm is due in milliseconds since 1970, or NaN.
#[op2(fast, reentrant)]
pub(crate) fn op_storage_alarm_get(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
) -> Result<f64, JsErrorBox> {
    let alarm = with(&state, object, false, Storage::alarm)?;
    Ok(alarm.map_or(f64::NAN, |time| time as f64))
}

#[op2(fast, reentrant)]
pub(crate) fn op_storage_alarm_set(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
    time: f64,
) -> Result<(), JsErrorBox> {
    with(&state, object, true, |storage| storage.set_alarm(time))
}

#[op2(fast, reentrant)]
pub(crate) fn op_storage_alarm_delete(
    state: Rc<RefCell<OpState>>,
    #[smi] object: u32,
) -> Result<(), JsErrorBox> {
    with(&state, object, true, Storage::delete_alarm)
}
