//! `import()` and `require()` of paths that are put together when they run, such as `./locales/${name}.js`.
//!
//! As in esbuild: a text that begins with `./` or `../`, with expressions in it, means every file that fits. Those go
//! into the bundle, and the call finds the one that is meant by its path. Which files there are is looked up when the
//! module is loaded; nothing here reads one.

use std::path::Path;

use oxc::allocator::{Allocator, TakeIn};
use oxc::ast::ast::{Argument, BinaryOperator, Expression, Statement};
use oxc::ast::builder::AstBuilder;
use oxc::ast_visit::{VisitMut, walk_mut};
use oxc::parser::Parser;
use oxc::span::{GetSpan, SourceType, Span};
use rolldown_ecmascript::{EcmaAst, WithMutFields};
use rolldown_fs::FileSystem as _;

use crate::fs::TrackedFs;
use crate::paths::clean;

/// Stands in a pattern for any characters but `/`.
const WITHIN: char = '\u{1}';
/// Stands in a pattern for any characters: what follows a `/`.
const BELOW: char = '\u{2}';

/// How a path is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Import,
    Require,
}

/// Sends the calls of a module through the modules that know the files. `id` names such a module by the pattern.
pub(crate) fn resolve_in(ast: &mut EcmaAst, id: impl Fn(How, &str) -> String) {
    if !may_have_some(ast.source()) {
        return;
    }
    // Somebody else's `require` loads somewhere else.
    let requires = !ast.source().contains("createRequire");
    ast.program.with_mut(
        |WithMutFields {
             program, allocator, ..
         }| {
            let mut calls = Calls {
                allocator,
                requires,
                id: &id,
            };
            calls.visit_program(program);
        },
    );
}

/// Cheap, and never wrong when it says no.
fn may_have_some(source: &str) -> bool {
    ["import(", "require(", "import ("]
        .iter()
        .flat_map(|call| source.match_indices(call).map(|(at, _)| at + call.len()))
        .any(|at| is_put_together(source[at..].trim_start()))
}

fn is_put_together(argument: &str) -> bool {
    match argument.chars().next() {
        Some('`' | '(' | '/') => true,
        Some(quote @ ('"' | '\'')) => argument[1..]
            .split_once(quote)
            .is_some_and(|(_, rest)| rest.trim_start().starts_with('+')),
        _ => false,
    }
}

struct Calls<'a, 'i> {
    allocator: &'a Allocator,
    requires: bool,
    id: &'i dyn Fn(How, &str) -> String,
}

impl<'a> VisitMut<'a> for Calls<'a, '_> {
    fn visit_expression(&mut self, it: &mut Expression<'a>) {
        walk_mut::walk_expression(self, it);
        let span = it.span();
        let builder = AstBuilder::new(self.allocator);
        match it {
            Expression::ImportExpression(call) => {
                let Some(pattern) = pattern_of(&call.source) else {
                    return;
                };
                let path = call.source.take_in(&builder);
                let id = (self.id)(How::Import, &pattern);
                let code = format!("Promise.all([import({id:?}),0]).then(([a,b])=>a.default(b))");
                *it = self.written(&code, span, path);
            }
            Expression::CallExpression(call)
                if self.requires
                    && call.arguments.len() == 1
                    && call.callee.is_specific_id("require") =>
            {
                let argument = call.arguments[0].as_expression_mut();
                let Some((pattern, argument)) = argument.and_then(|it| Some((pattern_of(it)?, it)))
                else {
                    return;
                };
                let path = argument.take_in(&builder);
                let id = (self.id)(How::Require, &pattern);
                *it = self.written(&format!("require({id:?})(0)"), span, path);
            }
            _ => {}
        }
    }
}

impl<'a> Calls<'a, '_> {
    /// An expression from its text, in which 0 stands for `path`.
    fn written(&self, code: &str, span: Span, path: Expression<'a>) -> Expression<'a> {
        let code = self.allocator.alloc_str(code);
        let mut program = Parser::new(self.allocator, code, SourceType::mjs())
            .parse()
            .program;
        let Some(Statement::ExpressionStatement(statement)) = program.body.pop() else {
            unreachable!("the text is one expression");
        };
        let mut expression = statement.unbox().expression;
        let mut fill = Fill {
            span,
            path: Some(path),
        };
        fill.visit_expression(&mut expression);
        expression
    }
}

/// Puts the path in, and everything else where the call was.
struct Fill<'a> {
    span: Span,
    path: Option<Expression<'a>>,
}

impl<'a> VisitMut<'a> for Fill<'a> {
    fn visit_expression(&mut self, it: &mut Expression<'a>) {
        if matches!(it, Expression::NumericLiteral(_))
            && let Some(path) = self.path.take()
        {
            *it = path;
            return;
        }
        walk_mut::walk_expression(self, it);
    }

    fn visit_argument(&mut self, it: &mut Argument<'a>) {
        match it.as_expression_mut() {
            Some(expression) => self.visit_expression(expression),
            None => walk_mut::walk_argument(self, it),
        }
    }

    fn visit_span(&mut self, span: &mut Span) {
        *span = self.span;
    }
}

/// The pattern of a relative path with expressions in it.
fn pattern_of(path: &Expression<'_>) -> Option<String> {
    let mut pattern = String::new();
    append(path, &mut pattern);
    let is_relative = pattern.starts_with("./") || pattern.starts_with("../");
    (is_relative && pattern.contains([WITHIN, BELOW])).then_some(pattern)
}

fn append(path: &Expression<'_>, pattern: &mut String) {
    match path {
        Expression::StringLiteral(text) => pattern.push_str(&text.value),
        Expression::TemplateLiteral(template) => {
            for (index, text) in template.quasis.iter().enumerate() {
                let cooked = text.value.cooked.as_ref();
                pattern.push_str(cooked.map_or("", |text| text.as_str()));
                if let Some(expression) = template.expressions.get(index) {
                    append(expression, pattern);
                }
            }
        }
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
            append(&sum.left, pattern);
            append(&sum.right, pattern);
        }
        _ if pattern.ends_with([WITHIN, BELOW]) => {}
        _ if pattern.ends_with('/') => pattern.push(BELOW),
        _ => pattern.push(WITHIN),
    }
}

/// The files that fit, sorted: their paths as the code calls them. Of folders that tools make those are left out
/// which the pattern does not name.
pub(crate) fn files(pattern: &str, folder: &Path, fs: &TrackedFs) -> Vec<String> {
    let first = pattern.find([WITHIN, BELOW]).unwrap_or(pattern.len());
    let known = pattern[..first].rfind('/').map_or(0, |at| at + 1);
    let mut found = Vec::new();
    let deep = pattern[known..].contains(BELOW) || pattern[first..].contains('/');
    look(&pattern[..known], folder, deep, fs, &mut |path| {
        if fits(pattern, path) {
            found.push(path.to_owned());
        }
    });
    found.sort_unstable();
    found
}

/// Calls `each` with every file in a folder, by its path from `from`.
fn look(folder: &str, from: &Path, deep: bool, fs: &TrackedFs, each: &mut impl FnMut(&str)) {
    let Ok(entries) = fs.read_dir(&clean(&from.join(folder))) else {
        return;
    };
    for entry in entries {
        let Some(name) = entry.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let path = format!("{folder}{name}");
        if entry.is_file() {
            each(&path);
        } else if deep && !name.starts_with('.') && name != "node_modules" && !entry.is_symlink() {
            look(&format!("{path}/"), from, deep, fs, each);
        }
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let Some(at) = pattern.find([WITHIN, BELOW]) else {
        return pattern == path;
    };
    let Some(rest) = path.strip_prefix(&pattern[..at]) else {
        return false;
    };
    let within = pattern[at..].starts_with(WITHIN);
    let end = if within { rest.find('/') } else { None };
    let end = end.unwrap_or(rest.len());
    let after = &pattern[at + 1..];
    let mut ends = (0..=end).filter(|end| rest.is_char_boundary(*end));
    ends.any(|end| fits(after, &rest[end..]))
}

/// The module that gives a file by its path. `files` are paths as the code calls them, and as they are imported.
pub(crate) fn module(how: How, files: &[(String, String)]) -> String {
    let load = match how {
        How::Import => "import",
        How::Require => "require",
    };
    let mut code = "const files = {\n  __proto__: null,\n".to_owned();
    for (path, file) in files {
        code.push_str(&format!("  {path:?}: () => {load}({file:?}),\n"));
    }
    code.push_str(
        "};\nfunction find(path) {\n  const load = files[path];\n  if (load === undefined) throw new Error(\"Module not found in bundle: \" + path);\n  return load();\n}\n",
    );
    code.push_str(match how {
        How::Import => "export default find;\n",
        How::Require => "module.exports = find;\n",
    });
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_esbuilds() {
        for (pattern, path, expected) in [
            ("./a/\u{2}.js", "./a/x.js", true),
            ("./a/\u{2}.js", "./a/b/x.js", true),
            ("./a/\u{2}.js", "./a/x.json", false),
            ("./a-\u{1}.js", "./a-x.js", true),
            ("./a-\u{1}.js", "./a-b/x.js", false),
            ("./\u{2}/\u{2}.js", "./é/b.js", true),
            ("./\u{2}/\u{2}.js", "./b.js", false),
            ("../\u{2}", "../x", true),
            ("./a\u{1}", "./b", false),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern:?} {path}");
        }
    }

    #[test]
    fn what_cannot_be_one_is_not_looked_at() {
        for (source, expected) in [
            ("import('./a.js')", false),
            ("import(name)", false),
            ("require('a') + b", false),
            ("import(`./${a}`)", true),
            ("import( './a/' + b)", true),
            ("import(/* it */ `./${a}`)", true),
            ("require(\"./a/\".concat(b))", false),
        ] {
            assert_eq!(may_have_some(source), expected, "{source}");
        }
    }
}
