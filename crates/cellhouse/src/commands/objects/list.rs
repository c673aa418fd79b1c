//! `cellhouse objects list`: line by line, while the list is read.

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::ask::Asked;
use super::output::{json, line, moment, plain};
use crate::cli::ListArguments;
use crate::data::objects::{Action, Found, Reply};
use crate::report::{Stop, heading};

pub(super) fn run(arguments: &ListArguments) -> Result<(), Stop> {
    let asked = Asked::about(&arguments.of)?;
    let as_json = arguments.of.json;
    let progress = counter();
    let mut count = 0_u64;
    let action = Action::List {
        prefix: arguments.prefix.clone(),
        limit: arguments.limit,
    };
    asked.ask(action, &mut |reply| {
        let Reply::Page { objects } = reply else {
            return true;
        };
        if !as_json && count == 0 && !objects.is_empty() {
            progress.suspend(|| line(&heading(&row("ID", "SIZE", "ALARM", "NAME"))));
        }
        count += objects.len() as u64;
        progress.set_position(count);
        progress.suspend(|| objects.iter().all(|found| print(found, as_json)))
    })?;
    progress.finish_and_clear();
    if !as_json && count == 0 {
        line("no objects");
    }
    Ok(())
}

/// How far it is, on a terminal that shows nothing else because the list goes into a file.
fn counter() -> ProgressBar {
    let style = ProgressStyle::with_template("listing {spinner} {pos} objects");
    ProgressBar::new_spinner().with_style(style.expect("the template is in order"))
}

fn print(found: &Found, as_json: bool) -> bool {
    if as_json {
        return line(&json(found).to_string());
    }
    let size = HumanBytes(found.bytes).to_string();
    let alarm = found.alarm.map_or_else(|| "-".to_owned(), moment);
    let name = found.name.as_deref().map_or("-".into(), plain);
    line(&row(&found.id, &size, &alarm, &name))
}

fn row(id: &str, size: &str, alarm: &str, name: &str) -> String {
    format!("{id:64}  {size:>10}  {alarm:24}  {name}")
}
