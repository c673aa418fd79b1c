//! `exports`: wrangler's newer way to declare Durable Object classes, instead of migrations.

use super::view::View;
use crate::app::{ClassExport, ClassState, ClassStorage, Migration};
use crate::diagnostic::Diagnostic;
use crate::names;
use crate::reader::{Reader, Table};
use crate::tree::Node;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    DurableObject,
    Worker,
    Workflow,
}

#[derive(Clone, Copy)]
enum State {
    Created,
    Deleted,
    Renamed,
    Transferred,
    ExpectingTransfer,
}

const TYPES: [(&str, Type); 3] = [
    ("durable-object", Type::DurableObject),
    ("worker", Type::Worker),
    ("workflow", Type::Workflow),
];
const STATES: [(&str, State); 5] = [
    ("created", State::Created),
    ("deleted", State::Deleted),
    ("renamed", State::Renamed),
    ("transferred", State::Transferred),
    ("expecting-transfer", State::ExpectingTransfer),
];
const STORAGES: [(&str, ClassStorage); 2] = [
    ("sqlite", ClassStorage::Sqlite),
    ("legacy-kv", ClassStorage::LegacyKv),
];

/// Reads the map of exports; those of entrypoints have no settings of interest here.
pub(super) fn read(
    reader: &mut Reader,
    view: &View<'_>,
    migrations: &[Migration],
) -> Vec<ClassExport> {
    let Some(found) = view.inherited("exports") else {
        return Vec::new();
    };
    let Some(table) = reader.open_table(found.node, &found.path) else {
        return Vec::new();
    };
    let mut classes = Vec::new();
    for entry in table.map.entries() {
        let class = &entry.key.text;
        let path = table.path(class);
        let named = reader.check_name(class, entry.key.span, "an export", names::identifier);
        let state = export(reader, &entry.value, &path);
        if let (true, Some(state)) = (named, state) {
            let (class_name, at) = (class.clone(), reader.at(entry.key.span));
            classes.push(ClassExport {
                class_name,
                state,
                at,
            });
        }
    }
    refuse_both(reader, &classes, migrations);
    classes
}

fn export(reader: &mut Reader, node: &Node, path: &str) -> Option<ClassState> {
    let table = reader.open_table(node, path)?;
    let kind = table.required(reader, "type")?;
    match reader.one_of(kind, &table.path("type"), &TYPES)? {
        Type::Worker => {
            reader.warn_unknown(table.map, path, &["type", "cache"]);
            None
        }
        Type::Workflow => {
            reader.not_there_yet(kind.span, "a Workflow that `exports` declares");
            None
        }
        Type::DurableObject => class(reader, &table, path),
    }
}

fn class(reader: &mut Reader, table: &Table<'_>, path: &str) -> Option<ClassState> {
    let node = table.node("state");
    let state = match node {
        None => State::Created,
        Some(node) => reader.one_of(node, &table.path("state"), &STATES)?,
    };
    let known: &[&str] = match state {
        State::Created => &["type", "state", "storage", "container"],
        State::Deleted => &["type", "state"],
        State::Renamed => &["type", "state", "renamed_to"],
        State::Transferred => &["type", "state", "transferred_to"],
        State::ExpectingTransfer => &["type", "state", "storage", "transfer_from", "container"],
    };
    reader.warn_unknown(table.map, path, known);
    if let Some(node) = table.node("container") {
        reader.not_there_yet(node.span, "a container for a Durable Object");
    }
    Some(match state {
        State::Created => ClassState::Created(storage(reader, table)?),
        State::Deleted => ClassState::Deleted,
        State::Renamed => ClassState::Renamed {
            to: table.required_name(reader, "renamed_to", names::identifier)?,
        },
        State::Transferred => ClassState::Transferred {
            to_script: table.required_text(reader, "transferred_to")?,
        },
        State::ExpectingTransfer => {
            let storage = storage(reader, table);
            let from_script = table.required_text(reader, "transfer_from");
            ClassState::ExpectingTransfer {
                from_script: from_script?,
                storage: storage?,
            }
        }
    })
}

fn storage(reader: &mut Reader, table: &Table<'_>) -> Option<ClassStorage> {
    let node = table.required(reader, "storage")?;
    reader.one_of(node, &table.path("storage"), &STORAGES)
}

fn refuse_both(reader: &mut Reader, classes: &[ClassExport], migrations: &[Migration]) {
    if let (Some(class), Some(migration)) = (classes.first(), migrations.first()) {
        let message = "Durable Object classes are declared by `migrations` and by `exports`";
        let diagnostic = Diagnostic::error(message)
            .label(&class.at, "by exports")
            .label(&migration.at, "by migrations")
            .help("choose one of the two");
        reader.add(diagnostic);
    }
}
