//! Following the apps of a running process: every event of theirs, as it ends, until nobody listens any more.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::{Asker, Event, Owner};

/// How often it is looked whether somebody still listens while nothing happens.
const LOOK: Duration = Duration::from_secs(1);

pub(super) fn run(owner: &Owner, asker: &mut Asker<'_>) -> Event {
    let Some(app) = owner.app() else {
        return Event::Failed {
            message: "no app runs on this data: start it first, with `cellhouse dev`".to_owned(),
        };
    };
    let events = app.follow();
    let mut listens = asker.tell(Event::Following);
    while listens {
        listens = match events.recv_timeout(LOOK) {
            Ok(item) => asker.tell(Event::Tail { item }),
            Err(RecvTimeoutError::Timeout) => asker.tell(Event::Following),
            Err(RecvTimeoutError::Disconnected) => false,
        };
    }
    Event::Failed {
        message: "the app was stopped".to_owned(),
    }
}
