//! Queues of an app: what it receives from, and calling `queue()`, or Ploy's `message()`.

use std::time::Duration;

use cellhouse_config::{App, BindingKind, QueueConsumer, Style};
use cellhouse_queues::{Batch, Consumer, NotRun, Outcome, RetryPause};
use cellhouse_runtime::{AppEvent, EventKind, Worker};
use serde_json::json;

use super::{Apps, is_interrupted, not_running};

/// Before a message of Ploy's is tried again the first time. It is tried for ever, ever more rarely.
const PLOY_PAUSE: Duration = Duration::from_secs(5);

/// The queues that an app receives from, if its code has a handler for them.
pub(super) fn consumers(app: &App, worker: &Worker, missing: &mut Vec<String>) -> Vec<Consumer> {
    let (consumers, kind) = match app.style {
        Style::Ploy => (ploy(app), EventKind::Message),
        Style::Wrangler => {
            let consumers = app.consumers.iter();
            let consumers = consumers.map(|consumer| wrangler(app, consumer));
            (consumers.collect(), EventKind::Queue)
        }
    };
    if consumers.is_empty() || worker.handles(&kind) {
        return consumers;
    }
    // In Ploy's config a queue is one to send to as well.
    let names: Vec<_> = consumers.iter().map(|c| c.queue.as_str()).collect();
    let what = kind.as_str();
    missing.push(format!(
        "the app exports no {what}() handler: messages of {} wait until it does",
        names.join(", ")
    ));
    Vec::new()
}

fn ploy(app: &App) -> Vec<Consumer> {
    let mut consumers: Vec<Consumer> = Vec::new();
    for binding in &app.bindings {
        let BindingKind::Queue { .. } = &binding.kind else {
            continue;
        };
        let queue = super::queue_name(binding);
        if consumers.iter().any(|known| known.queue == queue) {
            continue;
        }
        consumers.push(Consumer {
            one_by_one: true,
            max_batch_size: 1,
            max_batch_timeout: Duration::ZERO,
            max_retries: None,
            pause: RetryPause::Doubling(PLOY_PAUSE),
            ..Consumer::new(&app.name, queue)
        });
    }
    consumers
}

fn wrangler(app: &App, config: &QueueConsumer) -> Consumer {
    let usual = Consumer::new(&app.name, &config.queue);
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Consumer {
        max_batch_size: config.max_batch_size.unwrap_or(usual.max_batch_size),
        max_batch_timeout: config
            .max_batch_timeout
            .map_or(usual.max_batch_timeout, seconds),
        max_retries: config.max_retries.or(usual.max_retries),
        dead_letter_queue: config.dead_letter_queue.clone(),
        max_concurrency: config.max_concurrency.unwrap_or(usual.max_concurrency),
        pause: RetryPause::Fixed(config.retry_delay.map_or(Duration::ZERO, seconds)),
        ..usual
    }
}

/// Calls the handler.
pub(super) async fn deliver(apps: &dyn Apps, batch: Batch) -> Result<Outcome, NotRun> {
    let app = batch.consumer.app.clone();
    let worker = apps.worker(&app).ok_or_else(|| NotRun(not_running(&app)))?;
    let one_by_one = batch.consumer.one_by_one;
    match worker.event(event(batch)).await {
        Ok(_) if one_by_one => Ok(Outcome {
            ok: true,
            ..Outcome::default()
        }),
        Ok(answer) => serde_json::from_str(&answer).map_err(|error| NotRun(error.to_string())),
        Err(failure) if is_interrupted(&failure) => Err(NotRun(failure.message)),
        Err(failure) => {
            apps.failed(&app, &failure);
            Ok(Outcome::failed())
        }
    }
}

fn event(batch: Batch) -> AppEvent {
    let messages = batch.messages.iter().map(|message| {
        json!({
            "id": message.id,
            "timestamp": message.sent,
            "attempts": message.attempts,
            "content": message.content.number(),
        })
    });
    let backlog = &batch.backlog;
    let data = json!({
        "queue": batch.consumer.queue,
        "backlog": {"count": backlog.count, "bytes": backlog.bytes, "oldest": backlog.oldest},
        "messages": messages.collect::<Vec<_>>(),
    });
    AppEvent {
        kind: match batch.consumer.one_by_one {
            true => EventKind::Message,
            false => EventKind::Queue,
        },
        data: data.to_string(),
        bodies: batch.messages.into_iter().map(|m| m.body).collect(),
    }
}
