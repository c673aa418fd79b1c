//! Cloudflare's Workflows of an app: which of its classes run them, and running an instance.

use cellhouse_config::{App, Binding, BindingKind, CompatibilityDate, ConfigError, Diagnostic};
use cellhouse_runtime::{AppEvent, EventKind, Failure, Worker};
use cellhouse_workflows::{InstanceEnded, InstanceRun, NotRun, Runner};
use serde::Deserialize;
use serde_json::json;

use super::{Apps, is_interrupted, not_running};
use crate::report::Problem;

/// Steps of an instance at most, if the config does not say. Cloudflare's.
const MAX_STEPS: u32 = 10_000;

/// The Workflow of a binding and its class, if that is one of this app's.
pub(super) fn own<'a>(app: &App, binding: &'a Binding) -> Option<(&'a str, &'a str, Option<u32>)> {
    match &binding.kind {
        BindingKind::Workflow {
            name,
            class_name,
            script_name,
            max_steps,
        } if script_name
            .as_ref()
            .is_none_or(|script| *script == app.name) =>
        {
            Some((name, class_name, *max_steps))
        }
        _ => None,
    }
}

/// The Workflows that an app runs. A class that the config names and the code does not have is an error.
pub(super) fn runners(app: &App, worker: &Worker) -> Result<Vec<Runner>, Problem> {
    let mut runners = Vec::new();
    let mut missing = Vec::new();
    for binding in &app.bindings {
        let Some((name, class, max_steps)) = own(app, binding) else {
            continue;
        };
        if !worker.handles(&EventKind::Instance(class.to_owned())) {
            missing.push(no_class(binding, name, class));
        }
        runners.push(Runner {
            app: app.name.clone(),
            workflow: name.to_owned(),
            class: class.to_owned(),
            max_steps: max_steps.unwrap_or(MAX_STEPS),
            keeps_messages: keeps_messages(app),
        });
    }
    match missing.is_empty() {
        true => Ok(runners),
        false => Err(Problem::Config(Box::new(ConfigError {
            diagnostics: missing,
            warnings: Vec::new(),
            files: Vec::new(),
        }))),
    }
}

fn no_class(binding: &Binding, name: &str, class: &str) -> Diagnostic {
    let message = format!("the app exports no class `{class}` that extends WorkflowEntrypoint");
    let help =
        format!("add `export class {class} extends WorkflowEntrypoint {{ ... }}` to its entry");
    Diagnostic::error(message)
        .label(&binding.source, format!("the Workflow `{name}`"))
        .help(help)
}

/// The compatibility flag `workflows_preserve_non_retryable_error_message`, by itself since 2026-05-14.
fn keeps_messages(app: &App) -> bool {
    let has = |flag: &str| app.compatibility_flags.iter().any(|known| known == flag);
    let since = CompatibilityDate::new(2026, 5, 14);
    has("workflows_preserve_non_retryable_error_message")
        || (!has("workflows_replace_non_retryable_error_message")
            && since.is_some_and(|since| app.compatibility_date >= since))
}

/// How the class ended, as JavaScript tells it.
#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Answer {
    Complete { output: String },
    Errored { error: String },
    Waiting { until: f64 },
    Paused,
}

/// Runs the class.
pub(super) async fn go_on(apps: &dyn Apps, run: InstanceRun) -> Result<InstanceEnded, NotRun> {
    let app = run.runner.app.clone();
    let worker = apps.worker(&app).ok_or_else(|| NotRun(not_running(&app)))?;
    match worker.event(event(run)).await {
        Ok(answer) => ended(&answer),
        Err(failure) if is_interrupted(&failure) => Err(NotRun(failure.message)),
        Err(failure) => Ok(failed(apps, &app, &failure)),
    }
}

fn event(run: InstanceRun) -> AppEvent {
    let runner = &run.runner;
    let data = json!({
        "workflow": runner.workflow,
        "className": runner.class,
        "instance": run.id,
        "run": run.run,
        "created": run.created,
        "steps": runner.max_steps,
        "keeps": runner.keeps_messages,
    });
    AppEvent {
        kind: EventKind::Instance(runner.class.clone()),
        data: data.to_string(),
        bodies: vec![run.params],
    }
}

fn ended(answer: &str) -> Result<InstanceEnded, NotRun> {
    let answer: Answer = serde_json::from_str(answer).map_err(|error| NotRun(error.to_string()))?;
    Ok(match answer {
        Answer::Complete { output } => InstanceEnded::Complete(output),
        Answer::Errored { error } => InstanceEnded::Errored(error),
        Answer::Waiting { until } => InstanceEnded::Waiting(until as i64),
        Answer::Paused => InstanceEnded::Paused,
    })
}

/// The class was stopped by a limit, or hangs.
fn failed(apps: &dyn Apps, app: &str, failure: &Failure) -> InstanceEnded {
    apps.failed(app, failure);
    let error = json!({"name": "WorkflowInternalError", "message": failure.message});
    InstanceEnded::Errored(error.to_string())
}
