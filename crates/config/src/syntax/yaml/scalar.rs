//! What a plain YAML scalar means: the core schema of YAML 1.2.
//!
//! Quoted and block scalars are always text and never come here.

use serde_json::Number;

use crate::tree::{Foreign, Value};

/// The value of an unquoted scalar.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => integer(text)
            .or_else(|| float(text))
            .unwrap_or_else(|| Value::Text(text.to_owned())),
    }
}

fn integer(text: &str) -> Option<Value> {
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    let whole = text.parse::<i64>().map(Number::from);
    let whole = whole.or_else(|_| text.parse::<u64>().map(Number::from));
    whole.ok().map(Value::Number).or_else(|| finite(text))
}

fn radix(digits: &str, radix: u32) -> Option<Value> {
    // A sign is not part of the core schema's octal and hexadecimal forms.
    if digits.starts_with(['-', '+']) {
        return None;
    }
    let number = u64::from_str_radix(digits, radix).ok()?;
    Some(Value::Number(Number::from(number)))
}

fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(not_finite(text));
    }
    let has_digit = unsigned.bytes().any(|byte| byte.is_ascii_digit());
    let only_number = unsigned
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+'));
    let starts = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    (has_digit && only_number && starts)
        .then(|| finite(text))
        .flatten()
}

fn finite(text: &str) -> Option<Value> {
    let number = text.parse::<f64>().ok()?;
    Some(match Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None => not_finite(text),
    })
}

fn not_finite(text: &str) -> Value {
    Value::Foreign(Foreign {
        kind: "not a finite number",
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let number = |json: &str| Value::Number(serde_json::from_str(json).unwrap());
        let cases = [
            ("", Value::Null),
            ("~", Value::Null),
            ("null", Value::Null),
            ("True", Value::Bool(true)),
            ("FALSE", Value::Bool(false)),
            ("8787", number("8787")),
            ("-3", number("-3")),
            ("+3", number("3")),
            ("007", number("7")),
            ("0o17", number("15")),
            ("0xff", number("255")),
            ("1.5", number("1.5")),
            (".5", number("0.5")),
            ("1e3", number("1000.0")),
            ("18446744073709551615", number("18446744073709551615")),
        ];
        for (text, value) in cases {
            assert_eq!(plain(text), value, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_value_is_text() {
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "nUll",
            "1.2.3",
            "2025-04-02",
            "12:30",
            "0x",
            "0xzz",
            "0o8",
            "0x-1",
            "-",
            "+",
            ".",
            "e5",
            "1_000",
            "infinity",
            "nan",
            "tRue",
            "1-2",
            "--1",
            "inf",
        ] {
            assert_eq!(plain(text), Value::Text(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn numbers_without_a_json_form_are_kept_as_written() {
        for text in [".inf", "-.INF", ".nan", "1e999", "-1e999"] {
            assert!(
                matches!(plain(text), Value::Foreign(found) if found.text == text),
                "{text}"
            );
        }
    }
}
