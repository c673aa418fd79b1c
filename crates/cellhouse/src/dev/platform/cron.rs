//! Cron triggers of an app: what its config asks for, and calling `scheduled()`.

use cellhouse_config::{App, Style};
use cellhouse_runtime::Worker;
use cellhouse_schedules::{Cron, Schedule, Syntax, Tick};

use super::Apps;
use crate::report::Problem;

/// The triggers of an app, if its code has a handler for them.
pub(super) fn triggers(
    app: &App,
    worker: &Worker,
    missing: &mut Vec<String>,
) -> Result<Vec<Cron>, Problem> {
    let syntax = match app.style {
        Style::Ploy => Syntax::Ploy,
        Style::Wrangler => Syntax::Cloudflare,
    };
    let crons = app.crons.iter().map(|cron| {
        let schedule = Schedule::parse(&cron.expression, syntax);
        Ok(Cron {
            expression: cron.expression.clone(),
            schedule: schedule.map_err(|error| Problem::Text(error.to_string()))?,
        })
    });
    let crons: Vec<Cron> = crons.collect::<Result<_, Problem>>()?;
    if !crons.is_empty() && !worker.has_scheduled() {
        missing.push("the config has cron triggers, but the app exports no scheduled() handler: none of them runs".to_owned());
        return Ok(Vec::new());
    }
    Ok(crons)
}

/// Calls the handler. A failure is told of; that due time is over all the same.
pub(super) async fn fire(apps: &dyn Apps, tick: Tick) {
    let Some(worker) = apps.worker(&tick.app) else {
        return tracing::warn!("{}", super::not_running(&tick.app));
    };
    #[expect(clippy::cast_precision_loss, reason = "a moment of the present fits")]
    let time = tick.time as f64;
    if let Err(failure) = worker.scheduled(tick.expression, time).await {
        apps.failed(&tick.app, &failure);
    }
}
