//! What `cellhouse objects` writes: lines that never fail it when nobody reads them, and text of an app that
//! cannot take over a terminal.

use std::borrow::Cow;
use std::io::Write;
use std::time::{Duration, SystemTime};

use indicatif::HumanDuration;

use crate::data::objects::{Found, date};

/// Prints a line to standard output: false when nobody reads it (`| head`).
pub(in crate::commands) fn line(text: &str) -> bool {
    writeln!(std::io::stdout().lock(), "{text}").is_ok()
}

/// An object in JSON.
pub(in crate::commands) fn json(found: &Found) -> serde_json::Value {
    serde_json::json!({
        "id": found.id, "name": found.name, "bytes": found.bytes, "alarm": found.alarm,
    })
}

/// Name and id, as a sentence has them.
pub(in crate::commands) fn called(found: &Found) -> String {
    match &found.name {
        Some(name) => format!("{:?} ({})", name, found.id),
        None => found.id.clone(),
    }
}

/// A moment, and how far away it is.
pub(in crate::commands) fn when(time: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
    let away = HumanDuration(Duration::from_millis(now.abs_diff(time)));
    match time > now {
        true => format!("{} (in {away})", moment(time)),
        false => format!("{} ({away} ago)", moment(time)),
    }
}

/// A moment as `toISOString()` writes it.
pub(in crate::commands) fn moment(time: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's dates fit")]
    date(time as f64)
}

/// Text of an app on one line of a terminal: what would steer that is escaped.
pub(in crate::commands) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    Cow::Owned(text.chars().map(escape).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_an_app_cannot_steer_a_terminal() {
        assert_eq!(plain("über 1"), "über 1");
        assert_eq!(plain("a\n\u{1b}[2J\u{9b}"), "a\\n\\u{1b}[2J\\u{9b}");
    }

    #[test]
    fn moments() {
        assert_eq!(moment(0), "1970-01-01T00:00:00.000Z");
        assert!(when(0).ends_with(" ago)"), "{}", when(0));
        assert!(when(i64::from(u32::MAX) * 10_000).contains("(in "));
    }
}
