//! Finds decorators that would reach the engine, which has no such syntax.
//!
//! With `experimentalDecorators` the compiler turns TypeScript's decorators into calls. Standard
//! decorators (and `accessor` fields) have no such translation here.

use oxc::ast::ast::{AccessorProperty, Decorator, Program};
use oxc::ast_visit::{Visit, walk};
use oxc::diagnostics::LabeledSpan;
use oxc::span::Span;
use rolldown_ecmascript::EcmaAst;
use rolldown_error::{BuildDiagnostic, EventKind};

/// The error for the first decorator or `accessor` field of a module, if it has one.
pub(crate) fn check(ast: &EcmaAst, id: &str, legacy: bool) -> Option<BuildDiagnostic> {
    if !may_have_some(ast.source()) {
        return None;
    }
    let found = first(ast.program(), legacy)?;
    let label = LabeledSpan::at(found.span.start..found.span.end, String::new());
    Some(BuildDiagnostic::oxc_error(
        ast.source().clone(),
        id.to_owned(),
        found.help.to_owned(),
        found.message.to_owned(),
        vec![label],
        EventKind::UnsupportedFeatureError,
    ))
}

/// Cheap, and never wrong when it says no.
fn may_have_some(source: &str) -> bool {
    source.contains('@') || source.contains("accessor")
}

struct Found {
    span: Span,
    message: &'static str,
    help: &'static str,
}

fn first(program: &Program<'_>, legacy: bool) -> Option<Found> {
    let mut search = Search {
        legacy,
        found: None,
    };
    search.visit_program(program);
    search.found
}

struct Search {
    legacy: bool,
    found: Option<Found>,
}

impl<'a> Visit<'a> for Search {
    fn visit_decorator(&mut self, decorator: &Decorator<'a>) {
        if !self.legacy && self.found.is_none() {
            self.found = Some(Found {
                span: decorator.span,
                message: "standard decorators are not supported",
                help: "set \"experimentalDecorators\": true in tsconfig.json to use TypeScript's own decorators",
            });
        }
        walk::walk_decorator(self, decorator);
    }

    fn visit_accessor_property(&mut self, property: &AccessorProperty<'a>) {
        if self.found.is_none() {
            self.found = Some(Found {
                span: property.span,
                message: "accessor fields are not supported",
                help: "write a getter and a setter",
            });
        }
        walk::walk_accessor_property(self, property);
    }
}
