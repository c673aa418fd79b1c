//! Random operations: few keys and names, so that they meet, and some that need care.

use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub enum Step {
    Put {
        key: String,
        value: Vec<u8>,
        ttl: Option<i64>,
        at: Option<i64>,
        metadata: Option<String>,
    },
    Delete(String),
    Get(String),
    Update(String, Vec<Change>),
    List {
        prefix: String,
        limit: i64,
    },
    Bulk(Vec<String>),
    Pass(i64),
    Sweep(usize),
}

#[derive(Debug, Clone)]
pub struct Change {
    pub operator: &'static str,
    pub path: String,
    pub argument: Value,
}

/// Few enough to meet again and again.
fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "aa", "a\0b", "a%", "A", "é", "🎉/a"]).prop_map(str::to_owned)
}

/// Mostly names that values have, some that need care.
fn name() -> impl Strategy<Value = &'static str> {
    let odd = vec!["01", "x y", "[0]", "\"", "\\", "é", "$c"];
    prop_oneof![
        4 => prop::sample::select(vec!["a", "b"]),
        4 => prop::sample::select(vec!["0", "1", "2", "3"]),
        1 => prop::sample::select(odd),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => (-5i64..5).prop_map(Value::from),
        2 => prop::sample::select(vec![(1 << 53) - 1, (1 << 53) + 3, i64::MAX - 1]).prop_map(Value::from),
        2 => (-8i32..8).prop_map(|n| json!(f64::from(n) / 2.0 + 0.25)),
        1 => prop::sample::select(vec!["", "x", "é\"\\\n", "🎉"]).prop_map(Value::from),
    ]
}

fn container(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let object = |fields: Vec<(&str, Value)>| {
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    };
    prop_oneof![
        prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
        prop::collection::vec((name(), inner), 0..5)
            .prop_map(move |fields| Value::Object(object(fields))),
    ]
    .boxed()
}

pub fn value() -> BoxedStrategy<Value> {
    let leaf = || leaf().boxed();
    let inner = prop_oneof![2 => leaf(), 3 => container(leaf())].boxed();
    prop_oneof![8 => container(inner), 1 => leaf()].boxed()
}

fn change() -> impl Strategy<Value = Change> {
    let path = prop::collection::vec(name(), 1..4).prop_map(|names| names.join("."));
    let pick = prop::sample::select(vec!["$set", "$unset", "$inc", "$push", "$pop"]);
    let number = prop_oneof![
        (-3i64..4).prop_map(Value::from),
        Just(json!(0.5)),
        Just(json!(7.25))
    ];
    (pick, path, value(), number, prop::bool::ANY).prop_map(
        |(operator, path, value, number, last)| {
            let argument = match operator {
                "$inc" => number,
                "$pop" => json!(if last { 1 } else { -1 }),
                _ => value,
            };
            Change {
                operator,
                path,
                argument,
            }
        },
    )
}

/// Changes anywhere, or next to each other.
pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    let anywhere = prop::collection::vec(change(), 1..5);
    let together =
        (name(), prop::collection::vec((name(), change()), 2..5)).prop_map(|(parent, changes)| {
            let below = |(name, change): (&str, Change)| Change {
                path: format!("{parent}.{name}"),
                ..change
            };
            changes.into_iter().map(below).collect()
        });
    prop_oneof![3 => anywhere, 2 => together]
}

pub fn step() -> impl Strategy<Value = Step> {
    let ttl = prop::option::of(60i64..120);
    let bytes = prop_oneof![
        3 => value().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ];
    let metadata = prop::option::of(leaf().prop_map(|value| value.to_string()));
    prop_oneof![
        4 => (key(), bytes, ttl.clone(), ttl, metadata).prop_map(|(key, value, ttl, at, metadata)| Step::Put { key, value, ttl, at, metadata }),
        1 => key().prop_map(Step::Delete),
        2 => key().prop_map(Step::Get),
        6 => (key(), changes()).prop_map(|(key, changes)| Step::Update(key, changes)),
        2 => (prop_oneof![Just(String::new()), key()], 1i64..6).prop_map(|(prefix, limit)| Step::List { prefix, limit }),
        1 => prop::collection::vec(key(), 1..5).prop_map(Step::Bulk),
        3 => (1i64..40_000).prop_map(Step::Pass),
        1 => (0usize..4).prop_map(Step::Sweep),
    ]
}
