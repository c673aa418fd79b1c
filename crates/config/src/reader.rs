//! Reading typed values out of the tree, collecting everything that is wrong on the way.
//!
//! A value of the wrong type is reported once and read as absent, so the reading goes on and all
//! errors of a file come out together. The reader knows types and places, not the meaning of keys.

mod list;
mod table;

pub(crate) use self::table::Table;

use crate::diagnostic::{Diagnostic, Severity};
use crate::names::{self, Rule};
use crate::source::{Location, Source, Span};
use crate::tree::{Node, Value};

/// How many errors, and how many warnings, are kept: more are of no help to anybody, and a file
/// of nothing but mistakes would cost much work.
pub(crate) const MOST: usize = 200;

/// A file being read and what was found wrong with it.
pub(crate) struct Reader {
    source: Source,
    found: Vec<Diagnostic>,
    claims: Vec<Claim>,
}

/// A name that something other than a binding takes in `env`.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) name: String,
    /// `variable`, `secret`.
    pub(crate) what: &'static str,
    pub(crate) at: Location,
}

impl Reader {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            found: Vec::new(),
            claims: Vec::new(),
        }
    }

    /// What was found wrong, and the names that are taken.
    pub(crate) fn finish(self) -> (Vec<Diagnostic>, Vec<Claim>) {
        (self.found, self.claims)
    }

    /// Records that a name of `env` is taken.
    pub(crate) fn claim(&mut self, name: &str, what: &'static str, span: Span) {
        let (name, at) = (name.to_owned(), self.at(span));
        self.claims.push(Claim { name, what, at });
    }

    /// Forgets the names taken so far: the file is read again, for another environment.
    pub(crate) fn forget_claims(&mut self) {
        self.claims.clear();
    }

    /// The file's name, for messages about something that is not in it.
    pub(crate) fn file_name(&self) -> String {
        let path = self.source.path();
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// Warns about something that is not in the file.
    pub(crate) fn warn_absent(&mut self, message: String, help: &str) {
        let diagnostic = Diagnostic::warning(message).in_file(self.source.path());
        self.add(with_help(diagnostic, help));
    }

    /// A place in the file; of several lines only the first.
    pub(crate) fn at(&self, span: Span) -> Location {
        self.source.at(span.first_line(self.source.text()))
    }

    /// Keeps a diagnostic, unless it is there already: the top level is read twice when there is an
    /// environment.
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        if !self.is_full(diagnostic.severity()) && !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }

    /// Whether so much of that severity was found that no more is kept.
    pub(crate) fn is_full(&self, severity: Severity) -> bool {
        let alike = self
            .found
            .iter()
            .filter(|found| found.severity() == severity);
        alike.count() >= MOST
    }

    pub(crate) fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        let diagnostic = Diagnostic::error(message).label(&self.at(span), "");
        self.add(with_help(diagnostic, help));
    }

    pub(crate) fn warn(&mut self, span: Span, message: impl Into<String>, help: &str) {
        let diagnostic = Diagnostic::warning(message).label(&self.at(span), "");
        self.add(with_help(diagnostic, help));
    }

    /// Says that something works on Cloudflare or Ploy but not here, so far.
    pub(crate) fn not_there_yet(&mut self, span: Span, what: &str) {
        let message = format!("{what} is not there yet: this is read and then ignored");
        let diagnostic = Diagnostic::note(message).label(&self.at(span), "");
        self.add(diagnostic);
    }

    /// Reports a value of the wrong type.
    pub(crate) fn wrong_type(&mut self, node: &Node, path: &str, expected: &str) {
        let message = format!(
            "`{path}` must be {expected}, but this is {}",
            node.describe()
        );
        let diagnostic = Diagnostic::error(message).label(&self.at(node.span), expected);
        self.add(with_help(diagnostic, type_hint(node, expected)));
    }

    pub(crate) fn text(&mut self, node: &Node, path: &str) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => {
                self.wrong_type(node, path, "text");
                None
            }
        }
    }

    /// Text that obeys a rule; the help offers a spelling that does.
    pub(crate) fn name(&mut self, node: &Node, path: &str, rule: Rule) -> Option<String> {
        let text = self.text(node, path)?;
        let what = format!("`{path}`");
        self.check_name(&text, node.span, &what, rule)
            .then_some(text)
    }

    /// Checks a name that is written at `span`, a key or a value; `what` says what it names.
    pub(crate) fn check_name(&mut self, name: &str, span: Span, what: &str, rule: Rule) -> bool {
        let Err(sentence) = rule(name) else {
            return true;
        };
        let message = if name.is_empty() {
            format!("{what} is empty: {sentence}")
        } else {
            format!("`{name}` cannot be used as {what}: {sentence}")
        };
        let help = match names::mended(name, rule) {
            Some(mended) => format!("write {mended}"),
            None => String::new(),
        };
        self.error(span, message, &help);
        false
    }

    pub(crate) fn boolean(&mut self, node: &Node, path: &str) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            _ => {
                self.wrong_type(node, path, "true or false");
                None
            }
        }
    }

    /// A number, whole or not.
    pub(crate) fn number(&mut self, node: &Node, path: &str) -> Option<f64> {
        match &node.value {
            Value::Number(number) => number.as_f64(),
            _ => {
                self.wrong_type(node, path, "a number");
                None
            }
        }
    }

    /// A whole number within limits. `8787.0` is whole.
    pub(crate) fn whole(&mut self, node: &Node, path: &str, least: u32, most: u32) -> Option<u32> {
        let number = self.number(node, path)?;
        let fits = number.fract() == 0.0 && (f64::from(least)..=f64::from(most)).contains(&number);
        if fits {
            // Whole and within a u32 by the test above.
            return Some(number as u32);
        }
        let range = match most {
            u32::MAX => format!("of at least {least}"),
            _ => format!("from {least} to {most}"),
        };
        let message = format!("`{path}` must be a whole number {range}");
        self.error(node.span, message, "");
        None
    }

    /// A TCP port that can be listened on.
    pub(crate) fn port(&mut self, node: &Node, path: &str) -> Option<u16> {
        let port = self.whole(node, path, 1, u32::from(u16::MAX))?;
        u16::try_from(port).ok()
    }

    /// One of a few words.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        node: &Node,
        path: &str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.text(node, path)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let known = words.iter().map(|(word, _)| *word);
        let list = known.clone().collect::<Vec<_>>().join(", ");
        let message = format!("`{path}` must be one of {list}, not `{text}`");
        let help = names::nearest(&text, known).map(|word| format!("did you mean {word}?"));
        self.error(node.span, message, &help.unwrap_or_default());
        None
    }

    /// Any JSON value; dates and infinite numbers are errors.
    pub(crate) fn json(&mut self, node: &Node, path: &str) -> Option<serde_json::Value> {
        match node.to_json() {
            Ok(json) => Some(json),
            Err(foreign) => {
                let message = format!(
                    "`{path}` holds {}, which JSON cannot say",
                    foreign.describe()
                );
                self.error(foreign.span, message, "write it as text, in quotes");
                None
            }
        }
    }
}

pub(crate) fn with_help(diagnostic: Diagnostic, help: &str) -> Diagnostic {
    if help.is_empty() {
        diagnostic
    } else {
        diagnostic.help(help)
    }
}

/// What is usually meant by a value of the wrong type.
fn type_hint(node: &Node, expected: &str) -> &'static str {
    match (&node.value, expected) {
        (Value::Text(text), "a number") if text.trim().parse::<f64>().is_ok() => {
            "remove the quotes"
        }
        (Value::Text(text), "true or false") => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "true" | "1" => "write true, without quotes",
            "no" | "off" | "false" | "0" => "write false, without quotes",
            _ => "",
        },
        (Value::Number(_) | Value::Bool(_) | Value::Foreign(_), "text") => "put it in quotes",
        _ => "",
    }
}
