//! What commands do to Durable Objects: the requests, what is replied, and doing it where the data is.
//!
//! Nothing is told before it is durable. Requests name objects as people do, by name or id.

mod alarm;
mod delete;
mod find;
mod get;
mod json;
mod list;
mod refusal;
mod show;
mod sql;
mod watch;

use cellhouse_clone::{Node, Tree, Value};
use cellhouse_objects::{Listed, Namespace};
use serde::{Deserialize, Serialize};

use super::{Asker, Event, Owner};
use refusal::Refusal;

/// What is to be done to the objects of a class.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The app's name.
    pub(crate) app: String,
    pub(crate) class: String,
    pub(crate) action: Action,
}

/// What is to be done. Each `object` is a name or an id.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// [`Reply::Page`]s.
    List {
        /// By name: those whose name begins so.
        prefix: Option<String>,
        limit: Option<u64>,
    },
    /// One [`Reply::Object`].
    Show { object: String },
    /// [`Reply::Values`]: of one key, or of all.
    Get { object: String, key: Option<String> },
    /// One [`Reply::Rows`]. All statements in one transaction.
    Sql { object: String, text: String },
    /// One [`Reply::Found`], what was deleted.
    Delete { object: String },
    /// One [`Reply::Found`].
    Alarm { object: String },
    /// Run its alarm now: [`Reply::Found`], as it is after that.
    FireAlarm { object: String },
    /// One [`Reply::Found`], as it was before.
    DeleteAlarm { object: String },
}

/// What is replied. After the last one comes [`Reply::End`], or else why there is none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "lowercase")]
pub(crate) enum Reply {
    Page {
        objects: Vec<Found>,
    },
    Object {
        found: Found,
        /// How many there are.
        keys: u64,
        tables: Vec<String>,
    },
    Found {
        found: Found,
    },
    Values {
        values: Vec<Stored>,
    },
    Rows {
        columns: Vec<String>,
        rows: Vec<Vec<Cell>>,
        /// Rows that were inserted, updated or deleted, by all statements.
        written: u64,
    },
    /// All was done.
    End,
    /// There is no such class; those that there are.
    NoClass {
        classes: Vec<String>,
    },
    /// What the request is about is not there.
    Absent {
        message: String,
    },
    /// The request is wrong.
    Wrong {
        message: String,
    },
}

/// An object.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    /// Size of its database.
    pub(crate) bytes: u64,
    /// When its alarm is set for, in milliseconds since 1970.
    pub(crate) alarm: Option<i64>,
}

/// A key with its value.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) key: String,
    /// As a console prints it.
    pub(crate) text: String,
    /// `None`: JSON has no such value.
    pub(crate) json: Option<serde_json::Value>,
}

/// A value of a row.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    /// As Rust writes it: `1.0`, `-inf`.
    Real(String),
    Text(String),
    /// In hexadecimal digits.
    Blob(String),
}

impl From<&Listed> for Found {
    fn from(listed: &Listed) -> Found {
        Found {
            id: listed.id.to_string(),
            name: listed.id.name().map(ToString::to_string),
            bytes: listed.bytes,
            alarm: listed.alarm,
        }
    }
}

/// What an action has at hand.
struct Work<'a, 'b> {
    owner: &'a Owner,
    asker: &'a mut Asker<'b>,
    namespace: Namespace,
    class: &'a str,
}

impl Request {
    /// Does it; the last event.
    pub(super) fn run(&self, owner: &Owner, asker: &mut Asker<'_>) -> Event {
        let namespace = match find::namespace(owner, &self.app, &self.class) {
            Ok(namespace) => namespace,
            Err(refusal) => return refusal.into(),
        };
        let mut work = Work {
            owner,
            asker,
            namespace,
            class: &self.class,
        };
        match self.action.run(&mut work) {
            Ok(()) => Event::Objects(Reply::End),
            Err(refusal) => refusal.into(),
        }
    }
}

impl Action {
    fn run(&self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        match self {
            Action::List { prefix, limit } => list::run(work, prefix.as_deref(), *limit),
            Action::Show { object } => show::run(work, object),
            Action::Get { object, key } => get::run(work, object, key.as_deref()),
            Action::Sql { object, text } => sql::run(work, object, text),
            Action::Delete { object } => delete::run(work, object),
            Action::Alarm { object } => alarm::show(work, object),
            Action::FireAlarm { object } => alarm::fire(work, object),
            Action::DeleteAlarm { object } => alarm::delete(work, object),
        }
    }
}

impl Work<'_, '_> {
    /// Tells something when all that it could depend on is durable.
    fn tell(&mut self, reply: Reply) -> Result<(), Refusal> {
        let ticket = self.owner.cells.shard()?.ticket();
        let durable = ticket.wait();
        durable.map_err(|error| Refusal::Failed(error.to_string()))?;
        match self.asker.tell(Event::Objects(reply)) {
            true => Ok(()),
            false => Err(Refusal::Gone),
        }
    }
}

/// A stored value as JSON; `None`: JSON cannot hold it.
pub(super) fn as_json(tree: &Tree) -> Option<serde_json::Value> {
    json::of(tree)
}

/// A moment as `toISOString()` writes it; `time` is in milliseconds since 1970.
pub(crate) fn date(time: f64) -> String {
    let date = Tree {
        root: Value::Object(0),
        nodes: vec![Node::Date(time)],
    };
    date.to_string()
}
