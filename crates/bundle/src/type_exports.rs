//! Types that are exported onwards without the word `type`.
//!
//! `export { Env } from './types'` is good TypeScript, and only `./types` says that `Env` is none
//! but a type. Rolldown looks at one module at a time and misses the export. When that happens the
//! specifier is left out and the bundle is made again.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use oxc::allocator::Allocator;
use oxc::ast::ast::{
    Declaration, ImportDeclarationSpecifier, ModuleExportName, Program, Statement,
};
use oxc::parser::Parser;
use oxc::span::{SourceType, Span};
use parking_lot::Mutex;
use rolldown_ecmascript::{EcmaAst, WithMutFields};
use rolldown_error::{BuildDiagnostic, EventKind};

use crate::diagnostic::Missing;
use crate::paths::file_of;

/// Specifiers to leave out: a byte of each, by file.
#[derive(Default)]
pub(crate) struct TypeExports(Mutex<HashMap<PathBuf, HashSet<u32>>>);

impl TypeExports {
    /// Looks for missing exports that are types. Whether there were any not known before, so that
    /// another try is worth it.
    pub(crate) fn learn(&self, root: &Path, found: &[BuildDiagnostic]) -> bool {
        let missing = found
            .iter()
            .filter(|one| matches!(one.kind(), EventKind::MissingExportError));
        let mut news = false;
        for missing in missing.filter_map(|one| Missing::of(root, one)) {
            if is_typescript(&missing.importer) && declares_type(&missing.exporter, &missing.name) {
                let mut known = self.0.lock();
                news |= known
                    .entry(missing.importer)
                    .or_default()
                    .insert(missing.start);
            }
        }
        news
    }

    /// Leaves the learned specifiers out of a module.
    pub(crate) fn remove_from(&self, ast: &mut EcmaAst, id: &str) {
        let known = self.0.lock();
        let Some(starts) = known.get(Path::new(file_of(id))) else {
            return;
        };
        let hit = |span: Span| {
            starts
                .iter()
                .any(|start| (span.start..span.end).contains(start))
        };
        ast.program
            .with_mut(|WithMutFields { program, .. }| remove(program, hit));
    }
}

fn remove(program: &mut Program<'_>, hit: impl Fn(Span) -> bool) {
    let mut unbound: Vec<String> = Vec::new();
    for statement in &mut program.body {
        match statement {
            Statement::ExportFromDeclaration(export) => {
                export.specifiers.retain(|it| !hit(it.span))
            }
            Statement::ImportDeclaration(import) => {
                let Some(specifiers) = &mut import.specifiers else {
                    continue;
                };
                let dropped = specifiers.iter().filter(|it| hit(span_of(it)));
                unbound.extend(dropped.map(|it| it.local().name.to_string()));
                specifiers.retain(|it| !hit(span_of(it)));
            }
            _ => {}
        }
    }
    for statement in &mut program.body {
        if let Statement::ExportNamedDeclaration(export) = statement {
            export
                .specifiers
                .retain(|it| !unbound.iter().any(|name| it.local.name() == *name));
        }
    }
}

fn span_of(specifier: &ImportDeclarationSpecifier<'_>) -> Span {
    match specifier {
        ImportDeclarationSpecifier::ImportSpecifier(it) => it.span,
        ImportDeclarationSpecifier::ImportDefaultSpecifier(it) => it.span,
        ImportDeclarationSpecifier::ImportNamespaceSpecifier(it) => it.span,
    }
}

fn is_typescript(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("ts" | "tsx" | "mts" | "cts"))
}

/// Whether a file has a type of this name at its top, or hands the name on from elsewhere.
fn declares_type(path: &Path, name: &str) -> bool {
    if !is_typescript(path) {
        return false;
    }
    let (Ok(source), Ok(kind)) = (std::fs::read_to_string(path), SourceType::from_path(path))
    else {
        return false;
    };
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &source, kind).parse();
    parsed
        .program
        .body
        .iter()
        .any(|statement| has_type(statement, name))
}

fn has_type(statement: &Statement<'_>, name: &str) -> bool {
    let is = |exported: &ModuleExportName<'_>| exported.name() == name;
    match statement {
        Statement::ExportDeclaration(export) => declaration_has_type(&export.declaration, name),
        Statement::ExportNamedDeclaration(export) => {
            export.specifiers.iter().any(|it| is(&it.exported))
        }
        Statement::ExportFromDeclaration(export) => {
            export.specifiers.iter().any(|it| is(&it.exported))
        }
        Statement::ExportDefaultDeclaration(_) => name == "default",
        _ => false,
    }
}

fn declaration_has_type(declaration: &Declaration<'_>, name: &str) -> bool {
    match declaration {
        Declaration::TSTypeAliasDeclaration(it) => it.id.name == name,
        Declaration::TSInterfaceDeclaration(it) => it.id.name == name,
        Declaration::TSNamespaceDeclaration(_) => true,
        Declaration::VariableDeclaration(it) => {
            it.declare
                && it
                    .declarations
                    .iter()
                    .any(|one| one.id.get_identifier_name().is_some_and(|id| id == name))
        }
        other => other.declare() && other.id().is_some_and(|id| id.name == name),
    }
}
