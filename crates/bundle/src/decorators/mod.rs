//! Standard decorators and `accessor` fields in words that the engine knows.
//!
//! Classes that have some are written anew around a helper, [`RUNTIME`], which applies the
//! decorators; private names stay native. What of the new text was in the old keeps its place, so
//! that errors and source maps tell the user's lines. TypeScript's own decorators
//! (`experimentalDecorators`) are rolldown's and never come here.

mod class;
mod element;
mod keys;
mod respan;
mod rope;
mod sites;

use oxc::allocator::Allocator;
use oxc::ast::ast::{Program, Statement};
use oxc::diagnostics::{Diagnostics, LabeledSpan};
use oxc::parser::{ParseOptions, Parser};
use oxc::span::{SourceType, Span};
use rolldown_ecmascript::{EcmaAst, WithMutFields};
use rolldown_error::{BuildDiagnostic, EventKind, Severity};

use class::Lowering;
use rope::Places;
use sites::Sites;

/// The id of the helper's module, as an import names it.
pub(crate) const RUNTIME_ID: &str = "\0cellhouse-decorators";

/// The helper's code.
pub(crate) const RUNTIME: &str = include_str!("runtime.js");

/// The module without decorators. Modules that have none come back as they are.
///
/// # Errors
/// The first decorator of a parameter, which the standard does not have.
pub(crate) fn lower(ast: EcmaAst, id: &str) -> Result<EcmaAst, BuildDiagnostic> {
    if !may_have_some(ast.source()) {
        return Ok(ast);
    }
    let sites = Sites::of(ast.program());
    if let Some(span) = sites.parameter_decorator {
        return Err(parameter_decorator(&ast, id, span));
    }
    if sites.classes.is_empty() {
        return Ok(ast);
    }
    let (text, places) = Lowering::new(ast.source(), sites).module(import_of(ast.program()));
    replaced(&ast, id, &text, &places)
}

/// Cheap, and never wrong when it says no.
fn may_have_some(source: &str) -> bool {
    source.contains('@') || source.contains("accessor")
}

/// How a module takes the helper: so that CommonJS stays CommonJS, and a script may become a module.
fn import_of(program: &Program<'_>) -> fn(&str) -> String {
    let source = program.source_text;
    let is_module = program.body.iter().any(Statement::is_module_declaration);
    let is_commonjs = program.source_type.is_commonjs()
        || !is_module && (source.contains("exports") || source.contains("require"));
    if !is_commonjs {
        |name| format!("\nimport {{ decorated as {name} }} from {RUNTIME_ID:?};")
    } else {
        // A function is there before the statements are.
        |name| {
            format!(
                "\nfunction {name}(...given) {{ return require({RUNTIME_ID:?}).decorated(...given); }}"
            )
        }
    }
}

/// The new text's tree with the old text's places.
fn replaced(
    ast: &EcmaAst,
    id: &str,
    text: &str,
    places: &Places,
) -> Result<EcmaAst, BuildDiagnostic> {
    let mut diagnostics = Diagnostics::default();
    let kind = ast.source_type;
    let source = ast.source().clone();
    let mut lowered = EcmaAst::from_allocator_and_source(source, Allocator::default(), |it| {
        let (program, found) = parse(it, it.alloc_str(text), kind);
        diagnostics = found;
        program
    });
    if !diagnostics.is_empty() {
        let errors = BuildDiagnostic::from_oxc_diagnostics(
            diagnostics,
            &text.into(),
            id,
            Severity::Error,
            EventKind::ParseError,
        );
        let first = errors.into_iter().next();
        return Err(first.expect("an error for each diagnostic"));
    }
    lowered.source_type = kind;
    lowered.program.with_mut(
        |WithMutFields {
             program, source, ..
         }| { respan::to_original(program, source, places) },
    );
    Ok(lowered)
}

/// As rolldown parses.
fn parse<'a>(
    allocator: &'a Allocator,
    text: &'a str,
    kind: SourceType,
) -> (Program<'a>, Diagnostics) {
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    let parsed = Parser::new(allocator, text, kind)
        .with_options(options)
        .parse();
    (parsed.program, parsed.diagnostics)
}

fn parameter_decorator(ast: &EcmaAst, id: &str, span: Span) -> BuildDiagnostic {
    BuildDiagnostic::oxc_error(
        ast.source().clone(),
        id.to_owned(),
        "set \"experimentalDecorators\": true in tsconfig.json to use TypeScript's own decorators"
            .to_owned(),
        "standard decorators have no place on parameters".to_owned(),
        vec![LabeledSpan::at(span.start..span.end, String::new())],
        EventKind::UnsupportedFeatureError,
    )
}
