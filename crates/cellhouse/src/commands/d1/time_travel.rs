//! `cellhouse d1 time-travel`: bookmarks, and going back to them.

use chrono::DateTime;
use serde_json::json;

use super::ask::{Asked, confirm};
use crate::cli::{TravelInfoArguments, TravelRestoreArguments};
use crate::commands::objects::output::line;
use crate::data::d1::{Action, Reply};
use crate::report::Stop;

pub(super) fn info(arguments: &TravelInfoArguments) -> Result<(), Stop> {
    let asked = Asked::about(&arguments.of)?;
    let time = arguments.timestamp.as_deref().map(moment).transpose()?;
    let bookmark = ask(&asked, Action::Bookmark { time })?;
    if arguments.of.of.json {
        line(&json!({"bookmark": bookmark}).to_string());
        return Ok(());
    }
    line(&bookmark);
    let database = &arguments.of.database;
    line(&format!(
        "To go back to it: cellhouse d1 time-travel restore {database} --bookmark={bookmark}"
    ));
    Ok(())
}

pub(super) fn restore(arguments: &TravelRestoreArguments) -> Result<(), Stop> {
    let asked = Asked::about(&arguments.of)?;
    let bookmark = match (&arguments.bookmark, &arguments.timestamp) {
        (Some(bookmark), _) => bookmark.clone(),
        (None, Some(time)) => {
            let time = Some(moment(time)?);
            ask(&asked, Action::Bookmark { time })?
        }
        (None, None) => return Err(Stop::wrong("give --timestamp or --bookmark")),
    };
    let database = &arguments.of.database;
    if !arguments.yes {
        let what = format!("{database} becomes what it was at {bookmark}");
        match confirm(&format!("{what}. Go on?")) {
            Some(true) => {}
            Some(false) => return Err(Stop::wrong("nothing was changed")),
            None => {
                let message =
                    format!("{what}: nothing was changed. Add --yes if that is what you want.");
                return Err(Stop::wrong(message));
            }
        }
    }
    let before = ask(
        &asked,
        Action::Restore {
            bookmark: bookmark.clone(),
        },
    )?;
    if arguments.of.of.json {
        let told = json!({"bookmark": bookmark, "previous_bookmark": before});
        line(&told.to_string());
        return Ok(());
    }
    line(&format!("{database} is what it was at {bookmark}"));
    line(&format!(
        "To undo this: cellhouse d1 time-travel restore {database} --bookmark={before}"
    ));
    Ok(())
}

fn ask(asked: &Asked, action: Action) -> Result<String, Stop> {
    asked.ask_for_one(action, |reply| match reply {
        Reply::Bookmark { bookmark } => Some(bookmark),
        _ => None,
    })
}

/// A moment in milliseconds since 1970.
fn moment(text: &str) -> Result<u64, Stop> {
    let wrong = || {
        Stop::wrong(format!(
            "{text:?} is no moment; write it as 2026-11-21T10:00:00Z, or as seconds since 1970"
        ))
    };
    if let Ok(seconds) = text.parse::<u64>() {
        return seconds.checked_mul(1_000).ok_or_else(wrong);
    }
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| wrong())?;
    u64::try_from(time.timestamp_millis()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        assert_eq!(moment("1").ok(), Some(1_000));
        assert_eq!(moment("1970-01-01T01:00:01+01:00").ok(), Some(1_000));
        assert!(moment("yesterday").is_err() && moment("-1").is_err());
    }
}
