//! Names, dates, paths, variables, crons, limits and the local server of a wrangler config.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value as Json;

use super::view::View;
use crate::app::{Assets, BuildCommand, Cron, Dev, Limits, Migration, TailConsumer};
use crate::binding::{Binding, BindingKind};
use crate::cron::Rules;
use crate::date::CompatibilityDate;
use crate::names;
use crate::place::Place;
use crate::reader::Reader;
use crate::shared;
use crate::source::Location;
use crate::tree::{Node, Value};

/// Cloudflare's longest CPU time, five minutes, in milliseconds.
const LONGEST_CPU: u32 = 300_000;

/// The Worker's name; an environment's is `name-environment` unless it has its own.
pub(super) fn name(reader: &mut Reader, view: &View<'_>, place: &Place) -> String {
    if let Some(found) = view.in_section("name")
        && let Some(name) = reader.name(found.node, &found.path, names::worker)
    {
        return name;
    }
    let top = view.at_top("name");
    // wrangler takes an empty name for none.
    let written = top.filter(|found| found.node.as_text() != Some(""));
    let name = written.and_then(|found| reader.name(found.node, &found.path, names::worker));
    let name = name.unwrap_or_else(|| place.default_name.clone());
    match view.name() {
        Some(environment) => format!("{name}-{environment}"),
        None => name,
    }
}

/// `main` and where it is written. `site.entry-point` is its old name.
pub(super) fn main(
    reader: &mut Reader,
    view: &View<'_>,
    place: &Place,
) -> (Option<PathBuf>, Option<Location>) {
    let found = view.inherited("main");
    let (node, path) = match found {
        Some(found) => (Some(found.node), found.path),
        None => (old_main(reader, view), "site.entry-point".to_owned()),
    };
    let main = node.and_then(|node| place.free(reader, node, &path));
    let at = node
        .filter(|_| main.is_some())
        .map(|node| reader.at(node.span));
    (main, at)
}

fn old_main<'t>(reader: &mut Reader, view: &View<'t>) -> Option<&'t Node> {
    let site = view.at_top("site")?.node.as_map()?;
    let node = site.value("entry-point")?;
    reader.warn(
        node.span,
        "`site.entry-point` is the old name of `main`",
        "write it as `main`",
    );
    Some(node)
}

/// `compatibility_date`; without one the newest is used, and wrangler's warning given.
pub(super) fn date(reader: &mut Reader, view: &View<'_>) -> Option<CompatibilityDate> {
    let Some(found) = view.inherited("compatibility_date") else {
        let (file, newest) = (reader.file_name(), CompatibilityDate::NEWEST);
        let message = format!(
            "{file} has no compatibility_date: the newest behaviour is used, that of {newest}"
        );
        let help = format!("add compatibility_date with the value \"{newest}\" to keep it so");
        reader.warn_absent(message, &help);
        return None;
    };
    shared::compatibility_date(reader, found.node, &found.path)
}

/// `compatibility_flags`.
pub(super) fn flags(reader: &mut Reader, view: &View<'_>, date: CompatibilityDate) -> Vec<String> {
    match view.inherited("compatibility_flags") {
        Some(found) => shared::compatibility_flags(reader, found.node, &found.path, date, &[]),
        None => Vec::new(),
    }
}

/// `build: { command, cwd, watch_dir }`.
pub(super) fn build(reader: &mut Reader, view: &View<'_>, place: &Place) -> Option<BuildCommand> {
    let found = view.inherited("build")?;
    let table = found.table(reader, &["command", "cwd", "watch_dir"])?;
    let cwd = table
        .node("cwd")
        .and_then(|node| place.free(reader, node, &table.path("cwd")));
    let path = table.path("watch_dir");
    let watch = match table.node("watch_dir") {
        None => vec![place.root.join("src")],
        Some(node) => directories(reader, node, &path, place),
    };
    let command = table.node("command")?;
    Some(BuildCommand {
        command: reader
            .text(command, &table.path("command"))
            .filter(|text| !text.is_empty())?,
        cwd: cwd.unwrap_or_else(|| place.root.clone()),
        watch,
        at: reader.at(command.span),
    })
}

fn directories(reader: &mut Reader, node: &Node, path: &str, place: &Place) -> Vec<PathBuf> {
    let one = std::slice::from_ref(node);
    let nodes = match &node.value {
        Value::Text(_) => one,
        _ => reader.list(node, path, "text or a list of texts"),
    };
    nodes
        .iter()
        .filter_map(|node| place.free(reader, node, path))
        .collect()
}

/// `vars`: text or any JSON.
pub(super) fn vars(reader: &mut Reader, view: &View<'_>) -> Vec<(String, Json)> {
    let Some(found) = view.own("vars") else {
        return Vec::new();
    };
    let Some(table) = reader.open_table(found.node, &found.path) else {
        return Vec::new();
    };
    let mut vars = Vec::new();
    for entry in table.map.entries() {
        let (name, path) = (&entry.key.text, table.path(&entry.key.text));
        let named = reader.check_name(name, entry.key.span, "a variable", names::not_empty);
        if let (true, Some(value)) = (named, reader.json(&entry.value, &path)) {
            reader.claim(name, "variable", entry.key.span);
            vars.push((name.clone(), value));
        }
    }
    vars
}

/// `secrets: { required }`; `None` if the config does not declare its secrets.
pub(super) fn secrets(reader: &mut Reader, view: &View<'_>) -> Option<Vec<String>> {
    let found = view.own("secrets")?;
    let table = found.table(reader, &["required"])?;
    let Some(node) = table.node("required") else {
        return Some(Vec::new());
    };
    let texts = reader.texts(node, &table.path("required"));
    for (name, node) in &texts {
        reader.claim(name, "secret", node.span);
    }
    Some(texts.into_iter().map(|(name, _)| name).collect())
}

/// `migrations`.
pub(super) fn migrations(reader: &mut Reader, view: &View<'_>) -> Vec<Migration> {
    match view.inherited("migrations") {
        Some(found) => shared::migrations::read(reader, found.node, &found.path),
        None => Vec::new(),
    }
}

/// `triggers: { crons, events }`.
pub(super) fn crons(reader: &mut Reader, view: &View<'_>) -> Vec<Cron> {
    let Some(found) = view.inherited("triggers") else {
        return Vec::new();
    };
    let Some(table) = found.table(reader, &["crons", "events"]) else {
        return Vec::new();
    };
    if let Some(node) = table.node("events") {
        reader.list(node, &table.path("events"), "a list of maps");
        reader.not_there_yet(node.span, "`triggers.events`");
    }
    let Some(node) = table.node("crons") else {
        return Vec::new();
    };
    let path = table.path("crons");
    let items = reader
        .list(node, &path, "a list of cron expressions")
        .iter();
    let crons = items.enumerate().filter_map(|(index, node)| {
        shared::cron(
            reader,
            node,
            &format!("{path}[{index}]"),
            Rules::Cloudflare,
            None,
        )
    });
    crons.collect()
}

/// `tail_consumers: [{ service, environment }]`.
pub(super) fn tail_consumers(reader: &mut Reader, view: &View<'_>) -> Vec<TailConsumer> {
    let Some(found) = view.own("tail_consumers") else {
        return Vec::new();
    };
    let tables = reader.tables(found.node, &found.path, &["service", "environment"]);
    let consumers = tables.iter().filter_map(|table| {
        let service = table.required_text(reader, "service")?;
        let environment = table.text(reader, "environment");
        let at = reader.at(table.node("service")?.span);
        Some(TailConsumer {
            service,
            environment,
            at,
        })
    });
    consumers.collect()
}

/// `assets` and the binding it makes.
pub(super) fn assets(
    reader: &mut Reader,
    view: &View<'_>,
    place: &Place,
) -> (Option<Assets>, Option<Binding>) {
    let Some(found) = view.inherited("assets") else {
        return (None, None);
    };
    let free = |reader: &mut Reader, node: &Node, path: &str| place.free(reader, node, path);
    let assets = shared::assets::read(reader, found.node, &found.path, names::identifier, free);
    let name = assets.as_ref().and_then(|assets| assets.binding.clone());
    let written = found.node.as_map().and_then(|map| map.value("binding"));
    let binding = name.zip(written).map(|(name, node)| Binding {
        name,
        kind: BindingKind::Assets,
        source: reader.at(node.span),
    });
    (assets, binding)
}

/// `dev`.
pub(super) fn dev(reader: &mut Reader, view: &View<'_>) -> Dev {
    const KEYS: [&str; 10] = [
        "ip",
        "port",
        "inspector_port",
        "inspector_ip",
        "local_protocol",
        "upstream_protocol",
        "host",
        "enable_containers",
        "container_engine",
        "generate_types",
    ];
    let found = view.at_top("dev");
    let Some(table) = found.and_then(|found| found.table(reader, &KEYS)) else {
        return Dev::default();
    };
    let protocols = [("http", false), ("https", true)];
    for key in ["local_protocol", "upstream_protocol"] {
        let node = table.node(key);
        let https = node.and_then(|node| reader.one_of(node, &table.path(key), &protocols));
        if let (Some(true), Some(node), "local_protocol") = (https, node, key) {
            reader.not_there_yet(node.span, "HTTPS on the local server");
        }
    }
    for key in ["enable_containers", "generate_types"] {
        table.boolean(reader, key);
    }
    if let Some(node) = table.node("inspector_port") {
        reader.whole(node, &table.path("inspector_port"), 0, u32::from(u16::MAX));
    }
    let port = table.node("port");
    Dev {
        port: port.and_then(|node| reader.port(node, &table.path("port"))),
        host: table.name(reader, "ip", names::host),
        upstream_host: table.name(reader, "host", names::not_empty),
        at: Some(reader.at(port.map_or(table.span, |node| node.span))),
    }
}

/// `limits: { cpu_ms, subrequests }`.
pub(super) fn limits(reader: &mut Reader, view: &View<'_>) -> Limits {
    let found = view.inherited("limits");
    let known = ["cpu_ms", "subrequests"];
    let Some(table) = found.and_then(|found| found.table(reader, &known)) else {
        return Limits::default();
    };
    let mut whole = |key: &str, most: u32| {
        let node = table.node(key)?;
        reader.whole(node, &table.path(key), 1, most)
    };
    Limits {
        cpu: whole("cpu_ms", LONGEST_CPU).map(|ms| Duration::from_millis(u64::from(ms))),
        subrequests: whole("subrequests", u32::MAX),
    }
}
