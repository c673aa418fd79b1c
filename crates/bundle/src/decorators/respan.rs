//! Gives a parsed tree the places of another text.

use oxc::ast::ast::Program;
use oxc::ast_visit::VisitMut;
use oxc::span::Span;

use super::rope::Places;

/// Afterwards the program is one of `source`.
pub(super) fn to_original<'a>(program: &mut Program<'a>, source: &'a str, places: &Places) {
    let mut respan = Respan { places };
    respan.visit_program(program);
    for comment in &mut program.comments {
        respan.visit_span(&mut comment.span);
        comment.attached_to = places.original(comment.attached_to);
    }
    program.source_text = source;
}

struct Respan<'p> {
    places: &'p Places,
}

impl VisitMut<'_> for Respan<'_> {
    fn visit_span(&mut self, span: &mut Span) {
        let start = self.places.original(span.start);
        let end = match span.is_empty() {
            true => start,
            // What begins with moved text may end before it.
            false => self.places.original_end(span.end).max(start),
        };
        *span = Span::new(start, end);
    }
}
