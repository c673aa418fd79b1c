//! Random operations on a store against a model: a sorted map, and an interpreter of updates that
//! knows no SQL.

mod interpreter;
mod steps;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use cellhouse_kv::{BulkOptions, ListOptions, PutOptions};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use interpreter::interpret;
use steps::{Change, Step, changes, step, value};
use support::{Home, NOW_MS};

/// An entry of the model.
#[derive(Debug, Clone)]
struct Held {
    value: Vec<u8>,
    metadata: Option<String>,
    expires: Option<i64>,
}

#[derive(Default)]
struct Model {
    now: i64,
    entries: BTreeMap<String, Held>,
}

impl Model {
    fn live(&self, key: &str) -> Option<&Held> {
        self.entries
            .get(key)
            .filter(|held| held.expires.is_none_or(|expires| expires > self.now))
    }

    fn update(&mut self, key: &str, changes: &[Change]) -> bool {
        let held = self.live(key).cloned();
        let text = held
            .as_ref()
            .map_or(b"{}".to_vec(), |held| held.value.clone());
        let Ok(mut value) = serde_json::from_slice::<Value>(&text) else {
            return false;
        };
        if !interpret(&mut value, changes) {
            return false;
        }
        let new = Held {
            value: value.to_string().into_bytes(),
            metadata: None,
            expires: None,
        };
        self.entries.insert(
            key.to_owned(),
            held.map_or(new.clone(), |held| Held {
                value: new.value,
                ..held
            }),
        );
        true
    }
}

fn document(changes: &[Change]) -> String {
    let mut operators: Map<String, Value> = Map::new();
    let mut twice = String::new();
    for change in changes {
        let fields = operators
            .entry(change.operator)
            .or_insert_with(|| json!({}))
            .as_object_mut()
            .unwrap();
        if fields.contains_key(&change.path) {
            twice = format!(
                ",{}:{{{}:{}}}",
                json!(change.operator),
                json!(change.path),
                change.argument
            );
        }
        fields.insert(change.path.clone(), change.argument.clone());
    }
    let text = Value::Object(operators).to_string();
    format!("{}{twice}}}", &text[..text.len() - 1])
}

fn run(home: &Home, model: &mut Model, step: &Step) -> Result<(), TestCaseError> {
    match step {
        Step::Put {
            key,
            value,
            ttl,
            at,
            metadata,
        } => {
            let at = at.map(|seconds| model.now / 1000 + seconds);
            let options = PutOptions {
                expiration: at,
                expiration_ttl: *ttl,
                metadata: metadata.as_deref(),
            };
            home.store.put(key, value, &options).unwrap();
            let expires = ttl
                .map(|ttl| model.now + ttl * 1000)
                .or(at.map(|at| at * 1000));
            let metadata = metadata.clone().filter(|text| text != "null");
            model.entries.insert(
                key.clone(),
                Held {
                    value: value.clone(),
                    metadata,
                    expires,
                },
            );
        }
        Step::Delete(key) => {
            home.store.delete(key).unwrap();
            model.entries.remove(key);
        }
        Step::Get(key) => check_get(home, model, key)?,
        Step::Update(key, changes) => {
            let document = document(changes);
            let expected = model.update(key, changes);
            let result = home.store.update(key, &document);
            prop_assert_eq!(result.is_ok(), expected, "{} {:?}", document, result.err());
            check_get(home, model, key)?;
        }
        Step::List { prefix, limit } => check_list(home, model, prefix, *limit)?,
        Step::Bulk(keys) => {
            let (found, _) = home.store.get_many(keys, &BulkOptions::default()).unwrap();
            let mut expected: Vec<&String> = Vec::new();
            keys.iter().for_each(|key| {
                if !expected.contains(&key) {
                    expected.push(key)
                }
            });
            prop_assert_eq!(
                found.iter().map(|(key, _)| key).collect::<Vec<_>>(),
                expected
            );
            for (key, entry) in &found {
                let found = entry.as_ref().map(|entry| &entry.value);
                check_value(found, model.live(key).map(|held| &held.value))?;
            }
        }
        Step::Pass(ms) => {
            home.clock.forward(*ms);
            model.now += ms;
        }
        Step::Sweep(rows) => {
            let expired = model
                .entries
                .values()
                .filter(|held| held.expires.is_some_and(|at| at <= model.now))
                .count();
            // The model keeps what has expired, so it may count what was swept before.
            prop_assert!(home.store.sweep(*rows).unwrap().0 <= expired.min(*rows));
        }
    }
    Ok(())
}

fn check_get(home: &Home, model: &Model, key: &str) -> Result<(), TestCaseError> {
    let found = home.entry(key);
    let expected = model.live(key);
    prop_assert_eq!(
        found.as_ref().and_then(|entry| entry.metadata.clone()),
        expected.and_then(|held| held.metadata.clone())
    );
    check_value(
        found.as_ref().map(|entry| &entry.value),
        expected.map(|held| &held.value),
    )
}

fn check_value(found: Option<&Vec<u8>>, expected: Option<&Vec<u8>>) -> Result<(), TestCaseError> {
    if found == expected {
        return Ok(());
    }
    // serde_json and JavaScript print some numbers differently: 1e16 and 1.0. The order of names
    // counts.
    let parse = |bytes: Option<&Vec<u8>>| {
        bytes
            .and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok())
            .map(comparable)
    };
    let text = |bytes: Option<&Vec<u8>>| bytes.map(|b| String::from_utf8_lossy(b).into_owned());
    let (a, b) = (parse(found), parse(expected));
    prop_assert!(
        a.is_some() && a == b,
        "{:?} is not {:?}",
        text(found),
        text(expected)
    );
    Ok(())
}

/// Text in which equal numbers are equal.
fn comparable(value: Value) -> String {
    match value {
        Value::Number(number) => number.as_i64().map_or_else(
            || number.as_f64().unwrap().to_string(),
            |int| int.to_string(),
        ),
        Value::Array(elements) => format!(
            "[{}]",
            elements
                .into_iter()
                .map(comparable)
                .collect::<Vec<_>>()
                .join(",")
        ),
        Value::Object(fields) => {
            let fields: Vec<_> = fields
                .into_iter()
                .map(|(name, value)| format!("{name:?}:{}", comparable(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        other => other.to_string(),
    }
}

fn check_list(home: &Home, model: &Model, prefix: &str, limit: i64) -> Result<(), TestCaseError> {
    let live = model
        .entries
        .keys()
        .filter(|key| key.starts_with(prefix) && model.live(key).is_some());
    let expected: Vec<_> = live
        .map(|key| {
            let held = &model.entries[key];
            (
                key.clone(),
                held.expires.map(|ms| ms / 1000),
                held.metadata.clone(),
            )
        })
        .collect();
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let options = ListOptions {
            prefix: Some(prefix),
            limit: Some(limit),
            cursor: cursor.as_deref(),
        };
        let (page, _) = home.store.list(&options).unwrap();
        prop_assert!(page.keys.len() <= limit as usize);
        found.extend(
            page.keys
                .into_iter()
                .map(|key| (key.name, key.expiration, key.metadata)),
        );
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    prop_assert_eq!(found, expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_store_is_a_sorted_map_with_updates(
        steps in prop::collection::vec(step(), 1..60),
        slices in prop::sample::select(vec![1, 3, 8]),
    ) {
        let home = Home::with(60, slices);
        let mut model = Model { now: NOW_MS, ..Model::default() };
        for step in &steps {
            run(&home, &mut model, step)?;
        }
        check_list(&home, &model, "", 1000)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// One store, many updates of one value: the interpreter and SQLite must agree on each.
    #[test]
    fn updates_of_one_value_agree_with_the_interpreter(
        rounds in prop::collection::vec((value(), prop::collection::vec(changes(), 1..6)), 60)
    ) {
        let home = Home::new();
        let mut model = Model { now: NOW_MS, ..Model::default() };
        for (value, updates) in rounds {
            let bytes = value.to_string().into_bytes();
            run(&home, &mut model, &Step::Put { key: "k".into(), value: bytes, ttl: None, at: None, metadata: None })?;
            for changes in updates {
                run(&home, &mut model, &Step::Update("k".into(), changes))?;
            }
        }
    }
}
