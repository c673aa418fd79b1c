//! YAML into the spanned tree.
//!
//! One document, plain scalars by the YAML 1.2 core rules (`yes` is text), anchors, aliases and
//! `<<` merges. What aliases multiply is bounded, so a small file cannot fill the memory.

mod build;
mod scalar;

use granit_parser::{Parser, ScanError, options};

use self::build::Builder;
use super::{DEEPEST, Parsed, Problem};
use crate::source::Span;

pub(super) fn parse(text: &str) -> Parsed {
    match build(text) {
        Ok(parsed) => parsed,
        Err(problem) => Parsed::failed(problem),
    }
}

fn build(text: &str) -> Result<Parsed, Problem> {
    let limits = options! {
        disallow_directives: true,
        emit_comments: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut builder = Builder::new(text);
    for step in Parser::new_from_str_with_options(text, limits) {
        let (event, span) = step.map_err(|error| syntax_error(text, &error))?;
        let place = span.byte_range().map_or(Span::new(0, 0), Span::from);
        builder.event(event, place)?;
    }
    builder.finish()
}

fn syntax_error(text: &str, error: &ScanError) -> Problem {
    let at = error.marker().byte_offset().unwrap_or(text.len());
    let start = at.min(text.trim_end().len());
    let message = error.kind().to_string();
    let tab = message.contains("tab");
    let problem = Problem::new(start..start, message);
    if tab {
        return problem.help("YAML is indented with spaces, never with tabs");
    }
    problem
}
