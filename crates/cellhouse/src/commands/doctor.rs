//! `cellhouse doctor`: looks at every cell of an app and every body of R2, while the app runs or not, and changes
//! nothing.

use indicatif::HumanBytes;
use serde_json::json;

use crate::cli::DoctorArguments;
use crate::data::{Event, Task, bar, follow};
use crate::report::Stop;

/// What was found.
#[derive(Default)]
struct Found {
    sick_cells: u64,
    sick_bodies: u64,
    orphans: u64,
    orphan_bytes: u64,
}

pub(crate) fn run(arguments: &DoctorArguments) -> Result<(), Stop> {
    let json = arguments.data.json;
    let bar = bar("checking", false);
    let (mut end, mut found) = (None, Found::default());
    follow(&arguments.data.directory(), &Task::Check, &mut |event| {
        match event {
            Event::Progress { done, total } => {
                bar.set_length(total);
                bar.set_position(done);
            }
            Event::Problem { cell, problems } => {
                found.sick_cells += 1;
                bar.suspend(|| tell(json, &cell, &problems));
            }
            Event::Body { .. } => {
                found.sick_bodies += 1;
                bar.suspend(|| tell_body(json, &event));
            }
            Event::Orphan { file, bytes } => {
                found.orphans += 1;
                found.orphan_bytes += bytes;
                bar.suspend(|| tell_orphan(json, &file, bytes));
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
            body_bytes,
        }) => summary(json, &found, (cells, bytes), (bodies, body_bytes)),
        Some(Event::Failed { message }) => return Err(Stop::failed(message)),
        _ => return Err(Stop::failed("the process that has the data went away")),
    }
    found.verdict()
}

impl Found {
    fn verdict(&self) -> Result<(), Stop> {
        match (self.sick_cells, self.sick_bodies) {
            (0, 0) => Ok(()),
            (1, _) => Err(Stop::failed(
                "one cell is not in order; restore it from a backup",
            )),
            (0, 1) => Err(Stop::failed(
                "one body of an R2 object is not in order; put it again, or restore it from a backup",
            )),
            (0, many) => Err(Stop::failed(format!(
                "{many} bodies of R2 objects are not in order; put them again, or restore them from a backup"
            ))),
            (many, _) => Err(Stop::failed(format!(
                "{many} cells are not in order; restore them from a backup"
            ))),
        }
    }
}

/// `cells` and `bodies`: how many, and how large.
fn summary(as_json: bool, found: &Found, cells: (u64, u64), bodies: (u64, u64)) {
    if as_json {
        let summary = json!({
            "cells": cells.0, "bytes": cells.1, "with_problems": found.sick_cells,
            "bodies": bodies.0, "body_bytes": bodies.1, "bodies_with_problems": found.sick_bodies,
            "orphans": found.orphans, "orphan_bytes": found.orphan_bytes,
        });
        return println!("{summary}");
    }
    let in_order = cells.0 - found.sick_cells;
    println!(
        "{} cells, {}: {in_order} in order",
        cells.0,
        HumanBytes(cells.1)
    );
    if bodies.0 > 0 {
        let (count, size) = (bodies.0, HumanBytes(bodies.1));
        let in_order = count - found.sick_bodies;
        println!("{count} files of R2 bodies, {size}: {in_order} in order");
    }
    if found.orphans > 0 {
        let (count, size) = (found.orphans, HumanBytes(found.orphan_bytes));
        println!(
            "{count} files of R2, {size}, that no object has: the app removes them when it starts, and every hour"
        );
    }
}

fn tell(as_json: bool, cell: &str, problems: &[String]) {
    if as_json {
        println!("{}", json!({"cell": cell, "problems": problems}));
        return;
    }
    println!("{cell}:");
    for problem in problems {
        println!("  {problem}");
    }
}

/// A body that is not in order; nothing of any other event.
pub(super) fn tell_body(as_json: bool, event: &Event) {
    let Event::Body {
        bucket,
        key,
        part,
        file,
        problem,
    } = event
    else {
        return;
    };
    if as_json {
        let body = json!({
            "bucket": bucket, "key": key, "part": part, "file": file, "problem": problem,
        });
        return println!("{body}");
    }
    let of = match part {
        None => format!("the body of {key:?}"),
        Some(part) => format!("part {part} of an upload to {key:?}"),
    };
    println!("bucket {bucket}: {of} {problem} (r2/{file})");
}

fn tell_orphan(as_json: bool, file: &str, bytes: u64) {
    match as_json {
        true => println!("{}", json!({"orphan": file, "bytes": bytes})),
        false => println!("note: no object has r2/{file} ({})", HumanBytes(bytes)),
    }
}
