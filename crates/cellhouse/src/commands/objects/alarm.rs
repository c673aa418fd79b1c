//! `cellhouse objects alarm`: when it is set for; runs it now; deletes it.

use super::ask::Asked;
use super::output::{called, json, line, when};
use crate::cli::AlarmArguments;
use crate::data::objects::{Action, Found};
use crate::report::Stop;

pub(super) fn run(arguments: &AlarmArguments) -> Result<(), Stop> {
    let of = &arguments.object.of;
    let asked = Asked::about(of)?;
    let object = arguments.object.object.clone();
    if arguments.fire {
        return fire(&asked, object, of.json);
    }
    let (action, deleted) = match arguments.delete {
        true => (Action::DeleteAlarm { object }, true),
        false => (Action::Alarm { object }, false),
    };
    let found = asked.ask_for_one(action)?;
    let mut told = json(&found);
    if deleted {
        told["deleted"] = true.into();
    }
    line(&match (of.json, found.alarm) {
        (true, _) => told.to_string(),
        (false, None) => "no alarm is set".to_owned(),
        (false, Some(time)) if deleted => {
            format!("deleted the alarm that was set for {}", when(time))
        }
        (false, Some(time)) => when(time),
    });
    Ok(())
}

fn fire(asked: &Asked<'_>, object: String, as_json: bool) -> Result<(), Stop> {
    let before = asked.ask_for_one(Action::Alarm {
        object: object.clone(),
    })?;
    let after = asked.ask_for_one(Action::FireAlarm { object })?;
    // One that ran is gone, unless its handler has set another one.
    let failed = after.alarm.is_some() && after.alarm == before.alarm;
    if as_json {
        let mut told = json(&after);
        told["ran"] = (!failed).into();
        line(&told.to_string());
    }
    if failed {
        return Err(Stop::failed(format!(
            "the alarm of {} did not end well: its handler threw, and is tried again, or it was running \
             already; the log of the app tells more",
            called(&after)
        )));
    }
    if !as_json {
        line(&ran(&after));
    }
    Ok(())
}

fn ran(after: &Found) -> String {
    match after.alarm {
        None => format!("the alarm of {} ran", called(after)),
        Some(next) => format!(
            "the alarm of {} ran; the next one: {}",
            called(after),
            when(next)
        ),
    }
}
