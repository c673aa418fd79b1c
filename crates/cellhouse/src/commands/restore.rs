//! `cellhouse restore`: puts a backup into an app that has no data.

use std::path::Path;

use cellhouse_cell::{Cells, Error, Options, Progress, Restored};
use cellhouse_r2::{R2Options, Restorer};

use crate::cli::RestoreArguments;
use crate::data::bar;
use crate::report::{Stop, shown};

pub(crate) fn run(arguments: &RestoreArguments) -> Result<(), Stop> {
    let directory = arguments.data.directory();
    let bar = bar("restoring", true);
    let cells = Cells::open(&directory, Options::default()).map_err(stop)?;
    let restored = restore(&cells, &arguments.from, |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    });
    bar.finish_and_clear();
    let closed = cells.close().map_err(stop);
    let restored = restored?;
    closed?;
    let without = restored.files.is_none();
    if arguments.data.json {
        let directory = directory.to_string_lossy();
        println!("{}", serde_json::json!({"directory": directory}));
    } else {
        println!("{} holds {}", shown(&directory), shown(&arguments.from));
    }
    if without {
        let folder = shown(&directory.join("r2"));
        eprintln!(
            "The backup is of a version that left out the large bodies of R2 objects: copy them to {folder}."
        );
    }
    Ok(())
}

fn restore(cells: &Cells, from: &Path, progress: impl FnMut(Progress)) -> Result<Restored, Stop> {
    let mut bodies = Restorer::new(cells, &R2Options::default()).map_err(Stop::failed)?;
    cells
        .restore_with(from, &mut bodies, progress)
        .map_err(stop)
}

/// What the user can mend is wrong; the rest is a failure.
fn stop(error: Error) -> Stop {
    match error {
        Error::InUse { .. } | Error::NotEmpty { .. } => Stop::wrong(error),
        other => Stop::failed(other),
    }
}
