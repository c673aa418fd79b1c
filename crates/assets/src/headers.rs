//! `_headers`: paths, each followed by lines of headers to set, or with `!` to take away.

use std::collections::HashSet;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::pattern::{Pattern, fill};
use crate::rule_url::{Allowed, check};

/// The file's name.
pub(crate) const FILE: &str = "_headers";

/// Cloudflare's limits.
const MAX_RULES: usize = 100;
const MAX_LINE: usize = 2_000;
/// Before the name of a header that is taken away.
const UNSET: &str = "! ";

/// The rules of a file.
#[derive(Default)]
pub(crate) struct Headers {
    rules: Vec<Rule>,
}

struct Rule {
    path: String,
    pattern: Pattern,
    set: Vec<(HeaderName, String)>,
    unset: Vec<HeaderName>,
}

impl Headers {
    /// Changes the headers of a response to a request for this host, without port, and path, as its URL has it. A
    /// header of a rule replaces the response's own, and joins that of an earlier rule.
    pub(crate) fn apply(&self, host: &str, path: &str, headers: &mut HeaderMap) {
        let mut known = HashSet::new();
        for rule in &self.rules {
            let Some(taken) = rule.pattern.matches(host, path) else {
                continue;
            };
            for name in &rule.unset {
                headers.remove(name);
            }
            for (name, value) in &rule.set {
                let Ok(value) = HeaderValue::from_bytes(fill(value, &taken).as_bytes()) else {
                    continue;
                };
                if known.insert(name) {
                    headers.insert(name, value);
                } else {
                    headers.append(name, value);
                }
            }
        }
    }

    pub(crate) fn parse(text: &str) -> (Headers, Vec<String>) {
        let mut parser = Parser::default();
        for (index, line) in text.split('\n').enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let result = parser.line(line);
            let is_full = matches!(result, Err(Wrong::TooMany));
            if let Err(wrong) = result {
                let number = index + 1;
                parser.problems.push(format!("line {number}: {wrong}"));
            }
            if is_full {
                break;
            }
        }
        parser.finish_rule();
        (parser.headers, parser.problems)
    }
}

/// Cloudflare's words for what is wrong with a line.
#[derive(Debug)]
enum Wrong {
    TooMany,
    Line(String),
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Wrong::TooMany => write!(
                f,
                "Maximum number of rules supported is {MAX_RULES}. Skipping the rest of the file."
            ),
            Wrong::Line(text) => f.write_str(text),
        }
    }
}

impl<T: Into<String>> From<T> for Wrong {
    fn from(text: T) -> Self {
        Wrong::Line(text.into())
    }
}

#[derive(Default)]
struct Parser {
    headers: Headers,
    problems: Vec<String>,
    rule: Option<Rule>,
    /// After a path that was refused.
    skips: bool,
}

impl Parser {
    fn line(&mut self, line: &str) -> Result<(), Wrong> {
        if line.encode_utf16().count() > MAX_LINE {
            return Err(format!(
                "it exceeds the maximum allowed length of {MAX_LINE} and is ignored"
            )
            .into());
        }
        if is_path(line) {
            return self.path(line);
        }
        if self.skips {
            return Ok(());
        }
        match line.split_once(':') {
            None => self.unset(line),
            Some((name, value)) => self.set(name.trim(), value.trim()),
        }
    }

    fn path(&mut self, line: &str) -> Result<(), Wrong> {
        let open = usize::from(self.rule.as_ref().is_some_and(Rule::says_something));
        self.finish_rule();
        if self.headers.rules.len() - open >= MAX_RULES {
            return Err(Wrong::TooMany);
        }
        self.skips = true;
        let path = check(line, Allowed::Pattern)?;
        let has_splat = path
            .split(":splat")
            .skip(1)
            .any(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        match path.matches('*').count() {
            0 => {}
            1 if has_splat => {
                return Err(format!(
                    "Cannot combine a wildcard * with a :splat placeholder because wildcards are converted to :splat at \
                     runtime. Skipping {path}."
                )
                .into());
            }
            1 => {}
            _ => {
                return Err(format!(
                    "Only one wildcard is allowed per rule. Use a named placeholder (e.g. :project) instead. Skipping \
                     {path}."
                )
                .into());
            }
        }
        let pattern = Pattern::parse(&path)
            .ok_or_else(|| format!("{path} names a placeholder twice, and matches nothing"))?;
        self.skips = false;
        self.rule = Some(Rule {
            path,
            pattern,
            set: Vec::new(),
            unset: Vec::new(),
        });
        Ok(())
    }

    fn unset(&mut self, line: &str) -> Result<(), Wrong> {
        let Some(rule) = &mut self.rule else {
            return Err("Expected a path beginning with at least one forward-slash".into());
        };
        let Some(name) = line.strip_prefix(UNSET) else {
            return Err("Expected a colon-separated header pair (e.g. name: value)".into());
        };
        rule.unset.push(read_name(name.trim())?);
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        if name.contains(' ') {
            return Err("Header name cannot include spaces".into());
        }
        if name.is_empty() {
            return Err("No header name specified".into());
        }
        if value.is_empty() {
            return Err("No header value specified".into());
        }
        let Some(rule) = &mut self.rule else {
            return Err(format!(
                "Path should come before header ({}: {value})",
                name.to_lowercase()
            )
            .into());
        };
        let name = read_name(name)?;
        match rule.set.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => *values = format!("{values}, {value}"),
            None => rule.set.push((name, value.to_owned())),
        }
        Ok(())
    }

    fn finish_rule(&mut self) {
        let Some(rule) = self.rule.take() else { return };
        if !rule.says_something() {
            let path = rule.path;
            self.problems.push(format!("{path}: No headers specified"));
            return;
        }
        let rules = &mut self.headers.rules;
        match rules.iter_mut().find(|known| known.path == rule.path) {
            Some(known) => *known = rule,
            None => rules.push(rule),
        }
    }
}

impl Rule {
    fn says_something(&self) -> bool {
        !self.set.is_empty() || !self.unset.is_empty()
    }
}

/// A slash, or something with a scheme.
fn is_path(line: &str) -> bool {
    let scheme = line
        .find("://")
        .is_some_and(|at| at > 0 && !line[..at].contains(char::is_whitespace));
    line.starts_with('/') || scheme
}

fn read_name(name: &str) -> Result<HeaderName, Wrong> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Wrong::Line(format!("`{name}` is not the name of a header")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_set_join_and_take_away() {
        let text = "/*\n  X-All: 1\n  Cache-Control: no-store\n/a/:name\n  X-All: 2\n  x-name: :name\n  x-name: twice\n\
                    https://h.example/*\n  x-host: yes\n/gone\n  ! ETag\n  x: y\n";
        let (rules, problems) = Headers::parse(text);
        assert_eq!(problems, Vec::<String>::new());
        let mut headers = HeaderMap::new();
        headers.insert("cache-control", HeaderValue::from_static("public"));
        headers.insert("etag", HeaderValue::from_static("e"));
        rules.apply("h.example", "/a/b", &mut headers);
        let all = |name| -> Vec<_> {
            headers
                .get_all(name)
                .iter()
                .map(|v| v.to_str().unwrap())
                .collect()
        };
        assert_eq!(all("x-all"), ["1", "2"]);
        assert_eq!(all("cache-control"), ["no-store"]);
        assert_eq!(all("x-name"), ["b, twice"]);
        assert_eq!(all("x-host"), ["yes"]);
        assert_eq!(all("etag"), ["e"]);
        rules.apply("other", "/gone", &mut headers);
        assert!(!headers.contains_key("etag"));
    }

    #[test]
    fn what_is_wrong_is_told_and_left_out() {
        for (text, problem) in [
            ("x: y", "Path should come before header (x: y)"),
            ("/a", "No headers specified"),
            ("/a\n nothing", "Expected a colon-separated"),
            ("/a\n na me: x", "spaces"),
            ("/a\n x:", "No header value"),
            ("/a\n : x", "No header name"),
            ("/*/*\n x: y", "Only one wildcard"),
            ("/*/:splat\n x: y", "Cannot combine"),
            ("http://h/\n x: y", "URLs should either"),
            ("words", "Expected a path"),
            ("/a\n ü: x", "not the name of a header"),
        ] {
            let (rules, problems) = Headers::parse(text);
            assert!(problems[0].contains(problem), "{text}: {problems:?}");
            assert!(rules.rules.is_empty(), "{text}");
        }
    }

    #[test]
    fn there_is_a_limit_of_rules() {
        let text: String = (0..105).map(|n| format!("/{n}\n  x: {n}\n")).collect();
        let (rules, problems) = Headers::parse(&text);
        assert!(rules.rules.len() >= MAX_RULES && rules.rules.len() <= MAX_RULES + 1);
        assert_eq!(problems.len(), 1);
    }
}
