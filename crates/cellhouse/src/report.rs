//! How things are told: a terminal's lines, or JSON for scripts; and how a command stops.
//!
//! Events of `dev` go to standard output, one line each; errors that end a command go to standard error.

mod colour;
mod output;

use std::path::Path;
use std::time::Duration;

use cellhouse_config::{ConfigError, Diagnostic};
use cellhouse_runtime::ConsoleLevel;
use owo_colors::Style;
use serde_json::{Value, json};

use output::Output;

/// Why a command ends before its end.
pub(crate) enum Stop {
    /// The request was wrong: exit code 2.
    Wrong(Problem),
    /// Something failed while running: exit code 1.
    Failed(Problem),
    /// What the command is about is not there: exit code 3.
    Absent(Problem),
}

/// What is told of it.
pub(crate) enum Problem {
    /// One message.
    Text(String),
    /// Errors with places in files.
    Config(Box<ConfigError>),
    /// Errors in the app's code, already rendered.
    Rendered(String),
}

impl Stop {
    pub(crate) fn wrong(message: impl std::fmt::Display) -> Stop {
        Stop::Wrong(Problem::Text(message.to_string()))
    }

    pub(crate) fn failed(message: impl std::fmt::Display) -> Stop {
        Stop::Failed(Problem::Text(message.to_string()))
    }

    pub(crate) fn absent(message: impl std::fmt::Display) -> Stop {
        Stop::Absent(Problem::Text(message.to_string()))
    }

    pub(crate) fn print(&self) {
        let (Stop::Wrong(problem) | Stop::Failed(problem) | Stop::Absent(problem)) = self;
        eprint!("{}", problem.render());
    }
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        Stop::Wrong(Problem::Config(Box::new(error)))
    }
}

impl Problem {
    /// As it is printed, with its last newline.
    pub(crate) fn render(&self) -> String {
        match self {
            Problem::Text(text) => format!("{} {text}\n", error_word()),
            Problem::Rendered(text) => format!("{}\n", text.trim_end()),
            Problem::Config(error) => error.diagnostics.iter().map(render_diagnostic).collect(),
        }
    }
}

fn error_word() -> String {
    colour::error("error:", Style::new().red())
}

fn render_diagnostic(diagnostic: &Diagnostic) -> String {
    let mut text = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(theme());
    match handler.render_report(&mut text, diagnostic) {
        Ok(()) => text,
        Err(_) => format!("{} {diagnostic}\n", error_word()),
    }
}

fn theme() -> miette::GraphicalTheme {
    if colour::on_errors() {
        miette::GraphicalTheme::unicode()
    } else {
        miette::GraphicalTheme::none()
    }
}

/// Tells what happens while an app runs. Cheap to share.
pub(crate) struct Reporter {
    json: bool,
    requests: bool,
    output: Output,
}

impl Reporter {
    pub(crate) fn new(json: bool, requests: bool) -> Self {
        Reporter {
            json,
            requests,
            output: Output::start(),
        }
    }

    pub(crate) fn ready(&self, url: &str, app: &str, took: Duration) {
        if self.json {
            return self
                .object(&json!({"event": "ready", "url": url, "app": app, "ms": millis(took)}));
        }
        let url = colour::output(url, Style::new().bold());
        self.print(&format!("{app} is ready on {url} ({} ms)", millis(took)));
    }

    pub(crate) fn reloaded(&self, app: &str, took: Duration) {
        if self.json {
            return self.object(&json!({"event": "reloaded", "app": app, "ms": millis(took)}));
        }
        self.print(&format!("{app} was reloaded ({} ms)", millis(took)));
    }

    pub(crate) fn request(&self, method: &str, path: &str, status: u16, took: Duration) {
        if !self.requests {
            return;
        }
        self.output.request_line(|| {
            let ms = (took.as_secs_f64() * 10_000.0).round() / 10.0;
            if self.json {
                let event = json!({"event": "request", "method": method, "path": path, "status": status, "ms": ms});
                return event.to_string();
            }
            format!("{method} {path} {} {ms} ms", coloured(status))
        });
    }

    /// An exception of the app; `stack` in positions of the user's own files.
    pub(crate) fn exception(&self, message: &str, stack: &str) {
        if self.json {
            return self.object(&json!({"event": "error", "message": message, "stack": stack}));
        }
        let message = colour::output(message, Style::new().red());
        match stack.is_empty() {
            true => self.print(&message.to_string()),
            false => self.print(&format!("{message}\n{stack}")),
        }
    }

    /// A problem that does not end the command: a build error while the old code goes on.
    pub(crate) fn problem(&self, problem: &Problem) {
        let text = problem.render();
        if self.json {
            return self.object(&json!({"event": "error", "message": text, "stack": ""}));
        }
        eprint!("{text}");
    }

    pub(crate) fn warning(&self, diagnostic: &Diagnostic) {
        if self.json {
            return self.object(&json!({"event": "warning", "message": diagnostic.to_string(), "help": diagnostic.help_text()}));
        }
        eprint!("{}", render_diagnostic(diagnostic));
    }

    pub(crate) fn note(&self, text: &str) {
        if self.json {
            return self.object(&json!({"event": "note", "message": text}));
        }
        self.print(text);
    }

    pub(crate) fn console(&self, level: ConsoleLevel, message: &str) {
        let name = match level {
            ConsoleLevel::Debug => "debug",
            ConsoleLevel::Log => "log",
            ConsoleLevel::Info => "info",
            ConsoleLevel::Warn => "warn",
            ConsoleLevel::Error => "error",
        };
        if self.json {
            return self.object(&json!({"event": "console", "level": name, "message": message}));
        }
        match level {
            ConsoleLevel::Error => {
                self.print(&colour::output(message, Style::new().red()));
            }
            ConsoleLevel::Warn => {
                self.print(&colour::output(message, Style::new().yellow()));
            }
            _ => self.print(message),
        }
    }

    /// Writes what is left to be told.
    pub(crate) fn finish(&self) {
        self.output.finish();
    }

    fn object(&self, value: &Value) {
        self.output.line(value.to_string());
    }

    fn print(&self, text: &str) {
        self.output.line(text.to_owned());
    }
}

/// A heading on standard output.
pub(crate) fn heading(text: &str) -> String {
    colour::output(text, Style::new().bold())
}

/// How an event ended, for `cellhouse tail`.
pub(crate) fn tail_line(text: &str, is_fine: bool) -> String {
    let style = Style::new();
    colour::output(text, if is_fine { style.green() } else { style.red() })
}

fn coloured(status: u16) -> String {
    match status {
        500.. => colour::output(status, Style::new().red()),
        400.. => colour::output(status, Style::new().yellow()),
        _ => colour::output(status, Style::new().green()),
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis() as u64
}

/// A path as a user would write it: relative to where they are, if it is below.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// A diagnostic of the bundler, with the line of the app's code underlined.
pub(crate) fn render_bundle_diagnostic(diagnostic: &cellhouse_bundle::Diagnostic) -> String {
    let mut text = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(theme());
    match handler.render_report(&mut text, &cellhouse_bundle::Report(diagnostic)) {
        Ok(()) => text,
        Err(_) => format!("{} {diagnostic}\n", error_word()),
    }
}
