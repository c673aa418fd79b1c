//! From text to tree: which parser reads a file, and what all three have in common.
//!
//! Knows syntax only: whether a key is known or a value makes sense is decided by the readers.

mod jsonc;
mod toml;
mod yaml;

#[cfg(test)]
mod tests;

use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::tree::{Key, Map, Node};

/// Deeper nesting than any config needs, and shallow enough for every recursive walk.
const DEEPEST: usize = 64;

/// The syntax of a config file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Yaml,
    Toml,
    /// JSON with comments and trailing commas; wrangler reads `.json` so too.
    Jsonc,
}

impl Syntax {
    fn name(self) -> &'static str {
        match self {
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
            Self::Jsonc => "JSON",
        }
    }
}

/// A file's tree, unless it cannot be built, and what is wrong with the file.
#[derive(Debug, Default)]
struct Parsed {
    node: Option<Node>,
    problems: Vec<Problem>,
}

impl Parsed {
    fn failed(problem: Problem) -> Self {
        Self {
            node: None,
            problems: vec![problem],
        }
    }
}

/// An error before it is tied to its file.
#[derive(Debug)]
struct Problem {
    span: Span,
    message: String,
    help: Option<&'static str>,
    /// The text is as the syntax wants it, but a key is there twice.
    twice: bool,
    /// The first of two equal keys, where it is known.
    first: Option<Span>,
}

impl Problem {
    fn new(span: impl Into<Span>, message: impl Into<String>) -> Self {
        Self {
            span: span.into(),
            message: message.into(),
            help: None,
            twice: false,
            first: None,
        }
    }

    fn twice(span: Span, key: &str) -> Self {
        let problem = Self::new(span, format!("the key `{key}` is there twice"));
        Self {
            twice: true,
            ..problem.help("keep one of the two")
        }
    }

    fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }
}

/// Parses the text of a config: its root, always a map, and what is wrong. Without a root there is
/// at least one error.
pub(crate) fn parse(source: &Source, syntax: Syntax) -> (Option<Node>, Vec<Diagnostic>) {
    let text = source.text();
    let mut parsed = match syntax {
        Syntax::Yaml => yaml::parse(text),
        Syntax::Toml => toml::parse(text),
        Syntax::Jsonc => jsonc::parse(text),
    };
    if let Some(node) = parsed.node.take_if(|node| node.as_map().is_none()) {
        let what = node.describe();
        let message = format!("a config is a map of keys to values, but this is {what}");
        parsed.problems.push(Problem::new(node.span, message));
    }
    let problems = parsed.problems.into_iter();
    let diagnostics = problems.map(|problem| diagnostic(source, syntax, problem));
    (parsed.node, diagnostics.collect())
}

fn diagnostic(source: &Source, syntax: Syntax, problem: Problem) -> Diagnostic {
    let at = source.at(visible(source.text(), problem.span));
    let message = match problem.twice {
        true => problem.message,
        false => format!("not valid {}: {}", syntax.name(), problem.message),
    };
    let text = if problem.twice { "again here" } else { "here" };
    let mut diagnostic = Diagnostic::error(message).label(&at, text);
    if let Some(span) = problem.first {
        diagnostic = diagnostic.label(&source.at(span), "first here");
    }
    match problem.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// An empty span becomes the character it stands before, so that something is underlined.
fn visible(text: &str, span: Span) -> Span {
    let span = span.first_line(text);
    let rest = text.get(span.start..).unwrap_or_default();
    match rest.chars().next() {
        Some(next) if span.start == span.end && next != '\n' && next != '\r' => {
            Span::new(span.start, span.start + next.len_utf8())
        }
        _ => span,
    }
}

/// Adds an entry to a map; a key that is there already is reported and left out.
fn push_entry(map: &mut Map, key: Key, value: Node, problems: &mut Vec<Problem>) {
    let mut problem = Problem::twice(key.span, &key.text);
    if let Err(first) = map.insert(key, value) {
        problem.first = Some(first.span);
        problems.push(problem);
    }
}

fn too_deep(span: impl Into<Span>) -> Problem {
    Problem::new(span, format!("nested more than {DEEPEST} levels deep"))
}
