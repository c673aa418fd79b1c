//! The places and hints inside one of rolldown's diagnostics.
//!
//! Rolldown keeps both private; its `Debug` form shows them. This reads that form. A part that it
//! does not find is left out: the file and line come from rolldown's public methods in any case.

use std::ops::Range;

/// What a `rolldown_error::Diagnostic` says beside its title.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) title: Option<String>,
    pub(super) labels: Vec<FileLabel>,
    pub(super) helps: Vec<String>,
    pub(super) note: Option<String>,
}

/// A part of one of the diagnostic's files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileLabel {
    pub(super) file: String,
    pub(super) span: Range<usize>,
    pub(super) text: String,
}

/// Reads the title and the fields after the files' texts, which may hold anything.
pub(super) fn details(debug: &str) -> Details {
    let title = debug
        .find("title: ")
        .and_then(|at| quoted(&debug[at + "title: ".len()..]));
    let mut found = Details {
        title: title.map(|(title, _)| title),
        ..Details::default()
    };
    let Some(mut rest) = debug.rfind(", labels: [").map(|at| &debug[at..]) else {
        return found;
    };
    while let Some((label, after)) = next_label(rest) {
        found.labels.push(label);
        rest = after;
    }
    if let Some(at) = rest.find("], helps: [") {
        rest = &rest[at + "], helps: [".len()..];
        while let Some((help, after)) = quoted(rest) {
            found.helps.push(help);
            rest = after.strip_prefix(", ").unwrap_or(after);
        }
    }
    let note = rest
        .find("note: Some(")
        .and_then(|at| quoted(&rest[at + "note: Some(".len()..]));
    found.note = note.map(|(note, _)| note);
    found
}

/// `RolldownLabelSpan(DiagnosticFileId("src/a.ts"), 3..8) ... msg: Some("words")`
fn next_label(debug: &str) -> Option<(FileLabel, &str)> {
    const SPAN: &str = "RolldownLabelSpan(DiagnosticFileId(";
    let at = debug.find(SPAN)?;
    if debug.find("], helps: [").is_some_and(|end| end < at) {
        return None;
    }
    let (file, rest) = quoted(&debug[at + SPAN.len()..])?;
    let rest = rest.strip_prefix("), ")?;
    let (start, rest) = number(rest)?;
    let (end, rest) = number(rest.strip_prefix("..")?)?;
    let words = rest
        .find("msg: ")
        .map_or(rest, |at| &rest[at + "msg: ".len()..]);
    let (text, rest) = match words.strip_prefix("Some(").and_then(quoted) {
        Some((text, rest)) => (text, rest),
        None => (String::new(), rest),
    };
    Some((
        FileLabel {
            file,
            span: start..end,
            text,
        },
        rest,
    ))
}

fn number(text: &str) -> Option<(usize, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// A string as `{:?}` writes it, and what follows its closing quote.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut chars = text.strip_prefix('"')?.char_indices();
    let mut out = String::new();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &text[at + 2..])),
            '\\' => out.push(escape(&mut chars)?),
            c => out.push(c),
        }
    }
    None
}

fn escape(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    Some(match chars.next()?.1 {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'u' => {
            chars.next()?; // the opening brace
            let hex: String = chars.map(|(_, c)| c).take_while(|c| *c != '}').collect();
            char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?
        }
        c => c,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_as_debug_writes_them() {
        for text in ["", "a", "a\"b\\c", "é\u{7f}\u{0}\n\r\t'", "\u{feff}💥"] {
            let written = format!("{text:?}, rest");
            assert_eq!(
                quoted(&written),
                Some((text.to_owned(), ", rest")),
                "{written}"
            );
        }
        assert_eq!(quoted("\"open"), None);
    }

    #[test]
    fn labels_helps_and_note_are_found() {
        let debug = r#"Diagnostic { kind: "K", title: "t", files: {DiagnosticFileId("a"): "x, labels: [ y"}, labels: [Label { span: RolldownLabelSpan(DiagnosticFileId("a"), 1..3), display_info: LabelDisplay { msg: Some("w\"1"), color: None } }, Label { span: RolldownLabelSpan(DiagnosticFileId("b"), 7..7), display_info: LabelDisplay { msg: None } }], helps: ["h1", "h2"], note: Some("n"), severity: Error }"#;
        let found = details(debug);
        assert_eq!(found.title.as_deref(), Some("t"));
        assert_eq!(found.helps, ["h1", "h2"]);
        assert_eq!(found.note.as_deref(), Some("n"));
        let expected = [("a", 1..3, "w\"1"), ("b", 7..7, "")];
        for (label, (file, span, text)) in found.labels.iter().zip(expected) {
            assert_eq!(
                (label.file.as_str(), label.span.clone(), label.text.as_str()),
                (file, span, text)
            );
        }
        assert_eq!(found.labels.len(), 2);
        assert_eq!(details("something else"), Details::default());
    }
}
