//! Why a request about a store ends before its end.

use cellhouse_kv::ErrorKind;

use super::{Event, Reply};

pub(super) enum Refusal {
    /// There is no such key.
    Absent(String),
    /// The request is wrong.
    Wrong(String),
    Failed(String),
    /// Nobody waits for it any more.
    Gone,
}

impl From<cellhouse_kv::Error> for Refusal {
    fn from(error: cellhouse_kv::Error) -> Refusal {
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
        Event::Kv(match refusal {
            Refusal::Absent(message) => Reply::Absent { message },
            Refusal::Wrong(message) => Reply::Wrong { message },
            Refusal::Gone => Reply::End,
            Refusal::Failed(message) => return Event::Failed { message },
        })
    }
}
