//! JSON with comments and trailing commas into the spanned tree.
//!
//! Everything else that some JSON dialects allow (single quotes, bare keys, missing commas) is an
//! error, as it is for wrangler.

use jsonc_parser::ast::{ObjectPropName, Value as Ast};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Number;

use super::{DEEPEST, Parsed, Problem, push_entry, too_deep};
use crate::source::Span;
use crate::tree::{Foreign, Key, Map, Node, Value};

pub(super) fn parse(text: &str) -> Parsed {
    let ast = match parse_to_ast(text, &CollectOptions::default(), &options()) {
        Ok(ast) => ast,
        Err(error) => {
            let message = lower_first(&error.kind().to_string());
            return Parsed::failed(Problem::new(span(error.range()), message));
        }
    };
    let Some(value) = ast.value else {
        let help = "write at least { \"name\": \"my-app\", \"main\": \"src/index.ts\" }";
        return Parsed::failed(Problem::new(0..text.len(), "the file is empty").help(help));
    };
    let mut tree = Tree {
        text,
        problems: Vec::new(),
    };
    match tree.convert(&value, 0) {
        Ok(node) => Parsed {
            node: Some(node),
            problems: tree.problems,
        },
        Err(problem) => Parsed::failed(problem),
    }
}

fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// The tree being built, and what is wrong that leaves a tree.
struct Tree<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl Tree<'_> {
    fn convert(&mut self, ast: &Ast<'_>, depth: usize) -> Result<Node, Problem> {
        let place = span(ast.range());
        if depth > DEEPEST {
            return Err(too_deep(place));
        }
        let value = match ast {
            Ast::NullKeyword(_) => Value::Null,
            Ast::BooleanLit(literal) => Value::Bool(literal.value),
            Ast::NumberLit(literal) => number(literal.value),
            Ast::StringLit(literal) => {
                self.check_string(place)?;
                Value::Text(literal.value.to_string())
            }
            Ast::Array(array) => {
                let items = array.elements.iter();
                let items = items.map(|item| self.convert(item, depth + 1));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Ast::Object(object) => {
                let mut map = Map::default();
                for property in &object.properties {
                    let key = key(&property.name);
                    self.check_string(key.span)?;
                    let value = self.convert(&property.value, depth + 1)?;
                    push_entry(&mut map, key, value, &mut self.problems);
                }
                Value::Map(map)
            }
        };
        Ok(Node::new(value, place))
    }

    /// The parser lets line ends and other control characters stand in a string. JSON does not, and
    /// most often a closing quote was forgotten.
    fn check_string(&self, place: Span) -> Result<(), Problem> {
        let written = self.text.get(place.start..place.end).unwrap_or_default();
        if written.bytes().all(|byte| byte >= b' ') {
            return Ok(());
        }
        let message = "a string holds a line end or a control character";
        Err(Problem::new(place, message).help("close the string on its line, or write \\n"))
    }
}

fn key(name: &ObjectPropName<'_>) -> Key {
    Key {
        text: name.as_str().to_owned(),
        span: span(name.range()),
    }
}

/// `serde_json` may be built to keep numbers of any size as text, so their range is checked here.
fn number(text: &str) -> Value {
    let finite = text.parse().is_ok_and(f64::is_finite);
    match serde_json::from_str::<Number>(text) {
        Ok(number) if finite => Value::Number(number),
        _ => Value::Foreign(Foreign {
            kind: "a number out of range",
            text: text.to_owned(),
        }),
    }
}

fn span(range: Range) -> Span {
    Span::new(range.start, range.end)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
