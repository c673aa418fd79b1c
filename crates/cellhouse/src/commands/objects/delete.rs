//! `cellhouse objects delete`: asks, then deletes.

use std::io::{BufRead, IsTerminal, Write};

use super::ask::Asked;
use super::output::{called, json, line};
use crate::cli::DeleteArguments;
use crate::data::objects::{Action, Found};
use crate::report::Stop;

pub(super) fn run(arguments: &DeleteArguments) -> Result<(), Stop> {
    let of = &arguments.object.of;
    let asked = Asked::about(of)?;
    let object = arguments.object.object.clone();
    let going = asked.ask_for_one(Action::Alarm {
        object: object.clone(),
    })?;
    if !arguments.yes {
        confirm(asked.class(), &going)?;
    }
    // By its id, so that what goes is what was asked about.
    let object = going.id.clone();
    let gone = asked.ask_for_one(Action::Delete { object })?;
    if of.json {
        let mut told = json(&gone);
        told["deleted"] = true.into();
        line(&told.to_string());
    } else {
        line(&format!("deleted {}", called(&going)));
    }
    Ok(())
}

/// Asks where there is somebody to ask.
fn confirm(class: &str, going: &Found) -> Result<(), Stop> {
    let what = format!("{class} {} goes with all that it has stored", called(going));
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        eprint!("{what}. Go on? [y/N] ");
        let mut answer = String::new();
        let read = std::io::stderr()
            .flush()
            .and_then(|()| std::io::stdin().lock().read_line(&mut answer));
        if read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
        return Err(Stop::wrong("nothing was deleted"));
    }
    Err(Stop::wrong(format!(
        "{what}: nothing was deleted. Add --yes if that is what you want."
    )))
}
