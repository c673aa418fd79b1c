//! Numbers, strings and names as JavaScript writes them.

use super::Value;
use crate::bigint::BigInt;

/// The letters of a regular expression's flags, each with its bit.
const FLAGS: &[(u32, char)] = &[
    (128, 'd'),
    (1, 'g'),
    (2, 'i'),
    (4, 'm'),
    (32, 's'),
    (16, 'u'),
    (256, 'v'),
    (8, 'y'),
];

/// As `console.log` does: -0 shows its sign.
pub(super) fn number(value: f64) -> String {
    let amount = value.abs();
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if amount >= 1e21 || (amount != 0.0 && amount < 1e-6) {
        exponential(value)
    } else {
        format!("{value}")
    }
}

fn exponential(value: f64) -> String {
    let text = format!("{value:e}");
    if text.contains("e-") {
        text
    } else {
        text.replace('e', "e+")
    }
}

pub(super) fn bigint(negative: bool, bytes: &[u8]) -> String {
    format!("{}n", BigInt { negative, bytes })
}

/// The class of the box around a value.
pub(super) fn class(value: &Value) -> &'static str {
    match value {
        Value::Boolean(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::BigInt { .. } => "BigInt",
        _ => "String",
    }
}

pub(super) fn regexp(pattern: &[u16], flags: u32) -> String {
    let letters = FLAGS.iter().filter(|(bit, _)| flags & bit != 0);
    let letters: String = letters.map(|(_, letter)| letter).collect();
    format!("/{}/{letters}", String::from_utf16_lossy(pattern))
}

/// A string in the quotes that need the fewest escapes.
pub(super) fn quoted(units: &[u16]) -> String {
    let has = |quote: char| units.contains(&(quote as u16));
    let quote = match (has('\''), has('"'), has('`')) {
        (false, ..) => '\'',
        (_, false, _) => '"',
        (.., false) => '`',
        _ => '\'',
    };
    let mut text = String::from(quote);
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok('\n') => text.push_str("\\n"),
            Ok('\r') => text.push_str("\\r"),
            Ok('\t') => text.push_str("\\t"),
            Ok('\\') => text.push_str("\\\\"),
            Ok(c) if c == quote => text.extend(['\\', c]),
            Ok(c) if c.is_control() => text.push_str(&format!("\\x{:02X}", c as u32)),
            Ok(c) => text.push(c),
            Err(lone) => text.push_str(&format!("\\u{:04X}", lone.unpaired_surrogate())),
        }
    }
    text.push(quote);
    text
}

/// A key: bare where it could stand so in code.
pub(super) fn name(units: &[u16]) -> String {
    let text = String::from_utf16_lossy(units);
    let is_start = |c: char| c.is_alphabetic() || c == '_' || c == '$';
    let mut letters = text.chars();
    let is_bare =
        letters.next().is_some_and(is_start) && letters.all(|c| is_start(c) || c.is_ascii_digit());
    if is_bare { text } else { quoted(units) }
}
