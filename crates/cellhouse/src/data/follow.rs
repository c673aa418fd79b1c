//! A task from the side of the command: where it is done, and how it is shown.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use cellhouse_cell::{Cells, Options};
use cellhouse_objects::{Objects, ObjectsOptions};
use cellhouse_queues::{Queues, QueuesOptions};
use cellhouse_r2::{R2, R2Options};
use cellhouse_workflows::{Instances, WorkflowsOptions};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Asker, Event, Owner, Task, control, look_for};
use crate::report::Stop;

/// Has the task done by whoever has the data, and passes on every event, until `each` says that it wants
/// no more.
pub(crate) fn follow(
    directory: &Path,
    task: &Task,
    each: &mut dyn FnMut(Event) -> bool,
) -> Result<(), Stop> {
    look_for(directory).map_err(Stop::wrong)?;
    if let Some(mut stream) = control::connect(directory) {
        let line = serde_json::to_string(task).map_err(Stop::failed)?;
        writeln!(stream, "{line}").map_err(Stop::failed)?;
        for line in BufReader::new(stream).lines() {
            let event = serde_json::from_str(&line.map_err(Stop::failed)?);
            if !each(event.map_err(Stop::failed)?) {
                break;
            }
        }
        return Ok(());
    }
    let cells = Cells::open(directory, Options::default()).map_err(Stop::failed)?;
    let objects = Objects::new(&cells, ObjectsOptions::default());
    let mut asker = Asker {
        tell: each,
        stream: None,
    };
    let r2 = R2::open(&cells, R2Options::default()).map_err(Stop::failed)?;
    let queues = Queues::open(&cells, QueuesOptions::default()).map_err(Stop::failed)?;
    let instances = Instances::new(&cells, WorkflowsOptions::default());
    let owner = Owner::new(cells.clone(), objects, r2, queues, instances);
    task.run(&owner, &mut asker);
    drop(owner);
    cells.close().map_err(Stop::failed)
}

/// What an event means for the command that asked.
pub(crate) enum Heard {
    More,
    /// Nobody wants any more.
    Enough,
    /// What became of the task.
    End(Result<(), Stop>),
}

impl From<bool> for Heard {
    /// Whether more is wanted.
    fn from(more: bool) -> Heard {
        match more {
            true => Heard::More,
            false => Heard::Enough,
        }
    }
}

/// Has the task done as [`follow`] has, until `hear` knows what became of it. That it could not be done at all is
/// heard here.
pub(crate) fn ask(
    directory: &Path,
    task: &Task,
    hear: &mut dyn FnMut(Event) -> Heard,
) -> Result<(), Stop> {
    let mut end = None;
    follow(directory, task, &mut |event| {
        let heard = match event {
            Event::Failed { message } => Heard::End(Err(Stop::failed(message))),
            event => hear(event),
        };
        match heard {
            Heard::More => true,
            Heard::Enough => {
                end = Some(Ok(()));
                false
            }
            Heard::End(result) => {
                let before = end.take().filter(Result::is_err);
                end = Some(before.unwrap_or(result));
                true
            }
        }
    })?;
    end.unwrap_or_else(|| Err(Stop::failed("the process that has the data went away")))
}

/// A bar on the terminal; nothing where there is none.
pub(crate) fn bar(what: &'static str, bytes: bool) -> ProgressBar {
    let count = match bytes {
        true => "{bytes} of {total_bytes}, {binary_bytes_per_sec}",
        false => "{pos} of {len}",
    };
    let template = format!("{{msg}} {{wide_bar:.cyan/dim}} {count}, {{eta}} left");
    let style = ProgressStyle::with_template(&template).expect("the template is in order");
    ProgressBar::new(0).with_style(style).with_message(what)
}
