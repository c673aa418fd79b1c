//! `cellhouse kv bulk`: files of many entries or keys, with a progress bar.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::ask::Asked;
use crate::cli::{KvBulkArguments, KvBulkDeleteArguments, KvBulkPutArguments, KvOfArguments};
use crate::commands::objects::output::line;
use crate::data::kv::{Action, Reply};
use crate::data::{Event, bar};
use crate::report::{Stop, shown};

pub(super) fn put(arguments: &KvBulkPutArguments) -> Result<(), Stop> {
    let path = absolute(&arguments.file)?;
    change(&arguments.of, "writing", "wrote", Action::PutFile { path })
}

pub(super) fn delete(arguments: &KvBulkDeleteArguments) -> Result<(), Stop> {
    let KvBulkArguments { file, of } = &arguments.bulk;
    let path = absolute(file)?;
    if !arguments.force {
        confirm(file)?;
    }
    change(of, "deleting", "deleted", Action::DeleteFile { path })
}

fn change(of: &KvOfArguments, doing: &'static str, done: &str, action: Action) -> Result<(), Stop> {
    let asked = Asked::about(of)?;
    let bar = bar(doing, false);
    let changed = asked.change(action, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let count = changed?;
    let keys = if count == 1 { "key" } else { "keys" };
    line(&match of.data.json {
        true => json!({ "keys": count }).to_string(),
        false => format!("{done} {count} {keys} in {}", asked.called),
    });
    Ok(())
}

/// One object, as wrangler prints it, value by value while they are read.
pub(super) fn get(arguments: &KvBulkArguments) -> Result<(), Stop> {
    let path = absolute(&arguments.file)?;
    let asked = Asked::about(&arguments.of)?;
    let bar = bar("reading", false);
    let mut count = 0_u64;
    let read = asked.ask(Action::GetFile { path }, &mut |event| match event {
        Event::Progress { done, total } => {
            bar.set_length(total);
            bar.set_position(done);
            true
        }
        Event::Kv(Reply::Values { values }) => bar.suspend(|| {
            values.iter().all(|(key, value)| {
                count += 1;
                member(key, value.as_deref(), count == 1)
            })
        }),
        _ => true,
    });
    bar.finish_and_clear();
    read?;
    line(if count == 0 { "{}" } else { "\n}" });
    Ok(())
}

fn member(key: &str, value: Option<&str>, first: bool) -> bool {
    let before = if first { "{\n  " } else { ",\n  " };
    let (key, value) = (Value::from(key), Value::from(value));
    let text = format!("{before}{key}: {{\n    \"value\": {value}\n  }}");
    write!(std::io::stdout().lock(), "{text}").is_ok()
}

/// The process that has the data may be in another directory.
fn absolute(path: &Path) -> Result<PathBuf, Stop> {
    std::path::absolute(path).map_err(Stop::failed)
}

/// Asks where there is somebody to ask.
fn confirm(file: &Path) -> Result<(), Stop> {
    let what = format!("all keys in {} are deleted", shown(file));
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        eprint!("{what}. Go on? [y/N] ");
        let mut answer = String::new();
        let read = std::io::stderr()
            .flush()
            .and_then(|()| std::io::stdin().lock().read_line(&mut answer));
        if read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
        return Err(Stop::wrong("nothing was deleted"));
    }
    Err(Stop::wrong(format!(
        "{what}: nothing was deleted. Add --force if that is what you want."
    )))
}
