//! What commands do to the data of an app: back it up, check it, look at its objects and stores. The process that has
//! the data does it: a running `cellhouse dev`, which is asked through a socket in the data directory, or
//! else the command itself.

mod control;
pub(crate) mod d1;
mod follow;
pub(crate) mod kv;
pub(crate) mod objects;
mod owner;
pub(crate) mod queues;
pub(crate) mod r2;
mod tail;
mod whole;
pub(crate) mod workflows;

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub(crate) use control::serve;
pub(crate) use d1::database_of;
pub(crate) use follow::{Heard, ask, bar, follow};
pub(crate) use owner::{Owner, RunningApp};

use crate::report::shown;

/// What is to be done. Sent as one line of JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "lowercase")]
pub(crate) enum Task {
    /// Write all data into a new file. The path is absolute.
    Backup {
        to: PathBuf,
        /// Go on without bodies of R2 that are not as they should be.
        #[serde(default)]
        allow_missing: bool,
    },
    /// Look at every cell, and at every body of R2.
    Check,
    /// Look at Durable Objects, or change what they store.
    Objects(objects::Request),
    /// Look at key-value stores, or change them.
    Kv(kv::Request),
    /// Look at a D1 database, or change it.
    D1(d1::Request),
    /// Look at R2 buckets, read and write objects, make keys.
    R2(r2::Request),
    /// Tell what happens in the running apps, event by event.
    Tail,
    /// Look at queues, empty them, hold their messages back.
    Queues(queues::Request),
    /// Look at Workflows and their instances, or change these.
    Workflows(workflows::Request),
}

/// What happens meanwhile; each is one line of JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum Event {
    Progress {
        done: u64,
        total: u64,
    },
    /// A cell that is not in order.
    Problem {
        cell: String,
        problems: Vec<String>,
    },
    /// A body of R2 that is not in order.
    Body {
        bucket: String,
        key: String,
        /// Of a multipart upload under way.
        part: Option<u32>,
        file: String,
        problem: String,
    },
    /// A file beside those of R2 that no object has.
    Orphan {
        file: String,
        bytes: u64,
    },
    /// The last line.
    Done {
        cells: u64,
        bytes: u64,
        /// Of R2, that are files.
        bodies: u64,
        body_bytes: u64,
    },
    /// Of a task about Durable Objects.
    Objects(objects::Reply),
    /// Of a task about key-value stores.
    Kv(kv::Reply),
    /// Of a task about a D1 database.
    D1(d1::Reply),
    /// Of a task about R2.
    R2(r2::Reply),
    /// An app is followed: what happens comes from now on. Also when nothing has happened for a while.
    Following,
    /// What happened in one event of an app.
    Tail {
        item: serde_json::Value,
    },
    /// Of a task about queues.
    Queues(queues::Reply),
    /// Of a task about Workflows.
    Workflows(workflows::Reply),
    /// The last line.
    Failed {
        message: String,
    },
}

/// Who wants a task done.
pub(crate) struct Asker<'a> {
    /// Tells how it goes; false when nobody listens any more.
    tell: &'a mut dyn FnMut(Event) -> bool,
    /// Where another process asks, which may go away.
    stream: Option<&'a UnixStream>,
}

impl Asker<'_> {
    fn tell(&mut self, event: Event) -> bool {
        (self.tell)(event)
    }
}

impl Task {
    /// Does it, and tells how it goes.
    fn run(&self, owner: &Owner, asker: &mut Asker<'_>) {
        let done = match self {
            Task::Backup { to, allow_missing } => whole::back_up(owner, to, *allow_missing, asker),
            Task::Check => whole::check(owner, asker),
            Task::R2(request) => Ok(request.run(owner, asker)),
            Task::Queues(request) => Ok(request.run(owner, asker)),
            Task::Workflows(request) => Ok(request.run(owner, asker)),
            Task::Objects(request) => Ok(request.run(owner, asker)),
            Task::Kv(request) => Ok(request.run(owner, asker)),
            Task::D1(request) => Ok(request.run(owner, asker)),
            Task::Tail => Ok(tail::run(owner, asker)),
        };
        asker.tell(done.unwrap_or_else(|message: String| Event::Failed { message }));
    }
}

/// Whether there is any data in a data directory; the message says what would be.
pub(crate) fn look_for(directory: &Path) -> Result<(), String> {
    match directory.join("store").is_dir() {
        true => Ok(()),
        false => Err(format!(
            "there is no data in {}; name the app's directory, or where its data is with --store",
            shown(directory)
        )),
    }
}
