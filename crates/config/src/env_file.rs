//! Files of variables: `.env` and `.dev.vars`, by the rules of the `dotenv` package.
//!
//! `NAME=value` or `export NAME=value`, values bare or in `'`, `"` or backticks, quoted ones over
//! several lines, `#` comments, `\n` and `\r` in double quotes. Two things are stricter: a quote
//! that is never closed is an error, a line that is no assignment a warning. Both show the line
//! with the values blotted out, since these files hold secrets and messages end up in logs.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::source::{Location, Source, Span};

/// One variable.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Where the name is, in a text without the values.
    pub(crate) at: Location,
}

/// Variables by name, in the order in which the names were first set.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    list: Vec<Variable>,
    places: HashMap<String, usize>,
}

impl Variables {
    /// Adds a variable; one of that name keeps its place and takes the new value.
    pub(crate) fn put(&mut self, variable: Variable) {
        match self.places.get(&variable.name) {
            Some(&place) => self.list[place] = variable,
            None => {
                self.places.insert(variable.name.clone(), self.list.len());
                self.list.push(variable);
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Variable> {
        self.places.get(name).map(|&place| &self.list[place])
    }

    pub(crate) fn into_list(self) -> Vec<Variable> {
        self.list
    }
}

/// A file's variables and what is wrong with the file.
#[derive(Debug)]
pub(crate) struct EnvFile {
    pub(crate) variables: Variables,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads the text of a file.
pub(crate) fn parse(source: &Source) -> EnvFile {
    let mut parser = Parser {
        text: source.text(),
        at: 0,
        found: Vec::new(),
        secret: Vec::new(),
    };
    parser.run();
    let blotted = Source::new(source.path(), blot(source.text(), &parser.secret));
    finish(&blotted, parser.found)
}

/// What the parser came across.
enum Found {
    Variable { name: Span, value: String },
    NoAssignment(Span),
    Unclosed { name: Span, quote: Span },
}

fn finish(source: &Source, found: Vec<Found>) -> EnvFile {
    let mut variables = Variables::default();
    let mut diagnostics = Vec::new();
    let text = |span: Span| source.text()[span.start..span.end].to_owned();
    for found in found {
        let diagnostic = match found {
            Found::Variable { name, value } => {
                let (at, name) = (source.at(name), text(name));
                let variable = Variable { name, value, at };
                let first = variables.get(&variable.name);
                let diagnostic = first.map(|first| twice(&variable, first));
                variables.put(variable);
                diagnostic
            }
            Found::NoAssignment(span) => Some(no_assignment(&source.at(span))),
            Found::Unclosed { name, quote } => Some(unclosed(&text(name), &source.at(quote))),
        };
        diagnostics.extend(diagnostic);
    }
    EnvFile {
        variables,
        diagnostics,
    }
}

fn twice(again: &Variable, first: &Variable) -> Diagnostic {
    Diagnostic::warning(format!(
        "`{}` is set twice: the last one counts",
        again.name
    ))
    .label(&again.at, "this one counts")
    .label(&first.at, "first here")
    .help("remove one of the two")
}

fn no_assignment(at: &Location) -> Diagnostic {
    Diagnostic::warning("this line is no assignment: it is ignored")
        .label(at, "")
        .help("write NAME=value; a comment starts with #")
}

fn unclosed(name: &str, at: &Location) -> Diagnostic {
    let line = &at.source().text()[at.span().start..];
    let quote = line.chars().next().unwrap_or('"');
    Diagnostic::error(format!(
        "the {quote} that opens the value of `{name}` is not closed"
    ))
    .label(at, "opened here")
    .help(format!(
        "write {quote} at the end of the value, and nothing but a comment after it"
    ))
}

/// Replaces what is secret, byte for byte, so that every place stays where it is.
fn blot(text: &str, secret: &[Span]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in secret {
        for byte in &mut bytes[span.start..span.end] {
            if !byte.is_ascii_whitespace() {
                *byte = b'*';
            }
        }
    }
    // Spans are of whole characters, and a star is one byte.
    String::from_utf8(bytes).unwrap_or_default()
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    found: Vec<Found>,
    secret: Vec<Span>,
}

impl<'t> Parser<'t> {
    fn run(&mut self) {
        loop {
            self.skip(char::is_whitespace);
            if self.rest().is_empty() {
                return;
            }
            let closed = match self.assignment() {
                Some(name) => self.value(name),
                None => self.no_assignment(),
            };
            if !closed {
                return;
            }
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip(&mut self, what: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(what).len();
    }

    /// `NAME=` with or without `export`; stands behind it if it is there, else where it stood.
    fn assignment(&mut self) -> Option<Span> {
        let start = self.at;
        if let Some(after) = self.rest().strip_prefix("export")
            && after.starts_with(char::is_whitespace)
        {
            self.at += "export".len();
            self.skip(char::is_whitespace);
            if let Some(name) = self.name() {
                return Some(name);
            }
            self.at = start;
        }
        let name = self.name();
        if name.is_none() {
            self.at = start;
        }
        name
    }

    fn name(&mut self) -> Option<Span> {
        let start = self.at;
        self.skip(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        let name = Span::new(start, self.at);
        if name.start == name.end {
            return None;
        }
        if let Some(after) = self.rest().strip_prefix(':')
            && after.starts_with(char::is_whitespace)
        {
            self.at += 1;
            return Some(name);
        }
        self.skip(is_blank);
        self.rest()
            .starts_with('=')
            .then(|| self.at += 1)
            .map(|()| name)
    }

    /// A comment, or a line that is reported. Always goes on.
    fn no_assignment(&mut self) -> bool {
        let end = self.at + self.line().len();
        let span = Span::new(self.at, end);
        self.secret.push(span);
        if !self.rest().starts_with('#') {
            self.found.push(Found::NoAssignment(span));
        }
        self.at = end;
        true
    }

    /// What is left of the line.
    fn line(&self) -> &'t str {
        self.rest().split(['\n', '\r']).next().unwrap_or_default()
    }

    /// Reads a value. `false` if its quote is not closed: what follows has no meaning then.
    fn value(&mut self, name: Span) -> bool {
        self.skip(is_blank);
        let quote = self.rest().chars().next().filter(|c| "'\"`".contains(*c));
        let value = match quote {
            None => self.bare(),
            Some(quote) => match self.quoted(quote) {
                Some(value) => value,
                None if self.line()[1..].contains(quote) => self.bare(),
                None => {
                    let opened = Span::new(self.at, self.at + self.line().len());
                    self.secret.push(Span::new(self.at + 1, self.text.len()));
                    self.found.push(Found::Unclosed {
                        name,
                        quote: opened,
                    });
                    return false;
                }
            },
        };
        self.found.push(Found::Variable { name, value });
        true
    }

    /// A value in quotes, if nothing but a comment follows the closing one on its line.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let body = &self.rest()[1..];
        let closing = closing(body, quote)?;
        self.secret
            .push(Span::new(self.at + 1, self.at + 1 + closing));
        let value = unify_line_ends(&body[..closing]);
        self.at += closing + 2;
        // The comment is skipped with the next line.
        Some(if quote == '"' {
            unescape(&value)
        } else {
            value
        })
    }

    /// A value up to a comment or the end of the line.
    fn bare(&mut self) -> String {
        let line = self.line();
        let raw = line.split('#').next().unwrap_or_default();
        self.secret.push(Span::new(self.at, self.at + raw.len()));
        self.at += raw.len();
        let value = raw.trim();
        let first = value.chars().next().filter(|c| "'\"`".contains(*c));
        let inner = first.and_then(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
        let value = inner.unwrap_or(value);
        if first == Some('"') {
            unescape(value)
        } else {
            value.to_owned()
        }
    }
}

/// Where the closing quote is: the first without a backslash before it, or if that one does not
/// end the value, the last with one.
fn closing(body: &str, quote: char) -> Option<usize> {
    let mut escaped = Vec::new();
    let mut hard = None;
    for (at, _) in body.match_indices(quote) {
        if body[..at].ends_with('\\') {
            escaped.push(at);
        } else {
            hard = Some(at);
            break;
        }
    }
    let candidates = hard.into_iter().chain(escaped.into_iter().rev());
    let mut ending = candidates.filter(|at| ends_value(&body[at + 1..]));
    ending.next()
}

fn ends_value(after: &str) -> bool {
    let after = after.trim_start_matches(is_blank);
    after.is_empty() || after.starts_with(['#', '\n', '\r'])
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() && c != '\n' && c != '\r'
}

fn unify_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn unescape(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\r", "\r")
}
