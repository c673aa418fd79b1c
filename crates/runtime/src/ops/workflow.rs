//! Ploy's workflow binding, and the steps of its handlers. A call is done at once; what it wrote or saw
//! closes the gate until it is durable. Values are JSON text, empty for none.

use cellhouse_cell::Ticket;
use cellhouse_workflows::{Error, Execution, Progress, StepError, Workflow};
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use serde_json::{Value, json};

use super::env::EnvTable;
use crate::isolate::Events;
use crate::spec::BindingValue;

fn workflow(state: &OpState, index: u32) -> Result<Workflow, JsErrorBox> {
    match state.borrow::<EnvTable>().get(index) {
        Some(BindingValue::Workflow(workflow)) => Ok(workflow.clone()),
        _ => Err(JsErrorBox::type_error("this binding is not a workflow")),
    }
}

/// An error may tell what is stored, so it closes the gate as a read does.
fn settle<T>(
    state: &OpState,
    workflow: &Workflow,
    result: Result<(T, Ticket), Error>,
) -> Result<T, JsErrorBox> {
    let gate = state.borrow::<Events>().gate();
    match result {
        Ok((value, ticket)) => {
            gate.add(ticket);
            Ok(value)
        }
        Err(error) => {
            gate.add(workflow.ticket());
            Err(JsErrorBox::generic(error.to_string()))
        }
    }
}

fn optional(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

// ---- the binding

/// The id of a new execution.
#[op2]
#[string]
pub(crate) fn op_workflow_trigger(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] input: &str,
) -> Result<String, JsErrorBox> {
    let workflow = workflow(state, index)?;
    settle(state, &workflow, workflow.trigger(optional(input)))
}

/// An execution as JSON. Times are milliseconds since 1970.
#[op2]
#[string]
pub(crate) fn op_workflow_get(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] id: &str,
) -> Result<String, JsErrorBox> {
    let workflow = workflow(state, index)?;
    let execution = settle(state, &workflow, workflow.execution(id))?;
    Ok(shown(&execution).to_string())
}

fn shown(execution: &Execution) -> Value {
    let mut shown = json!({"id": execution.id, "status": execution.status.as_str()});
    if let Some(input) = &execution.input {
        shown["input"] = value_of(input);
    }
    if let Some(output) = &execution.output {
        shown["output"] = value_of(output);
    }
    if let Some(error) = &execution.error {
        shown["errorMessage"] = error.as_str().into();
    }
    if let Some(started) = execution.started {
        shown["startedAt"] = started.into();
    }
    if let Some(completed) = execution.completed {
        shown["completedAt"] = completed.into();
    }
    shown
}

#[op2(fast)]
pub(crate) fn op_workflow_cancel(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] id: &str,
) -> Result<(), JsErrorBox> {
    let workflow = workflow(state, index)?;
    let cancelled = workflow.cancel(id).map(|ticket| ((), ticket));
    settle(state, &workflow, cancelled)
}

// ---- steps

/// How far a step is, as JSON: `["open", null, failures]`, `["done", text or null, 0]`,
/// `["failed", { name, message }, 0]`.
#[op2]
#[string]
pub(crate) fn op_workflow_step(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] execution: &str,
    #[string] name: &str,
    #[smi] nth: u32,
    #[string] input: &str,
) -> Result<String, JsErrorBox> {
    let workflow = workflow(state, index)?;
    let step = workflow.step(execution, name, nth, optional(input));
    let progress = match settle(state, &workflow, step)? {
        Progress::Open(failures) => json!(["open", null, failures]),
        Progress::Done(output) => json!(["done", output, 0]),
        Progress::Failed(error) => json!(["failed", error, 0]),
    };
    Ok(progress.to_string())
}

#[op2(fast)]
pub(crate) fn op_workflow_step_done(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] execution: &str,
    #[string] name: &str,
    #[smi] nth: u32,
    #[string] output: &str,
) -> Result<(), JsErrorBox> {
    let workflow = workflow(state, index)?;
    let done = workflow.step_done(execution, name, nth, optional(output));
    settle(state, &workflow, done.map(|ticket| ((), ticket)))
}

/// A step has failed; `last`: for good.
#[op2(fast)]
#[allow(
    clippy::too_many_arguments,
    reason = "an op takes what JavaScript has, one by one"
)]
pub(crate) fn op_workflow_step_failed(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] execution: &str,
    #[string] name: &str,
    #[smi] nth: u32,
    last: bool,
    #[string] class: &str,
    #[string] message: &str,
) -> Result<(), JsErrorBox> {
    let workflow = workflow(state, index)?;
    let error = StepError {
        name: class.to_owned(),
        message: message.to_owned(),
    };
    let failed = workflow.step_failed(execution, name, nth, last.then_some(&error));
    settle(state, &workflow, failed.map(|ticket| ((), ticket)))
}

/// When a sleep ends, in milliseconds since 1970.
#[op2(fast)]
pub(crate) fn op_workflow_sleep(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] execution: &str,
    #[smi] nth: u32,
    millis: f64,
) -> Result<f64, JsErrorBox> {
    let workflow = workflow(state, index)?;
    let slept = workflow.sleep(execution, nth, millis.min(1e15) as i64);
    Ok(settle(state, &workflow, slept)? as f64)
}
