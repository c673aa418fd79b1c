//! What both styles of config write in the same words: assets, migrations, dates, flags, crons.

pub(crate) mod assets;
mod flags;
pub(crate) mod migrations;
pub(crate) mod objects;
pub(crate) mod renamed;

pub(crate) use self::flags::compatibility_flags;
use crate::app::Cron;
use crate::cron::{self, Rules};
use crate::date::CompatibilityDate;
use crate::reader::Reader;
use crate::source::Span;
use crate::tree::{Node, Value};

/// `compatibility_date`; TOML's own dates count too.
pub(crate) fn compatibility_date(
    reader: &mut Reader,
    node: &Node,
    path: &str,
) -> Option<CompatibilityDate> {
    let text = match &node.value {
        Value::Foreign(foreign) if foreign.kind == "a date" => foreign.text.clone(),
        _ => reader.text(node, path)?,
    };
    match text.parse() {
        Ok(date) if date > CompatibilityDate::today() => {
            let message = format!("Compatibility date \"{text}\" is in the future and unsupported");
            let help = "today's date gives the newest behaviour";
            reader.error(node.span, message, help);
            None
        }
        Ok(date) => Some(date),
        Err(error) => {
            let message = format!("`{text}` cannot be used as `{path}`: {error}");
            reader.error(node.span, message, "");
            None
        }
    }
}

/// One cron expression, by the rules of its style.
pub(crate) fn cron(
    reader: &mut Reader,
    node: &Node,
    path: &str,
    rules: Rules,
    name: Option<&str>,
) -> Option<Cron> {
    let expression = reader.text(node, path)?;
    match cron::check(&expression, rules) {
        Ok(()) => Some(Cron {
            name: name.map(str::to_owned),
            expression,
            at: reader.at(node.span),
        }),
        Err(bad) => {
            let message = format!("`{expression}` cannot be used as `{path}`: {}", bad.message);
            let span = inside(reader, node.span, &expression, bad.span);
            reader.error(span, message, "");
            None
        }
    }
}

/// The place of a part of a text, if the text stands in the file as it is.
fn inside(reader: &Reader, outer: Span, text: &str, part: Span) -> Span {
    let at = reader.at(outer);
    let written = &at.source().text()[at.span().start..at.span().end];
    match written.find(text) {
        Some(offset) if !text.is_empty() => {
            let start = at.span().start + offset;
            Span::new(start + part.start, start + part.end)
        }
        _ => outer,
    }
}
