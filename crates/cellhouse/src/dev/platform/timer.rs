//! Ploy's timers of an app, and calling `timer()`.

use cellhouse_config::{App, BindingKind};
use cellhouse_runtime::{AppEvent, EventKind, Worker};
use cellhouse_schedules::{Due, NotRun};
use serde_json::{Value, json};

use super::{Apps, is_interrupted, not_running};

/// The timers of an app, if its code has a handler for them.
pub(super) fn stores(app: &App, worker: &Worker, missing: &mut Vec<String>) -> Vec<String> {
    let stores = app
        .bindings
        .iter()
        .filter_map(|binding| match &binding.kind {
            BindingKind::Timer { timer } => Some(timer.clone()),
            _ => None,
        });
    let stores: Vec<String> = stores.collect();
    if stores.is_empty() || worker.handles(&EventKind::Timer) {
        return stores;
    }
    missing.push("the app exports no timer() handler: timers wait until it does".to_owned());
    Vec::new()
}

/// Calls the handler.
pub(super) async fn fire(apps: &dyn Apps, due: Due) -> Result<(), NotRun> {
    let worker = apps.worker(&due.app);
    let worker = worker.ok_or_else(|| NotRun::Interrupted(not_running(&due.app)))?;
    let timer = &due.timer;
    let mut data = json!({"id": timer.id, "scheduledTime": timer.scheduled});
    if let Some(payload) = &timer.payload {
        data["payload"] = serde_json::from_str(payload).unwrap_or(Value::Null);
    }
    if let Some(interval) = timer.interval {
        data["intervalMs"] = interval.into();
    }
    let event = AppEvent {
        kind: EventKind::Timer,
        data: data.to_string(),
        bodies: Vec::new(),
    };
    match worker.event(event).await {
        Ok(_) => Ok(()),
        Err(failure) if is_interrupted(&failure) => Err(NotRun::Interrupted(failure.message)),
        Err(failure) => {
            apps.failed(&due.app, &failure);
            Err(NotRun::Failed(failure.message))
        }
    }
}
