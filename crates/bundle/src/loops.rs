//! Loops that a module runs when it is evaluated, kept from being dropped.
//!
//! rolldown takes the loops of a module for free of effects if their parts are, and calls such as `Date.now()` are: so
//! `while (Date.now() < end);` would go, which waits. Of `for` it believes that it does something.

use oxc::allocator::{ArenaVec, TakeIn};
use oxc::ast::ast::{ArrowFunctionExpression, Class, Expression, Function, Statement};
use oxc::ast::builder::AstBuilder;
use oxc::ast_visit::{VisitMut, walk_mut};
use oxc::span::GetSpan;
use rolldown_ecmascript::{EcmaAst, WithMutFields};

/// Makes `for (; C;) S` of `while (C) S`, and `for (;;) { do S while (C); break; }` of `do S while (C)`, outside of
/// functions and classes.
pub(crate) fn keep(ast: &mut EcmaAst) {
    ast.program.with_mut(
        |WithMutFields {
             program, allocator, ..
         }| {
            let mut loops = Loops {
                builder: AstBuilder::new(allocator),
            };
            for statement in &mut program.body {
                loops.visit_statement(statement);
            }
        },
    );
}

struct Loops<'a> {
    builder: AstBuilder<'a>,
}

impl<'a> Loops<'a> {
    fn wrap(&self, it: &mut Statement<'a>) {
        let builder = &self.builder;
        let span = it.span();
        let end = Statement::new_break_statement(span, None, builder);
        let body = ArenaVec::from_array_in([it.take_in(builder), end], builder);
        let block = Statement::new_block_statement(span, body, builder);
        *it = Statement::new_for_statement(span, None, None, None, block, builder);
    }
}

impl<'a> VisitMut<'a> for Loops<'a> {
    fn visit_statement(&mut self, it: &mut Statement<'a>) {
        // With its label, as `continue label` has to come to its condition.
        if let Statement::LabeledStatement(found) = it
            && let Statement::DoWhileStatement(found) = &mut found.body
        {
            self.visit_statement(&mut found.body);
            return self.wrap(it);
        }
        walk_mut::walk_statement(self, it);
        match it {
            Statement::WhileStatement(found) => {
                let builder = &self.builder;
                let test = found.test.take_in(builder);
                let body = found.body.take_in(builder);
                let span = found.span;
                *it = Statement::new_for_statement(span, None, Some(test), None, body, builder);
            }
            Statement::DoWhileStatement(_) => self.wrap(it),
            _ => {}
        }
    }

    fn visit_expression(&mut self, _: &mut Expression<'a>) {}

    fn visit_function(&mut self, _: &mut Function<'a>, _: oxc::syntax::scope::ScopeFlags) {}

    fn visit_arrow_function_expression(&mut self, _: &mut ArrowFunctionExpression<'a>) {}

    fn visit_class(&mut self, _: &mut Class<'a>) {}
}
