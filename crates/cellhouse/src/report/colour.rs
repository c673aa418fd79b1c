//! Colours, on a terminal that wants them only.

use std::io::IsTerminal;
use std::sync::LazyLock;

use owo_colors::{OwoColorize, Style};

static ON_OUTPUT: LazyLock<bool> = LazyLock::new(|| wanted(std::io::stdout().is_terminal()));
static ON_ERRORS: LazyLock<bool> = LazyLock::new(|| wanted(std::io::stderr().is_terminal()));

/// https://no-color.org
fn wanted(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether standard error takes colours.
pub(super) fn on_errors() -> bool {
    *ON_ERRORS
}

/// Text for standard output.
pub(super) fn output(text: impl std::fmt::Display, style: Style) -> String {
    paint(*ON_OUTPUT, text, style)
}

/// Text for standard error.
pub(super) fn error(text: impl std::fmt::Display, style: Style) -> String {
    paint(*ON_ERRORS, text, style)
}

fn paint(on: bool, text: impl std::fmt::Display, style: Style) -> String {
    match on {
        true => text.style(style).to_string(),
        false => text.to_string(),
    }
}
