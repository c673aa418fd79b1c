//! Ploy's timer binding. A call is done at once; what it wrote or saw closes the gate until it is durable.

use cellhouse_schedules::{Error, Timer, TimerStore};
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use serde_json::json;

use super::env::EnvTable;
use crate::isolate::Events;
use crate::spec::BindingValue;

fn store(state: &OpState, index: u32) -> Result<TimerStore, JsErrorBox> {
    match state.borrow::<EnvTable>().get(index) {
        Some(BindingValue::Timer(store)) => Ok(store.clone()),
        _ => Err(JsErrorBox::type_error("this binding has no timers")),
    }
}

fn thrown(error: &Error) -> JsErrorBox {
    match error {
        Error::Wrong(message) => JsErrorBox::type_error(message.clone()),
        other => JsErrorBox::generic(other.to_string()),
    }
}

/// `payload` is JSON text, or empty for none.
#[op2(fast)]
pub(crate) fn op_timer_set(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] id: &str,
    time: f64,
    #[string] payload: &str,
    repeats: bool,
    interval: f64,
) -> Result<(), JsErrorBox> {
    let payload = (!payload.is_empty()).then_some(payload);
    let interval = repeats.then_some(interval);
    let set = store(state, index)?.set(id, time, payload, interval);
    let ticket = set.map_err(|error| thrown(&error))?;
    state.borrow::<Events>().gate().add(ticket);
    Ok(())
}

/// The timer as JSON, or `null`.
#[op2]
#[string]
pub(crate) fn op_timer_get(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] id: &str,
) -> Result<String, JsErrorBox> {
    let found = store(state, index)?.get(id);
    let (timer, ticket) = found.map_err(|error| thrown(&error))?;
    state.borrow::<Events>().gate().add(ticket);
    Ok(timer.map_or_else(|| "null".to_owned(), |timer| shown(&timer)))
}

fn shown(timer: &Timer) -> String {
    let mut shown = json!({"id": timer.id, "scheduledTime": timer.scheduled});
    if let Some(payload) = &timer.payload {
        shown["payload"] = serde_json::from_str(payload).unwrap_or_default();
    }
    if let Some(interval) = timer.interval {
        shown["intervalMs"] = interval.into();
    }
    shown.to_string()
}

#[op2(fast)]
pub(crate) fn op_timer_delete(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] id: &str,
) -> Result<(), JsErrorBox> {
    let deleted = store(state, index)?.delete(id);
    let ticket = deleted.map_err(|error| thrown(&error))?;
    state.borrow::<Events>().gate().add(ticket);
    Ok(())
}
