//! Asking whoever has the data, and showing what comes.

use std::io::Write as _;

use indicatif::ProgressBar;

use crate::cli::WhereArguments;
use crate::data::r2::{Reply, Request};
use crate::data::{Event, Task, bar, follow};
use crate::report::Stop;

/// Has it done. `each` gets every reply, and says whether it wants more; `doing` names the progress bar.
pub(super) fn ask(
    at: &WhereArguments,
    request: Request,
    doing: Option<&'static str>,
    each: &mut dyn FnMut(Reply) -> bool,
) -> Result<(), Stop> {
    let bar = doing.map_or_else(ProgressBar::hidden, |doing| bar(doing, true));
    let mut end = None;
    follow(&at.directory(), &Task::R2(request), &mut |event| {
        match event {
            Event::Progress { done, total } => {
                bar.set_length(total.max(done));
                bar.set_position(done);
            }
            Event::R2(Reply::End) => end = end.take().or(Some(Ok(()))),
            Event::R2(Reply::Absent { message }) => end = Some(Err(Stop::absent(message))),
            Event::R2(Reply::Wrong { message }) => end = Some(Err(Stop::wrong(message))),
            Event::Failed { message } => end = Some(Err(Stop::failed(message))),
            Event::R2(reply) => {
                let more = bar.suspend(|| each(reply));
                if !more {
                    end = Some(Ok(()));
                }
                return more;
            }
            _ => {}
        }
        true
    })?;
    bar.finish_and_clear();
    end.unwrap_or_else(|| Err(Stop::failed("the process that has the data went away")))
}

/// Prints a line to standard output: false when nobody reads it (`| head`).
pub(super) fn line(text: &str) -> bool {
    writeln!(std::io::stdout().lock(), "{text}").is_ok()
}

/// A moment as `toISOString()` writes it.
pub(super) fn moment(time: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's dates fit")]
    crate::data::objects::date(time as f64)
}
