//! Why a request about objects ends before its end.

use cellhouse_objects::ErrorKind;

use super::{Event, Reply};

pub(super) enum Refusal {
    NoClass(Vec<String>),
    /// What it is about is not there.
    Absent(String),
    /// The request is wrong.
    Wrong(String),
    Failed(String),
    /// Nobody waits for it any more.
    Gone,
}

impl From<cellhouse_objects::Error> for Refusal {
    fn from(error: cellhouse_objects::Error) -> Refusal {
        match error.kind() {
            ErrorKind::Storage => Refusal::Failed(error.to_string()),
            _ => Refusal::Wrong(error.to_string()),
        }
    }
}

impl From<cellhouse_cell::Error> for Refusal {
    fn from(error: cellhouse_cell::Error) -> Refusal {
        Refusal::Failed(error.to_string())
    }
}

impl From<Refusal> for Event {
    fn from(refusal: Refusal) -> Event {
        Event::Objects(match refusal {
            Refusal::NoClass(classes) => Reply::NoClass { classes },
            Refusal::Absent(message) => Reply::Absent { message },
            Refusal::Wrong(message) => Reply::Wrong { message },
            Refusal::Gone => Reply::End,
            Refusal::Failed(message) => return Event::Failed { message },
        })
    }
}
