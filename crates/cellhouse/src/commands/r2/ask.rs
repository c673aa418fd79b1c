//! Asking whoever has the data, and showing what comes.

use std::io::Write as _;

use indicatif::ProgressBar;

use crate::cli::WhereArguments;
use crate::data::r2::{Reply, Request};
use crate::data::{self, Event, Heard, Task, bar};
use crate::report::Stop;

/// Has it done. `each` gets every reply, and says whether it wants more; `doing` names the progress bar.
pub(super) fn ask(
    at: &WhereArguments,
    request: Request,
    doing: Option<&'static str>,
    each: &mut dyn FnMut(Reply) -> bool,
) -> Result<(), Stop> {
    let bar = doing.map_or_else(ProgressBar::hidden, |doing| bar(doing, true));
    let done = data::ask(
        &at.directory(),
        &Task::R2(request),
        &mut |event| match event {
            Event::Progress { done, total } => {
                bar.set_length(total.max(done));
                bar.set_position(done);
                Heard::More
            }
            Event::R2(Reply::End) => Heard::End(Ok(())),
            Event::R2(Reply::Absent { message }) => Heard::End(Err(Stop::absent(message))),
            Event::R2(Reply::Wrong { message }) => Heard::End(Err(Stop::wrong(message))),
            Event::R2(reply) => bar.suspend(|| each(reply)).into(),
            _ => Heard::More,
        },
    );
    bar.finish_and_clear();
    done
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
