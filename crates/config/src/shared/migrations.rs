//! Migrations of Durable Object classes: wrangler's `migrations`, in `ploy.yaml` the same.

use crate::app::{Migration, RenamedClass, TransferredClass};
use crate::diagnostic::Diagnostic;
use crate::names;
use crate::reader::{Reader, Table};
use crate::tree::Node;

const KEYS: [&str; 6] = [
    "tag",
    "new_classes",
    "new_sqlite_classes",
    "renamed_classes",
    "deleted_classes",
    "transferred_classes",
];

/// Reads the list. What was applied is known by its tag, so migrations of one tag become one.
pub(crate) fn read(reader: &mut Reader, node: &Node, path: &str) -> Vec<Migration> {
    let mut migrations: Vec<Migration> = Vec::new();
    for table in reader.tables(node, path, &KEYS) {
        let Some(migration) = migration(reader, &table) else {
            continue;
        };
        match migrations
            .iter_mut()
            .find(|first| first.tag == migration.tag)
        {
            Some(first) => {
                reader.add(same_tag(first, &migration));
                join(first, migration);
            }
            None => migrations.push(migration),
        }
    }
    migrations
}

fn same_tag(first: &Migration, again: &Migration) -> Diagnostic {
    let message = format!(
        "two migrations have the tag `{}`: they count as one",
        again.tag
    );
    Diagnostic::warning(message)
        .label(&again.at, "again here")
        .label(&first.at, "first here")
        .help("give each migration a tag of its own")
}

fn join(first: &mut Migration, again: Migration) {
    first.new_classes.extend(again.new_classes);
    first.new_sqlite_classes.extend(again.new_sqlite_classes);
    first.renamed_classes.extend(again.renamed_classes);
    first.deleted_classes.extend(again.deleted_classes);
    first.transferred_classes.extend(again.transferred_classes);
}

fn migration(reader: &mut Reader, table: &Table<'_>) -> Option<Migration> {
    let tag = table.required_text(reader, "tag");
    let at = reader.at(table.node("tag").map_or(table.span, |node| node.span));
    let migration = Migration {
        tag: tag.clone().unwrap_or_default(),
        new_classes: classes(reader, table, "new_classes"),
        new_sqlite_classes: classes(reader, table, "new_sqlite_classes"),
        renamed_classes: renamed(reader, table),
        deleted_classes: classes(reader, table, "deleted_classes"),
        transferred_classes: transferred(reader, table),
        at,
    };
    tag.map(|_| migration)
}

fn classes(reader: &mut Reader, table: &Table<'_>, key: &str) -> Vec<String> {
    let Some(node) = table.node(key) else {
        return Vec::new();
    };
    let path = table.path(key);
    let texts = reader.texts(node, &path);
    let named = texts
        .into_iter()
        .filter(|(class, node)| reader.check_name(class, node.span, "a class", names::identifier));
    named.map(|(class, _)| class).collect()
}

fn renamed(reader: &mut Reader, table: &Table<'_>) -> Vec<RenamedClass> {
    let key = "renamed_classes";
    let Some(node) = table.node(key) else {
        return Vec::new();
    };
    let tables = reader.tables(node, &table.path(key), &["from", "to"]);
    let read = tables.iter().filter_map(|table| {
        let from = table.required_name(reader, "from", names::identifier);
        let to = table.required_name(reader, "to", names::identifier);
        Some(RenamedClass {
            from: from?,
            to: to?,
        })
    });
    read.collect()
}

fn transferred(reader: &mut Reader, table: &Table<'_>) -> Vec<TransferredClass> {
    let key = "transferred_classes";
    let Some(node) = table.node(key) else {
        return Vec::new();
    };
    let tables = reader.tables(node, &table.path(key), &["from", "from_script", "to"]);
    let read = tables.iter().filter_map(|table| {
        let from = table.required_name(reader, "from", names::identifier);
        let from_script = table.required_text(reader, "from_script");
        let to = table.required_name(reader, "to", names::identifier);
        Some(TransferredClass {
            from: from?,
            from_script: from_script?,
            to: to?,
        })
    });
    read.collect()
}
