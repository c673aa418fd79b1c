//! Which imports are files to be taken as they are: wrangler's default rules and the config's.
//!
//! The order and `fallthrough` follow wrangler: the config's rules come first, and a rule without
//! `fallthrough` shuts out every later one of its kind.

use crate::options::{Rule, RuleKind};

/// Wrangler's, but for those of Python and of modules that are not bundled.
const DEFAULTS: &[(RuleKind, &[&str])] = &[
    (RuleKind::Text, &["**/*.txt", "**/*.html", "**/*.sql"]),
    (RuleKind::Data, &["**/*.bin"]),
    (RuleKind::CompiledWasm, &["**/*.wasm", "**/*.wasm?module"]),
];

/// The rules that count, and those that an earlier one shut out.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    active: Vec<Rule>,
    ignored: Vec<Rule>,
}

/// What the rules say of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Asset(RuleKind),
    /// Only a rule matches that an earlier one of the same kind has shut out.
    Ignored(RuleKind),
    Code,
}

impl Rules {
    pub(crate) fn new(configured: &[Rule]) -> Self {
        let mut rules = Rules {
            active: Vec::new(),
            ignored: Vec::new(),
        };
        let mut complete = Vec::new();
        for rule in configured.iter().cloned().chain(defaults()) {
            if complete.contains(&rule.kind) {
                rules.ignored.push(rule);
                continue;
            }
            if !rule.fallthrough {
                complete.push(rule.kind);
            }
            rules.active.push(rule);
        }
        rules
    }

    /// Whether a rule could match by the file's place only. The default rules, which begin with
    /// `**/`, match what stands in the code whenever they match the place.
    pub(crate) fn any_by_place(&self) -> bool {
        let rules = self.active.iter().chain(&self.ignored);
        rules
            .flat_map(|rule| &rule.globs)
            .any(|glob| !glob.starts_with('*'))
    }

    /// Judges an import by what stands in the code, query and all, as wrangler does, or else by
    /// where the file lies under the project's folder.
    pub(crate) fn verdict(&self, specifier: &str, path_in_root: Option<&str>) -> Verdict {
        let matches = |rule: &&Rule| {
            rule.globs.iter().any(|glob| {
                glob_matches(glob, specifier)
                    || path_in_root.is_some_and(|path| glob_matches(glob, path))
            })
        };
        if let Some(rule) = self.active.iter().find(matches) {
            return Verdict::Asset(rule.kind);
        }
        match self.ignored.iter().find(matches) {
            Some(rule) => Verdict::Ignored(rule.kind),
            None => Verdict::Code,
        }
    }
}

fn defaults() -> impl Iterator<Item = Rule> {
    DEFAULTS.iter().map(|(kind, globs)| Rule {
        kind: *kind,
        globs: globs.iter().map(|glob| (*glob).to_owned()).collect(),
        fallthrough: false,
    })
}

/// `*` is any run of characters, `/` too; everything else stands for itself. A leading `**/` may
/// also be nothing, so that `**/*.txt` takes `a.txt`.
fn glob_matches(glob: &str, text: &str) -> bool {
    if glob
        .strip_prefix("**/")
        .is_some_and(|rest| wildcard(rest.as_bytes(), text.as_bytes()))
    {
        return true;
    }
    wildcard(glob.as_bytes(), text.as_bytes())
}

/// Matches with one step back: only the latest `*` can need to take more.
fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else {
                    return false;
                };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: RuleKind, globs: &[&str], fallthrough: bool) -> Rule {
        Rule {
            kind,
            globs: globs.iter().map(|g| (*g).to_owned()).collect(),
            fallthrough,
        }
    }

    #[test]
    fn globs_are_wranglers() {
        let cases = [
            ("**/*.txt", "./a.txt", true),
            ("**/*.txt", "a.txt", true),
            ("**/*.txt", "../x/y/a.txt", true),
            ("**/*.txt", "./a.txtx", false),
            ("**/*.wasm?module", "./m.wasm?module", true),
            ("**/*.wasm?module", "./m.wasmXmodule", false),
            ("*.md", "./docs/a.md", true),
            ("docs/*.md", "./docs/a.md", false),
            ("docs/*.md", "docs/deep/a.md", true),
            ("a*b*c", "aXXbYYc", true),
            ("a*b*c", "aXXbYY", false),
            ("", "", true),
            ("*", "", true),
        ];
        for (glob, text, expected) in cases {
            assert_eq!(glob_matches(glob, text), expected, "{glob} {text}");
        }
    }

    #[test]
    fn a_rule_without_fallthrough_shuts_out_the_defaults_of_its_kind() {
        let cases = [
            (
                rule(RuleKind::Text, &["**/*.md"], false),
                "./a.md",
                Verdict::Asset(RuleKind::Text),
            ),
            (
                rule(RuleKind::Text, &["**/*.md"], false),
                "./a.txt",
                Verdict::Ignored(RuleKind::Text),
            ),
            (
                rule(RuleKind::Text, &["**/*.md"], true),
                "./a.txt",
                Verdict::Asset(RuleKind::Text),
            ),
            (
                rule(RuleKind::Data, &["**/*.txt"], false),
                "./a.txt",
                Verdict::Asset(RuleKind::Data),
            ),
            (
                rule(RuleKind::Data, &["**/*.png"], false),
                "./a.bin",
                Verdict::Ignored(RuleKind::Data),
            ),
            (
                rule(RuleKind::Data, &["**/*.png"], false),
                "./a.wasm",
                Verdict::Asset(RuleKind::CompiledWasm),
            ),
            (
                rule(RuleKind::Data, &["**/*.png"], false),
                "./a.ts",
                Verdict::Code,
            ),
        ];
        for (rule, specifier, expected) in cases {
            assert_eq!(
                Rules::new(std::slice::from_ref(&rule)).verdict(specifier, None),
                expected,
                "{rule:?} {specifier}"
            );
        }
    }

    #[test]
    fn the_place_of_the_file_counts_too() {
        let rules = Rules::new(&[rule(RuleKind::Text, &["templates/*.tpl"], false)]);
        assert_eq!(
            rules.verdict("./page.tpl", Some("templates/page.tpl")),
            Verdict::Asset(RuleKind::Text)
        );
        assert_eq!(
            rules.verdict("./page.tpl", Some("other/page.tpl")),
            Verdict::Code
        );
    }
}
