//! Finds the places of a stack's text that lie in one file, and rewrites them.
//!
//! A frame is a line such as `    at fetch (worker.js:12:5)`, `    at async worker.js:3`, or
//! `fetch@worker.js:12:5`; the file may be a URL. Lines that are no frames stay as they are.

use crate::source_map::Original;

/// Rewrites each `file:line:column` of a frame for which `lookup` knows the original.
pub(crate) fn rewrite(
    text: &str,
    file: &str,
    lookup: impl Fn(u32, u32) -> Option<Original>,
) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if is_frame(line) {
            rewrite_line(line, file, &lookup, &mut out);
        } else {
            out.push_str(line);
        }
    }
    out
}

fn is_frame(line: &str) -> bool {
    line.trim_start().starts_with("at ") || line.contains('@')
}

fn rewrite_line(
    line: &str,
    file: &str,
    lookup: &impl Fn(u32, u32) -> Option<Original>,
    out: &mut String,
) {
    let mut rest = line;
    while let Some(place) = next_place(rest, file) {
        out.push_str(&rest[..place.start]);
        match lookup(place.line, place.column) {
            Some(original) => {
                out.push_str(&format!(
                    "{}:{}:{}",
                    original.file, original.line, original.column
                ));
            }
            None => out.push_str(&rest[place.start..place.end]),
        }
        rest = &rest[place.end..];
    }
    out.push_str(rest);
}

struct Place {
    start: usize,
    end: usize,
    line: u32,
    /// 0 if the text does not say it.
    column: u32,
}

/// The next `file:line` or `file:line:column`, with the folders or the URL before the file.
fn next_place(text: &str, file: &str) -> Option<Place> {
    for (at, _) in text.match_indices(file) {
        let start = text[..at]
            .rfind(['(', ' ', '@', '\t'])
            .map_or(0, |before| before + 1);
        let whole_name = start == at || text[..at].ends_with('/');
        let Some((line, end)) = colon_number(text, at + file.len()).filter(|_| whole_name) else {
            continue;
        };
        let (column, end) = colon_number(text, end).unwrap_or((0, end));
        return Some(Place {
            start,
            end,
            line,
            column,
        });
    }
    None
}

/// A colon and a number at a byte of the text, and the byte after them.
fn colon_number(text: &str, at: usize) -> Option<(u32, usize)> {
    let digits = text[at..].strip_prefix(':')?;
    let length = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    Some((digits[..length].parse().ok()?, at + 1 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_source(line: u32, column: u32) -> Option<Original> {
        (line < 100).then(|| Original {
            file: "src/a.ts".into(),
            line: line * 10,
            column,
            name: None,
        })
    }

    #[test]
    fn frames_of_every_engine_are_rewritten() {
        let cases = [
            (
                "    at fetch (worker.js:12:5)",
                "    at fetch (src/a.ts:120:5)",
            ),
            (
                "    at <anonymous> (worker.js:3)",
                "    at <anonymous> (src/a.ts:30:0)",
            ),
            ("    at worker.js:1:2", "    at src/a.ts:10:2"),
            (
                "    at async worker.js:1:2\n",
                "    at async src/a.ts:10:2\n",
            ),
            (
                "    at async f (file:///app/worker.js:1:2)",
                "    at async f (src/a.ts:10:2)",
            ),
            ("f@worker.js:1:2", "f@src/a.ts:10:2"),
            ("@https://x.y:80/worker.js:1:2\r\n", "@src/a.ts:10:2\r\n"),
            ("    at new A (native)", "    at new A (native)"),
            ("    at f (my-worker.js:1:2)", "    at f (my-worker.js:1:2)"),
            ("    at f (worker.jsx:1:2)", "    at f (worker.jsx:1:2)"),
            ("    at f (worker.js)", "    at f (worker.js)"),
            ("    at f (worker.js:100:2)", "    at f (worker.js:100:2)"),
            ("Error: worker.js:1:2", "Error: worker.js:1:2"),
            (
                "    at eval (eval at f (worker.js:1:2), worker.js:3:4)",
                "    at eval (eval at f (src/a.ts:10:2), src/a.ts:30:4)",
            ),
            (
                "    at f (worker.js:99999999999:2)",
                "    at f (worker.js:99999999999:2)",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(rewrite(text, "worker.js", to_source), expected);
        }
    }

    #[test]
    fn all_lines_of_a_stack_are_kept() {
        let text = "Error: no\n  more\n    at a (worker.js:1:1)\n    at b (x.js:1:1)\n    at c (worker.js:2:1)\n";
        let expected = "Error: no\n  more\n    at a (src/a.ts:10:1)\n    at b (x.js:1:1)\n    at c (src/a.ts:20:1)\n";
        assert_eq!(rewrite(text, "worker.js", to_source), expected);
    }
}
