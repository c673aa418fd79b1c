//! What an update must do, written once more without SQL: recursion over `serde_json` values.

use serde_json::{Map, Value, json};

use crate::steps::Change;

type Names<'a> = Vec<&'a str>;

/// Applies all changes or none. Every path means the value as it was.
pub fn interpret(value: &mut Value, changes: &[Change]) -> bool {
    let order = ["$set", "$unset", "$inc", "$push", "$pop"];
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by_key(|change| order.iter().position(|known| *known == change.operator));
    let paths: Vec<Names<'_>> = sorted
        .iter()
        .map(|change| change.path.split('.').collect())
        .collect();
    for (n, a) in paths.iter().enumerate() {
        if paths[n + 1..]
            .iter()
            .any(|b| a.starts_with(b) || b.starts_with(a))
        {
            return false;
        }
    }
    if !value.is_object() && !value.is_array() {
        return false;
    }
    let before = value.clone();
    let mut after = before.clone();
    let mut growing = Vec::new();
    let mut removed = Vec::new();
    for (change, path) in sorted.iter().zip(&paths) {
        match walk(&before, path) {
            Err(()) if change.operator == "$unset" => {}
            Err(()) => return false,
            Ok(Walk { found, grows }) => {
                let Some(new) = outcome(change, found) else {
                    return false;
                };
                match new {
                    Outcome::Nothing => {}
                    Outcome::Remove(end) => removed.push((path.clone(), end)),
                    Outcome::Put(new) if grows.is_some() => {
                        growing.push((grows, path.clone(), new))
                    }
                    Outcome::Put(new) => assert!(place(&mut after, path, new)),
                }
            }
        }
    }
    growing.sort_by_key(|(grows, ..)| *grows);
    for (_, path, new) in growing {
        if !place(&mut after, &path, new) {
            return false;
        }
    }
    remove_all(&mut after, &before, removed);
    *value = after;
    true
}

struct Walk<'a> {
    found: Option<&'a Value>,
    /// The index at which an array would have to grow.
    grows: Option<usize>,
}

/// Goes down a path; an error where a scalar or a name in an array is in the way.
fn walk<'a>(value: &'a Value, path: &[&str]) -> Result<Walk<'a>, ()> {
    let Some((first, rest)) = path.split_first() else {
        return Ok(Walk {
            found: Some(value),
            grows: None,
        });
    };
    let (next, grows) = match value {
        Value::Object(fields) => (fields.get(*first), None),
        Value::Array(elements) => {
            let index = index(first).ok_or(())?;
            (
                elements.get(index),
                (index >= elements.len()).then_some(index),
            )
        }
        _ => return Err(()),
    };
    match next {
        Some(next) => walk(next, rest),
        None => Ok(Walk { found: None, grows }),
    }
}

fn index(name: &str) -> Option<usize> {
    name.parse::<usize>()
        .ok()
        .filter(|index| index.to_string() == name)
}

enum Outcome {
    Nothing,
    /// The whole, or its first or last element.
    Remove(i64),
    Put(Value),
}

fn outcome(change: &Change, found: Option<&Value>) -> Option<Outcome> {
    Some(match (change.operator, found) {
        ("$set", _) => Outcome::Put(change.argument.clone()),
        ("$unset", None) => Outcome::Nothing,
        ("$unset", Some(_)) => Outcome::Remove(0),
        ("$inc", None) => Outcome::Put(sum(&json!(0), &change.argument)),
        ("$inc", Some(number)) if number.is_number() => Outcome::Put(sum(number, &change.argument)),
        ("$push", None) => Outcome::Put(json!([change.argument])),
        ("$push", Some(Value::Array(elements))) => {
            let mut elements = elements.clone();
            elements.push(change.argument.clone());
            Outcome::Put(Value::Array(elements))
        }
        ("$pop", Some(Value::Array(elements))) if !elements.is_empty() => {
            Outcome::Remove(change.argument.as_i64()?)
        }
        ("$pop", _) => Outcome::Nothing,
        _ => return None,
    })
}

fn sum(a: &Value, b: &Value) -> Value {
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
        let sum = i128::from(a) + i128::from(b);
        return i64::try_from(sum).map_or_else(|_| json!(sum as f64), Value::from);
    }
    let sum = a.as_f64().unwrap() + b.as_f64().unwrap();
    if sum.fract() == 0.0 && sum.abs() < 1e15 {
        json!(sum as i64)
    } else {
        json!(sum)
    }
}

fn place(value: &mut Value, path: &[&str], new: Value) -> bool {
    let Some((first, rest)) = path.split_first() else {
        *value = new;
        return true;
    };
    match value {
        Value::Object(fields) => place(
            fields
                .entry(*first)
                .or_insert_with(|| Value::Object(Map::new())),
            rest,
            new,
        ),
        Value::Array(elements) => {
            let index = index(first).unwrap();
            if index > elements.len() {
                return false;
            }
            if index == elements.len() {
                elements.push(Value::Object(Map::new()));
            }
            place(&mut elements[index], rest, new)
        }
        _ => unreachable!("the path was walked"),
    }
}

/// Marks what goes, then sweeps it away, so that nothing moves in between.
fn remove_all(after: &mut Value, before: &Value, removed: Vec<(Names<'_>, i64)>) {
    let mark = json!({"\u{1}gone": true});
    for (mut path, end) in removed {
        let popped;
        if end != 0 {
            let length = walk(before, &path)
                .unwrap()
                .found
                .unwrap()
                .as_array()
                .unwrap()
                .len();
            popped = if end == 1 {
                (length - 1).to_string()
            } else {
                "0".to_owned()
            };
            path.push(&popped);
        }
        assert!(place(after, &path, mark.clone()));
    }
    sweep(after, &mark);
}

fn sweep(value: &mut Value, mark: &Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| field != mark);
            fields.values_mut().for_each(|field| sweep(field, mark));
        }
        Value::Array(elements) => {
            elements.retain(|element| element != mark);
            elements.iter_mut().for_each(|element| sweep(element, mark));
        }
        _ => {}
    }
}
