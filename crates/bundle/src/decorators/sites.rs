//! Finds the classes that need other words, and what stands around them.

use std::ops::Range;

use oxc::ast::AstKind;
use oxc::ast::ast::{
    AssignmentTarget, BindingPattern, Class, ClassElement, ClassType, Decorator, Expression,
    Program, PropertyKey,
};
use oxc::ast_visit::Visit;
use oxc::span::{GetSpan, Span};

/// Where a class stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Declaration,
    Export,
    DefaultExport,
    Expression,
}

pub(super) struct Site<'a> {
    pub(super) class: &'a Class<'a>,
    /// The statement or the expression.
    pub(super) range: Range<u32>,
    pub(super) place: Place,
    /// The name that an anonymous class gets from where it stands.
    pub(super) hint: Option<String>,
    /// Whether `await` or `yield` of the function around stands in it.
    pub(super) awaits: bool,
    pub(super) yields: bool,
}

/// The classes of a module in the order of their beginnings.
pub(super) struct Sites<'a> {
    pub(super) classes: Vec<Site<'a>>,
    pub(super) parameter_decorator: Option<Span>,
}

impl<'a> Sites<'a> {
    pub(super) fn of(program: &Program<'a>) -> Self {
        let mut search = Search {
            around: Vec::new(),
            found: Sites {
                classes: Vec::new(),
                parameter_decorator: None,
            },
        };
        search.visit_program(program);
        let mut found = search.found;
        found.classes.sort_by_key(|site| site.range.start);
        found
    }
}

/// Where a thing with decorators begins.
pub(super) fn begin(decorators: &[Decorator<'_>], span: Span) -> u32 {
    decorators
        .first()
        .map_or(span.start, |first| first.span.start.min(span.start))
}

pub(super) fn decorators_of<'b, 'a>(element: &'b ClassElement<'a>) -> &'b [Decorator<'a>] {
    match element {
        ClassElement::MethodDefinition(it) => &it.decorators,
        ClassElement::PropertyDefinition(it) => &it.decorators,
        ClassElement::AccessorProperty(it) => &it.decorators,
        ClassElement::StaticBlock(_) | ClassElement::TSIndexSignature(_) => &[],
    }
}

fn needs_other_words(class: &Class<'_>) -> bool {
    let element = |it: &ClassElement<'_>| {
        matches!(it, ClassElement::AccessorProperty(_)) || !decorators_of(it).is_empty()
    };
    !class.declare && (!class.decorators.is_empty() || class.body.body.iter().any(element))
}

struct Search<'a> {
    around: Vec<AstKind<'a>>,
    found: Sites<'a>,
}

impl<'a> Search<'a> {
    fn class(&mut self, class: &'a Class<'a>) {
        if !needs_other_words(class) {
            return;
        }
        let own = begin(&class.decorators, class.span)..class.span.end;
        let (range, place, hint) = match self.around.last() {
            _ if class.r#type == ClassType::ClassExpression => (
                own,
                Place::Expression,
                self.around.last().and_then(|kind| hint(kind, class)),
            ),
            Some(AstKind::ExportDeclaration(it)) => (
                own.start.min(it.span.start)..it.span.end,
                Place::Export,
                None,
            ),
            Some(AstKind::ExportDefaultDeclaration(it)) => (
                own.start.min(it.span.start)..it.span.end,
                Place::DefaultExport,
                Some("default".to_owned()),
            ),
            _ => (own, Place::Declaration, None),
        };
        self.found.classes.push(Site {
            class,
            range,
            place,
            hint,
            awaits: false,
            yields: false,
        });
    }

    /// Marks the classes between an `await` or `yield` and its function.
    fn suspends(&mut self, mark: fn(&mut Site<'a>)) {
        for kind in self.around.iter().rev() {
            match kind {
                AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => return,
                AstKind::Class(class) => self
                    .found
                    .classes
                    .iter_mut()
                    .filter(|site| site.class.span == class.span)
                    .for_each(mark),
                _ => {}
            }
        }
    }
}

impl<'a> Visit<'a> for Search<'a> {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::Class(class) => self.class(class),
            AstKind::AwaitExpression(_) => self.suspends(|site| site.awaits = true),
            AstKind::YieldExpression(_) => self.suspends(|site| site.yields = true),
            AstKind::FormalParameter(it) if !it.decorators.is_empty() => {
                self.found
                    .parameter_decorator
                    .get_or_insert(it.decorators[0].span);
            }
            _ => {}
        }
        self.around.push(kind);
    }

    fn leave_node(&mut self, _kind: AstKind<'a>) {
        self.around.pop();
    }
}

/// The name that the standard gives to an anonymous class here.
fn hint(around: &AstKind<'_>, class: &Class<'_>) -> Option<String> {
    let is_it = |value: &Expression<'_>| value.span() == class.span;
    let of_key = |key: &PropertyKey<'_>| match key {
        PropertyKey::PrivateIdentifier(name) => Some(format!("#{}", name.name)),
        key => key.static_name().map(String::from),
    };
    let of_binding = |binding: &BindingPattern<'_>| {
        binding
            .get_identifier_name()
            .map(|name| name.as_str().to_owned())
    };
    match around {
        AstKind::VariableDeclarator(it) if it.init.as_ref().is_some_and(is_it) => {
            of_binding(&it.id)
        }
        AstKind::AssignmentExpression(it) if is_it(&it.right) => match &it.left {
            AssignmentTarget::AssignmentTargetIdentifier(name) => Some(name.name.to_string()),
            _ => None,
        },
        AstKind::AssignmentPattern(it) if is_it(&it.right) => of_binding(&it.left),
        AstKind::FormalParameter(it) if it.initializer.as_deref().is_some_and(is_it) => {
            of_binding(&it.pattern)
        }
        AstKind::ObjectProperty(it) if is_it(&it.value) && !it.computed => of_key(&it.key),
        AstKind::PropertyDefinition(it) if it.value.as_ref().is_some_and(is_it) && !it.computed => {
            of_key(&it.key)
        }
        _ => None,
    }
}
