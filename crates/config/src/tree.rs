//! The one shape into which YAML, TOML and JSON are read: values that know where they stand.
//!
//! Keys keep their order and their place. The readers of the two styles see nothing else, so a
//! rule is written once for all formats. Depth is bounded by the parsers.

use std::collections::HashMap;

use serde_json::{Number, Value as Json};

use crate::source::Span;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    /// What JSON cannot say: a TOML date, an infinite number.
    Foreign(Foreign),
    List(Vec<Node>),
    Map(Map),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Foreign {
    /// What to call it: `a date`, `an infinite number`.
    pub(crate) kind: &'static str,
    /// As it is written in the file.
    pub(crate) text: String,
}

/// A map's entries in the order of the file, without duplicate keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Map {
    entries: Vec<Entry>,
    /// Where each key is in `entries`, so that reading a large file stays linear.
    places: HashMap<String, usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) value: Node,
}

/// A key as it counts (unquoted) and the place where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Map {
    /// Adds an entry whose key is not there yet; gives back the first one's key if it is.
    pub(crate) fn insert(&mut self, key: Key, value: Node) -> Result<(), &Key> {
        if let Some(&place) = self.places.get(&key.text) {
            return Err(&self.entries[place].key);
        }
        self.places.insert(key.text.clone(), self.entries.len());
        self.entries.push(Entry { key, value });
        Ok(())
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.places.get(key).map(|&place| &self.entries[place])
    }

    /// The value of `key`; a null counts as absent, as it does for wrangler and Ploy.
    pub(crate) fn value(&self, key: &str) -> Option<&Node> {
        let node = &self.get(key)?.value;
        (node.value != Value::Null).then_some(node)
    }
}

impl Node {
    pub(crate) fn new(value: Value, span: impl Into<Span>) -> Self {
        Self {
            value,
            span: span.into(),
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// What a message calls it.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.value {
            Value::Null => "empty (null)",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::Foreign(foreign) => foreign.kind,
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// The value as JSON, or the first node in it that JSON cannot say.
    pub(crate) fn to_json(&self) -> Result<Json, &Node> {
        Ok(match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => Json::String(text.clone()),
            Value::Foreign(_) => return Err(self),
            Value::List(list) => {
                Json::Array(list.iter().map(Node::to_json).collect::<Result<_, _>>()?)
            }
            Value::Map(map) => {
                let pairs = map.entries().iter();
                let pairs = pairs.map(|e| Ok((e.key.text.clone(), e.value.to_json()?)));
                Json::Object(pairs.collect::<Result<_, _>>()?)
            }
        })
    }
}
