//! Names of a CommonJS module's constants, kept apart from those that rolldown gives.
//!
//! rolldown wraps `context.cjs` as `require_context`. A module with a constant of that name gets it renamed to
//! `require_context$1`, also where the module has such a constant too, as what tsdown and rolldown write often does:
//! one name for two constants. So what could be taken for a name with rolldown's ending gets another one first.

use std::collections::{HashMap, HashSet};

use oxc::allocator::Allocator;
use oxc::ast::ast::{
    BindingIdentifier, BindingProperty, Expression, IdentifierReference, ObjectProperty, Program,
    Statement, VariableDeclarationKind,
};
use oxc::ast_visit::{Visit, VisitMut, walk_mut};
use rolldown_ecmascript::{EcmaAst, WithMutFields};

/// What rolldown's names for wrapped modules begin with.
const WRAPPERS: [&str; 2] = ["require_", "init_"];

/// Renames the constants `require_x$1` of a CommonJS module.
pub(crate) fn keep_apart(ast: &mut EcmaAst) {
    ast.program.with_mut(
        |WithMutFields {
             program, allocator, ..
         }| {
            let found = endangered(program);
            if found.is_empty() {
                return;
            }
            let mut rename = Rename {
                names: new_names(program, found),
                allocator,
            };
            rename.visit_program(program);
        },
    );
}

/// The constants whose names rolldown could also give. None of an ES module: its names are all looked at.
fn endangered(program: &Program<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for statement in &program.body {
        if statement.is_module_declaration() {
            return Vec::new();
        }
        let Statement::VariableDeclaration(declaration) = statement else {
            continue;
        };
        if declaration.kind != VariableDeclarationKind::Const {
            continue;
        }
        let constants = declaration
            .declarations
            .iter()
            .filter(|it| !gives_name(it.init.as_ref()));
        let names = constants.filter_map(|it| it.id.get_identifier_name());
        found.extend(
            names
                .map(|name| name.to_string())
                .filter(|name| has_ending(name)),
        );
    }
    found
}

/// Whether a function or class is named after the constant.
fn gives_name(value: Option<&Expression<'_>>) -> bool {
    matches!(
        value,
        Some(
            Expression::FunctionExpression(_)
                | Expression::ArrowFunctionExpression(_)
                | Expression::ClassExpression(_)
        )
    )
}

fn has_ending(name: &str) -> bool {
    let number = name.rsplit_once('$').map_or("", |(_, number)| number);
    let wrapper = WRAPPERS.iter().any(|start| name.starts_with(start));
    wrapper && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn new_names(program: &Program<'_>, found: Vec<String>) -> HashMap<String, String> {
    let mut taken = Taken::default();
    taken.visit_program(program);
    let pairs = found.into_iter().map(|name| {
        let mut new = format!("{name}_");
        while !taken.0.insert(new.clone()) {
            new.push('_');
        }
        (name, new)
    });
    pairs.collect()
}

/// All names of a module.
#[derive(Default)]
struct Taken(HashSet<String>);

impl<'a> Visit<'a> for Taken {
    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        self.0.insert(it.name.to_string());
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        self.0.insert(it.name.to_string());
    }
}

/// Renames in every scope alike, so that what a name means stays.
struct Rename<'a> {
    names: HashMap<String, String>,
    allocator: &'a Allocator,
}

impl<'a> Rename<'a> {
    fn new_name(&self, name: &str) -> Option<&'a str> {
        let new = self.names.get(name)?;
        Some(self.allocator.alloc_str(new))
    }
}

impl<'a> VisitMut<'a> for Rename<'a> {
    fn visit_binding_identifier(&mut self, it: &mut BindingIdentifier<'a>) {
        if let Some(new) = self.new_name(&it.name) {
            it.name = new.into();
        }
    }

    fn visit_identifier_reference(&mut self, it: &mut IdentifierReference<'a>) {
        if let Some(new) = self.new_name(&it.name) {
            it.name = new.into();
        }
    }

    fn visit_object_property(&mut self, it: &mut ObjectProperty<'a>) {
        let key = it.key.static_name().map(|name| name.into_owned());
        it.shorthand &= key.is_none_or(|name| !self.names.contains_key(&name));
        walk_mut::walk_object_property(self, it);
    }

    fn visit_binding_property(&mut self, it: &mut BindingProperty<'a>) {
        let key = it.key.static_name().map(|name| name.into_owned());
        it.shorthand &= key.is_none_or(|name| !self.names.contains_key(&name));
        walk_mut::walk_binding_property(self, it);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_told() {
        for name in ["require_context$1", "init_x$12", "require_a$b$2"] {
            assert!(has_ending(name), "{name}");
        }
        for name in [
            "require_context",
            "require_x$",
            "require_x$1_",
            "context$1",
            "require_x$a",
        ] {
            assert!(!has_ending(name), "{name}");
        }
    }
}
