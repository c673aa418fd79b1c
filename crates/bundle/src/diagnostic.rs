//! What is wrong in an app's code, where, and what would be right.
//!
//! A [`Diagnostic`] carries the text of its file, so that the place can be underlined without
//! reading anything again. Nothing here decides what is wrong.

mod convert;
mod frame;
mod labels;

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

pub(crate) use convert::{Converter, Failure, Missing, shown_id};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// There is no bundle because of it.
    Error,
    /// Probably not meant; the bundle is complete.
    Warning,
}

/// One error or warning, with the place it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// What is wrong, without the place.
    pub message: String,
    /// The file, relative to the project's folder, as people write it.
    pub file: Option<String>,
    /// The line in the file, from 1.
    pub line: Option<usize>,
    /// The column, from 1, in characters.
    pub column: Option<usize>,
    /// What would be right, if the message does not say it.
    pub help: Option<String>,
    /// The places to underline; the first is the one that `line` and `column` give.
    pub labels: Vec<Label>,
    source: Option<Arc<str>>,
}

/// A part of the file with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Bytes of the file's text.
    pub span: Range<usize>,
    /// May be empty.
    pub text: String,
}

impl Diagnostic {
    pub(crate) fn error(message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Error,
            message: message.into(),
            file: None,
            line: None,
            column: None,
            help: None,
            labels: Vec::new(),
            source: None,
        }
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub(crate) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Points at places of the file's text. Spans outside it are dropped.
    #[must_use]
    pub(crate) fn at(mut self, source: Arc<str>, labels: Vec<Label>) -> Self {
        let inside = |label: &Label| source.get(label.span.clone()).is_some();
        self.labels = labels.into_iter().filter(inside).collect();
        if let Some(first) = self.labels.first() {
            let (line, column) = frame::line_and_column(&source, first.span.start);
            self.line = Some(line);
            self.column = Some(column);
            self.source = Some(source);
        }
        self
    }

    /// The lines around the place with the place underlined, as plain text of several lines.
    pub fn frame(&self) -> Option<String> {
        let source = self.source.as_ref()?;
        Some(frame::draw(source, self.labels.first()?))
    }

    /// The text of the line the place is on.
    pub fn source_line(&self) -> Option<&str> {
        let line = self.line?;
        self.source.as_ref()?.lines().nth(line - 1)
    }

    /// What sorts diagnostics: errors first, then by place.
    pub(crate) fn order(&self) -> (Severity, Option<&str>, Option<usize>, Option<usize>, &str) {
        (
            self.severity,
            self.file.as_deref(),
            self.line,
            self.column,
            &self.message,
        )
    }
}

/// One line: `file:line:column: message`, for logs.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            if let (Some(line), Some(column)) = (self.line, self.column) {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// For a report in colour: the message without the place, which the frame shows.
impl miette::Diagnostic for Report<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.0.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.0.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source.as_ref().map(|_| self as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.0.labels.is_empty() {
            return None;
        }
        Some(Box::new(self.0.labels.iter().map(|label| {
            let text = (!label.text.is_empty()).then(|| label.text.clone());
            LabeledSpan::new(text, label.span.start, label.span.len())
        })))
    }
}

/// A [`Diagnostic`] in the form that `miette` draws.
#[derive(Debug)]
pub struct Report<'a>(pub &'a Diagnostic);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.file, self.0.source.is_some()) {
            (Some(file), false) => write!(f, "{file}: {}", self.0.message),
            _ => f.write_str(&self.0.message),
        }
    }
}

impl std::error::Error for Report<'_> {}

impl SourceCode for Report<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let source = self.0.source.as_deref().unwrap_or_default();
        let found = source.read_span(span, lines_before, lines_after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.file.clone().unwrap_or_default(),
            found.data(),
            *found.span(),
            found.line(),
            found.column(),
            found.line_count(),
        )))
    }
}

/// A bundle that could not be made: everything that is wrong with it, not only the first thing.
#[derive(Clone, Debug)]
pub struct Error {
    /// Errors first, then warnings found beside them. At least one error.
    pub diagnostics: Vec<Diagnostic>,
    /// What to watch for a fix; see [`crate::Bundle::files`].
    pub files: Vec<PathBuf>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error);
        for (index, diagnostic) in errors.enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
