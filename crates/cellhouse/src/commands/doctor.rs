//! `cellhouse doctor`: looks at every cell of an app, while the app runs or not, and changes nothing.

use indicatif::HumanBytes;

use crate::cli::DoctorArguments;
use crate::data::{Event, Task, bar, follow};
use crate::report::Stop;

pub(crate) fn run(arguments: &DoctorArguments) -> Result<(), Stop> {
    let json = arguments.data.json;
    let bar = bar("checking", false);
    let (mut end, mut sick) = (None, 0);
    follow(&arguments.data.directory(), &Task::Check, &mut |event| {
        match event {
            Event::Progress { done, total } => {
                bar.set_length(total);
                bar.set_position(done);
            }
            Event::Problem { cell, problems } => {
                sick += 1;
                bar.suspend(|| tell(json, &cell, &problems));
            }
            other => end = Some(other),
        }
        true
    })?;
    bar.finish_and_clear();
    match end {
        Some(Event::Done { cells, bytes }) if json => {
            let summary =
                serde_json::json!({"cells": cells, "bytes": bytes, "with_problems": sick});
            println!("{summary}");
        }
        Some(Event::Done { cells, bytes }) => {
            println!(
                "{cells} cells, {}: {} in order",
                HumanBytes(bytes),
                cells - sick
            );
        }
        Some(Event::Failed { message }) => return Err(Stop::failed(message)),
        _ => return Err(Stop::failed("the process that has the data went away")),
    }
    match sick {
        0 => Ok(()),
        1 => Err(Stop::failed(
            "one cell is not in order; restore it from a backup",
        )),
        many => Err(Stop::failed(format!(
            "{many} cells are not in order; restore them from a backup"
        ))),
    }
}

fn tell(json: bool, cell: &str, problems: &[String]) {
    if json {
        println!(
            "{}",
            serde_json::json!({"cell": cell, "problems": problems})
        );
        return;
    }
    println!("{cell}:");
    for problem in problems {
        println!("  {problem}");
    }
}
