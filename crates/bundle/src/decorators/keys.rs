//! Keys of members in other words: the calls by which the helper learns of a member, and which give its
//! key. What has no key of its own gets a member that carries one, which the helper takes away.

use oxc::ast::ast::{Decorator, PropertyKey};
use oxc::span::{GetSpan, Span};

use super::element::Member;
use super::rope::Rope;

impl<'a> Member<'_, '_, 'a> {
    /// The call that notes a decorated member, and is its key.
    pub(super) fn element(
        &self,
        kind: &str,
        is_static: bool,
        decorators: &[Decorator<'a>],
        key: &PropertyKey<'a>,
        last: &str,
    ) -> Rope {
        let span = key.span();
        let private = key.is_private_identifier();
        let words = match (private, is_static) {
            (false, false) => "",
            (false, true) => "static ",
            (true, false) => "private ",
            (true, true) => "private static ",
        };
        let call = format!(
            "{}.element({}, \"{words}{kind}\", ",
            self.helper(),
            self.index
        );
        let mut rope = Rope::of(call, span.start);
        rope.append(self.lowering.list(decorators));
        rope.new_words(", ", span.start);
        rope.append(self.key_value(key));
        if let PropertyKey::PrivateIdentifier(name) = key {
            rope.new_words(format!(", {}", access(kind, &name.name)), span.start);
        }
        rope.new_words(format!("{last})"), span.end);
        rope
    }

    /// A key without decorators that is needed again.
    pub(super) fn kept(&self, key: &PropertyKey<'a>) -> Rope {
        let span = key.span();
        let mut rope = Rope::of(
            format!("{}.keep({}, ", self.helper(), self.index),
            span.start,
        );
        rope.append(self.key_value(key));
        rope.new_words(")", span.end);
        rope
    }

    fn key_value(&self, key: &PropertyKey<'a>) -> Rope {
        let span = key.span();
        match key {
            PropertyKey::StaticIdentifier(name) => Rope::of(format!("{:?}", name.name), span.start),
            PropertyKey::PrivateIdentifier(name) => {
                Rope::of(format!("{:?}", format!("#{}", name.name)), span.start)
            }
            _ => {
                let mut rope = Rope::of("(", span.start);
                rope.append(self.lowering.emit(span.start..span.end));
                rope.new_words(")", span.end);
                rope
            }
        }
    }

    /// A member that is there for its key's evaluation only. The helper takes it away.
    pub(super) fn carrier(&self, key: Rope, hole: bool, span: Span) -> Rope {
        let mut rope = Rope::of("static [(", span.start);
        rope.append(key);
        let words = match hole {
            true => format!(", {}.hole)]() {{}} ", self.helper()),
            false => ")]() {} ".to_owned(),
        };
        rope.new_words(words, span.start);
        rope
    }
}

/// The functions of `context.access` for a private name.
fn access(kind: &str, name: &str) -> String {
    let set = match kind {
        "field" | "accessor" | "setter" => {
            format!(", set: (_object, _value) => {{ _object.#{name} = _value; }}")
        }
        _ => String::new(),
    };
    let get = match kind {
        "setter" => String::new(),
        _ => format!(", get: (_object) => _object.#{name}"),
    };
    format!("{{ has: (_object) => #{name} in _object{get}{set} }}")
}
