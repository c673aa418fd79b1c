//! The Cache binding. In memory it answers within the call; Redis takes a round trip.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use cellhouse_cache::{Store, ttl_from_seconds};
use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;

use super::env::EnvTable;
use crate::isolate::Events;
use crate::spec::BindingValue;

fn store(state: &OpState, index: u32) -> Result<Store, JsErrorBox> {
    match state.borrow::<EnvTable>().get(index) {
        Some(BindingValue::Cache(store)) => Ok(store.clone()),
        _ => Err(JsErrorBox::type_error("this binding is not a Cache")),
    }
}

fn ttl(given: bool, seconds: f64) -> Result<Option<Duration>, JsErrorBox> {
    if !given {
        return Ok(None);
    }
    let ttl =
        ttl_from_seconds(seconds).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    Ok(Some(ttl))
}

/// A string, null if there is none, undefined if it takes a round trip.
#[op2]
pub(crate) fn op_cache_get_now<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] index: u32,
    #[string] key: &str,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let value = match store(state, index)?.get_now(key) {
        None => v8::undefined(scope).into(),
        Some(None) => v8::null(scope).into(),
        Some(Some(value)) => match v8::String::new(scope, &value) {
            Some(value) => value.into(),
            None => v8::null(scope).into(),
        },
    };
    Ok(value)
}

#[op2]
#[string]
pub(crate) async fn op_cache_get(
    state: Rc<RefCell<OpState>>,
    #[smi] index: u32,
    #[string] key: String,
) -> Result<Option<String>, JsErrorBox> {
    let store = store(&state.borrow(), index)?;
    Ok(store.get(&key).await.map(|value| value.to_string()))
}

/// False if it takes a round trip; then nothing was done.
#[op2(fast)]
pub(crate) fn op_cache_set_now(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] key: &str,
    #[string] value: &str,
    has_ttl: bool,
    seconds: f64,
) -> Result<bool, JsErrorBox> {
    let ttl = ttl(has_ttl, seconds)?;
    Ok(store(state, index)?.set_now(key, value, ttl))
}

/// What goes to another process passes the gate first.
#[op2]
pub(crate) async fn op_cache_set(
    state: Rc<RefCell<OpState>>,
    #[smi] index: u32,
    #[string] key: String,
    #[string] value: String,
    has_ttl: bool,
    seconds: f64,
) -> Result<(), JsErrorBox> {
    let ttl = ttl(has_ttl, seconds)?;
    let store = store(&state.borrow(), index)?;
    let events = state.borrow().borrow::<Events>().clone();
    events.pass_gate().await.map_err(JsErrorBox::generic)?;
    store.set(&key, &value, ttl).await;
    Ok(())
}
