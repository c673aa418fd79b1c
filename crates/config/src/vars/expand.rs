//! References between variables in wrangler's `.env` files: `$NAME`, `${NAME}`, `${NAME:-text}`,
//! `${NAME:+text}`. A backslash before `$` keeps it. A name that is not set before gives nothing.
//!
//! Each value is walked once, so that what a variable holds is never expanded again.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::env_file::Variable;

/// How long the expanded values may be together: references can double a value on every line.
const LONGEST: usize = 1 << 20;
/// How deep defaults may stand inside defaults.
const DEEPEST: usize = 16;

/// Expands all values in order; a value sees the variables before it.
pub(super) fn all(variables: &mut [Variable], found: &mut Vec<Diagnostic>) {
    let mut known: HashMap<String, String> = HashMap::new();
    let mut length = 0;
    for variable in variables {
        let value = expand(&variable.value, &known, 0);
        length += value.len();
        if length > LONGEST {
            let message = format!(
                "the references in `{}` make the values too long",
                variable.name
            );
            found.push(Diagnostic::error(message).label(&variable.at, ""));
            return;
        }
        variable.value.clone_from(&value);
        known.insert(variable.name.clone(), value);
    }
}

fn expand(text: &str, known: &HashMap<String, String>, depth: usize) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        if let Some(kept) = before.strip_suffix('\\') {
            expanded.push_str(kept);
            expanded.push('$');
            rest = &from[1..];
            continue;
        }
        expanded.push_str(before);
        let (value, after) = reference(from, known, depth);
        expanded.push_str(&value);
        rest = after;
        if expanded.len() > LONGEST {
            break;
        }
    }
    expanded.push_str(rest);
    expanded
}

/// The value of the reference that starts with `$`, and what follows it.
fn reference<'a>(
    text: &'a str,
    known: &HashMap<String, String>,
    depth: usize,
) -> (String, &'a str) {
    let body = &text[1..];
    let get = |name: &str| known.get(name).filter(|value| !value.is_empty());
    if let Some(inner) = body.strip_prefix('{').and_then(closed) {
        let after = &body[inner.len() + 2..];
        let (name, operator, operand) = parts(inner);
        let operand = || match depth < DEEPEST {
            true => expand(operand, known, depth + 1),
            false => operand.to_owned(),
        };
        let value = match (operator, get(name)) {
            ("+", Some(_)) => operand(),
            ("+", None) => String::new(),
            (_, Some(value)) => value.clone(),
            (_, None) => operand(),
        };
        return (value, after);
    }
    let end = body.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = &body[..end.unwrap_or(body.len())];
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return ("$".to_owned(), body);
    }
    (get(name).cloned().unwrap_or_default(), &body[name.len()..])
}

/// What stands before the brace that closes an opened one.
fn closed(text: &str) -> Option<&str> {
    let mut open = 1;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(&text[..at]);
        }
    }
    None
}

/// Name, operator (`-` or `+`) and operand of `NAME:-operand`.
fn parts(inner: &str) -> (&str, &str, &str) {
    match inner.find(['-', '+']) {
        None => (inner, "-", ""),
        Some(at) => {
            let name = inner[..at].strip_suffix(':').unwrap_or(&inner[..at]);
            (name, &inner[at..=at], &inner[at + 1..])
        }
    }
}
