//! What is wrong in a config, where, and what would be right.
//!
//! A [`Diagnostic`] carries the text of its file, so the command line can underline the place
//! without reading anything again. Nothing here decides what is wrong.

use std::fmt;
use std::path::{Path, PathBuf};

pub use miette::Severity;
use miette::{LabeledSpan, SourceCode};

use crate::source::{Location, Source};

/// One error, warning or note about a file, with the places it is about.
///
/// The first label is the place that [`line`](Self::line) and [`column`](Self::column) give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    severity: Severity,
    message: String,
    help: Option<String>,
    labels: Vec<Label>,
    /// The file, when no place in it can be named.
    file: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Label {
    at: Location,
    text: String,
}

impl Diagnostic {
    /// Something that keeps the app from running.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message.into())
    }

    /// Something that is probably not meant; the app runs.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message.into())
    }

    /// Something worth knowing, such as a feature that is not there yet.
    pub fn note(message: impl Into<String>) -> Self {
        Self::new(Severity::Advice, message.into())
    }

    fn new(severity: Severity, message: String) -> Self {
        Self {
            severity,
            message,
            help: None,
            labels: Vec::new(),
            file: None,
        }
    }

    /// Adds a place to underline with a few words; the words may be empty.
    #[must_use]
    pub fn label(mut self, at: &Location, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            at: at.clone(),
            text: text.into(),
        });
        self
    }

    /// Says what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the file when there is no place in it to point at.
    #[must_use]
    pub fn in_file(mut self, path: &Path) -> Self {
        self.file = Some(path.to_path_buf());
        self
    }

    /// How bad it is: error, warning or advice.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What was wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What would be right, if there is more to say than the message says.
    pub fn help_text(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The file it is about.
    pub fn file(&self) -> Option<&Path> {
        match self.labels.first() {
            Some(label) => Some(label.at.file()),
            None => self.file.as_deref(),
        }
    }

    /// The first place it is about.
    pub fn location(&self) -> Option<&Location> {
        self.labels.first().map(|label| &label.at)
    }

    /// The line of the first place, from 1.
    pub fn line(&self) -> Option<usize> {
        self.location().map(Location::line)
    }

    /// The column of the first place, from 1, in characters.
    pub fn column(&self) -> Option<usize> {
        self.location().map(Location::column)
    }

    /// The underlined texts, in the order they were added.
    pub fn underlined(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|label| {
            let span = label.at.span();
            &label.at.source().text()[span.start..span.end]
        })
    }

    fn source(&self) -> Option<&Source> {
        self.location().map(Location::source)
    }

    /// Sorts by file, then by place.
    pub(crate) fn order(&self) -> (Option<&Path>, usize) {
        let start = self.location().map_or(0, |at| at.span().start);
        (self.file(), start)
    }
}

/// One line: `file:line:column: message`, for logs.
pub(crate) fn one_line(diagnostic: &Diagnostic) -> String {
    let mut line = String::new();
    if let Some(file) = diagnostic.file() {
        line.push_str(&format!("{}:", file.display()));
    }
    if let (Some(at), Some(column)) = (diagnostic.line(), diagnostic.column()) {
        line.push_str(&format!("{at}:{column}:"));
    }
    if !line.is_empty() {
        line.push(' ');
    }
    line + diagnostic.message()
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        // A label in another file than the first one cannot be drawn with it.
        let shown = self
            .labels
            .iter()
            .filter(|label| Some(label.at.source()) == self.source());
        Some(Box::new(shown.map(|label| {
            let span = label.at.span();
            let text = (!label.text.is_empty()).then(|| label.text.clone());
            LabeledSpan::new(text, span.start, span.end - span.start)
        })))
    }
}

/// A config that cannot be used: everything that is wrong with it, not only the first thing.
#[derive(Clone, Debug)]
pub struct ConfigError {
    /// The errors, in the order of the file. Never empty.
    pub diagnostics: Vec<Diagnostic>,
    /// Warnings found beside them, which often explain an error (a misspelt key).
    pub warnings: Vec<Diagnostic>,
    /// Files whose change can mend it, for the watcher. Absolute paths.
    pub files: Vec<PathBuf>,
}

impl ConfigError {
    pub(crate) fn one(diagnostic: Diagnostic) -> Self {
        Self {
            diagnostics: vec![diagnostic],
            warnings: Vec::new(),
            files: Vec::new(),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&one_line(diagnostic))?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
