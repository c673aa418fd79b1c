//! `cellhouse backup`: all data of an app at one moment, in one file, while the app runs or not.

use std::path::Path;

use indicatif::HumanBytes;

use super::doctor::tell_body;
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
    let (mut end, mut without) = (None, 0);
    let task = Task::Backup {
        to: to.clone(),
        allow_missing: arguments.allow_missing,
    };
    follow(&arguments.data.directory(), &task, &mut |event| {
        match event {
            Event::Progress { done, total } => {
                bar.set_length(total);
                bar.set_position(done);
            }
            Event::Body { .. } => {
                without += 1;
                bar.suspend(|| tell_body(arguments.data.json, &event));
            }
            other => end = Some(other),
        }
        true
    })?;
    bar.finish_and_clear();
    match end {
        Some(Event::Done {
            cells,
            bytes,
            bodies,
            ..
        }) => tell(
            arguments,
            &to,
            &Held {
                cells,
                bytes,
                bodies,
                without,
            },
        ),
        Some(Event::Failed { message }) => return Err(Stop::failed(message)),
        _ => return Err(Stop::failed("the process that has the data went away")),
    }
    Ok(())
}

/// What the backup holds, and how many bodies it is without.
struct Held {
    cells: u64,
    bytes: u64,
    bodies: u64,
    without: u64,
}

fn tell(arguments: &BackupArguments, to: &Path, held: &Held) {
    let (cells, bytes, bodies) = (held.cells, held.bytes, held.bodies);
    if arguments.data.json {
        let file = to.to_string_lossy();
        println!(
            "{}",
            serde_json::json!({"file": file, "cells": cells, "bytes": bytes, "bodies": bodies,
                "missing_bodies": held.without})
        );
        return;
    }
    let and = match bodies {
        0 => String::new(),
        _ => format!(", files of R2: {bodies}"),
    };
    println!("{} ({}), cells: {cells}{and}", shown(to), HumanBytes(bytes));
    println!("To put it back: cellhouse restore DIR --from {}", shown(to));
}
