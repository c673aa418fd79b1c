//! Draws a few lines of a file with one place underlined, as plain text.

use super::Label;

/// Lines shown before the place.
const CONTEXT: usize = 2;

/// A line longer than this (minified code) is shown in part only.
const WIDTH: usize = 160;

/// The line and column, from 1, of a byte of `text`; the column counts characters.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before[start..].chars().count() + 1)
}

/// The line of the label with the two before it and its text under it.
pub(super) fn draw(text: &str, label: &Label) -> String {
    let (line, column) = line_and_column(text, label.span.start);
    let gutter = line.to_string().len();
    let mut out = String::new();
    let first = line.saturating_sub(CONTEXT).max(1);
    for (number, content) in (first..=line).zip(text.lines().skip(first - 1)) {
        if number < line {
            out.push_str(&format!(
                "  {number:gutter$} | {}\n",
                clip(content.trim_end(), 0)
            ));
        }
    }
    let content = text.lines().nth(line - 1).unwrap_or_default();
    let left = window_start(content, column - 1);
    out.push_str(&format!("> {line:gutter$} | {}\n", clip(content, left)));
    let under = underline(text, content, column - 1, left, label);
    out.push_str(&format!("  {:gutter$} | {under}", ""));
    if !label.text.is_empty() {
        out.push(' ');
        out.push_str(&label.text);
    }
    out.push('\n');
    out
}

/// The first character shown of a long line, so that the place is in view.
fn window_start(line: &str, column: usize) -> usize {
    let long = line.chars().count() > WIDTH;
    if long {
        column.saturating_sub(WIDTH / 2)
    } else {
        0
    }
}

fn clip(line: &str, left: usize) -> String {
    line.chars()
        .skip(left)
        .take(WIDTH)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// Tabs before the place stay tabs, so that the carets stand right under it.
fn underline(text: &str, line: &str, column: usize, left: usize, label: &Label) -> String {
    let blank = |c: char| if c == '\t' { '\t' } else { ' ' };
    let indent: String = line
        .chars()
        .skip(left)
        .take(column - left)
        .map(blank)
        .collect();
    let marked = text.get(label.span.clone()).unwrap_or_default();
    let width = marked
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end()
        .chars()
        .count();
    let room = WIDTH.saturating_sub(column - left).max(1);
    indent + &"^".repeat(width.clamp(1, room))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str, part: &str, words: &str) -> Label {
        let start = text.find(part).unwrap();
        Label {
            span: start..start + part.len(),
            text: words.into(),
        }
    }

    #[test]
    fn the_place_is_underlined() {
        let text = "one\ntwo\n\tthree four\nfive\n";
        let drawn = draw(text, &label(text, "four", "not here"));
        assert_eq!(
            drawn,
            "  1 | one\n  2 | two\n> 3 | \tthree four\n    | \t      ^^^^ not here\n"
        );
        let drawn = draw(text, &label(text, "one", ""));
        assert_eq!(drawn, "> 1 | one\n    | ^^^\n");
    }

    #[test]
    fn a_span_of_several_lines_is_underlined_on_its_first() {
        let text = "é = [\n 1,\n]\n";
        let drawn = draw(text, &label(text, "[\n 1,\n]", ""));
        assert_eq!(drawn, "> 1 | é = [\n    |     ^\n");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}here{}", "x".repeat(1000), "y".repeat(1000));
        let drawn = draw(&text, &label(&text, "here", ""));
        assert!(drawn.lines().all(|line| line.len() < 180), "{drawn}");
        let (code, carets) = drawn.split_once('\n').unwrap();
        assert_eq!(code.find("here"), carets.find("^^^^"));
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        let text = "a\nb";
        assert_eq!(
            draw(
                text,
                &Label {
                    span: 3..3,
                    text: String::new()
                }
            ),
            "  1 | a\n> 2 | b\n    |  ^\n"
        );
        assert_eq!(line_and_column("a\n", 2), (2, 1));
        assert_eq!(
            draw(
                "a\n",
                &Label {
                    span: 2..2,
                    text: String::new()
                }
            ),
            "  1 | a\n> 2 | \n    | ^\n"
        );
    }
}
