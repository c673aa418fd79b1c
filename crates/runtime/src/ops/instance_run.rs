//! An instance of a Workflow that runs in this isolate: its steps, sleeps and events. A call is done at once, and
//! what it wrote closes the gate until it is durable. One about an instance that was paused, restarted or
//! terminated meanwhile gives nothing: an empty text, 0 or -2.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use cellhouse_cell::Ticket;
use cellhouse_workflows::{Found, InstanceError, Key, Kind, Running, Slept, Stored, Waited};
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use serde_json::json;

use super::instances::{settle, store};

/// The instances that run here, by number.
#[derive(Default)]
struct Runs {
    next: u32,
    open: HashMap<u32, Running>,
}

fn running(state: &OpState, number: u32) -> Result<Running, JsErrorBox> {
    let runs = state.try_borrow::<Runs>();
    let found = runs.and_then(|runs| runs.open.get(&number)).cloned();
    found.ok_or_else(|| JsErrorBox::generic("this instance does not run here"))
}

fn key(kind: u32, name: &str, nth: u32) -> Result<Key<'_>, JsErrorBox> {
    let kind = Kind::of_number(kind);
    let kind = kind.ok_or_else(|| JsErrorBox::type_error("there is no such kind of step"))?;
    Ok(Key { kind, name, nth })
}

/// `None` if the instance is not to go on here.
fn told<T>(
    state: &OpState,
    running: &Running,
    result: Result<(T, Ticket), InstanceError>,
) -> Result<Option<T>, JsErrorBox> {
    match result {
        Err(InstanceError::Superseded) => Ok(None),
        other => settle(state, running.store(), other).map(Some),
    }
}

fn done(
    state: &OpState,
    running: &Running,
    result: Result<Ticket, InstanceError>,
) -> Result<bool, JsErrorBox> {
    let told = told(state, running, result.map(|ticket| ((), ticket)))?;
    Ok(told.is_some())
}

/// A number for a run that Rust has handed out.
#[op2(fast)]
pub(crate) fn op_instance_open(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] id: &str,
    #[smi] run: u32,
) -> Result<u32, JsErrorBox> {
    let running = store(state, index)?.running(id, run);
    if !state.has::<Runs>() {
        state.put(Runs::default());
    }
    let runs = state.borrow_mut::<Runs>();
    runs.next = runs.next.wrapping_add(1);
    runs.open.insert(runs.next, running);
    Ok(runs.next)
}

#[op2(fast)]
pub(crate) fn op_instance_close(state: &mut OpState, #[smi] number: u32) {
    if let Some(runs) = state.try_borrow_mut::<Runs>() {
        runs.open.remove(&number);
    }
}

/// Waits until somebody has changed the instance: its status, or nothing if it is to be left.
#[op2]
#[string]
pub(crate) async fn op_instance_changed(
    state: Rc<RefCell<OpState>>,
    #[smi] number: u32,
) -> Result<String, JsErrorBox> {
    let running = running(&state.borrow(), number)?;
    let status = running.changed().await;
    let status = status.map_err(|error| JsErrorBox::generic(error.to_string()))?;
    Ok(status.map_or("", |status| status.as_str()).to_owned())
}

/// Whether it waits for nothing but sleeps, events and retries.
#[op2(fast)]
pub(crate) fn op_instance_waits(state: &mut OpState, #[smi] number: u32, waits: bool) {
    if let Ok(running) = running(state, number) {
        running.waits(waits);
    }
}

/// A step as it is stored: `{ attempts, config, at, value, chunks, error }` as JSON.
#[op2]
#[string]
pub(crate) fn op_instance_step(
    state: &mut OpState,
    #[smi] number: u32,
    #[smi] kind: u32,
    #[string] name: &str,
    #[smi] nth: u32,
    #[string] config: &str,
) -> Result<String, JsErrorBox> {
    let running = running(state, number)?;
    let step = running.step(&key(kind, name, nth)?, config);
    let step = told(state, &running, step)?;
    Ok(step.map_or_else(String::new, |step| shown(&step)))
}

fn shown(found: &Found) -> String {
    let chunks = match &found.stored {
        Some(Stored::Chunks(chunks)) => Some(chunks),
        _ => None,
    };
    let error = match &found.stored {
        Some(Stored::Error(error)) => Some(error),
        _ => None,
    };
    json!({
        "attempts": found.attempts,
        "config": found.config,
        "at": found.at,
        "value": found.stored == Some(Stored::Value),
        "chunks": chunks,
        "error": error,
    })
    .to_string()
}

/// An attempt begins: which, from 1.
#[op2(fast)]
pub(crate) fn op_instance_attempt(
    state: &mut OpState,
    #[smi] number: u32,
    #[smi] kind: u32,
    #[string] name: &str,
    #[smi] nth: u32,
) -> Result<u32, JsErrorBox> {
    let running = running(state, number)?;
    let attempt = running.attempt(&key(kind, name, nth)?);
    Ok(told(state, &running, attempt)?.unwrap_or(0))
}

/// A step is done: 1, or 2 if what it gave is too large.
#[op2(fast)]
pub(crate) fn op_instance_done(
    state: &mut OpState,
    #[smi] number: u32,
    #[smi] kind: u32,
    #[string] name: &str,
    #[smi] nth: u32,
    #[buffer] value: &[u8],
) -> Result<u32, JsErrorBox> {
    let running = running(state, number)?;
    match running.done(&key(kind, name, nth)?, value) {
        Err(InstanceError::TooLarge(_)) => Ok(2),
        other => Ok(done(state, &running, other)?.into()),
    }
}

/// A step is done, whose stream has so many pieces.
#[op2(fast)]
pub(crate) fn op_instance_streamed(
    state: &mut OpState,
    #[smi] number: u32,
    #[smi] kind: u32,
    #[string] name: &str,
    #[smi] nth: u32,
    #[smi] chunks: u32,
) -> Result<bool, JsErrorBox> {
    let running = running(state, number)?;
    let streamed = running.streamed(&key(kind, name, nth)?, chunks);
    done(state, &running, streamed)
}

/// An attempt has failed: for good if there is no time for the next.
#[op2(fast)]
pub(crate) fn op_instance_failed(
    state: &mut OpState,
    #[smi] number: u32,
    #[smi] kind: u32,
    #[string] name: &str,
    #[smi] nth: u32,
    #[string] error: &str,
    at: f64,
) -> Result<bool, JsErrorBox> {
    let running = running(state, number)?;
    let key = key(kind, name, nth)?;
    let failed = match at < 0.0 {
        true => running.failed(&key, error),
        false => running.retry(&key, at as i64),
    };
    done(state, &running, failed)
}

/// What a step gave, or the event that came.
#[op2]
#[buffer]
pub(crate) fn op_instance_value(
    state: &mut OpState,
    #[smi] number: u32,
    #[smi] kind: u32,
    #[string] name: &str,
    #[smi] nth: u32,
) -> Result<Vec<u8>, JsErrorBox> {
    let running = running(state, number)?;
    let value = running.value(&key(kind, name, nth)?);
    Ok(told(state, &running, value)?.unwrap_or_default())
}

/// A piece of the stream of a step.
#[op2(fast)]
pub(crate) fn op_instance_put_chunk(
    state: &mut OpState,
    #[smi] number: u32,
    #[string] name: &str,
    #[smi] nth: u32,
    #[smi] chunk: u32,
    #[buffer] bytes: &[u8],
) -> Result<bool, JsErrorBox> {
    let running = running(state, number)?;
    let put = running.put_chunk(&key(0, name, nth)?, chunk, bytes);
    done(state, &running, put)
}

#[op2]
#[buffer]
pub(crate) fn op_instance_chunk(
    state: &mut OpState,
    #[smi] number: u32,
    #[string] name: &str,
    #[smi] nth: u32,
    #[smi] chunk: u32,
) -> Result<Vec<u8>, JsErrorBox> {
    let running = running(state, number)?;
    let bytes = running.chunk(&key(0, name, nth)?, chunk);
    Ok(told(state, &running, bytes)?.unwrap_or_default())
}

/// When a sleep ends, in milliseconds since 1970; -1 if that was to come and is past.
#[op2(fast)]
pub(crate) fn op_instance_sleep(
    state: &mut OpState,
    #[smi] number: u32,
    #[string] name: &str,
    #[smi] nth: u32,
    until: f64,
    must_come: bool,
) -> Result<f64, JsErrorBox> {
    let running = running(state, number)?;
    let slept = running.sleep(&key(1, name, nth)?, until as i64, must_come);
    Ok(match told(state, &running, slept)? {
        Some(Slept::Until(at)) => at as f64,
        Some(Slept::Past) => -1.0,
        None => -2.0,
    })
}

/// How far waiting for an event is: when it ends, in milliseconds since 1970; 0 if the event has come, -1 if
/// waiting is over.
#[op2(fast)]
pub(crate) fn op_instance_wait(
    state: &mut OpState,
    #[smi] number: u32,
    #[string] name: &str,
    #[smi] nth: u32,
    #[string] event: &str,
    timeout: f64,
) -> Result<f64, JsErrorBox> {
    let running = running(state, number)?;
    let waited = running.wait(&key(2, name, nth)?, event, timeout as i64);
    Ok(match told(state, &running, waited)? {
        Some(Waited::Open(at)) => at as f64,
        Some(Waited::Event) => 0.0,
        Some(Waited::TimedOut) => -1.0,
        None => -2.0,
    })
}
