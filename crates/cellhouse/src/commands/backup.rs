//! `cellhouse backup`: all data of an app at one moment, in one file, while the app runs or not.

use std::path::Path;

use indicatif::HumanBytes;

use crate::cli::BackupArguments;
use crate::data::{Event, Task, bar, follow};
use crate::report::{Stop, shown};

pub(crate) fn run(arguments: &BackupArguments) -> Result<(), Stop> {
    let to = std::path::absolute(&arguments.to).map_err(Stop::failed)?;
    if to.exists() {
        let to = shown(&to);
        return Err(Stop::wrong(format!(
            "{to} is there already; name a new file"
        )));
    }
    let bar = bar("backing up", true);
    let mut end = None;
    let task = Task::Backup { to: to.clone() };
    follow(&arguments.data.directory(), &task, &mut |event| {
        match event {
            Event::Progress { done, total } => {
                bar.set_length(total);
                bar.set_position(done);
            }
            other => end = Some(other),
        }
        true
    })?;
    bar.finish_and_clear();
    match end {
        Some(Event::Done { cells, bytes }) => tell(arguments, &to, cells, bytes),
        Some(Event::Failed { message }) => return Err(Stop::failed(message)),
        _ => return Err(Stop::failed("the process that has the data went away")),
    }
    Ok(())
}

fn tell(arguments: &BackupArguments, to: &Path, cells: u64, bytes: u64) {
    if arguments.data.json {
        let file = to.to_string_lossy();
        println!(
            "{}",
            serde_json::json!({"file": file, "cells": cells, "bytes": bytes})
        );
        return;
    }
    println!("{} ({}), cells: {cells}", shown(to), HumanBytes(bytes));
    let bodies = arguments.data.directory().join("r2");
    if has_files(&bodies) {
        let bodies = shown(&bodies);
        println!("The large bodies of R2 objects are not in it: copy {bodies} as well.");
    }
    println!("To put it back: cellhouse restore DIR --from {}", shown(to));
}

/// Whether there is a file anywhere in a folder.
fn has_files(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.any(|path| !path.is_dir() || has_files(&path))
}
