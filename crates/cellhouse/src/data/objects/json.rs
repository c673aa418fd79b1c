//! Stored values as JSON, where JSON can hold them without loss: plain objects and arrays of strings, finite
//! numbers, booleans and null. A date is its ISO text, as `JSON.stringify` has it.

use cellhouse_clone::{Node, Property, Tree, Value};
use serde_json::{Map, Number, Value as Json};

/// Values of one, at most: what is shared is written wherever it stands, which could be without end.
const MAX_VALUES: usize = 1_000_000;
/// Beyond it whole numbers are not told apart.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// `None`: JSON cannot hold it.
pub(super) fn of(tree: &Tree) -> Option<Json> {
    let mut reading = Reading {
        tree,
        path: Vec::new(),
        left: MAX_VALUES,
    };
    reading.value(&tree.root)
}

struct Reading<'a> {
    tree: &'a Tree,
    /// The objects around, to notice cycles.
    path: Vec<usize>,
    left: usize,
}

impl Reading<'_> {
    fn value(&mut self, value: &Value) -> Option<Json> {
        self.left = self.left.checked_sub(1)?;
        Some(match value {
            Value::Null => Json::Null,
            Value::Boolean(boolean) => Json::Bool(*boolean),
            Value::Number(number) => Json::Number(number_of(*number)?),
            Value::String(units) => Json::String(text(units)?),
            Value::Object(object) => self.object(*object)?,
            Value::Undefined | Value::BigInt { .. } => return None,
        })
    }

    fn object(&mut self, object: usize) -> Option<Json> {
        if self.path.contains(&object) {
            return None;
        }
        self.path.push(object);
        let tree = self.tree;
        let json = self.node(tree.nodes.get(object)?);
        self.path.pop();
        json
    }

    fn node(&mut self, node: &Node) -> Option<Json> {
        match node {
            Node::Object(properties) => self.properties(properties),
            Node::Array {
                length,
                elements,
                properties,
            } if properties.is_empty() && elements.len() == *length as usize => {
                let element = |element: &Option<Value>| self.value(element.as_ref()?);
                elements
                    .iter()
                    .map(element)
                    .collect::<Option<_>>()
                    .map(Json::Array)
            }
            Node::Date(time) if time.is_finite() => Some(Json::String(super::date(*time))),
            _ => None,
        }
    }

    fn properties(&mut self, properties: &[Property]) -> Option<Json> {
        let mut map = Map::new();
        for (key, value) in properties {
            let key = match key {
                Value::String(units) => text(units)?,
                Value::Number(number) => number_of(*number)?.to_string(),
                _ => return None,
            };
            map.insert(key, self.value(value)?);
        }
        Some(Json::Object(map))
    }
}

/// Whole numbers without a fraction, as JavaScript writes them.
fn number_of(number: f64) -> Option<Number> {
    if number.fract() == 0.0 && number.abs() <= MAX_SAFE {
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        return Some(Number::from(number as i64));
    }
    Number::from_f64(number)
}

fn text(units: &[u16]) -> Option<String> {
    String::from_utf16(units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(nodes: Vec<Node>) -> Tree {
        Tree {
            root: Value::Object(0),
            nodes,
        }
    }

    fn key(name: &str) -> Value {
        Value::String(name.encode_utf16().collect())
    }

    #[test]
    fn plain_values() {
        let nodes = vec![
            Node::Object(vec![
                (key("list"), Value::Object(1)),
                (Value::Number(7.0), Value::Null),
                (key("when"), Value::Object(2)),
            ]),
            Node::Array {
                length: 2,
                elements: vec![Some(Value::Number(1.5)), Some(Value::Boolean(true))],
                properties: Vec::new(),
            },
            Node::Date(0.0),
        ];
        let json = serde_json::json!({
            "7": null, "list": [1.5, true], "when": "1970-01-01T00:00:00.000Z",
        });
        assert_eq!(of(&tree(nodes)), Some(json));
    }

    #[test]
    fn what_json_cannot_hold() {
        let cycle = vec![Node::Object(vec![(key("me"), Value::Object(0))])];
        let hole = vec![Node::Array {
            length: 1,
            elements: vec![None],
            properties: Vec::new(),
        }];
        let cases = [
            cycle,
            hole,
            vec![Node::Set(Vec::new())],
            vec![Node::Date(f64::NAN)],
            vec![Node::Object(vec![(key("a"), Value::Number(f64::NAN))])],
            vec![Node::Object(vec![(key("a"), Value::Undefined)])],
            vec![Node::Object(vec![(key("a"), Value::String(vec![0xd800]))])],
        ];
        for nodes in cases {
            let tree = tree(nodes);
            assert_eq!(of(&tree), None, "{tree}");
        }
    }

    #[test]
    fn what_is_shared_does_not_grow_without_end() {
        let twice = |below| {
            vec![
                (key("a"), Value::Object(below)),
                (key("b"), Value::Object(below)),
            ]
        };
        let mut nodes: Vec<Node> = (1..40).map(|below| Node::Object(twice(below))).collect();
        nodes.push(Node::Object(Vec::new()));
        assert_eq!(of(&tree(nodes)), None);
    }
}
