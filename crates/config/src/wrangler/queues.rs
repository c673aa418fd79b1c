//! `queues`: bindings to send by, and which queues the script receives from, with Cloudflare's limits.

use super::bindings::one;
use super::view::View;
use crate::app::QueueConsumer;
use crate::binding::{Binding, BindingKind};
use crate::diagnostic::Diagnostic;
use crate::names;
use crate::reader::{Reader, Table};
use crate::tree::Value;

const PRODUCER: [&str; 4] = ["binding", "queue", "delivery_delay", "remote"];
const CONSUMER: [&str; 9] = [
    "queue",
    "type",
    "max_batch_size",
    "max_batch_timeout",
    "max_retries",
    "dead_letter_queue",
    "max_concurrency",
    "visibility_timeout_ms",
    "retry_delay",
];

/// The longest delay, in seconds: a day.
const MAX_DELAY: u32 = 86_400;

/// Reads the producers as bindings.
pub(super) fn read(reader: &mut Reader, view: &View<'_>) -> Vec<Binding> {
    let Some(found) = view.own("queues") else {
        return Vec::new();
    };
    let Some(table) = found.table(reader, &["producers", "consumers"]) else {
        return Vec::new();
    };
    let Some(node) = table.node("producers") else {
        return Vec::new();
    };
    let tables = reader.tables(node, &table.path("producers"), &PRODUCER);
    let read = tables
        .iter()
        .filter_map(|table| one(reader, table, "binding", names::identifier, &producer));
    read.collect()
}

fn producer(reader: &mut Reader, table: &Table<'_>) -> Option<BindingKind> {
    Some(BindingKind::Queue {
        queue: table.name(reader, "queue", names::not_empty),
        delivery_delay: whole(reader, table, "delivery_delay", 0, MAX_DELAY),
    })
}

/// Reads the queues that the script receives from. [`read`] tells what is wrong with the section itself.
pub(super) fn consumers(reader: &mut Reader, view: &View<'_>) -> Vec<QueueConsumer> {
    let section = view.own("queues");
    let map = section.as_ref().and_then(|found| found.node.as_map());
    let (Some(found), Some(node)) = (&section, map.and_then(|map| map.value("consumers"))) else {
        return Vec::new();
    };
    let tables = reader.tables(node, &format!("{}.consumers", found.path), &CONSUMER);
    let mut consumers: Vec<QueueConsumer> = Vec::new();
    for table in &tables {
        let Some(consumer) = consumer(reader, table) else {
            continue;
        };
        match consumers.iter().find(|known| known.queue == consumer.queue) {
            Some(known) => {
                let queue = &consumer.queue;
                let message = format!("the queue `{queue}` has two consumers; a queue has one");
                let error = Diagnostic::error(message).label(&consumer.at, "again here");
                reader.add(error.label(&known.at, "first here"));
            }
            None => consumers.push(consumer),
        }
    }
    consumers
}

fn consumer(reader: &mut Reader, table: &Table<'_>) -> Option<QueueConsumer> {
    let queue = table.required_name(reader, "queue", names::not_empty);
    let kind = table.text(reader, "type");
    let dead_letter_queue = table.name(reader, "dead_letter_queue", names::not_empty);
    let consumer = QueueConsumer {
        max_batch_size: whole(reader, table, "max_batch_size", 1, 100),
        max_batch_timeout: whole(reader, table, "max_batch_timeout", 0, 60),
        max_retries: whole(reader, table, "max_retries", 0, 100),
        dead_letter_queue,
        max_concurrency: whole(reader, table, "max_concurrency", 1, 250),
        retry_delay: whole(reader, table, "retry_delay", 0, MAX_DELAY),
        at: reader.at(table.node("queue").map_or(table.span, |node| node.span)),
        queue: queue?,
    };
    whole(reader, table, "visibility_timeout_ms", 0, u32::MAX);
    if kind.as_deref() == Some("http_pull") {
        let span = table.node("type").map_or(table.span, |node| node.span);
        reader.not_there_yet(span, "receiving from a queue over HTTP");
        return None;
    }
    Some(consumer)
}

/// A whole number; wrangler writes null for what has its default.
fn whole(reader: &mut Reader, table: &Table<'_>, key: &str, least: u32, most: u32) -> Option<u32> {
    let node = table.node(key).filter(|node| node.value != Value::Null)?;
    reader.whole(node, &table.path(key), least, most)
}
