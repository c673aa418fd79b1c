//! `BEGIN`, `COMMIT`, `SAVEPOINT` and the like, as a statement of their own: what of them Cloudflare
//! refuses everywhere, and we take from a session that has a transaction of its own.

use crate::execute::after_spaces;

/// A statement that begins, ends, or divides a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// `BEGIN [DEFERRED | IMMEDIATE | EXCLUSIVE] [TRANSACTION]`
    Begin,
    /// `COMMIT [TRANSACTION]`, `END [TRANSACTION]`
    Commit,
    /// `ROLLBACK [TRANSACTION]`
    Rollback,
    /// `SAVEPOINT name`
    Savepoint(String),
    /// `RELEASE [SAVEPOINT] name`
    Release(String),
    /// `ROLLBACK [TRANSACTION] TO [SAVEPOINT] name`
    RollbackTo(String),
}

impl Control {
    /// What a text is; `None`: something else, or wrong.
    pub fn parse(sql: &str) -> Option<Control> {
        let words = words(sql)?;
        let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let name = || words.last().cloned().unwrap_or_default();
        Some(match &lower[..] {
            ["begin"]
            | [
                "begin",
                "transaction" | "deferred" | "immediate" | "exclusive",
            ]
            | [
                "begin",
                "deferred" | "immediate" | "exclusive",
                "transaction",
            ] => Control::Begin,
            ["commit" | "end"] | ["commit" | "end", "transaction"] => Control::Commit,
            ["rollback"] | ["rollback", "transaction"] => Control::Rollback,
            ["savepoint", _] => Control::Savepoint(name()),
            ["release", _] | ["release", "savepoint", _] => Control::Release(name()),
            ["rollback", "to", _]
            | ["rollback", "to", "savepoint", _]
            | ["rollback", "transaction", "to", _]
            | ["rollback", "transaction", "to", "savepoint", _] => Control::RollbackTo(name()),
            _ => return None,
        })
    }

    /// The SQL of one about a savepoint.
    pub(crate) fn sql(&self) -> Option<String> {
        let (what, name) = match self {
            Control::Begin | Control::Commit | Control::Rollback => return None,
            Control::Savepoint(name) => ("SAVEPOINT", name),
            Control::Release(name) => ("RELEASE", name),
            Control::RollbackTo(name) => ("ROLLBACK TO", name),
        };
        Some(format!("{what} \"{}\"", name.replace('"', "\"\"")))
    }
}

/// The words of a statement of at most five, without quotes.
fn words(sql: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = after_spaces(sql);
    while !rest.is_empty() && words.len() <= 5 {
        let (word, after) = word(rest)?;
        rest = after_spaces(after);
        match word {
            Some(word) => words.push(word),
            // A semicolon ends it.
            None if rest.is_empty() => return Some(words),
            None => return None,
        }
    }
    rest.is_empty().then_some(words)
}

/// A word, or `None` for a semicolon, and what follows.
fn word(text: &str) -> Option<(Option<String>, &str)> {
    let first = text.chars().next()?;
    if first == ';' {
        return Some((None, &text[1..]));
    }
    let quote = match first {
        '"' | '`' | '\'' => Some(first),
        '[' => Some(']'),
        _ => None,
    };
    if let Some(quote) = quote {
        let end = text[1..].find(quote)? + 1;
        return Some((Some(text[1..end].to_owned()), &text[end + 1..]));
    }
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let end = text.find(|c| !part(c)).unwrap_or(text.len());
    (end > 0).then(|| (Some(text[..end].to_owned()), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_one() {
        let cases = [
            ("begin", Some(Control::Begin)),
            (" BEGIN  immediate; ", Some(Control::Begin)),
            ("-- a\nbegin exclusive transaction", Some(Control::Begin)),
            ("commit;", Some(Control::Commit)),
            ("END TRANSACTION", Some(Control::Commit)),
            ("rollback", Some(Control::Rollback)),
            ("savepoint sp0", Some(Control::Savepoint("sp0".into()))),
            (
                "release savepoint sp0",
                Some(Control::Release("sp0".into())),
            ),
            ("RELEASE \"a b\"", Some(Control::Release("a b".into()))),
            (
                "rollback to savepoint Sp0",
                Some(Control::RollbackTo("Sp0".into())),
            ),
            ("begin; select 1", None),
            ("begin foo", None),
            ("select 1", None),
            ("", None),
            ("savepoint \"a", None),
        ];
        for (sql, expected) in cases {
            assert_eq!(Control::parse(sql), expected, "{sql:?}");
        }
    }

    #[test]
    fn names_are_quoted() {
        let savepoint = Control::Savepoint("a\"; DROP TABLE t; --".into());
        let sql = savepoint.sql();
        assert_eq!(
            sql.as_deref(),
            Some("SAVEPOINT \"a\"\"; DROP TABLE t; --\"")
        );
        assert_eq!(Control::Begin.sql(), None);
    }
}
