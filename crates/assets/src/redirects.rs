//! `_redirects`: lines of a path, where to, and a status; 200 answers with another file instead.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::path::collapse_slashes;
use crate::pattern::{Pattern, fill, is_dynamic};
use crate::rule_url::{Allowed, check, has_host};

/// The file's name.
pub(crate) const FILE: &str = "_redirects";

/// Cloudflare's limits: rules without and with placeholders, and the length of a line.
const MAX_STATIC: usize = 2_000;
const MAX_DYNAMIC: usize = 100;
const MAX_LINE: usize = 2_000;
const STATUSES: [u16; 6] = [200, 301, 302, 303, 307, 308];

static COMMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s+#.*$").expect("the expression is correct"));
static TO_INDEX: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"/index(.html)?$").expect("the expression is correct"));
static HAS_SCHEME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\w+://").expect("the expression is correct"));

/// The rules of a file.
#[derive(Default)]
pub(crate) struct Redirects {
    fixed: HashMap<String, Target>,
    patterns: Vec<(Pattern, Target)>,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) status: u16,
    /// A path or a URL, with query and fragment.
    pub(crate) to: String,
}

impl Redirects {
    /// The rule of a request's path, as its URL has it.
    pub(crate) fn find(&self, host: &str, path: &str) -> Option<Target> {
        if let Some(target) = self.fixed.get(path) {
            return Some(target.clone());
        }
        self.patterns.iter().find_map(|(pattern, target)| {
            let taken = pattern.matches(host, path)?;
            let to = fill(&target.to, &taken).trim().to_owned();
            let to = match HAS_SCHEME.is_match(&to) {
                true => to,
                false => collapse_slashes(&to),
            };
            Some(Target { to, ..*target })
        })
    }

    pub(crate) fn parse(text: &str, handles_html: bool) -> (Redirects, Vec<String>) {
        let mut parser = Parser {
            handles_html,
            ..Parser::default()
        };
        for (index, line) in text.split('\n').enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if parser.dynamic > MAX_DYNAMIC {
                break;
            }
            if let Err(problem) = parser.line(line) {
                parser
                    .problems
                    .push(format!("line {}: {problem}", index + 1));
            }
        }
        (parser.redirects, parser.problems)
    }
}

#[derive(Default)]
struct Parser {
    redirects: Redirects,
    problems: Vec<String>,
    seen: HashSet<String>,
    fixed: usize,
    dynamic: usize,
    handles_html: bool,
}

impl Parser {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.encode_utf16().count() > MAX_LINE {
            return Err(format!(
                "it exceeds the maximum allowed length of {MAX_LINE} and is ignored"
            ));
        }
        let line = COMMENT.replace(line, "");
        let tokens: Vec<_> = line.split_whitespace().collect();
        let (from, to, status) = match tokens[..] {
            [from, to] => (from, to, "302"),
            [from, to, status] => (from, to, status),
            _ => {
                return Err(format!(
                    "Expected exactly 2 or 3 whitespace-separated tokens. Got {}.",
                    tokens.len()
                ));
            }
        };
        let from = check(from, Allowed::Path)?;
        let is_fixed = self.dynamic == 0 && !is_dynamic(&from);
        self.count(is_fixed)?;
        let target = Target {
            to: check(to, Allowed::Target)?,
            status: read_status(status)?,
        };
        self.refuse_loop(&from, &target.to)?;
        if !self.seen.insert(from.clone()) {
            return Err(format!("Ignoring duplicate rule for path {from}."));
        }
        if target.status == 200 && has_host(&target.to) {
            let to = target.to;
            return Err(format!(
                "Proxy (200) redirects can only point to relative paths. Got {to}"
            ));
        }
        self.add(from, target, is_fixed)
    }

    fn count(&mut self, is_fixed: bool) -> Result<(), String> {
        let (count, max, kind) = match is_fixed {
            true => (&mut self.fixed, MAX_STATIC, "static"),
            false => (&mut self.dynamic, MAX_DYNAMIC, "dynamic"),
        };
        *count += 1;
        if *count <= max {
            return Ok(());
        }
        Err(format!(
            "Maximum number of {kind} rules supported is {max}. Skipping {}.",
            if is_fixed {
                "the line"
            } else {
                "the rest of the file"
            }
        ))
    }

    /// What `html_handling` would send back to the rule again.
    fn refuse_loop(&self, from: &str, to: &str) -> Result<(), String> {
        let from_folder = from.ends_with("/*") || (self.handles_html && from.ends_with('/'));
        if has_host(to) || !from_folder || !TO_INDEX.is_match(to) {
            return Ok(());
        }
        Err(
            "Infinite loop detected in this rule and has been ignored. This will cause a redirect to strip `.html` or \
             `/index` and end up triggering this rule again. Please fix or remove this rule to silence this warning."
                .to_owned(),
        )
    }

    fn add(&mut self, from: String, target: Target, is_fixed: bool) -> Result<(), String> {
        if is_fixed {
            self.redirects.fixed.insert(from, target);
            return Ok(());
        }
        let pattern = Pattern::parse(&from)
            .ok_or_else(|| format!("{from} names a placeholder twice, and matches nothing"))?;
        self.redirects.patterns.push((pattern, target));
        Ok(())
    }
}

fn read_status(text: &str) -> Result<u16, String> {
    let status = text.parse().ok().filter(|status| STATUSES.contains(status));
    status.ok_or_else(|| {
        format!("Valid status codes are 200, 301, 302 (default), 303, 307, or 308. Got {text}.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found() {
        let text = "/a /b\n/c https://h.example/x?y#z 301 # why\n\n# comment\n/p/* /q/:splat 308\n\
                    /n/:id/x /m/:id?id=:id\n/late /early 307\n/proxy/* /file.html 200\n";
        let (redirects, problems) = Redirects::parse(text, true);
        assert_eq!(problems, Vec::<String>::new());
        let to = |path| {
            let target = redirects.find("host", path);
            target.map(|target| format!("{} {}", target.status, target.to))
        };
        assert_eq!(to("/a").as_deref(), Some("302 /b"));
        assert_eq!(to("/c").as_deref(), Some("301 https://h.example/x?y#z"));
        assert_eq!(to("/p/x/y").as_deref(), Some("308 /q/x/y"));
        assert_eq!(to("/p//x").as_deref(), Some("308 /q/x"));
        assert_eq!(to("/n/7/x").as_deref(), Some("302 /m/7?id=7"));
        assert_eq!(to("/late").as_deref(), Some("307 /early"));
        assert_eq!(to("/proxy/1").as_deref(), Some("200 /file.html"));
        assert_eq!(to("/none"), None);
    }

    #[test]
    fn what_is_wrong_is_told_and_left_out() {
        for (line, problem) in [
            ("/a", "Expected exactly 2 or 3"),
            ("/a /b 404", "Valid status codes"),
            ("https://h/x /b", "Only relative URLs"),
            ("/a b", "URLs should either be relative"),
            ("/a http://h/", "URLs should either be relative"),
            ("/* /index.html", "Infinite loop"),
            ("/ /index", "Infinite loop"),
            ("/a https://h/ 200", "Proxy (200)"),
            ("/:x/:x /a", "twice"),
        ] {
            let (redirects, problems) = Redirects::parse(line, true);
            assert!(problems[0].contains(problem), "{line}: {problems:?}");
            assert!(redirects.fixed.is_empty() && redirects.patterns.is_empty());
        }
        let (_, problems) = Redirects::parse("/ /index", false);
        assert!(problems.is_empty());
        let (_, problems) = Redirects::parse("/a /b\n/a /c", true);
        assert_eq!(problems, ["line 2: Ignoring duplicate rule for path /a."]);
    }

    #[test]
    fn there_is_a_limit_of_rules() {
        let fixed: String = (0..2_001).map(|n| format!("/{n} /x\n")).collect();
        let dynamic: String = (0..102).map(|n| format!("/{n}/* /x\n")).collect();
        let (redirects, problems) = Redirects::parse(&(fixed + &dynamic), true);
        assert_eq!(
            (redirects.fixed.len(), redirects.patterns.len()),
            (2_000, 100)
        );
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
