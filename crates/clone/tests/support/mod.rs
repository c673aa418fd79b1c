//! Trees of any shape.

use cellhouse_clone::{ErrorClass, Node, Tree, Value, ViewKind};
use proptest::prelude::*;

/// A string of 16-bit units, often of ASCII, sometimes with lone surrogates.
pub fn units() -> impl Strategy<Value = Vec<u16>> {
    prop_oneof![
        "[a-z]{0,8}".prop_map(|text| text.encode_utf16().collect()),
        prop::collection::vec(0u16..256, 0..6),
        prop::collection::vec(any::<u16>(), 0..6),
    ]
}

/// A value that is no object, or one of `objects` objects.
pub fn value(objects: usize) -> impl Strategy<Value = Value> {
    let bigint = (any::<bool>(), prop::collection::vec(any::<u8>(), 0..20));
    prop_oneof![
        Just(Value::Undefined),
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i32>().prop_map(|number| Value::Number(number.into())),
        any::<f64>().prop_map(Value::Number),
        prop_oneof![Just(-0.0), Just(2f64.powi(31)), Just(f64::NAN)].prop_map(Value::Number),
        bigint.prop_map(|(negative, mut bytes)| {
            while bytes.last() == Some(&0) {
                bytes.pop();
            }
            Value::BigInt {
                negative: negative && !bytes.is_empty(),
                bytes,
            }
        }),
        units().prop_map(Value::String),
        (0..objects).prop_map(Value::Object),
    ]
}

fn boxed() -> impl Strategy<Value = Value> {
    value(1).prop_filter("a boxed primitive", |value| {
        !matches!(value, Value::Undefined | Value::Null | Value::Object(_))
    })
}

/// Properties with different names that are no indexes.
fn properties(objects: usize) -> impl Strategy<Value = Vec<(Value, Value)>> {
    prop::collection::btree_map("[a-z]{1,4}", value(objects), 0..5).prop_map(|all| {
        all.into_iter()
            .map(|(key, value)| (Value::String(key.encode_utf16().collect()), value))
            .collect()
    })
}

fn buffer() -> impl Strategy<Value = Node> {
    let bytes = prop::collection::vec(any::<u8>(), 16..40);
    (bytes, prop::option::of(40u32..50))
        .prop_map(|(bytes, max_length)| Node::Buffer { bytes, max_length })
}

fn view(buffer: usize) -> impl Strategy<Value = Node> {
    let kind = prop::sample::select(ViewKind::ALL);
    (kind, 0u32..2, 0u32..2).prop_map(move |(kind, offset, length)| Node::View {
        buffer,
        kind,
        offset: offset * kind.element_bytes(),
        length: length * kind.element_bytes(),
        tracks_length: false,
    })
}

fn error(objects: usize) -> impl Strategy<Value = Node> {
    let class = prop::sample::select(ErrorClass::ALL);
    let texts = [(); 3].map(|()| prop::option::of(units()));
    (class, texts, properties(objects)).prop_map(|(class, texts, properties)| {
        let [name, message, stack] = texts;
        Node::Error {
            class,
            name,
            message,
            stack,
            properties,
        }
    })
}

/// An object; the first of a tree is always a buffer, so that there is one to view.
fn node(objects: usize) -> impl Strategy<Value = Node> {
    let element = prop::option::weighted(0.9, value(objects));
    let dense = (prop::collection::vec(element, 0..5), properties(objects));
    let sparse = prop::collection::btree_map(0u32..1000, value(objects), 0..4);
    let date = prop_oneof![
        (-8_640_000_000_000_000i64..8_640_000_000_000_000).prop_map(|t| t as f64),
        Just(f64::NAN)
    ];
    prop_oneof![
        4 => properties(objects).prop_map(Node::Object),
        2 => dense.prop_map(|(elements, properties)| Node::Array {
            length: elements.len() as u32,
            elements,
            properties,
        }),
        1 => sparse.prop_map(|entries| Node::Array {
            length: 1000,
            elements: Vec::new(),
            properties: entries
                .into_iter()
                .map(|(index, value)| (Value::Number(index.into()), value))
                .collect(),
        }),
        1 => prop::collection::vec((units(), value(objects)), 0..4).prop_map(|entries| {
            Node::Map(entries.into_iter().map(|(key, value)| (Value::String(key), value)).collect())
        }),
        1 => prop::collection::vec(value(objects), 0..4).prop_map(Node::Set),
        1 => date.prop_map(Node::Date),
        1 => boxed().prop_map(Node::Boxed),
        1 => (units(), 0u32..512).prop_map(|(pattern, flags)| Node::RegExp {
            pattern,
            flags: flags & 0x1bf,
        }),
        1 => buffer(),
        1 => view(0),
        1 => error(objects),
        1 => (units(), units(), units()).prop_map(|(name, message, stack)| Node::Exception {
            name,
            message,
            stack,
        }),
        1 => any::<u32>().prop_map(Node::Host),
    ]
}

/// A tree, with cycles and shared objects.
pub fn tree() -> impl Strategy<Value = Tree> {
    (1usize..12)
        .prop_flat_map(|objects| {
            let nodes = prop::collection::vec(node(objects), objects - 1);
            (buffer(), nodes, value(objects))
        })
        .prop_map(|(first, nodes, root)| Tree {
            root,
            nodes: std::iter::once(first).chain(nodes).collect(),
        })
}
