//! The config as one environment sees it: what is inherited from the top level and what is not.
//!
//! Knows where a key is looked for, not what it means.

use std::collections::HashSet;

use super::keys;
use crate::diagnostic::Diagnostic;
use crate::names;
use crate::reader::{Reader, Table, with_help};
use crate::source::Span;
use crate::tree::{Map, Node};

/// The top level, or one environment over it.
pub(super) struct View<'t> {
    pub(super) top: &'t Map,
    environment: Option<Environment<'t>>,
}

struct Environment<'t> {
    name: String,
    /// `None` where no section of that name is written: then the top level counts whole.
    section: Option<&'t Map>,
}

/// A value and the path that messages call it by.
pub(super) struct Found<'t> {
    pub(super) node: &'t Node,
    pub(super) path: String,
}

impl<'t> Found<'t> {
    pub(super) fn table(&self, reader: &mut Reader, known: &[&'static str]) -> Option<Table<'t>> {
        reader.table(self.node, &self.path, known)
    }
}

impl<'t> View<'t> {
    pub(super) fn top_level(top: &'t Map) -> Self {
        Self {
            top,
            environment: None,
        }
    }

    /// The environment that was asked for; `None` if none was, or if it is not in the config.
    pub(super) fn of_environment(
        reader: &mut Reader,
        top: &'t Map,
        wanted: Option<&str>,
    ) -> Option<Self> {
        // wrangler takes an empty name for the top level.
        let name = wanted.filter(|name| !name.is_empty())?;
        let section = match top.value("env") {
            None => {
                let file = reader.file_name();
                let message = format!("{file} has no environment `{name}`: the top level is used");
                reader.warn_absent(
                    message,
                    "add a section for it, or leave the environment out",
                );
                None
            }
            Some(node) => {
                let table = reader.open_table(node, "env")?;
                match table.map.value(name) {
                    Some(section) => Some(reader.open_table(section, &table.path(name))?.map),
                    None => return unknown_environment(reader, top, table.map, name),
                }
            }
        };
        let name = name.to_owned();
        let environment = Some(Environment { name, section });
        Some(Self { top, environment })
    }

    /// The environment's name.
    pub(super) fn name(&self) -> Option<&str> {
        self.environment.as_ref().map(|found| found.name.as_str())
    }

    /// The environment's own section, with its path.
    pub(super) fn section(&self) -> Option<(&'t Map, String)> {
        let found = self.environment.as_ref()?;
        Some((found.section?, format!("env.{}", found.name)))
    }

    /// A key that an environment takes over from the top level unless it has its own.
    pub(super) fn inherited(&self, key: &str) -> Option<Found<'t>> {
        self.in_section(key).or_else(|| self.at_top(key))
    }

    /// A key that counts only where it is written.
    pub(super) fn own(&self, key: &str) -> Option<Found<'t>> {
        match self.section() {
            Some(_) => self.in_section(key),
            None => self.at_top(key),
        }
    }

    /// A key that exists at the top level only.
    pub(super) fn at_top(&self, key: &str) -> Option<Found<'t>> {
        let node = self.top.value(key)?;
        let path = key.to_owned();
        Some(Found { node, path })
    }

    /// A key of the environment's section.
    pub(super) fn in_section(&self, key: &str) -> Option<Found<'t>> {
        let (section, path) = self.section()?;
        let node = section.value(key)?;
        let path = format!("{path}.{key}");
        Some(Found { node, path })
    }

    /// Warns about what the top level has, the environment has not, and is not inherited.
    pub(super) fn warn_about_missing(&self, reader: &mut Reader) {
        let Some((section, path)) = self.section() else {
            return;
        };
        for entry in self.top.entries() {
            let key = entry.key.text.as_str();
            if !keys::NOT_INHERITED.contains(&key) || self.at_top(key).is_none() {
                continue;
            }
            let Some(own) = section.value(key) else {
                let message = format!(
                    "`{key}` is at the top level, but not in `{path}`, which does not inherit it"
                );
                let help = format!("write `{key}` into `{path}` too if it is meant there");
                reader.warn(entry.key.span, message, &help);
                continue;
            };
            let own: HashSet<&str> = named(key, own).into_iter().map(|(name, _)| name).collect();
            for (name, span) in named(key, &entry.value) {
                if !own.contains(name) {
                    let message = format!(
                        "`{name}` is in `{key}` at the top level, but not in `{path}.{key}`, which does not inherit it"
                    );
                    let help =
                        format!("write `{name}` into `{path}.{key}` too if it is meant there");
                    reader.warn(span, message, &help);
                }
            }
        }
    }
}

fn unknown_environment<'t>(
    reader: &mut Reader,
    top: &Map,
    environments: &Map,
    name: &str,
) -> Option<View<'t>> {
    let known: Vec<_> = environments
        .entries()
        .iter()
        .map(|e| e.key.text.as_str())
        .collect();
    let message = format!(
        "the config has no environment `{name}`; it has {}",
        list(&known)
    );
    let span = top
        .get("env")
        .map_or(Span::default(), |entry| entry.key.span);
    let nearest = names::nearest(name, known.iter().copied());
    let help = nearest.map(|nearest| format!("did you mean `{nearest}`?"));
    let diagnostic = Diagnostic::error(message).label(&reader.at(span), "");
    reader.add(with_help(diagnostic, &help.unwrap_or_default()));
    None
}

fn list(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    }
}

/// The names that a key which is not inherited gives to `env` or to the script, with their places.
fn named<'t>(key: &str, node: &'t Node) -> Vec<(&'t str, Span)> {
    let inner = |inner: &str| node.as_map().and_then(|map| map.value(inner));
    match key {
        "vars" | "define" => {
            let entries = node.as_map().map_or(&[][..], Map::entries);
            let keys = entries.iter().map(|entry| &entry.key);
            keys.map(|key| (key.text.as_str(), key.span)).collect()
        }
        "durable_objects" | "unsafe" => inner("bindings").map_or_else(Vec::new, binding_names),
        "queues" => inner("producers").map_or_else(Vec::new, binding_names),
        _ => binding_names(node),
    }
}

fn binding_names(node: &Node) -> Vec<(&str, Span)> {
    let items = node.as_list().unwrap_or_default().iter();
    let names = items.filter_map(|item| {
        let map = item.as_map()?;
        let name = map.value("binding").or_else(|| map.value("name"))?;
        Some((name.as_text()?, name.span))
    });
    names.collect()
}
