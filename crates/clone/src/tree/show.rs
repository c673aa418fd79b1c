//! A tree as a JavaScript console prints it. Cycles are marked; what is very long is cut.

mod date;
mod scalar;
mod views;

use std::fmt;

use super::{Node, Property, Tree, Value};
use scalar::{name, quoted};

/// Of one array, buffer, map or object: as Node's `util.inspect`.
const MAX_ENTRIES: usize = 100;
/// Of a whole value. Shared objects are printed wherever they stand, which could be without end.
const MAX_VALUES: u32 = 100_000;
/// What is shorter stands on one line.
const LINE: usize = 72;

/// As a JavaScript console prints it, perhaps on several lines.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut show = Show {
            tree: self,
            path: Vec::new(),
            cycles: Vec::new(),
            left: MAX_VALUES,
        };
        f.write_str(&show.value(&self.root))
    }
}

struct Show<'a> {
    tree: &'a Tree,
    /// The objects that are being printed, the outermost first.
    path: Vec<usize>,
    /// Those of them that were met again inside, in the order in which that was seen.
    cycles: Vec<usize>,
    left: u32,
}

impl Show<'_> {
    fn value(&mut self, value: &Value) -> String {
        match value {
            Value::Undefined => "undefined".to_owned(),
            Value::Null => "null".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Number(value) => scalar::number(*value),
            Value::BigInt { negative, bytes } => scalar::bigint(*negative, bytes),
            Value::String(units) => quoted(units),
            Value::Object(object) => self.object(*object),
        }
    }

    fn object(&mut self, object: usize) -> String {
        if self.path.contains(&object) {
            if !self.cycles.contains(&object) {
                self.cycles.push(object);
            }
            return format!("[Circular *{}]", self.cycle(object));
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return "...".to_owned();
        }
        self.path.push(object);
        let tree = self.tree;
        let text = self.node(&tree.nodes[object]);
        self.path.pop();
        if self.cycles.contains(&object) {
            return format!("<ref *{}> {text}", self.cycle(object));
        }
        text
    }

    fn cycle(&self, object: usize) -> usize {
        let place = self.cycles.iter().position(|&one| one == object);
        place.expect("it was put there") + 1
    }

    fn node(&mut self, node: &Node) -> String {
        match node {
            Node::Object(properties) => {
                let entries = self.properties(properties);
                framed("", '{', entries, '}')
            }
            Node::Array {
                length,
                elements,
                properties,
            } => self.array(*length, elements, properties),
            Node::Map(entries) => {
                let prefix = format!("Map({}) ", entries.len());
                let entry = |show: &mut Self, (key, value): &(Value, Value)| {
                    format!("{} => {}", show.value(key), show.value(value))
                };
                let entries = self.entries(entries, entry);
                framed(&prefix, '{', entries, '}')
            }
            Node::Set(entries) => {
                let prefix = format!("Set({}) ", entries.len());
                let entries = self.entries(entries, |show, value| show.value(value));
                framed(&prefix, '{', entries, '}')
            }
            Node::Date(time) => date::iso(*time),
            Node::Boxed(value) => format!("[{}: {}]", scalar::class(value), self.value(value)),
            Node::RegExp { pattern, flags } => scalar::regexp(pattern, *flags),
            Node::Buffer { bytes, max_length } => views::buffer(bytes, *max_length),
            Node::View {
                buffer,
                kind,
                offset,
                length,
                ..
            } => match &self.tree.nodes[*buffer] {
                Node::Buffer { bytes, .. } => {
                    let range = *offset as usize..(*offset + *length) as usize;
                    views::view(*kind, bytes.get(range).unwrap_or_default())
                }
                _ => "[View]".to_owned(),
            },
            Node::Error { .. } => self.error(node),
            Node::Exception { name, message, .. } => format!(
                "DOMException [{}]: {}",
                String::from_utf16_lossy(name),
                String::from_utf16_lossy(message)
            ),
            Node::Host(index) => format!("[Host object {index}]"),
        }
    }

    fn array(
        &mut self,
        length: u32,
        elements: &[Option<Value>],
        properties: &[Property],
    ) -> String {
        let mut entries = self.entries(elements, |show, element| match element {
            Some(element) => show.value(element),
            None => "<empty item>".to_owned(),
        });
        if elements.len() < length as usize {
            entries.push(format!("<length {length}>"));
        }
        entries.extend(self.properties(properties));
        framed("", '[', entries, ']')
    }

    fn error(&mut self, node: &Node) -> String {
        let Node::Error {
            class,
            name,
            message,
            stack,
            properties,
        } = node
        else {
            return String::new();
        };
        let text = |units: &Vec<u16>| String::from_utf16_lossy(units);
        let name = name.as_ref().map_or(class.name().to_owned(), text);
        let headline = match message.as_ref().map(text) {
            Some(message) if !message.is_empty() => format!("{name}: {message}"),
            _ => name,
        };
        let text = match stack.as_ref().map(text) {
            Some(stack) if stack.starts_with(&headline) => stack,
            Some(stack) if !stack.is_empty() => format!("{headline}\n{stack}"),
            _ => format!("[{headline}]"),
        };
        if properties.is_empty() {
            return text;
        }
        let entries = self.properties(properties);
        framed(&format!("{text} "), '{', entries, '}')
    }

    fn properties(&mut self, properties: &[Property]) -> Vec<String> {
        self.entries(properties, |show, (key, value)| {
            let key = match key {
                Value::String(units) => name(units),
                key => format!("'{}'", show.value(key)),
            };
            format!("{key}: {}", show.value(value))
        })
    }

    fn entries<T>(&mut self, all: &[T], show: impl Fn(&mut Self, &T) -> String) -> Vec<String> {
        let shown = all.iter().take(MAX_ENTRIES);
        let mut entries: Vec<String> = shown.map(|entry| show(self, entry)).collect();
        if all.len() > MAX_ENTRIES {
            entries.push(format!("... {} more items", all.len() - MAX_ENTRIES));
        }
        entries
    }
}

/// On one line if that is short enough, else one line for each entry.
fn framed(prefix: &str, open: char, entries: Vec<String>, close: char) -> String {
    if entries.is_empty() {
        return format!("{prefix}{open}{close}");
    }
    let length: usize = entries.iter().map(|entry| entry.len() + 2).sum();
    if length <= LINE && !entries.iter().any(|entry| entry.contains('\n')) {
        return format!("{prefix}{open} {} {close}", entries.join(", "));
    }
    let entries = entries.join(",\n").replace('\n', "\n  ");
    format!("{prefix}{open}\n  {entries}\n{close}")
}
