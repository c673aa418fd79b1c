//! Parser events into nodes: open collections on a stack, anchors by number.
//!
//! Owns the bound on what aliases may multiply. Does not know the meaning of a plain scalar.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, Tag};

use super::super::{Parsed, Problem, push_entry};
use super::scalar;
use crate::source::Span;
use crate::tree::{Key, Map, Node, Value};

/// What all nodes may weigh together, in bytes and with aliases written out: sixteen times the
/// largest file that is read.
const HEAVIEST: usize = 16 << 20;
/// What a node weighs without its text.
const NODE: usize = 64;

pub(super) struct Builder<'text> {
    text: &'text str,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    weight: usize,
    documents: usize,
    root: Option<Node>,
    problems: Vec<Problem>,
}

/// A collection whose end is not reached yet.
struct Open {
    anchor: usize,
    span: Span,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        map: Map,
        key: Option<Key>,
        merges: Vec<Node>,
    },
}

impl<'text> Builder<'text> {
    pub(super) fn new(text: &'text str) -> Self {
        Self {
            text,
            open: Vec::new(),
            anchors: HashMap::new(),
            weight: 0,
            documents: 0,
            root: None,
            problems: Vec::new(),
        }
    }

    pub(super) fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar_value(&text, style, tag.as_deref(), span)?;
                self.weigh(NODE + text.len(), span)?;
                self.complete(Node::new(value, span), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                collection_tag(tag.as_deref(), "seq", span)?;
                self.start(anchor, span, Content::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                collection_tag(tag.as_deref(), "map", span)?;
                let (map, key, merges) = (Map::default(), None, Vec::new());
                self.start(anchor, span, Content::Map { map, key, merges })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            _ => Ok(()),
        }
    }

    pub(super) fn finish(self) -> Result<Parsed, Problem> {
        match self.root {
            Some(Node {
                value: Value::Null, ..
            })
            | None => {
                let help = "write at least `kind: worker`";
                Err(Problem::new(0..self.text.trim_end().len(), "the file is empty").help(help))
            }
            root => Ok(Parsed {
                node: root,
                problems: self.problems,
            }),
        }
    }

    fn document(&mut self, span: Span) -> Result<(), Problem> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(Problem::new(span, "a second document starts here")
                .help("keep one document: remove the `---` and what follows it"));
        }
        Ok(())
    }

    fn start(&mut self, anchor: usize, span: Span, content: Content) -> Result<(), Problem> {
        self.weigh(NODE, span)?;
        self.open.push(Open {
            anchor,
            span,
            content,
        });
        Ok(())
    }

    fn end(&mut self, closing: Span) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        // A block collection has no closing mark of its own: it ends with its last node.
        let (value, last) = match open.content {
            Content::List(items) => {
                let last = items.last().map(|node| node.span.end);
                (Value::List(items), last)
            }
            Content::Map { map, merges, .. } => {
                let map = merged(map, merges)?;
                let last = map.entries().last().map(|entry| entry.value.span.end);
                (Value::Map(map), last)
            }
        };
        let flow = closing.end > closing.start;
        let end = if flow {
            closing.end
        } else {
            last.unwrap_or(open.span.end)
        };
        let span = Span::new(open.span.start, end.max(open.span.end));
        self.complete(Node::new(value, span), open.anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Problem> {
        let Some(target) = self.anchors.get(&anchor) else {
            return Err(Problem::new(span, "this alias stands inside what it names"));
        };
        let (value, added) = (target.value.clone(), weight(target));
        self.weigh(added, span)?;
        self.complete(Node::new(value, span), 0)
    }

    fn weigh(&mut self, added: usize, span: Span) -> Result<(), Problem> {
        self.weight += added;
        if self.weight > HEAVIEST {
            return Err(Problem::new(span, "the aliases make this file too large"));
        }
        Ok(())
    }

    /// Hands a finished node to the collection around it, or makes it the root.
    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Problem> {
        if anchor != 0 {
            self.weigh(weight(&node), node.span)?;
            self.anchors.insert(anchor, node.clone());
        }
        let text = self.text;
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { map, key, merges }) => match key.take() {
                None => *key = Some(as_key(node, text)?),
                Some(found) if is_merge(&found, text) => merges.push(node),
                Some(found) => push_entry(map, found, node, &mut self.problems),
            },
        }
        Ok(())
    }
}

fn scalar_value(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    span: Span,
) -> Result<Value, Problem> {
    let plain = scalar::plain(text);
    let Some(tag) = tag else {
        return Ok(match style {
            ScalarStyle::Plain => plain,
            _ => Value::Text(text.to_owned()),
        });
    };
    let fits = match (tag.core_suffix(), &plain) {
        (Some("str"), _) => return Ok(Value::Text(text.to_owned())),
        (Some("int" | "float"), Value::Number(_)) => true,
        (Some("bool"), Value::Bool(_)) | (Some("null"), Value::Null) => true,
        _ => false,
    };
    fits.then_some(plain).ok_or_else(|| unknown_tag(span))
}

fn collection_tag(tag: Option<&Tag>, expected: &str, span: Span) -> Result<(), Problem> {
    match tag {
        Some(tag) if tag.core_suffix() != Some(expected) => Err(unknown_tag(span)),
        _ => Ok(()),
    }
}

fn unknown_tag(span: Span) -> Problem {
    Problem::new(span, "this tag has no meaning here").help("remove the tag (`!...`)")
}

fn as_key(node: Node, text: &str) -> Result<Key, Problem> {
    let written = match node.value {
        Value::Text(written) => written,
        // `1: x` and `true: x` count as they are written.
        Value::Number(_) | Value::Bool(_) | Value::Foreign(_) => {
            let written = text.get(node.span.start..node.span.end);
            written.unwrap_or_default().to_owned()
        }
        Value::Null | Value::List(_) | Value::Map(_) => {
            return Err(Problem::new(node.span, "a key must be text"));
        }
    };
    Ok(Key {
        text: written,
        span: node.span,
    })
}

/// An unquoted `<<`.
fn is_merge(key: &Key, text: &str) -> bool {
    key.text == "<<" && text.get(key.span.start..key.span.end) == Some("<<")
}

/// Adds the entries of merged maps; a key of the map itself wins, then an earlier merge.
fn merged(mut map: Map, merges: Vec<Node>) -> Result<Map, Problem> {
    for node in merges {
        let maps = match node.value {
            Value::List(items) => items,
            value => vec![Node::new(value, node.span)],
        };
        for node in maps {
            let Value::Map(other) = node.value else {
                return Err(Problem::new(
                    node.span,
                    "`<<` takes a map or a list of maps",
                ));
            };
            for entry in other.entries() {
                // An error only says that the key is there already, which is what wins.
                let _ = map.insert(entry.key.clone(), entry.value.clone());
            }
        }
    }
    Ok(map)
}

fn weight(node: &Node) -> usize {
    NODE + match &node.value {
        Value::Text(text) => text.len(),
        Value::Foreign(foreign) => foreign.text.len(),
        Value::List(items) => items.iter().map(weight).sum(),
        Value::Map(map) => {
            let entries = map.entries().iter();
            entries.map(|e| e.key.text.len() + weight(&e.value)).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
