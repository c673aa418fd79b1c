//! Literals of regular expressions with the flag `v`, in words that the engine takes.
//!
//! The engine holds the rules of classes for those of the whole pattern, and knows not all escapes of classes. What it
//! would refuse is written as a code: the runtime does the same for `new RegExp()` (`js/regexp_sets.js`).

use oxc::allocator::Allocator;
use oxc::ast::ast::{RegExpFlags, RegExpLiteral};
use oxc::ast_visit::VisitMut;
use rolldown_ecmascript::{EcmaAst, WithMutFields};

/// What may be escaped in a class (ClassSetReservedPunctuator).
const RESERVED: &str = "&-!#%,:;<=>@`~";

/// Rewrites the literals of a module, if it can have any.
pub(crate) fn rewrite(ast: &mut EcmaAst) {
    ast.program.with_mut(
        |WithMutFields {
             program, allocator, ..
         }| {
            if has_flag(program.source_text) {
                Sets { allocator }.visit_program(program);
            }
        },
    );
}

/// Whether flags with `v` may follow a slash somewhere.
fn has_flag(text: &str) -> bool {
    text.split('/').skip(1).any(|rest| {
        let flags = rest.bytes().take_while(|byte| b"dgimsuvy".contains(byte));
        flags.take(8).any(|flag| flag == b'v')
    })
}

struct Sets<'a> {
    allocator: &'a Allocator,
}

impl<'a> VisitMut<'a> for Sets<'a> {
    fn visit_reg_exp_literal(&mut self, it: &mut RegExpLiteral<'a>) {
        if !it.regex.flags.contains(RegExpFlags::V) {
            return;
        }
        let text = rewritten(&it.regex.pattern.text);
        if text != it.regex.pattern.text.as_str() {
            it.regex.pattern.text = self.allocator.alloc_str(&text).into();
            it.regex.pattern.pattern = None;
            it.raw = None;
        }
    }
}

fn rewritten(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut depth = 0_usize;
    let mut before = None;
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        let mut taken = character.len_utf8();
        let mut plain = None;
        match character {
            '\\' => {
                let escaped = rest[1..].chars().next();
                taken += escaped.map_or(0, char::len_utf8);
                match escaped {
                    Some(escaped) if depth > 0 && RESERVED.contains(escaped) => {
                        text += &code(escaped);
                    }
                    _ => text += &rest[..taken],
                }
            }
            '[' => {
                depth += 1;
                text.push('[');
            }
            _ if depth > 0 => {
                depth -= usize::from(character == ']');
                text.push(character);
            }
            '(' => {
                taken = group(rest);
                text += &rest[..taken];
            }
            '-' => text += &code('-'),
            _ if before == Some(character) && RESERVED.contains(character) => {
                text += &code(character);
            }
            _ => {
                plain = Some(character);
                text.push(character);
            }
        }
        before = plain;
        rest = &rest[taken..];
    }
    text
}

fn code(character: char) -> String {
    format!("\\x{:02x}", u32::from(character))
}

/// The length of what opens a group: `(`, `(?:`, `(?<name>`, `(?<!`, `(?i-s:`.
fn group(rest: &str) -> usize {
    let Some(kind) = rest.strip_prefix("(?") else {
        return 1;
    };
    let named = kind.starts_with('<') && !kind.starts_with("<=") && !kind.starts_with("<!");
    let ends: &[char] = if named { &['>'] } else { &[':', '=', '!'] };
    kind.find(ends).map_or(rest.len(), |at| 2 + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_engine_refuses_is_written_otherwise() {
        let cases = [
            ("^a-b$", r"^a\x2db$"),
            ("<<|&&&", r"<\x3c|&\x26&"),
            (r"[\&\-x]\&", r"[\x26\x2dx]\&"),
            (r"[\p{L}--[a-z]]-", r"[\p{L}--[a-z]]\x2d"),
            (
                "(?<!--)(?<a>a)(?i-s:b)(?:c)(-)",
                r"(?<!\x2d\x2d)(?<a>a)(?i-s:b)(?:c)(\x2d)",
            ),
            (r"(?<=<<)\k<a>\\", r"(?<=<\x3c)\k<a>\\"),
            ("é[é&&ü]", "é[é&&ü]"),
        ];
        for (pattern, expected) in cases {
            assert_eq!(rewritten(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn flags_are_found() {
        for text in ["/x/v", "a = /x/dgv;", "//v"] {
            assert!(has_flag(text), "{text}");
        }
        for text in ["/x/u", "a / b; v", "// a v", "v"] {
            assert!(!has_flag(text), "{text}");
        }
    }
}
