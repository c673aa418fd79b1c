//! Ploy's workflows of an app, and calling their handlers.

use cellhouse_config::{App, BindingKind};
use cellhouse_runtime::{AppEvent, EventKind, Failure, Worker};
use cellhouse_workflows::{Ended, Handler, NotRun, Run};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Apps, is_interrupted, not_running};

/// The workflows of an app that its code has handlers for.
pub(super) fn handlers(app: &App, worker: &Worker, missing: &mut Vec<String>) -> Vec<Handler> {
    let mut handlers = Vec::new();
    for binding in &app.bindings {
        let BindingKind::PloyWorkflow {
            name,
            timeout,
            step_timeout,
            retries,
        } = &binding.kind
        else {
            continue;
        };
        if worker.handles(&EventKind::Workflow(name.clone())) {
            handlers.push(Handler {
                app: app.name.clone(),
                workflow: name.clone(),
                timeout: *timeout,
                step_timeout: *step_timeout,
                retries: *retries,
            });
        } else {
            missing.push(format!(
                "the app exports no handler workflows.{name}: its executions wait until it does"
            ));
        }
    }
    handlers
}

/// How the handler ended, as JavaScript tells it.
#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Answer {
    Completed { output: String },
    Failed { error: String },
    Asleep { until: f64 },
}

/// Calls the handler.
pub(super) async fn go_on(apps: &dyn Apps, run: Run) -> Result<Ended, NotRun> {
    let app = &run.handler.app;
    let worker = apps.worker(app).ok_or_else(|| NotRun(not_running(app)))?;
    match worker.event(event(&run)).await {
        Ok(answer) => ended(&answer),
        Err(failure) if is_interrupted(&failure) => Err(NotRun(failure.message)),
        Err(failure) => Ok(failed(apps, app, &failure)),
    }
}

fn event(run: &Run) -> AppEvent {
    let handler = &run.handler;
    let data = json!({
        "workflow": handler.workflow,
        "execution": run.id,
        "input": run.input.as_ref().map_or(Value::Null, |input| input.as_str().into()),
        "started": run.started,
        "timeout": handler.timeout.as_millis() as u64,
        "stepTimeout": handler.step_timeout.as_millis() as u64,
        "retries": handler.retries,
    });
    AppEvent {
        kind: EventKind::Workflow(handler.workflow.clone()),
        data: data.to_string(),
        bodies: Vec::new(),
    }
}

fn ended(answer: &str) -> Result<Ended, NotRun> {
    let answer: Answer = serde_json::from_str(answer).map_err(|error| NotRun(error.to_string()))?;
    Ok(match answer {
        Answer::Completed { output } => Ended::Completed((!output.is_empty()).then_some(output)),
        Answer::Failed { error } => Ended::Failed(error),
        Answer::Asleep { until } => Ended::Asleep(until as i64),
    })
}

/// The handler was stopped by a limit, or hangs.
fn failed(apps: &dyn Apps, app: &str, failure: &Failure) -> Ended {
    apps.failed(app, failure);
    Ended::Failed(failure.message.clone())
}
