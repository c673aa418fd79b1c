//! `cellhouse d1 migrations`: files of SQL in a folder, applied in the order of their names, and recorded
//! in the database as wrangler does.

use std::fs;
use std::path::PathBuf;

use cellhouse_config::BindingKind;
use serde_json::json;

use super::ask::{Asked, confirm};
use crate::cli::{ApplyArguments, MigrationsArguments, NewMigrationArguments};
use crate::commands::objects::output::line;
use crate::data::d1::{Action, Reply};
use crate::report::{Problem, Stop, shown};

/// Where wrangler has them by default, and what it calls the table.
const FOLDER: &str = "migrations";
const TABLE: &str = "d1_migrations";

pub(super) fn create(arguments: &NewMigrationArguments) -> Result<(), Stop> {
    let asked = Asked::about(&arguments.of)?;
    let (folder, _) = place(&asked);
    let name = words(&arguments.message);
    if name.is_empty() {
        return Err(Stop::wrong(
            "the message has no letter and no digit to make a name of",
        ));
    }
    let cannot = |what, error| Stop::failed(format!("cannot make {}: {error}", shown(what)));
    fs::create_dir_all(&folder).map_err(|error| cannot(&folder, error))?;
    let last = files(&folder)?.iter().filter_map(|name| number(name)).max();
    let number = last.map_or(1, |last| last + 1);
    let file = folder.join(format!("{number:04}_{name}.sql"));
    let text = format!("-- Migration number: {number:04} \t {}\n", now());
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&file)
        .and_then(|mut new| std::io::Write::write_all(&mut new, text.as_bytes()))
        .map_err(|error| cannot(&file, error))?;
    match arguments.of.of.json {
        true => line(&json!({"file": file.to_string_lossy()}).to_string()),
        false => line(&shown(&file)),
    };
    Ok(())
}

pub(super) fn list(arguments: &MigrationsArguments) -> Result<(), Stop> {
    let asked = Asked::about(&arguments.of)?;
    let waiting = waiting(&asked)?;
    if arguments.of.of.json {
        line(&json!(waiting).to_string());
    } else if waiting.is_empty() {
        line("there are no migrations to apply");
    } else {
        waiting.iter().all(|name| line(name));
    }
    Ok(())
}

pub(super) fn apply(arguments: &ApplyArguments) -> Result<(), Stop> {
    let asked = Asked::about(&arguments.of)?;
    let as_json = arguments.of.of.json;
    let waiting = waiting(&asked)?;
    if waiting.is_empty() {
        match as_json {
            true => line(r#"{"applied":[]}"#),
            false => line("there are no migrations to apply"),
        };
        return Ok(());
    }
    if !arguments.yes && !as_json {
        let count = waiting.len();
        let question = format!("{}\nApply {count} of migrations?", waiting.join("\n"));
        if confirm(&question) == Some(false) {
            return Err(Stop::wrong("nothing was applied"));
        }
    }
    let (folder, table) = place(&asked);
    for (done, name) in waiting.iter().enumerate() {
        let file = folder.join(name);
        let sql = fs::read_to_string(&file)
            .map_err(|error| Stop::wrong(format!("cannot read {}: {error}", shown(&file))))?;
        let action = Action::Migrate {
            table: table.clone(),
            name: name.clone(),
            sql,
        };
        let applied = asked.ask(action, &mut |_| true);
        applied.map_err(|stop| failed(stop, name, done, waiting.len()))?;
        if !as_json {
            line(&format!("applied {name}"));
        }
    }
    if as_json {
        line(&json!({"applied": waiting}).to_string());
    }
    Ok(())
}

fn failed(stop: Stop, name: &str, done: usize, all: usize) -> Stop {
    let left = format!("nothing of it was done; applied before it: {done} of {all}");
    match stop {
        Stop::Wrong(Problem::Text(problem)) => Stop::wrong(format!("{name}, {problem}; {left}")),
        Stop::Failed(Problem::Text(problem)) => Stop::failed(format!("{name}: {problem}; {left}")),
        other => other,
    }
}

/// The folder of the migrations, and the table in which they are recorded.
fn place(asked: &Asked) -> (PathBuf, String) {
    match &asked.binding().kind {
        BindingKind::D1 {
            migrations_dir,
            migrations_table,
            ..
        } => (migrations_dir.clone(), migrations_table.clone()),
        _ => (asked.root().join(FOLDER), TABLE.to_owned()),
    }
}

/// The names of the migrations that are not applied yet, in order.
fn waiting(asked: &Asked) -> Result<Vec<String>, Stop> {
    let (folder, table) = place(asked);
    if !folder.is_dir() {
        return Err(Stop::wrong(format!(
            "there is no folder {}; make the first migration with `cellhouse d1 migrations create`",
            shown(&folder)
        )));
    }
    let applied = asked.ask_for_one(Action::Applied { table }, |reply| match reply {
        Reply::Applied { names } => Some(names),
        _ => None,
    })?;
    let mut files = files(&folder)?;
    files.retain(|name| !applied.contains(name));
    Ok(files)
}

/// The files of the folder that are migrations, by number and then by name.
fn files(folder: &std::path::Path) -> Result<Vec<String>, Stop> {
    let cannot = |error| Stop::failed(format!("cannot read {}: {error}", shown(folder)));
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let name = entry.map_err(cannot)?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".sql") {
            names.push(name.into_owned());
        }
    }
    names.sort_by_key(|name| (number(name).unwrap_or(u64::MAX), name.clone()));
    Ok(names)
}

/// The number that a name begins with.
fn number(name: &str) -> Option<u64> {
    let digits = name
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(name.len());
    name[..digits].parse().ok()
}

/// What of a message can be in a file name.
fn words(message: &str) -> String {
    let part = |c: char| match c.is_alphanumeric() || c == '-' || c == '_' {
        true => c,
        false => '_',
    };
    let name: String = message.trim().chars().map(part).collect();
    name.trim_matches('_').to_owned()
}

fn now() -> String {
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
    now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_migrations() {
        assert_eq!(words(" add users table! "), "add_users_table");
        assert_eq!(words("../x"), "x");
        assert_eq!(number("0012_a.sql"), Some(12));
        assert_eq!(number("a.sql"), None);
    }
}
