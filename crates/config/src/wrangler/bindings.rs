//! The bindings of a wrangler config that Cellhouse has, or will have.

use super::queues;
use super::view::View;
use crate::binding::{Binding, BindingKind};
use crate::names::{self, Rule};
use crate::place::Place;
use crate::reader::{Reader, Table};
use crate::shared::objects;

/// Reads the sections in a fixed order; within one, in the order of the file.
pub(super) fn read(reader: &mut Reader, view: &View<'_>, place: &Place) -> Vec<Binding> {
    let mut bindings = list(reader, view, "kv_namespaces", &KV, |reader, table| {
        Some(BindingKind::Kv {
            id: table.name(reader, "id", names::not_empty),
            preview_id: table.text(reader, "preview_id"),
        })
    });
    bindings.extend(durable_objects(reader, view));
    bindings.extend(list(reader, view, "d1_databases", &D1, |reader, table| {
        d1(reader, table, place)
    }));
    bindings.extend(list(reader, view, "r2_buckets", &R2, r2));
    bindings.extend(list(reader, view, "services", &SERVICE, service));
    bindings.extend(queues::read(reader, view));
    bindings.extend(list(reader, view, "workflows", &WORKFLOW, workflow));
    bindings
}

const KV: [&str; 4] = ["binding", "id", "preview_id", "remote"];
const D1: [&str; 9] = [
    "binding",
    "database_id",
    "database_internal_env",
    "database_name",
    "migrations_dir",
    "migrations_pattern",
    "migrations_table",
    "preview_database_id",
    "remote",
];
const R2: [&str; 6] = [
    "binding",
    "bucket_name",
    "preview_bucket_name",
    "jurisdiction",
    "remote",
    "local_dev",
];
const SERVICE: [&str; 7] = [
    "binding",
    "service",
    "environment",
    "entrypoint",
    "props",
    "remote",
    "dev",
];
const WORKFLOW: [&str; 7] = [
    "binding",
    "name",
    "class_name",
    "script_name",
    "limits",
    "schedules",
    "remote",
];

/// Reads what is behind a binding from its table.
pub(super) type Kind<'a> = &'a dyn Fn(&mut Reader, &Table<'_>) -> Option<BindingKind>;

fn list(
    reader: &mut Reader,
    view: &View<'_>,
    key: &str,
    known: &[&'static str],
    kind: impl Fn(&mut Reader, &Table<'_>) -> Option<BindingKind>,
) -> Vec<Binding> {
    let Some(found) = view.own(key) else {
        return Vec::new();
    };
    let tables = reader.tables(found.node, &found.path, known);
    let read = tables
        .iter()
        .filter_map(|table| one(reader, table, "binding", names::identifier, &kind));
    read.collect()
}

/// One binding: its name in `env` is the value of `name_key` and obeys `rule`.
pub(super) fn one(
    reader: &mut Reader,
    table: &Table<'_>,
    name_key: &str,
    rule: Rule,
    kind: Kind<'_>,
) -> Option<Binding> {
    let name = table.required_name(reader, name_key, rule);
    let kind = kind(reader, table);
    remote(reader, table, kind.as_ref());
    let source = reader.at(table.node(name_key)?.span);
    Some(Binding {
        name: name?,
        kind: kind?,
        source,
    })
}

/// `remote: true` asks for Cloudflare's own resource in development, which is not ours to reach.
fn remote(reader: &mut Reader, table: &Table<'_>, kind: Option<&BindingKind>) {
    // Products that we only know by name are noted as missing, which says enough.
    let ours = !matches!(kind, Some(BindingKind::Ai | BindingKind::Other { .. }));
    let wanted = table.boolean(reader, "remote") == Some(true);
    if let (true, true, Some(node)) = (ours, wanted, table.node("remote")) {
        let message = format!(
            "`{}` is ignored: everything runs here",
            table.path("remote")
        );
        reader.warn(node.span, message, "");
    }
}

fn durable_objects(reader: &mut Reader, view: &View<'_>) -> Vec<Binding> {
    let Some(found) = view.own("durable_objects") else {
        return Vec::new();
    };
    let Some(outer) = found.table(reader, &["bindings"]) else {
        return Vec::new();
    };
    let Some(node) = outer.required(reader, "bindings") else {
        return Vec::new();
    };
    let known = ["name", "class_name", "script_name", "environment", "remote"];
    let tables = reader.tables(node, &outer.path("bindings"), &known);
    let read = tables
        .iter()
        .filter_map(|table| one(reader, table, "name", names::identifier, &objects::kind));
    read.collect()
}

fn d1(reader: &mut Reader, table: &Table<'_>, place: &Place) -> Option<BindingKind> {
    let directory = table.node("migrations_dir");
    let directory =
        directory.and_then(|node| place.free(reader, node, &table.path("migrations_dir")));
    table.text(reader, "database_internal_env");
    Some(BindingKind::D1 {
        database_name: table.text(reader, "database_name"),
        database_id: table.text(reader, "database_id"),
        preview_database_id: table.text(reader, "preview_database_id"),
        migrations_dir: directory.unwrap_or_else(|| place.root.join("migrations")),
        migrations_table: table
            .name(reader, "migrations_table", names::not_empty)
            .unwrap_or_else(|| "d1_migrations".to_owned()),
        migrations_pattern: table.text(reader, "migrations_pattern"),
    })
}

fn r2(reader: &mut Reader, table: &Table<'_>) -> Option<BindingKind> {
    if let Some(node) = table.node("local_dev") {
        reader.open_table(node, &table.path("local_dev"));
    }
    Some(BindingKind::R2 {
        bucket_name: table.name(reader, "bucket_name", names::bucket),
        preview_bucket_name: table.name(reader, "preview_bucket_name", names::bucket),
        jurisdiction: table.text(reader, "jurisdiction"),
    })
}

fn service(reader: &mut Reader, table: &Table<'_>) -> Option<BindingKind> {
    let service = table.required_text(reader, "service");
    for key in ["props", "dev"] {
        if let Some(node) = table.node(key) {
            reader.open_table(node, &table.path(key));
        }
    }
    Some(BindingKind::Service {
        environment: table.text(reader, "environment"),
        entrypoint: table.name(reader, "entrypoint", names::identifier),
        props: table.json(reader, "props"),
        service: service?,
    })
}

fn workflow(reader: &mut Reader, table: &Table<'_>) -> Option<BindingKind> {
    let name = table.required_name(reader, "name", names::workflow);
    let class_name = table.required_name(reader, "class_name", names::identifier);
    let script_name = table.name(reader, "script_name", names::not_empty);
    if let Some(node) = table.node("schedules") {
        if node.as_text().is_none() {
            reader.texts(node, &table.path("schedules"));
        }
        let path = table.path("schedules");
        let message = format!("`{path}` has no effect: a cron trigger may create instances");
        reader.warn(node.span, message, "");
    }
    let limits = table.node("limits");
    let max_steps = limits.and_then(|node| {
        let limits = reader.table(node, &table.path("limits"), &["steps"])?;
        let node = limits.node("steps")?;
        reader.whole(node, &limits.path("steps"), 1, u32::MAX)
    });
    Some(BindingKind::Workflow {
        name: name?,
        class_name: class_name?,
        script_name,
        max_steps,
    })
}
