//! Which cron expressions are allowed: Ploy's and Cloudflare's rules differ.
//!
//! | | Ploy | Cloudflare |
//! | --- | --- | --- |
//! | fields | 5, or 6 with seconds first | 5 |
//! | day of week | 0 to 6, 0 is Sunday | 1 to 7, 1 is Sunday, or SUN to SAT |
//! | months | 1 to 12 | 1 to 12, or JAN to DEC |
//! | also | | `L`, `LW`, `L-3`, `15W` (day of month), `6L`, `6#2` (day of week), ranges past the end |
//!
//! Checks only; the scheduler reads the expression again.

use crate::source::Span;

/// Whose rules an expression follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    Ploy,
    Cloudflare,
}

/// What is wrong with an expression, and in which bytes of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadCron {
    pub(crate) span: Span,
    pub(crate) message: String,
}

#[derive(Clone, Copy)]
struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    /// Three-letter names of the values from `least` on.
    names: &'static [&'static str],
    special: Special,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Special {
    None,
    DayOfMonth,
    DayOfWeek,
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fn field(name: &'static str, least: u8, most: u8) -> Field {
    Field {
        name,
        least,
        most,
        names: &[],
        special: Special::None,
    }
}

const SECOND: Field = field("second", 0, 59);
const MINUTE: Field = field("minute", 0, 59);
const HOUR: Field = field("hour", 0, 23);

fn fields(rules: Rules, count: usize) -> Option<Vec<Field>> {
    let (day, month, weekday) = match rules {
        Rules::Ploy => (
            field("day of month", 1, 31),
            field("month", 1, 12),
            field("day of week", 0, 6),
        ),
        Rules::Cloudflare => (
            Field {
                special: Special::DayOfMonth,
                ..field("day of month", 1, 31)
            },
            Field {
                names: &MONTHS,
                ..field("month", 1, 12)
            },
            Field {
                names: &DAYS,
                special: Special::DayOfWeek,
                ..field("day of week", 1, 7)
            },
        ),
    };
    match (rules, count) {
        (_, 5) => Some(vec![MINUTE, HOUR, day, month, weekday]),
        (Rules::Ploy, 6) => Some(vec![SECOND, MINUTE, HOUR, day, month, weekday]),
        _ => None,
    }
}

/// Checks an expression. The span of an error counts from the expression's first byte.
pub(crate) fn check(expression: &str, rules: Rules) -> Result<(), BadCron> {
    let words = words(expression);
    let Some(fields) = fields(rules, words.len()) else {
        return Err(wrong_count(expression, rules, words.len()));
    };
    for (field, span) in fields.iter().zip(words) {
        let text = &expression[span.start..span.end];
        check_field(*field, text, rules).map_err(|message| BadCron {
            span,
            message: format!("the {} `{text}` {message}", field.name),
        })?;
    }
    Ok(())
}

fn wrong_count(expression: &str, rules: Rules, count: usize) -> BadCron {
    let wanted = match rules {
        Rules::Ploy => {
            "5 fields (minute, hour, day of month, month, day of week), or 6 with seconds first"
        }
        Rules::Cloudflare => "5 fields: minute, hour, day of month, month, day of week",
    };
    BadCron {
        span: Span::new(0, expression.len()),
        message: format!("a cron expression has {wanted}; this one has {count}"),
    }
}

fn words(text: &str) -> Vec<Span> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_whitespace(), start) {
            (true, Some(first)) => {
                words.push(Span::new(first, at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    words
}

fn check_field(field: Field, text: &str, rules: Rules) -> Result<(), String> {
    if text == "*" || is_special(field, text)? {
        return Ok(());
    }
    text.split(',')
        .try_for_each(|item| check_item(field, item, rules))
}

/// One part of a list: `5`, `*/5`, `1-5`, `1-5/2`, `3/5`.
fn check_item(field: Field, item: &str, rules: Rules) -> Result<(), String> {
    let (range, step) = match item.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (item, None),
    };
    if let Some(step) = step {
        check_step(field, step)?;
    }
    if range == "*" {
        return match step {
            Some(_) => Ok(()),
            None => Err("has `*` in a list, which already means every value".to_owned()),
        };
    }
    match range.split_once('-') {
        None => value(field, range).map(|_| ()),
        Some((first, last)) => {
            let (first, last) = (value(field, first)?, value(field, last)?);
            if rules == Rules::Ploy && first > last {
                return Err(format!("has the range {first}-{last}, which is backwards"));
            }
            Ok(())
        }
    }
}

fn check_step(field: Field, step: &str) -> Result<(), String> {
    let most = field.most - field.least;
    match number(step) {
        Some(step) if (1..=most).contains(&step) => Ok(()),
        _ => Err(format!(
            "has the step `{step}`, which must be a number from 1 to {most}"
        )),
    }
}

fn value(field: Field, text: &str) -> Result<u8, String> {
    let (least, most) = (field.least, field.most);
    if let Some(at) = field
        .names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text))
    {
        return Ok(least + at as u8);
    }
    match number(text) {
        Some(number) if (least..=most).contains(&number) => Ok(number),
        Some(0) if !field.names.is_empty() && field.special == Special::DayOfWeek => {
            Err("has 0 for Sunday, which is 1 (or SUN) in Cloudflare's cron".to_owned())
        }
        Some(_) => Err(format!("is not from {least} to {most}")),
        None => Err(not_a_value(field, text)),
    }
}

fn not_a_value(field: Field, text: &str) -> String {
    let (least, most) = (field.least, field.most);
    let names = match (field.names.first(), field.names.last()) {
        (Some(first), Some(last)) => format!(", or {first} to {last}"),
        _ => String::new(),
    };
    let part = if text.is_empty() {
        "nothing".to_owned()
    } else {
        format!("`{text}`")
    };
    format!("has {part} where a number from {least} to {most}{names} is expected")
}

fn number(text: &str) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Cloudflare's `L`, `W` and `#`, each alone in its field.
fn is_special(field: Field, text: &str) -> Result<bool, String> {
    match field.special {
        Special::None => Ok(false),
        Special::DayOfMonth => special_day_of_month(field, text),
        Special::DayOfWeek => special_day_of_week(field, text),
    }
}

fn special_day_of_month(field: Field, text: &str) -> Result<bool, String> {
    if let Some(rest) = text.strip_prefix('L') {
        let offset = rest.strip_suffix('W').unwrap_or(rest);
        if offset.is_empty() {
            return Ok(true);
        }
        let days = offset.strip_prefix('-').and_then(number);
        return match days {
            Some(1..=30) => Ok(true),
            _ => Err("must have an offset from L-1 to L-30".to_owned()),
        };
    }
    // In a list the letter is no value, and the list says so.
    match text.strip_suffix('W').filter(|day| !day.contains(',')) {
        Some(day) => value(field, day).map(|_| true),
        None => Ok(false),
    }
}

fn special_day_of_week(field: Field, text: &str) -> Result<bool, String> {
    if text == "L" {
        return Ok(true);
    }
    if let Some((day, nth)) = text.split_once('#') {
        value(field, day)?;
        return match number(nth) {
            Some(1..=5) => Ok(true),
            _ => Err("must have 1 to 5 after `#`".to_owned()),
        };
    }
    match text.strip_suffix('L').filter(|day| !day.contains(',')) {
        Some(day) => value(field, day).map(|_| true),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(rules: Rules, expressions: &[&str]) {
        for expression in expressions {
            assert_eq!(check(expression, rules), Ok(()), "{expression}");
        }
    }

    fn bad(rules: Rules, cases: &[(&str, &str, &str)]) {
        for (expression, part, words) in cases {
            let error = check(expression, rules).expect_err(expression);
            let span = error.span;
            assert_eq!(&expression[span.start..span.end], *part, "{expression}");
            assert!(
                error.message.contains(words),
                "{expression}: {}",
                error.message
            );
        }
    }

    #[test]
    fn ploy_takes_five_or_six_fields_of_numbers() {
        good(
            Rules::Ploy,
            &[
                "* * * * *",
                "*/15 * * * *",
                "0 0 * * 0",
                "0 9-17/2 1,15 * 1-5",
                "*/5 * * * * *",
                "0  0 1 1 6",
                "5/10 * * * *",
            ],
        );
    }

    #[test]
    fn ploy_refuses_names_specials_and_backward_ranges() {
        bad(
            Rules::Ploy,
            &[
                ("0 9 * * MON", "MON", "a number from 0 to 6"),
                ("0 9 * * 7", "7", "not from 0 to 6"),
                ("0 9 L * *", "L", "a number from 1 to 31"),
                ("60 * * * *", "60", "not from 0 to 59"),
                ("* * * *", "* * * *", "this one has 4"),
                ("* * * * * * *", "* * * * * * *", "this one has 7"),
                ("", "", "this one has 0"),
                ("*/0 * * * *", "*/0", "1 to 59"),
                ("*/60 * * * *", "*/60", "1 to 59"),
                ("5-1 * * * *", "5-1", "backwards"),
                ("1,,2 * * * *", "1,,2", "nothing"),
                ("1-2-3 * * * *", "1-2-3", "`2-3`"),
                ("*-5 * * * *", "*-5", "`*`"),
                ("*,5 * * * *", "*,5", "every value"),
                ("99 99 99 99 9999999", "99", "not from 0 to 59"),
                ("é * * * *", "é", "`é`"),
            ],
        );
    }

    #[test]
    fn cloudflare_takes_names_specials_and_ranges_past_the_end() {
        good(
            Rules::Cloudflare,
            &[
                "* * * * *",
                "*/30 * * * *",
                "45 * * * *",
                "0 17 * * sun",
                "10 7 * * mon-fri",
                "0 15 1 * *",
                "0 18 * * 6L",
                "59 23 LW * *",
                "0 0 L-3 * *",
                "0 0 L-3W JAN-mar *",
                "0 0 15W * MON#1",
                "0 0 * * L",
                "0 22-2 * 11-2 5-1",
                "0,30/10,*/7 * * * 1,7",
            ],
        );
    }

    #[test]
    fn cloudflare_refuses_what_its_parser_refuses() {
        bad(
            Rules::Cloudflare,
            &[
                ("0 0 * * 0", "0", "1 (or SUN)"),
                ("0 0 * * 8", "8", "not from 1 to 7"),
                ("0 0 * * MON#6", "MON#6", "1 to 5"),
                ("0 0 * * 3,L", "3,L", "`L`"),
                ("0 0 L-31 * *", "L-31", "L-30"),
                ("0 0 32W * *", "32W", "not from 1 to 31"),
                ("0 0 * FOO *", "FOO", "JAN to DEC"),
                ("*/5 * * * * *", "*/5 * * * * *", "this one has 6"),
                ("0 0 * * *-3", "*-3", "`*`"),
                ("300 * * * *", "300", "`300`"),
            ],
        );
    }
}
