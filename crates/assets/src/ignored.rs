//! `.assetsignore`: which files are not there for anybody. Patterns are those of `.gitignore`.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The file with the app's own patterns.
pub(crate) const FILE: &str = ".assetsignore";

/// Never served unless the app's own patterns take it back: the files with rules, and what Cellhouse keeps beside
/// an app (its data and secrets) where the app's own folder is served.
const ALWAYS: [&str; 6] = [
    "/.assetsignore",
    "/_redirects",
    "/_headers",
    ".cellhouse/",
    ".dev.vars*",
    ".env*",
];

/// Patterns, ready to be asked.
pub(crate) struct Ignored(Gitignore);

impl Ignored {
    /// From the text of [`FILE`], and what is wrong with it.
    pub(crate) fn parse(text: &str) -> (Ignored, Vec<String>) {
        let mut builder = GitignoreBuilder::new("");
        let mut problems = Vec::new();
        for line in ALWAYS.into_iter().chain(text.lines()) {
            if let Err(error) = builder.add_line(None, line) {
                problems.push(format!("{line}: {error}"));
            }
        }
        let patterns = builder.build().unwrap_or_else(|error| {
            problems.push(error.to_string());
            Gitignore::empty()
        });
        (Ignored(patterns), problems)
    }

    /// Whether the file of a relative path is ignored. As in git, what is in an ignored folder is, whatever else is
    /// said about it.
    pub(crate) fn is_ignored(&self, file: &str) -> bool {
        let folders = file.match_indices('/').map(|(at, _)| &file[..at]);
        let in_ignored = folders
            .into_iter()
            .any(|folder| self.0.matched(Path::new(folder), true).is_ignore());
        in_ignored || self.0.matched(Path::new(file), false).is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_git() {
        let text = "*.map\n!keep.map\n/drafts\nnode_modules/\n# comment\n!.env.example\n";
        let (ignored, problems) = Ignored::parse(text);
        assert_eq!(problems, Vec::<String>::new());
        for (file, expected) in [
            ("_headers", true),
            ("a/_headers", false),
            (".assetsignore", true),
            ("a.js", false),
            ("a.js.map", true),
            ("deep/b.map", true),
            ("keep.map", false),
            ("drafts/x.html", true),
            ("a/drafts/x.html", false),
            ("a/node_modules/keep.map", true),
            ("node_modules", false),
            (".git/config", false),
            (".env", true),
            (".env.local", true),
            (".env.example", false),
            (".cellhouse/shard/1", true),
            (".well-known/x", false),
        ] {
            assert_eq!(ignored.is_ignored(file), expected, "{file}");
        }
    }
}
