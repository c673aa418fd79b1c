//! From a tree to bytes.

use super::{Node, Property, Tree, Value};
use crate::bigint::BigInt;
use crate::tag::ErrorClass;
use crate::writer::Writer;

pub(super) fn write(tree: &Tree) -> Vec<u8> {
    let mut walk = Walk {
        tree,
        writer: Writer::new(),
        numbers: vec![None; tree.nodes.len()],
    };
    walk.value(&tree.root);
    walk.writer.finish()
}

struct Walk<'a> {
    tree: &'a Tree,
    writer: Writer,
    /// Of the objects that were written: their numbers in the bytes.
    numbers: Vec<Option<u32>>,
}

impl Walk<'_> {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Undefined => self.writer.undefined(),
            Value::Null => self.writer.null(),
            Value::Boolean(value) => self.writer.boolean(*value),
            Value::Number(value) => self.writer.number(*value),
            Value::BigInt { negative, bytes } => self.writer.bigint(BigInt {
                negative: *negative,
                bytes,
            }),
            Value::String(units) => self.writer.units(units),
            Value::Object(object) => self.object(*object),
        }
    }

    fn object(&mut self, object: usize) {
        if let Some(number) = self.numbers[object] {
            return self.writer.reference(number);
        }
        let tree = self.tree;
        let node = &tree.nodes[object];
        if let Node::View { buffer, .. } = node {
            self.object(*buffer);
        }
        let number = self.begin(node);
        self.numbers[object] = Some(number);
        self.rest(node);
    }

    /// Writes what gives the object its number.
    fn begin(&mut self, node: &Node) -> u32 {
        let writer = &mut self.writer;
        match node {
            Node::Object(_) => writer.begin_object(),
            Node::Array {
                length, elements, ..
            } if elements.len() as u32 == *length => writer.begin_dense_array(*length),
            Node::Array { length, .. } => writer.begin_sparse_array(*length),
            Node::Map(_) => writer.begin_map(),
            Node::Set(_) => writer.begin_set(),
            Node::Date(time) => writer.date(*time),
            Node::Boxed(Value::Boolean(value)) => writer.boolean_object(*value),
            Node::Boxed(Value::Number(value)) => writer.number_object(*value),
            Node::Boxed(Value::BigInt { negative, bytes }) => writer.bigint_object(BigInt {
                negative: *negative,
                bytes,
            }),
            Node::Boxed(_) => writer.string_object(),
            Node::RegExp { .. } => writer.regexp(),
            Node::Buffer { bytes, max_length } => writer.buffer(bytes, *max_length),
            Node::View {
                buffer,
                kind,
                offset,
                length,
                tracks_length,
            } => {
                let resizable = matches!(
                    self.tree.nodes[*buffer],
                    Node::Buffer {
                        max_length: Some(_),
                        ..
                    }
                );
                writer.view(*kind, *offset, *length, *tracks_length, resizable)
            }
            Node::Error { class, .. } if is_plain(node) => writer.begin_error(*class),
            Node::Error { class, .. } => writer.begin_extended_error(*class),
            Node::Exception { .. } => writer.exception(),
            Node::Host(index) => writer.host(*index),
        }
    }

    fn rest(&mut self, node: &Node) {
        match node {
            Node::Object(properties) => {
                self.pairs(properties);
                self.writer.end_object(count(properties));
            }
            Node::Array {
                length,
                elements,
                properties,
            } => self.array(*length, elements, properties),
            Node::Map(entries) => {
                self.pairs(entries);
                self.writer.end_map(count(entries));
            }
            Node::Set(entries) => {
                entries.iter().for_each(|entry| self.value(entry));
                self.writer.end_set(count(entries));
            }
            Node::Boxed(Value::String(units)) => self.writer.units(units),
            Node::RegExp { pattern, flags } => {
                self.writer.units(pattern);
                self.writer.regexp_flags(*flags);
            }
            Node::Error { .. } if is_plain(node) => self.plain_error(node),
            Node::Error {
                name,
                message,
                stack,
                properties,
                ..
            } => {
                for part in [name, message, stack] {
                    self.optional(part.as_deref());
                }
                self.pairs(properties);
                self.writer.end_object(count(properties));
            }
            Node::Exception {
                name,
                message,
                stack,
            } => [name, message, stack]
                .iter()
                .for_each(|part| self.writer.units(part)),
            Node::Boxed(_) | Node::Date(_) | Node::Buffer { .. } | Node::View { .. } => {}
            Node::Host(_) => {}
        }
    }

    fn array(&mut self, length: u32, elements: &[Option<Value>], properties: &[Property]) {
        for element in elements {
            match element {
                Some(element) => self.value(element),
                None => self.writer.hole(),
            }
        }
        self.pairs(properties);
        if elements.len() as u32 == length {
            self.writer.end_dense_array(count(properties), length);
        } else {
            self.writer.end_sparse_array(count(properties), length);
        }
    }

    fn plain_error(&mut self, node: &Node) {
        let Node::Error {
            message,
            stack,
            properties,
            ..
        } = node
        else {
            return;
        };
        if let Some(message) = message {
            self.writer.error_message();
            self.writer.units(message);
        }
        if let Some((_, cause)) = properties.first() {
            self.writer.error_cause();
            self.value(cause);
        }
        if let Some(stack) = stack {
            self.writer.error_stack();
            self.writer.units(stack);
        }
        self.writer.end_error();
    }

    fn optional(&mut self, units: Option<&[u16]>) {
        match units {
            Some(units) => self.writer.units(units),
            None => self.writer.undefined(),
        }
    }

    fn pairs(&mut self, pairs: &[(Value, Value)]) {
        for (key, value) in pairs {
            self.value(key);
            self.value(value);
        }
    }
}

/// Whether V8's format has room for the error.
fn is_plain(node: &Node) -> bool {
    let Node::Error {
        class,
        name,
        properties,
        ..
    } = node
    else {
        return false;
    };
    let fits = match properties.as_slice() {
        [] => true,
        [(Value::String(key), _)] => key.iter().copied().eq("cause".encode_utf16()),
        _ => false,
    };
    fits && name.is_none() && *class != ErrorClass::AggregateError
}

fn count<T>(entries: &[T]) -> u32 {
    u32::try_from(entries.len()).expect("no value has as many entries as 4 Gi")
}
