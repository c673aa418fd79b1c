//! `ploy.yaml`: its keys, their defaults and Ploy's rules.
//!
//! Durable Objects, migrations and buckets are ours, written in the same spirit; everything else
//! means what it means to Ploy. Reads the tree only; `.env` is read elsewhere.

mod bindings;
mod settings;

use crate::app::{App, BuildCommand, BundleOptions, Kind, Limits, Style};
use crate::binding::{Binding, BindingKind};
use crate::cron::Rules;
use crate::date::CompatibilityDate;
use crate::diagnostic::Severity;
use crate::names;
use crate::place::Place;
use crate::reader::Reader;
use crate::shared;
use crate::tree::{Map, Node};

pub(crate) const KEYS: [&str; 29] = [
    "kind",
    "build",
    "out",
    "base",
    "main",
    "name",
    "db",
    "queue",
    "cache",
    "state",
    "fs",
    "timer",
    "sandbox",
    "workflow",
    "cron",
    "ai",
    "agentSDK",
    "agentRules",
    "skew_protection",
    "auth",
    "assets",
    "compatibility_date",
    "compatibility_flags",
    "log_level",
    "dev",
    "durable_objects",
    "migrations",
    "r2",
    "$schema",
];

/// Keys that Ploy removed, and what to do instead.
const REMOVED: [(&str, &str); 2] = [
    (
        "env",
        "put the variables into a file `.env` beside this one: NAME=value",
    ),
    (
        "monorepo",
        "give each app a directory with a ploy.yaml of its own",
    ),
];

/// Keys of a wrangler config, and what the same thing is called here.
const WRANGLER_WORDS: [(&str, &str); 9] = [
    ("kv_namespaces", "state"),
    ("d1_databases", "db"),
    ("r2_buckets", "r2"),
    ("queues", "queue"),
    ("workflows", "workflow"),
    ("triggers", "cron"),
    ("crons", "cron"),
    ("agent_sdk", "agentSDK"),
    ("agent_rules", "agentRules"),
];

/// The flag that Ploy always sets.
const ALWAYS: &str = "nodejs_compat_v2";

/// Reads a whole `ploy.yaml`. The root is a map.
pub(crate) fn read(reader: &mut Reader, root: &Node, place: &Place) -> App {
    let empty = Map::default();
    let map = root.as_map().unwrap_or(&empty);
    unknown_keys(reader, map);
    let kind = settings::kind(reader, map, root.span);
    let build = build(reader, map, kind, place);
    let inner = |reader: &mut Reader, key: &str| place.inner(reader, map.value(key)?, key);
    let main = inner(reader, "main");
    let main_at = main.is_some().then(|| map.value("main")).flatten();
    let date = date(reader, map);
    let mut app = App {
        name: name(reader, map, place),
        style: Style::Ploy,
        kind,
        root: place.root.clone(),
        home: place.home.clone(),
        config_path: place.config.clone(),
        environment: None,
        main_at: main_at.map(|node| reader.at(node.span)),
        main,
        base: inner(reader, "base"),
        out: inner(reader, "out"),
        compatibility_date: date,
        compatibility_flags: flags(reader, map, date),
        build,
        vars: Vec::new(),
        required_secrets: None,
        bindings: bindings::read(reader, map),
        migrations: Vec::new(),
        class_exports: Vec::new(),
        crons: Vec::new(),
        tail_consumers: Vec::new(),
        consumers: Vec::new(),
        assets: None,
        rules: Vec::new(),
        bundle: BundleOptions::default(),
        dev: settings::dev(reader, map),
        limits: Limits::default(),
        log_level: settings::log_level(reader, map),
        skew_protection: flag(reader, map, "skew_protection"),
        agent_rules: flag(reader, map, "agentRules").unwrap_or(true),
    };
    sections(reader, map, place, &mut app);
    app
}

fn sections(reader: &mut Reader, map: &Map, place: &Place, app: &mut App) {
    if let Some(node) = map.value("migrations") {
        app.migrations = shared::migrations::read(reader, node, "migrations");
        shared::renamed::check(reader, &app.name, &app.bindings, &app.migrations);
    }
    if let Some(node) = map.value("cron") {
        crons(reader, node, app);
    }
    if let Some(node) = map.value("assets") {
        let inner = |reader: &mut Reader, node: &Node, path: &str| place.inner(reader, node, path);
        app.assets = shared::assets::read(reader, node, "assets", names::ploy_binding, inner);
    }
    let binding = app
        .assets
        .as_ref()
        .and_then(|assets| assets.binding.clone());
    let written = map.value("assets").and_then(Node::as_map);
    if let (Some(name), Some(node)) = (binding, written.and_then(|map| map.value("binding"))) {
        let source = reader.at(node.span);
        let kind = BindingKind::Assets;
        app.bindings.push(Binding { name, kind, source });
        app.bindings.sort_by_key(|binding| binding.source.span());
    }
}

fn unknown_keys(reader: &mut Reader, map: &Map) {
    for entry in map.entries() {
        let (key, span) = (entry.key.text.as_str(), entry.key.span);
        if KEYS.contains(&key) {
            continue;
        }
        if let Some((_, help)) = REMOVED.iter().find(|(removed, _)| *removed == key) {
            reader.error(
                span,
                format!("the key `{key}` was removed from ploy.yaml"),
                help,
            );
            continue;
        }
        if reader.is_full(Severity::Warning) {
            continue;
        }
        let word = WRANGLER_WORDS.iter().find(|(wrangler, _)| *wrangler == key);
        let nearest = word.map(|(_, ours)| *ours);
        let nearest = nearest.or_else(|| names::nearest(key, KEYS));
        reader.unknown_key(key, span, "", nearest);
    }
}

fn build(reader: &mut Reader, map: &Map, kind: Kind, place: &Place) -> Option<BuildCommand> {
    let Some(node) = map.value("build") else {
        if kind == Kind::Static {
            let span = map
                .get("kind")
                .map_or_else(Default::default, |entry| entry.value.span);
            let message = "a static app needs `build`, the command that makes its files";
            reader.error(span, message, "write for example `build: npm run build`");
        }
        return None;
    };
    Some(BuildCommand {
        command: reader.name(node, "build", names::not_empty)?,
        cwd: place.root.clone(),
        watch: vec![place.root.join("src")],
        at: reader.at(node.span),
    })
}

fn name(reader: &mut Reader, map: &Map, place: &Place) -> String {
    let node = map.value("name");
    let name = node.and_then(|node| reader.name(node, "name", names::ploy_app));
    name.unwrap_or_else(|| place.default_name.clone())
}

fn date(reader: &mut Reader, map: &Map) -> CompatibilityDate {
    let key = "compatibility_date";
    let node = map.value(key);
    let date = node.and_then(|node| shared::compatibility_date(reader, node, key));
    date.unwrap_or(CompatibilityDate::PLOY_DEFAULT)
}

fn flags(reader: &mut Reader, map: &Map, date: CompatibilityDate) -> Vec<String> {
    let key = "compatibility_flags";
    match map.value(key) {
        Some(node) => shared::compatibility_flags(reader, node, key, date, &[ALWAYS]),
        None => vec![ALWAYS.to_owned()],
    }
}

fn flag(reader: &mut Reader, map: &Map, key: &str) -> Option<bool> {
    reader.boolean(map.value(key)?, key)
}

fn crons(reader: &mut Reader, node: &Node, app: &mut App) {
    let Some(table) = reader.open_table(node, "cron") else {
        return;
    };
    for entry in table.map.entries() {
        let path = table.path(&entry.key.text);
        let cron = shared::cron(
            reader,
            &entry.value,
            &path,
            Rules::Ploy,
            Some(&entry.key.text),
        );
        app.crons.extend(cron);
    }
}
