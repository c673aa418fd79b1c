//! Maps with known keys.
//!
//! A key that is not known is a warning that names the nearest known one, never an error: configs
//! are written for newer versions and other tools too.

use serde_json::Value as Json;

use super::{Reader, with_help};
use crate::diagnostic::{Diagnostic, Severity};
use crate::names::{self, Rule};
use crate::source::Span;
use crate::tree::{Map, Node};

/// A map in the file, with the path that messages call it by.
pub(crate) struct Table<'t> {
    pub(crate) map: &'t Map,
    pub(crate) span: Span,
    path: String,
}

impl<'t> Table<'t> {
    /// The path of a key as messages name it: `dev.port`.
    pub(crate) fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    pub(crate) fn node(&self, key: &str) -> Option<&'t Node> {
        self.map.value(key)
    }

    pub(crate) fn text(&self, reader: &mut Reader, key: &str) -> Option<String> {
        reader.text(self.node(key)?, &self.path(key))
    }

    pub(crate) fn name(&self, reader: &mut Reader, key: &str, rule: Rule) -> Option<String> {
        reader.name(self.node(key)?, &self.path(key), rule)
    }

    pub(crate) fn boolean(&self, reader: &mut Reader, key: &str) -> Option<bool> {
        reader.boolean(self.node(key)?, &self.path(key))
    }

    pub(crate) fn json(&self, reader: &mut Reader, key: &str) -> Option<Json> {
        reader.json(self.node(key)?, &self.path(key))
    }

    /// The value of a key that must be there.
    pub(crate) fn required(&self, reader: &mut Reader, key: &str) -> Option<&'t Node> {
        let node = self.node(key);
        if node.is_none() {
            let message = format!("`{}` is missing", self.path(key));
            // A key without a value is a better place than the map around it.
            let span = self.map.get(key).map_or(self.span, |entry| entry.key.span);
            reader.error(span, message, "");
        }
        node
    }

    pub(crate) fn required_text(&self, reader: &mut Reader, key: &str) -> Option<String> {
        self.required_name(reader, key, names::not_empty)
    }

    pub(crate) fn required_name(
        &self,
        reader: &mut Reader,
        key: &str,
        rule: Rule,
    ) -> Option<String> {
        let node = self.required(reader, key)?;
        reader.name(node, &self.path(key), rule)
    }
}

impl Reader {
    /// A map; keys outside `known` are warned about.
    pub(crate) fn table<'t>(
        &mut self,
        node: &'t Node,
        path: &str,
        known: &[&'static str],
    ) -> Option<Table<'t>> {
        let table = self.open_table(node, path)?;
        self.warn_unknown(table.map, path, known);
        Some(table)
    }

    /// A map whose keys are free.
    pub(crate) fn open_table<'t>(&mut self, node: &'t Node, path: &str) -> Option<Table<'t>> {
        let Some(map) = node.as_map() else {
            self.wrong_type(node, path, "a map");
            return None;
        };
        Some(Table {
            map,
            span: node.span,
            path: path.to_owned(),
        })
    }

    /// Warns about keys that are not in `known`.
    pub(crate) fn warn_unknown(&mut self, map: &Map, path: &str, known: &[&'static str]) {
        for entry in map.entries() {
            let key = &entry.key;
            if known.contains(&key.text.as_str()) {
                continue;
            }
            if self.is_full(Severity::Warning) {
                return;
            }
            let nearest = names::nearest(&key.text, known.iter().copied());
            self.unknown_key(&key.text, key.span, path, nearest);
        }
    }

    /// Warns about one unknown key; `nearest` is offered in its place.
    pub(crate) fn unknown_key(&mut self, key: &str, span: Span, path: &str, nearest: Option<&str>) {
        let place = match path {
            "" => String::new(),
            path => format!(" in `{path}`"),
        };
        let message = format!("unknown key `{key}`{place}: it is ignored");
        let diagnostic = Diagnostic::warning(message).label(&self.at(span), "");
        let help = nearest.map(|nearest| format!("did you mean `{nearest}`?"));
        self.add(with_help(diagnostic, &help.unwrap_or_default()));
    }
}
