//! `queues`: bindings to send by, and which queues the script receives from.

use super::bindings::one;
use super::view::View;
use crate::binding::{Binding, BindingKind};
use crate::names;
use crate::reader::{Reader, Table};
use crate::tree::Node;

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

/// Reads the producers as bindings; consumers are checked and said to be missing.
pub(super) fn read(reader: &mut Reader, view: &View<'_>) -> Vec<Binding> {
    let Some(found) = view.own("queues") else {
        return Vec::new();
    };
    let Some(table) = found.table(reader, &["producers", "consumers"]) else {
        return Vec::new();
    };
    if let Some(node) = table.node("consumers") {
        consumers(reader, node, &table.path("consumers"));
    }
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
    numbers(reader, table, &["delivery_delay"]);
    Some(BindingKind::Queue {
        queue: table.name(reader, "queue", names::not_empty),
    })
}

fn consumers(reader: &mut Reader, node: &Node, path: &str) {
    let tables = reader.tables(node, path, &CONSUMER);
    for table in &tables {
        table.required_text(reader, "queue");
        table.text(reader, "type");
        table.text(reader, "dead_letter_queue");
        let limits = [
            "max_batch_size",
            "max_batch_timeout",
            "max_retries",
            "max_concurrency",
            "visibility_timeout_ms",
            "retry_delay",
        ];
        numbers(reader, table, &limits);
    }
    if let Some(table) = tables.first() {
        let span = table.node("queue").map_or(table.span, |node| node.span);
        reader.not_there_yet(span, "receiving from a queue");
    }
}

fn numbers(reader: &mut Reader, table: &Table<'_>, keys: &[&str]) {
    for key in keys {
        if let Some(node) = table.node(key) {
            reader.number(node, &table.path(key));
        }
    }
}
