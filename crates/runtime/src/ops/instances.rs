//! The binding of a Workflow of Cloudflare's. A call is done at once; what it wrote or saw closes the gate until
//! it is durable.

use cellhouse_cell::Ticket;
use cellhouse_workflows::{Create, Event, InstanceError, InstanceStore, Key, Kind, Retention};
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use serde_json::{Value, json};

use super::env::EnvTable;
use crate::isolate::Events;
use crate::spec::BindingValue;

pub(super) fn store(state: &OpState, index: u32) -> Result<InstanceStore, JsErrorBox> {
    match state.borrow::<EnvTable>().get(index) {
        Some(BindingValue::Instances(store) | BindingValue::RunsInstances(store)) => {
            Ok(store.clone())
        }
        _ => Err(JsErrorBox::type_error("this binding is not a Workflow")),
    }
}

/// An error may tell what is stored, so it closes the gate as a read does.
pub(super) fn settle<T>(
    state: &OpState,
    store: &InstanceStore,
    result: Result<(T, Ticket), InstanceError>,
) -> Result<T, JsErrorBox> {
    let gate = state.borrow::<Events>().gate();
    match result {
        Ok((value, ticket)) => {
            gate.add(ticket);
            Ok(value)
        }
        Err(error) => {
            gate.add(store.ticket());
            Err(JsErrorBox::generic(error.to_string()))
        }
    }
}

/// Makes instances: `parts` has the id, the length of the parameters and both retentions of each, one after
/// another in `bytes`. `batch`: those that there are already are left out. Gives the places of those it made.
#[op2]
#[serde]
pub(crate) fn op_instances_create(
    state: &mut OpState,
    #[smi] index: u32,
    #[buffer] bytes: &[u8],
    #[serde] parts: Vec<(String, u32, Option<f64>, Option<f64>)>,
    batch: bool,
) -> Result<Vec<usize>, JsErrorBox> {
    let store = store(state, index)?;
    let mut rest = bytes;
    let mut instances = Vec::with_capacity(parts.len());
    for (id, length, success, error) in &parts {
        let (params, others) = rest
            .split_at_checked(*length as usize)
            .ok_or_else(|| JsErrorBox::type_error("the params are shorter than they say"))?;
        rest = others;
        let retention = Retention {
            success: success.map(|millis| millis as i64),
            error: error.map(|millis| millis as i64),
        };
        instances.push(Create {
            id,
            params,
            retention,
        });
    }
    let made = match (batch, &instances[..]) {
        (false, [one]) => store.create(one).map(|ticket| (vec![0], ticket)),
        (_, all) => store.create_batch(all),
    };
    settle(state, &store, made)
}

/// An instance as JSON: `{ status, output, error }`.
#[op2]
#[string]
pub(crate) fn op_instances_get(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] id: &str,
) -> Result<String, JsErrorBox> {
    let store = store(state, index)?;
    let found = settle(state, &store, store.get(id))?;
    let parsed = |text: Option<String>| -> Value {
        let text = text.unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    };
    let shown = json!({
        "status": found.status.as_str(),
        "output": parsed(found.output),
        "error": parsed(found.error),
    });
    Ok(shown.to_string())
}

/// Pauses, resumes, terminates or restarts an instance; restarting may begin at a step.
#[op2]
pub(crate) fn op_instances_change(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] id: &str,
    #[string] what: &str,
    #[serde] from: Option<(u32, String, u32)>,
) -> Result<(), JsErrorBox> {
    let store = store(state, index)?;
    let from = from.as_ref().and_then(|(kind, name, nth)| {
        let kind = Kind::of_number(*kind)?;
        Some(Key {
            kind,
            name,
            nth: *nth,
        })
    });
    let changed = match what {
        "pause" => store.pause(id),
        "resume" => store.resume(id),
        "terminate" => store.terminate(id),
        _ => store.restart(id, from.as_ref()),
    };
    settle(state, &store, changed.map(|ticket| ((), ticket)))
}

/// Sends an event, whose bytes are those of the whole.
#[op2(fast)]
pub(crate) fn op_instances_send(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] id: &str,
    #[string] kind: &str,
    #[buffer] value: &[u8],
) -> Result<(), JsErrorBox> {
    let store = store(state, index)?;
    let sent = store.send(id, &Event { kind, value });
    settle(state, &store, sent.map(|ticket| ((), ticket)))
}
