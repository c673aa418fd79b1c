//! TOML into the spanned tree.
//!
//! A table written as `[header]` stands at its header, one that only a dotted key implies stands
//! at the key that implies it. The parser goes on after an error, so all of them are reported.

use serde_json::Number;
use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};
use toml_parser::parser::{Event, EventKind, RecursionGuard};

use super::{DEEPEST, Parsed, Problem, too_deep};
use crate::source::Span;
use crate::tree::{Foreign, Key, Map, Node, Value};

/// The parser's words for the one error that leaves a usable tree: the first of the keys counts.
const DUPLICATE: &str = "duplicate key";

pub(super) fn parse(text: &str) -> Parsed {
    if let Err(problem) = refuse_deep_keys(text) {
        return Parsed::failed(problem);
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    let fatal = errors.iter().any(|error| error.message() != DUPLICATE);
    let mut problems: Vec<_> = errors.iter().map(|error| problem(text, error)).collect();
    let node = match table(root.get_ref(), text, 0) {
        Ok(map) if !fatal => Some(Node::new(Value::Map(map), 0..text.len())),
        Ok(_) => None,
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    Parsed { node, problems }
}

fn problem(text: &str, error: &toml::de::Error) -> Problem {
    let span = error.span().map_or(Span::new(0, 0), Span::from);
    if error.message() == DUPLICATE {
        let key = text.get(span.start..span.end).unwrap_or_default();
        return Problem::twice(span, key);
    }
    Problem::new(span, error.message().trim().replace('\n', ", "))
}

/// The parser bounds nested values but not dotted keys, whose tables it then drops one inside the
/// other: a line of many thousand dots would end the process.
fn refuse_deep_keys(text: &str) -> Result<(), Problem> {
    let mut separators = 0;
    let mut deep = None;
    let mut watch = |event: Event| match event.kind() {
        EventKind::KeySep => {
            separators += 1;
            if separators > DEEPEST && deep.is_none() {
                deep = Some(event.span());
            }
        }
        EventKind::SimpleKey | EventKind::Whitespace => {}
        _ => separators = 0,
    };
    let mut receiver = RecursionGuard::new(&mut watch, DEEPEST as u32);
    let tokens = toml_parser::Source::new(text).lex().into_vec();
    // Errors are reported by the parser that builds the tree.
    toml_parser::parser::parse_document(&tokens, &mut receiver, &mut ());
    match deep {
        Some(span) => Err(too_deep(span.start()..span.end())),
        None => Ok(()),
    }
}

fn table(table: &DeTable<'_>, text: &str, depth: usize) -> Result<Map, Problem> {
    let mut entries: Vec<_> = table.iter().collect();
    // The parser sorts by name; the tree is in the order of the file.
    entries.sort_by_key(|(key, _)| key.span().start);
    let mut map = Map::default();
    for (key, value) in entries {
        let node = convert(value, text, depth + 1)?;
        let key = Key {
            text: key.get_ref().to_string(),
            span: key.span().into(),
        };
        // The parser has reported keys that are there twice.
        let _ = map.insert(key, node);
    }
    Ok(map)
}

fn convert(value: &Spanned<DeValue<'_>>, text: &str, depth: usize) -> Result<Node, Problem> {
    let span = Span::from(value.span());
    if depth > DEEPEST {
        return Err(too_deep(span));
    }
    let written = || {
        text.get(span.start..span.end)
            .unwrap_or_default()
            .to_owned()
    };
    let found = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Integer(number) => integer(number, written),
        DeValue::Float(number) => {
            let finite = number.as_str().parse().ok().and_then(Number::from_f64);
            finite.map_or_else(|| foreign("not a finite number", written()), Value::Number)
        }
        DeValue::Datetime(_) => foreign("a date", written()),
        DeValue::Array(array) => Value::List(list(array, text, depth)?),
        DeValue::Table(found) => Value::Map(table(found, text, depth)?),
    };
    Ok(Node::new(found, span))
}

fn list(array: &DeArray<'_>, text: &str, depth: usize) -> Result<Vec<Node>, Problem> {
    let items = array.iter();
    items.map(|item| convert(item, text, depth + 1)).collect()
}

fn integer(number: &DeInteger<'_>, written: impl Fn() -> String) -> Value {
    match i64::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) => Value::Number(Number::from(number)),
        Err(_) => foreign("a number out of range", written()),
    }
}

fn foreign(kind: &'static str, text: String) -> Value {
    Value::Foreign(Foreign { kind, text })
}
