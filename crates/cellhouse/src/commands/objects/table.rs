//! Rows in columns, as wide as what is in them.

use super::output::line;
use crate::report::heading;

/// What stands in a column.
pub(in crate::commands) struct Text {
    text: String,
    /// Numbers stand on the right.
    right: bool,
}

impl Text {
    pub(in crate::commands) fn left(text: &str) -> Text {
        Text {
            text: text.to_owned(),
            right: false,
        }
    }

    pub(in crate::commands) fn right(text: &str) -> Text {
        Text {
            text: text.to_owned(),
            right: true,
        }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// Prints a table: false when nobody reads it.
pub(in crate::commands) fn print(columns: &[String], rows: &[Vec<Text>]) -> bool {
    let mut widths: Vec<usize> = columns.iter().map(|name| name.chars().count()).collect();
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = text.width().max(*width);
        }
    }
    let names: Vec<Text> = columns.iter().map(|name| Text::left(name)).collect();
    let rule: Vec<Text> = widths
        .iter()
        .map(|width| Text::left(&"-".repeat(*width)))
        .collect();
    line(&heading(&joined(&names, &widths)))
        && line(&joined(&rule, &widths))
        && rows.iter().all(|row| line(&joined(row, &widths)))
}

fn joined(row: &[Text], widths: &[usize]) -> String {
    let padded = row
        .iter()
        .zip(widths)
        .map(|(text, &width)| match text.right {
            true => format!("{:>width$}", text.text),
            false => format!("{:width$}", text.text),
        });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_the_right() {
        let row = [Text::left("é"), Text::right("7"), Text::left("x")];
        assert_eq!(joined(&row, &[3, 2, 9]), "é     7  x");
    }
}
