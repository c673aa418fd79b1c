//! `cellhouse restore`: puts a backup into an app that has no data.

use cellhouse_cell::{Cells, Error, Options};

use crate::cli::RestoreArguments;
use crate::data::bar;
use crate::report::{Stop, shown};

pub(crate) fn run(arguments: &RestoreArguments) -> Result<(), Stop> {
    let directory = arguments.data.directory();
    let bar = bar("restoring", true);
    let cells = Cells::open(&directory, Options::default()).map_err(stop)?;
    let restored = cells.restore(&arguments.from, |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    });
    bar.finish_and_clear();
    let closed = cells.close();
    restored.and(closed).map_err(stop)?;
    if arguments.data.json {
        let directory = directory.to_string_lossy();
        println!("{}", serde_json::json!({"directory": directory}));
    } else {
        println!("{} holds {}", shown(&directory), shown(&arguments.from));
    }
    Ok(())
}

/// What the user can mend is wrong; the rest is a failure.
fn stop(error: Error) -> Stop {
    match error {
        Error::InUse { .. } | Error::NotEmpty { .. } => Stop::wrong(error),
        other => Stop::failed(other),
    }
}
