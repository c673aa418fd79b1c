//! The directives of Cache-Control. Names in any case, values with or without quotes, as HTTP has them.

use http::HeaderMap;
use http::header::CACHE_CONTROL;

/// The directives of a message, in order.
pub(super) struct Directives(Vec<(String, Option<String>)>);

impl Directives {
    pub(super) fn of(headers: &HeaderMap) -> Directives {
        let values = headers.get_all(CACHE_CONTROL).iter();
        let values = values.filter_map(|value| value.to_str().ok());
        Directives(values.flat_map(split).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The number of seconds that a directive gives. What is there and no number counts as 0, so that
    /// nothing is kept for too long by mistake.
    pub(super) fn seconds(&self, name: &str) -> Option<u64> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        let digits = value.as_deref().unwrap_or_default();
        let end = digits.find(|c: char| !c.is_ascii_digit());
        let digits = &digits[..end.unwrap_or(digits.len())];
        // Too many digits for the number mean very long.
        Some(match digits.is_empty() {
            true => 0,
            false => digits.parse().unwrap_or(u64::MAX).min(MAX_SECONDS),
        })
    }

    /// Takes `private=set-cookie` out, which keeps only that header private. True if it was there and no
    /// other header is private.
    pub(super) fn take_private_cookie(&mut self) -> bool {
        let is_cookie = |(name, value): &(String, Option<String>)| {
            let value = value.as_deref().map(str::trim);
            name == "private" && value.is_some_and(|value| value.eq_ignore_ascii_case("set-cookie"))
        };
        let before = self.0.len();
        self.0.retain(|directive| !is_cookie(directive));
        before != self.0.len() && !self.has("private")
    }

    /// As a header has them.
    pub(super) fn join(&self) -> String {
        let one = |(name, value): &(String, Option<String>)| match value {
            None => name.clone(),
            Some(value) if value.contains([',', ' ']) => format!("{name}=\"{value}\""),
            Some(value) => format!("{name}={value}"),
        };
        self.0.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// 2^31, which HTTP says to take for everything longer.
const MAX_SECONDS: u64 = 1 << 31;

fn split(header: &str) -> Vec<(String, Option<String>)> {
    let mut quoted = false;
    let parts = header.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    let parts = parts.map(str::trim).filter(|part| !part.is_empty());
    parts.map(directive).collect()
}

fn directive(part: &str) -> (String, Option<String>) {
    match part.split_once('=') {
        None => (part.to_ascii_lowercase(), None),
        Some((name, value)) => {
            let value = value.trim().trim_matches('"').to_owned();
            (name.trim().to_ascii_lowercase(), Some(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Directives {
        Directives(split(text))
    }

    #[test]
    fn seconds_as_http_writes_them() {
        for (text, expected) in [
            ("max-age=10", Some(10)),
            ("Public, MAX-AGE = \"10\"", Some(10)),
            ("max-age=1.5", Some(1)),
            ("max-age=-1", Some(0)),
            ("max-age", Some(0)),
            ("max-age=soon", Some(0)),
            ("max-age=99999999999999999999999", Some(MAX_SECONDS)),
            ("s-maxage=1", None),
            ("private=\"x, max-age=5\"", None),
            ("", None),
        ] {
            assert_eq!(of(text).seconds("max-age"), expected, "{text}");
        }
    }

    #[test]
    fn a_private_cookie_is_all_that_may_be_private() {
        for (text, taken, rest) in [
            ("private=set-cookie, max-age=5", true, "max-age=5"),
            ("max-age=5, Private=\"Set-Cookie\"", true, "max-age=5"),
            ("private=set-cookie, private", false, "private"),
            (
                "private=\"set-cookie, x\"",
                false,
                "private=\"set-cookie, x\"",
            ),
            ("max-age=5", false, "max-age=5"),
        ] {
            let mut directives = of(text);
            assert_eq!(directives.take_private_cookie(), taken, "{text}");
            assert_eq!(directives.join(), rest);
        }
    }
}
