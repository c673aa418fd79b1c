//! What `cellhouse workflows` asks for, and how it is done by whoever has the data.

mod encode;

use std::time::SystemTime;

use cellhouse_cell::{Entropy as _, RealEntropy, Ticket};
use cellhouse_clone::Tree;
use cellhouse_workflows::{
    Create, Event as Sent, Instance, InstanceError, InstanceStatus, InstanceStore, Kind, Retention,
    Step, StepState,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Asker, Event, Owner, objects};

/// The newest instance.
const LATEST: &str = "latest";

/// A request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The Workflow; `None`: all, which can be listed only.
    pub(crate) workflow: Option<String>,
    pub(crate) action: Action,
}

/// What is to be done. Ids may be `latest`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    List,
    Instances {
        status: Option<String>,
        reverse: bool,
        limit: usize,
    },
    Describe {
        id: String,
    },
    Trigger {
        id: Option<String>,
        params: Value,
    },
    Pause {
        id: String,
    },
    Resume {
        id: String,
    },
    Terminate {
        id: String,
    },
    Restart {
        id: String,
    },
    Send {
        id: String,
        kind: String,
        payload: Value,
    },
}

/// Some of the answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "lowercase")]
pub(crate) enum Reply {
    Workflow {
        name: String,
        instances: u64,
        /// The app that runs it now, and its class there.
        app: Option<String>,
        class: Option<String>,
    },
    Instance {
        id: String,
        status: String,
        created: i64,
        output: Option<Value>,
        error: Option<Value>,
    },
    Step {
        kind: String,
        name: String,
        nth: u32,
        state: String,
        attempts: u32,
        /// As a console prints it, and as JSON if that can hold it.
        text: Option<String>,
        output: Option<Value>,
        error: Option<Value>,
        at: Option<i64>,
    },
    /// It is done, for this instance.
    Changed { id: String },
    /// There is no such Workflow or instance.
    Absent { message: String },
    /// The instance, or the request, is not such that it could be done.
    Refused { message: String },
    /// The last one.
    End,
}

impl Request {
    /// Does it; the last event.
    pub(super) fn run(&self, owner: &Owner, asker: &mut Asker<'_>) -> Event {
        match self.act(owner, asker) {
            Ok(reply) => Event::Workflows(reply),
            Err(InstanceError::Storage(message)) => Event::Failed { message },
            Err(error @ InstanceError::NotFound) => Event::Workflows(Reply::Absent {
                message: error.to_string(),
            }),
            Err(error) => Event::Workflows(Reply::Refused {
                message: error.to_string(),
            }),
        }
    }

    fn act(&self, owner: &Owner, asker: &mut Asker<'_>) -> Result<Reply, InstanceError> {
        let known = owner.instances.all()?;
        let Some(name) = &self.workflow else {
            for (name, runner) in known {
                let instances = owner.instances.store(&name)?.count()?;
                let (app, class) = runner.map(|runner| (runner.app, runner.class)).unzip();
                asker.tell(Event::Workflows(Reply::Workflow {
                    name,
                    instances,
                    app,
                    class,
                }));
            }
            return Ok(Reply::End);
        };
        if !known.iter().any(|(known, _)| known == name) {
            let names = known.iter().map(|(name, _)| &name[..]);
            return Ok(absent(name, &names.collect::<Vec<_>>()));
        }
        let store = owner.instances.store(name)?;
        let (id, ticket) = match &self.action {
            Action::List => return Ok(Reply::End),
            Action::Instances {
                status,
                reverse,
                limit,
            } => {
                let status = status.as_deref().map(InstanceStatus::named);
                for instance in store.list(status, *reverse, *limit)? {
                    if !asker.tell(Event::Workflows(shown(instance))) {
                        break;
                    }
                }
                return Ok(Reply::End);
            }
            Action::Describe { id } => {
                let id = id_of(&store, id)?;
                asker.tell(Event::Workflows(shown(store.get(&id)?.0)));
                for step in store.steps(&id)? {
                    asker.tell(Event::Workflows(shown_step(step)));
                }
                return Ok(Reply::End);
            }
            change => self.change(&store, change)?,
        };
        if let Err(error) = ticket.wait() {
            return Err(InstanceError::Storage(error.to_string()));
        }
        asker.tell(Event::Workflows(Reply::Changed { id }));
        Ok(Reply::End)
    }

    fn change(
        &self,
        store: &InstanceStore,
        action: &Action,
    ) -> Result<(String, Ticket), InstanceError> {
        let of = |id: &str| id_of(store, id);
        Ok(match action {
            Action::Trigger { id, params } => {
                let id = id.clone().map_or_else(made_up, Ok)?;
                let create = Create {
                    id: &id,
                    params: &encode::value(params),
                    retention: Retention::default(),
                };
                let ticket = store.create(&create)?;
                (id, ticket)
            }
            Action::Pause { id } => (of(id)?, store.pause(&of(id)?)?),
            Action::Resume { id } => (of(id)?, store.resume(&of(id)?)?),
            Action::Terminate { id } => (of(id)?, store.terminate(&of(id)?)?),
            Action::Restart { id } => (of(id)?, store.restart(&of(id)?, None)?),
            Action::Send { id, kind, payload } => {
                let value = encode::event(payload, kind, now());
                let event = Sent {
                    kind,
                    value: &value,
                };
                (of(id)?, store.send(&of(id)?, &event)?)
            }
            Action::List | Action::Instances { .. } | Action::Describe { .. } => {
                unreachable!("these change nothing")
            }
        })
    }
}

fn id_of(store: &InstanceStore, id: &str) -> Result<String, InstanceError> {
    if id != LATEST {
        return Ok(id.to_owned());
    }
    let newest = store.list(None, false, 1)?;
    newest
        .into_iter()
        .next()
        .map(|instance| instance.id)
        .ok_or(InstanceError::NotFound)
}

fn made_up() -> Result<String, InstanceError> {
    let mut bytes = [0; 16];
    let filled = RealEntropy.fill(&mut bytes);
    filled.map_err(|error| InstanceError::Storage(format!("no random id: {error}")))?;
    // Version 4, as `crypto.randomUUID()` makes them.
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = |part: &[u8]| {
        part.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let parts = [
        &bytes[..4],
        &bytes[4..6],
        &bytes[6..8],
        &bytes[8..10],
        &bytes[10..],
    ];
    Ok(parts.map(hex).join("-"))
}

fn now() -> f64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    (since_1970.map_or(0.0, |time| time.as_secs_f64()) * 1_000.0).floor()
}

fn shown(instance: Instance) -> Reply {
    Reply::Instance {
        id: instance.id,
        status: instance.status.as_str().to_owned(),
        created: instance.created,
        output: instance.output.as_deref().and_then(parsed),
        error: instance.error.as_deref().and_then(parsed),
    }
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn shown_step(step: Step) -> Reply {
    let tree = step
        .value
        .as_deref()
        .and_then(|value| Tree::read(value).ok());
    let kind = match step.kind {
        Kind::Do => "do",
        Kind::Sleep => "sleep",
        Kind::Wait => "waitForEvent",
        Kind::Rollback => "rollback",
    };
    let state = match step.state {
        StepState::Open => "open",
        StepState::Done => "done",
        StepState::Failed => "failed",
    };
    Reply::Step {
        kind: kind.to_owned(),
        name: step.name,
        nth: step.nth,
        state: state.to_owned(),
        attempts: step.attempts,
        text: tree.as_ref().map(ToString::to_string),
        output: tree.as_ref().and_then(objects::as_json),
        error: step.error.as_deref().and_then(parsed),
        at: step.at,
    }
}

fn absent(name: &str, names: &[&str]) -> Reply {
    let which = match names {
        [] => "none has had an instance, and no app that has one runs".to_owned(),
        names => format!("there are {}", names.join(", ")),
    };
    Reply::Absent {
        message: format!("there is no Workflow {name:?}; {which}"),
    }
}
