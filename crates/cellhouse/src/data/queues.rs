//! What `cellhouse queues` asks for, and how it is done by whoever has the data.

use cellhouse_queues::{Error, QueueInfo};
use serde::{Deserialize, Serialize};

use super::{Asker, Event, Owner};

/// A request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The queue; `None`: all, which can be looked at only.
    pub(crate) queue: Option<String>,
    pub(crate) action: Action,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Look,
    Purge,
    Pause,
    Resume,
}

/// Some of the answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "lowercase")]
pub(crate) enum Reply {
    Queue {
        name: String,
        created: i64,
        messages: u64,
        bytes: u64,
        oldest: Option<i64>,
        paused: bool,
        consumer: Option<String>,
    },
    /// So many messages were removed.
    Purged { messages: u64 },
    /// There is no such queue.
    Absent { message: String },
    /// The last one.
    End,
}

impl Request {
    /// Does it; the last event.
    pub(super) fn run(&self, owner: &Owner, asker: &mut Asker<'_>) -> Event {
        match self.act(owner, asker) {
            Ok(event) => event,
            Err(error) => Event::Failed {
                message: error.to_string(),
            },
        }
    }

    fn act(&self, owner: &Owner, asker: &mut Asker<'_>) -> Result<Event, Error> {
        let queues = &owner.queues;
        let Some(name) = &self.queue else {
            for info in queues.list()? {
                asker.tell(Event::Queues(shown(info)));
            }
            return Ok(Event::Queues(Reply::End));
        };
        let Some(info) = queues.info(name)? else {
            let names: Vec<String> = queues.list()?.into_iter().map(|info| info.name).collect();
            return Ok(Event::Queues(absent(name, &names)));
        };
        let written = match self.action {
            Action::Look => {
                asker.tell(Event::Queues(shown(info)));
                return Ok(Event::Queues(Reply::End));
            }
            Action::Purge => {
                let (messages, ticket) = queues.purge(name)?;
                asker.tell(Event::Queues(Reply::Purged { messages }));
                ticket
            }
            Action::Pause => queues.set_paused(name, true)?,
            Action::Resume => queues.set_paused(name, false)?,
        };
        if let Err(error) = written.wait() {
            return Ok(Event::Failed {
                message: error.to_string(),
            });
        }
        Ok(Event::Queues(Reply::End))
    }
}

fn shown(info: QueueInfo) -> Reply {
    Reply::Queue {
        name: info.name,
        created: info.created,
        messages: info.backlog.count,
        bytes: info.backlog.bytes,
        oldest: info.backlog.oldest,
        paused: info.paused,
        consumer: info.consumer,
    }
}

fn absent(name: &str, names: &[String]) -> Reply {
    let which = match names.is_empty() {
        true => "there are none".to_owned(),
        false => format!("there are {}", names.join(", ")),
    };
    Reply::Absent {
        message: format!("there is no queue {name:?}; {which}"),
    }
}
