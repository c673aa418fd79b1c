//! The members of a class in other words.
//!
//! Decorators and keys are evaluated in keys, where private names are known and `this` is that of
//! outside. A decorated private method becomes a getter of what its decorators leave; its function
//! is defined under a key that the helper takes away.

use oxc::ast::ast::{
    AccessorProperty, ClassElement, Decorator, Expression, MethodDefinition, MethodDefinitionKind,
    PropertyDefinition, PropertyKey, StaticBlock,
};
use oxc::span::{GetSpan, Span};

use super::class::{Lowering, Scope};
use super::rope::Rope;
use super::sites::begin;

/// One member. What is new is behind a semicolon, since the member before may have none.
pub(super) struct Member<'l, 's, 'a> {
    pub(super) lowering: &'l Lowering<'s, 'a>,
    scope: &'l mut Scope,
    pub(super) index: usize,
}

/// A field or the storage of an accessor.
struct Field<'f, 'a> {
    span: Span,
    is_static: bool,
    decorated: bool,
    value: Option<&'f Expression<'a>>,
    /// Between `static` and `=`; for static fields of decorated classes a private name to be set.
    target: Rope,
    /// The text of an expression that gives the key again.
    name: String,
    private: bool,
}

impl<'a> Member<'_, '_, 'a> {
    pub(super) fn new<'l, 's>(
        lowering: &'l Lowering<'s, 'a>,
        scope: &'l mut Scope,
        index: usize,
    ) -> Member<'l, 's, 'a> {
        Member {
            lowering,
            scope,
            index,
        }
    }

    pub(super) fn words(&mut self, element: &ClassElement<'a>) -> Rope {
        match element {
            // Overloads are types, and would miss their method under its new key.
            ClassElement::MethodDefinition(it) if it.value.body.is_none() => Rope::default(),
            ClassElement::MethodDefinition(it) if !it.decorators.is_empty() => self.method(it),
            ClassElement::PropertyDefinition(it) => self.property(it),
            ClassElement::AccessorProperty(it) => self.accessor(it),
            ClassElement::StaticBlock(it) if self.scope.decorated => self.block(it),
            other => self.as_it_is(other.span()),
        }
    }

    fn as_it_is(&self, span: Span) -> Rope {
        self.lowering.emit(span.start..span.end)
    }

    pub(super) fn helper(&self) -> &str {
        &self.scope.helper
    }

    // ---- methods

    fn method(&mut self, it: &MethodDefinition<'a>) -> Rope {
        let kind = match it.kind {
            MethodDefinitionKind::Get => "getter",
            MethodDefinitionKind::Set => "setter",
            MethodDefinitionKind::Method | MethodDefinitionKind::Constructor => "method",
        };
        let at = it.key.span();
        let modifiers = it
            .decorators
            .last()
            .map_or(it.span.start, |last| last.span.end);
        let mut rope = Rope::of(";", it.span.start);
        rope.append(self.lowering.emit(modifiers..at.start));
        let key = self.element(kind, it.r#static, &it.decorators, &it.key, "");
        if it.computed {
            rope.append(key);
        } else {
            rope.new_words("[", at.start);
            rope.append(key);
            rope.new_words("]", at.end);
        }
        rope.append(self.lowering.emit(at.end..it.span.end));
        if let PropertyKey::PrivateIdentifier(name) = &it.key {
            let before = if it.r#static { "static " } else { "" };
            let member = format!("{}.member({})", self.helper(), self.index);
            let name = &name.name;
            let words = match it.kind {
                MethodDefinitionKind::Get => {
                    format!(" {before}get #{name}() {{ return {member}.call(this); }}")
                }
                MethodDefinitionKind::Set => {
                    format!(" {before}set #{name}(_value) {{ {member}.call(this, _value); }}")
                }
                _ => format!(" {before}get #{name}() {{ return {member}; }}"),
            };
            rope.new_words(words, it.span.end);
        }
        rope
    }

    // ---- fields

    fn property(&mut self, it: &PropertyDefinition<'a>) -> Rope {
        let moved = self.scope.decorated && it.r#static;
        let decorated = !it.decorators.is_empty();
        if it.declare || it.r#type.is_abstract() {
            return Rope::default();
        }
        if !decorated && !moved {
            return self.as_it_is(it.span);
        }
        let start = begin(&it.decorators, it.span);
        let private = it.key.is_private_identifier();
        let mut rope = Rope::of(";", start);
        let mut target = Rope::default();
        let name = match &it.key {
            PropertyKey::PrivateIdentifier(key) => {
                if decorated {
                    let words = self.element("field", it.r#static, &it.decorators, &it.key, "");
                    rope.append(self.carrier(words, false, it.span));
                }
                target.new_words(format!("#{}", key.name), it.span.start);
                format!("{:?}", format!("#{}", key.name))
            }
            key => {
                let words = self.public_key(it.r#static, &it.decorators, key);
                if moved {
                    rope.append(self.carrier(words, true, it.span));
                } else {
                    target.new_words("[", it.span.start);
                    target.append(words);
                    target.new_words("]", it.span.start);
                }
                format!("{}.key({})", self.helper(), self.index)
            }
        };
        rope.append(self.field(Field {
            span: Span::new(start, it.span.end),
            is_static: it.r#static,
            decorated,
            value: it.value.as_ref(),
            target,
            name,
            private,
        }));
        rope
    }

    fn public_key(
        &self,
        is_static: bool,
        decorators: &[Decorator<'a>],
        key: &PropertyKey<'a>,
    ) -> Rope {
        if decorators.is_empty() {
            return self.kept(key);
        }
        self.element("field", is_static, decorators, key, "")
    }

    /// A field, with what its decorators ask for afterwards.
    fn field(&mut self, it: Field<'_, 'a>) -> Rope {
        if it.is_static && self.scope.decorated {
            return self.moved_field(it);
        }
        let (start, end) = (it.span.start, it.span.end);
        let helper = self.helper().to_owned();
        let before = if it.is_static { "static " } else { "" };
        let mut rope = Rope::of(before, start);
        rope.append(it.target);
        rope.new_words(" = ", start);
        let value = it.value.map(|value| self.lowering.value(value, &it.name));
        if it.decorated {
            rope.new_words(format!("{helper}.value({}, this, ", self.index), start);
            rope.append(value.unwrap_or_default());
            let after = format!("{helper}.after({}, this);", self.index);
            rope.new_words("); ", end);
            rope.new_words(
                match it.is_static {
                    true => format!("static {{ {after} }}"),
                    false => format!("{} = {after}", self.scope.private("after", self.index)),
                },
                end,
            );
        } else {
            rope.append(value.unwrap_or_else(|| Rope::of("undefined", start)));
            rope.new_words(";", end);
        }
        rope
    }

    /// A static field of a decorated class: a function that the helper calls when it is time.
    fn moved_field(&mut self, it: Field<'_, 'a>) -> Rope {
        let (start, end) = (it.span.start, it.span.end);
        let run = self.scope.private("run", self.index);
        let mut rope = Rope::of(format!("static {run}() {{ return "), start);
        if let Some(value) = it.value {
            rope.append(self.lowering.value(value, &it.name));
        }
        rope.new_words("; }", end);
        let mut entry = Rope::of(format!("{{ run: this.{run}, "), start);
        if it.decorated {
            entry.new_words(format!("element: {}, ", self.index), start);
        }
        if it.private {
            let (private, _) = it.target.finish(self.lowering.text(0..0));
            entry.new_words(
                format!("set: (_class, _value) => {{ _class.{private} = _value; }} }}, "),
                start,
            );
            self.scope.stamped.push(private);
        } else {
            entry.new_words(format!("key: {} }}, ", it.name), start);
        }
        self.scope.statics.push(entry);
        rope
    }

    fn block(&mut self, it: &StaticBlock<'a>) -> Rope {
        let run = self.scope.private("run", self.index);
        let text = self.lowering.text(it.span.start..it.span.end);
        let brace = text.find('{').expect("a block has a brace");
        let brace = it.span.start + u32::try_from(brace).expect("within a text that was parsed");
        let mut rope = Rope::of(format!(";static {run}() "), it.span.start);
        rope.append(self.lowering.emit(brace..it.span.end));
        let entry = Rope::of(format!("{{ run: this.{run} }}, "), it.span.start);
        self.scope.statics.push(entry);
        rope
    }

    // ---- accessors

    fn accessor(&mut self, it: &AccessorProperty<'a>) -> Rope {
        if it.r#type.is_abstract() {
            return Rope::default();
        }
        let start = begin(&it.decorators, it.span);
        let storage = self.scope.private("storage", self.index);
        let (mut keys, name) = self.accessor_keys(it, &storage);
        let before = if it.r#static { "static " } else { "" };
        let mut rope = Rope::of(";", start);
        if let Some(carrier) = keys.carrier.take() {
            rope.append(carrier);
        }
        rope.append(self.field(Field {
            span: Span::new(start, it.span.end),
            is_static: it.r#static,
            decorated: !it.decorators.is_empty(),
            value: it.value.as_ref(),
            target: Rope::of(storage.clone(), start),
            name,
            private: true,
        }));
        rope.new_words(format!(" {before}get "), start);
        rope.append(keys.get);
        let (get, set) = match keys.by_helper {
            true => {
                let member = format!("{}.member({})", self.helper(), self.index);
                (
                    format!("{member}.get.call(this)"),
                    format!("{member}.set.call(this, _value)"),
                )
            }
            false => (
                format!("this.{storage}"),
                format!("this.{storage} = _value"),
            ),
        };
        rope.new_words(
            format!(
                "() {{ return {get}; }} {before}set {}(_value) {{ {set}; }}",
                keys.set
            ),
            it.span.end,
        );
        rope
    }

    /// How an accessor's functions are called, and the text that gives its name.
    fn accessor_keys(&self, it: &AccessorProperty<'a>, storage: &str) -> (Keys, String) {
        let span = it.span;
        let decorated = !it.decorators.is_empty();
        if let PropertyKey::PrivateIdentifier(key) = &it.key {
            let name = format!("#{}", key.name);
            let carrier = decorated.then(|| {
                let descriptor = format!(
                    ", {{ get() {{ return this.{storage}; }}, set(_value) {{ this.{storage} = _value; }} }}"
                );
                let words =
                    self.element("accessor", it.r#static, &it.decorators, &it.key, &descriptor);
                self.carrier(words, false, span)
            });
            let keys = Keys {
                carrier,
                get: Rope::of(name.clone(), span.start),
                set: name.clone(),
                by_helper: decorated,
            };
            return (keys, format!("{name:?}"));
        }
        let mut get = Rope::of("[", span.start);
        get.append(match decorated {
            true => self.element("accessor", it.r#static, &it.decorators, &it.key, ""),
            false => self.kept(&it.key),
        });
        get.new_words("]", span.start);
        let again = format!("{}.key({})", self.helper(), self.index);
        let keys = Keys {
            carrier: None,
            get,
            set: format!("[{again}]"),
            by_helper: false,
        };
        (keys, again)
    }
}

struct Keys {
    carrier: Option<Rope>,
    get: Rope,
    set: String,
    /// Whether the functions are the helper's.
    by_helper: bool,
}
