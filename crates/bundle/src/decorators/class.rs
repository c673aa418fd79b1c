//! A class in other words: what stands around it, and its body member by member.
//!
//! A class that is decorated itself is evaluated within a block, since its name inside means what its
//! decorators leave; one whose members alone are decorated stays where it is, behind its helper.

use std::ops::Range;

use oxc::ast::ast::{Class, ClassElement, Decorator, Expression};
use oxc::span::GetSpan;

use super::element::Member;
use super::rope::{Places, Rope};
use super::sites::{Place, Site, Sites, begin, decorators_of};

/// One module.
pub(super) struct Lowering<'s, 'a> {
    source: &'s str,
    sites: Vec<Site<'a>>,
    /// The helper's name, and the beginning of all new names. The module does not have it.
    prefix: String,
}

/// What the new words of one class go by.
pub(super) struct Scope {
    /// The helper's variable.
    pub(super) helper: String,
    /// Whether the class is decorated itself, so that its static fields come after it.
    pub(super) decorated: bool,
    /// Static fields and blocks in their order, as the helper takes them.
    pub(super) statics: Vec<Rope>,
    /// Static private names that the class in the end has too.
    pub(super) stamped: Vec<String>,
}

impl Scope {
    /// A private name.
    pub(super) fn private(&self, what: &str, index: usize) -> String {
        format!("#{}_{what}{index}", self.helper)
    }
}

impl<'s, 'a> Lowering<'s, 'a> {
    pub(super) fn new(source: &'s str, sites: Sites<'a>) -> Self {
        let mut prefix = "_decorated".to_owned();
        while source.contains(&prefix) {
            prefix.push('_');
        }
        Lowering {
            source,
            sites: sites.classes,
            prefix,
        }
    }

    /// The module's text, with the words that import the helper under a name.
    pub(super) fn module(&self, import: fn(&str) -> String) -> (String, Places) {
        let end = u32::try_from(self.source.len()).expect("a text that was parsed");
        let mut rope = self.emit(0..end);
        rope.new_words(import(&self.prefix), end);
        rope.finish(self.source)
    }

    pub(super) fn text(&self, range: Range<u32>) -> &'s str {
        &self.source[range.start as usize..range.end as usize]
    }

    /// A part of the source, in which classes are in other words.
    pub(super) fn emit(&self, range: Range<u32>) -> Rope {
        let mut rope = Rope::default();
        let mut at = range.start;
        let first = self
            .sites
            .partition_point(|site| site.range.start < range.start);
        for (index, site) in self.sites.iter().enumerate().skip(first) {
            if site.range.start >= range.end {
                break;
            }
            if site.range.start >= at && site.range.end <= range.end {
                rope.old(at..site.range.start);
                rope.append(self.site(index, site));
                at = site.range.end;
            }
        }
        rope.old(at..range.end);
        rope
    }

    /// A value in parentheses, and named by `name` if it has no name of its own.
    pub(super) fn value(&self, value: &Expression<'a>, name: &str) -> Rope {
        let span = value.span();
        let named = value.is_anonymous_function_definition();
        let (before, after) = match named {
            true => (format!("({{ [{name}]: ("), format!(") }})[{name}]")),
            false => ("(".to_owned(), ")".to_owned()),
        };
        let mut rope = Rope::of(before, span.start);
        rope.append(self.emit(span.start..span.end));
        rope.new_words(after, span.end);
        rope
    }

    /// Decorators as an array.
    pub(super) fn list(&self, decorators: &[Decorator<'a>]) -> Rope {
        let start = decorators.first().map_or(0, |first| first.span.start);
        let mut rope = Rope::of("[", start);
        for decorator in decorators {
            let span = decorator.expression.span();
            rope.new_words("(", span.start);
            rope.append(self.emit(span.start..span.end));
            rope.new_words("), ", span.end);
        }
        rope.new_words("]", start);
        rope
    }

    fn site(&self, index: usize, site: &Site<'a>) -> Rope {
        let scope = Scope {
            helper: format!("{}{index}", self.prefix),
            decorated: !site.class.decorators.is_empty(),
            statics: Vec::new(),
            stamped: Vec::new(),
        };
        let own = site.class.id.as_ref().map(|id| id.name.to_string());
        match (scope.decorated, site.place, own) {
            (true, Place::Expression, own) => self.decorated_expression(site, scope, own),
            (true, Place::DefaultExport, None) => {
                let mut rope = Rope::of("export default ", site.range.start);
                rope.append(self.decorated_expression(site, scope, None));
                rope.new_words(";", site.range.end);
                rope
            }
            (true, place, own) => {
                let name = own.expect("a declaration has a name");
                self.decorated_declaration(site, scope, place, &name)
            }
            (false, Place::Expression, _) => self.plain_expression(site, scope),
            (false, _, _) => self.plain_declaration(site, scope),
        }
    }

    /// Members alone are decorated: the class stays as it is.
    fn plain_declaration(&self, site: &Site<'a>, scope: Scope) -> Rope {
        let start = site.range.start;
        let body = site.class.body.span;
        let words = format!("const {} = {}(); ", scope.helper, self.prefix);
        let mut rope = Rope::of(words, start);
        rope.append(self.emit(start..body.start));
        rope.append(self.body(site.class, scope));
        rope.old(body.end..site.range.end);
        rope
    }

    fn plain_expression(&self, site: &Site<'a>, scope: Scope) -> Rope {
        let start = site.range.start;
        let body = site.class.body.span;
        let words = format!("const {} = {}(); return ", scope.helper, self.prefix);
        let mut rope = Rope::of(words, start);
        let hint = site.hint.as_deref().filter(|_| site.class.id.is_none());
        let mut class = self.emit(start..body.start);
        class.append(self.body(site.class, scope));
        rope.append(named(class, hint, start));
        rope.new_words(";", body.end);
        called(rope, site)
    }

    /// `let` for the outside, which is not there before the class is, and `let` for the inside.
    fn decorated_declaration(
        &self,
        site: &Site<'a>,
        scope: Scope,
        place: Place,
        name: &str,
    ) -> Rope {
        let start = site.range.start;
        let helper = scope.helper.clone();
        let mut rope = Rope::of(format!("let {helper}_class; {{ "), start);
        rope.append(self.evaluation(site, scope, Some(name), Some(name)));
        let words = match place {
            Place::Export => format!("export let {name} = {helper}_class;"),
            Place::DefaultExport => {
                format!("let {name} = {helper}_class; export {{ {name} as default }};")
            }
            _ => format!("let {name} = {helper}_class;"),
        };
        rope.new_words(
            format!("{helper}_class = {helper}.finish(); }} {words}"),
            site.range.end,
        );
        rope
    }

    fn decorated_expression(&self, site: &Site<'a>, scope: Scope, own: Option<String>) -> Rope {
        let helper = scope.helper.clone();
        let name = own.as_deref().or(site.hint.as_deref());
        let mut rope = self.evaluation(site, scope, own.as_deref(), name);
        rope.new_words(format!("return {helper}.finish();"), site.range.end);
        called(rope, site)
    }

    /// Statements after which the helper can finish the class. `inner` is what its body calls it.
    fn evaluation(
        &self,
        site: &Site<'a>,
        mut scope: Scope,
        inner: Option<&str>,
        name: Option<&str>,
    ) -> Rope {
        let start = site.range.start;
        let helper = scope.helper.clone();
        let mut rope = Rope::of(format!("const {helper} = {}(", self.prefix), start);
        rope.append(self.list(&site.class.decorators));
        let variable = inner.map_or(String::new(), |name| format!("let {name}; "));
        let label = name.unwrap_or_default();
        rope.new_words(format!(", {label:?}); {variable}("), start);
        let mut class = self.head(site.class);
        let mut end = Rope::of(format!("static {{ {helper}.prepare(this, "), start);
        let assign = inner.map(|name| format!("(_class) => {{ {name} = _class; }}"));
        end.new_words(assign.as_deref().unwrap_or("undefined"), start);
        end.new_words(", [", start);
        class.append(self.members(site.class, &mut scope));
        for each in std::mem::take(&mut scope.statics) {
            end.append(each);
        }
        end.new_words("]); } }", site.class.body.span.end);
        class.append(end);
        rope.append(stamped(named(class, name, start), &scope, start));
        rope.new_words("); ", start);
        rope
    }

    /// Up to the brace. Types go: they are erased in any case.
    fn head(&self, class: &Class<'a>) -> Rope {
        let mut rope = Rope::of("class ", class.span.start);
        if let Some(heritage) = &class.heritage {
            let span = heritage.expression.span();
            rope.new_words("extends (", span.start);
            rope.append(self.emit(span.start..span.end));
            rope.new_words(") ", span.end);
        }
        rope.new_words("{ ", class.body.span.start);
        rope
    }

    /// The body of a class that is not decorated itself.
    fn body(&self, class: &Class<'a>, mut scope: Scope) -> Rope {
        let start = class.body.span.start;
        let mut rope = Rope::of(
            format!("{{ static {{ {}.apply(this); }}", scope.helper),
            start,
        );
        rope.append(self.members(class, &mut scope));
        rope.new_words("}", class.body.span.end);
        rope
    }

    /// What is between the braces.
    fn members(&self, class: &Class<'a>, scope: &mut Scope) -> Rope {
        let mut at = class.body.span.start + 1;
        let mut rope = Rope::default();
        if class.body.body.iter().any(runs_before_fields) {
            let words = format!(
                " {} = {helper}.begin(this);",
                scope.private("begin", 0),
                helper = scope.helper
            );
            rope.new_words(words, at);
        }
        for (index, element) in class.body.body.iter().enumerate() {
            let span = element.span();
            let start = begin(decorators_of(element), span);
            rope.old(at..start);
            rope.append(Member::new(self, scope, index).words(element));
            at = span.end;
        }
        rope.old(at..class.body.span.end - 1);
        rope
    }
}

/// Whether a decorator of this member can ask for something to be run before the fields.
fn runs_before_fields(element: &ClassElement<'_>) -> bool {
    matches!(element, ClassElement::MethodDefinition(it) if !it.r#static && !it.decorators.is_empty())
}

/// An anonymous class that is given a name.
fn named(class: Rope, name: Option<&str>, at: u32) -> Rope {
    let Some(name) = name else { return class };
    let mut rope = Rope::of(format!("({{ [{name:?}]: "), at);
    rope.append(class);
    rope.new_words(format!(" }})[{name:?}]"), at);
    rope
}

/// Static private names move to a class around, whose constructor gives them to what takes the
/// class's place. The class is evaluated in a key of it, where `this` and `await` mean what they do
/// outside.
fn stamped(class: Rope, scope: &Scope, at: u32) -> Rope {
    if scope.stamped.is_empty() {
        return class;
    }
    let helper = &scope.helper;
    let names = scope.stamped.join("; ");
    let mut rope = Rope::of(
        format!("class extends {helper}.stamp {{ {names}; static [("),
        at,
    );
    rope.append(class);
    rope.new_words(
        format!(
            ", {helper}.hole)]() {{}} static {{ {helper}.finish((_class) => new this(_class)); }} }}"
        ),
        at,
    );
    rope
}

/// Statements that return, as an expression.
fn called(body: Rope, site: &Site<'_>) -> Rope {
    let (before, after) = match (site.awaits, site.yields) {
        (false, false) => ("((() => { ", " })())"),
        (true, false) => ("(await (async () => { ", " })())"),
        (false, true) => ("(yield* (function* () { ", " }).call(this))"),
        (true, true) => ("(yield* (async function* () { ", " }).call(this))"),
    };
    let mut rope = Rope::of(before, site.range.start);
    rope.append(body);
    rope.new_words(after, site.range.end);
    rope
}
