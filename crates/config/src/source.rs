//! A file that was read, and places in it.
//!
//! Every span is a byte range of the file's text without its byte order mark. Lines and columns
//! count from 1; a column counts characters, not bytes. Nothing here reads or judges the text.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// The text of one file under the name that messages show. Cloning is cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct Source(Arc<File>);

#[derive(PartialEq, Eq)]
struct File {
    path: PathBuf,
    text: String,
}

impl Source {
    pub(crate) fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self(Arc::new(File {
            path: path.into(),
            text: text.into(),
        }))
    }

    /// The path as messages show it: relative if it was given so.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The place of `span`, moved inwards to whole characters of the text.
    pub(crate) fn at(&self, span: Span) -> Location {
        let start = floor_char(self.text(), span.start);
        let end = floor_char(self.text(), span.end).max(start);
        Location {
            source: self.clone(),
            span: Span { start, end },
        }
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.text()[..floor_char(self.text(), offset)];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[line_start..].chars().count() + 1)
    }
}

/// A line longer than this, as build tools write them, is shown in part only.
const LONGEST_LINE: usize = 200;

impl Source {
    /// What is shown around a place of a long line. `None` if whole lines are shown, or none.
    fn window(&self, span: &SourceSpan, lines: usize) -> Option<MietteSpanContents<'_>> {
        let (text, end) = (self.text(), span.offset() + span.len());
        let start = text[..floor_char(text, span.offset())]
            .rfind('\n')
            .map_or(0, |at| at + 1);
        let length = text[start..].find('\n').unwrap_or(text.len() - start);
        if lines == 0 || length <= LONGEST_LINE || end > start + length || span.len() > LONGEST_LINE
        {
            return None;
        }
        let room = (LONGEST_LINE - span.len()) / 2;
        let from = floor_char(text, span.offset().saturating_sub(room)).max(start);
        let to = floor_char(text, end + room).min(start + length);
        let (line, column) = self.line_and_column(from);
        Some(MietteSpanContents::new_named(
            self.path().display().to_string(),
            &text.as_bytes()[from..to],
            (from, to - from).into(),
            line - 1,
            column - 1,
            1,
        ))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.0.path).finish()
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = match self.window(span, lines_before + lines_after) {
            Some(window) => return Ok(Box::new(window)),
            None => self.text().read_span(span, lines_before, lines_after)?,
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.path().display().to_string(),
            found.data(),
            *found.span(),
            found.line(),
            found.column(),
            found.line_count(),
        )))
    }
}

/// A byte range of a file's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The part of the span on its first line, so that one line is underlined.
    pub(crate) fn first_line(self, text: &str) -> Self {
        let part = text.get(self.start..self.end).unwrap_or_default();
        let line = part.lines().next().unwrap_or_default().trim_end();
        Self::new(self.start, self.start + line.len())
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A place in a file, kept with what was read there so that later checks can point at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    source: Source,
    span: Span,
}

impl Location {
    /// The file's path as messages show it.
    pub fn file(&self) -> &Path {
        self.source.path()
    }

    /// The line of the first character, from 1.
    pub fn line(&self) -> usize {
        self.source.line_and_column(self.span.start).0
    }

    /// The column of the first character, from 1, in characters.
    pub fn column(&self) -> usize {
        self.source.line_and_column(self.span.start).1
    }

    /// The bytes of the text.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The file and its text.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

fn floor_char(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let source = Source::new("f", "a: é€x\r\nb:\n");
        let cases = [
            (0, 1, 1),
            (3, 1, 4),
            (5, 1, 5),
            (8, 1, 6),
            (11, 2, 1),
            (14, 3, 1),
            (99, 3, 1),
        ];
        for (offset, line, column) in cases {
            let place = source.at(Span::new(offset, offset));
            assert_eq!((place.line(), place.column()), (line, column), "{offset}");
        }
    }

    #[test]
    fn a_span_never_cuts_a_character() {
        let source = Source::new("f", "é€");
        assert_eq!(source.at(Span::new(1, 4)).span(), Span::new(0, 2));
        assert_eq!(source.at(Span::new(4, 1)).span(), Span::new(2, 2));
        assert_eq!(source.at(Span::new(9, 12)).span(), Span::new(5, 5));
    }

    #[test]
    fn the_first_line_of_a_span_has_no_line_end() {
        let text = "x = [ \r\n 1 ]";
        assert_eq!(Span::new(4, 12).first_line(text), Span::new(4, 5));
        assert_eq!(Span::new(4, 4).first_line(text), Span::new(4, 4));
        assert_eq!(Span::new(40, 50).first_line(text), Span::new(40, 40));
    }
}
