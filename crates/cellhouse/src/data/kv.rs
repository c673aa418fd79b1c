//! Key-value stores from outside of any Worker: single keys, lists, and files of many.
//!
//! The process that has the data does it, so a Worker that runs there sees a change at once. What is told is
//! durable by then.

mod bulk;
mod file;
mod refusal;

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cellhouse_kv::{ListKey, ListOptions, PutOptions, Store};
use serde::{Deserialize, Serialize};

use super::{Asker, Event, Owner};
use refusal::Refusal;

/// What is to be done to a store.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The store as the data has it, such as `kv-<id>`.
    pub(crate) store: String,
    pub(crate) action: Action,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// One [`Reply::Value`].
    Get { key: String },
    /// The value in base64. One [`Reply::Changed`].
    Put {
        key: String,
        value: String,
        expiration: Option<i64>,
        ttl: Option<i64>,
        metadata: Option<String>,
    },
    /// One [`Reply::Changed`].
    Delete { key: String },
    /// [`Reply::Keys`].
    List { prefix: Option<String> },
    /// The names of all stores that hold anything: [`Reply::Stores`].
    Stores,
    /// All entries of a file, which is checked first. [`Reply::Changed`].
    PutFile { path: PathBuf },
    /// The values of the keys in a file: [`Reply::Values`].
    GetFile { path: PathBuf },
    /// [`Reply::Changed`].
    DeleteFile { path: PathBuf },
}

/// What is replied. After the last one comes [`Reply::End`], or else why there is none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "lowercase")]
pub(crate) enum Reply {
    Value {
        /// In base64.
        value: String,
        metadata: Option<String>,
        expiration: Option<i64>,
    },
    Keys {
        keys: Vec<Key>,
    },
    Values {
        /// Of each key what it holds, as text.
        values: Vec<(String, Option<String>)>,
    },
    Stores {
        stores: Vec<String>,
    },
    Changed {
        count: u64,
    },
    /// Something odd that stops nothing.
    Warning {
        message: String,
    },
    End,
    /// There is no such key.
    Absent {
        message: String,
    },
    /// The request is wrong, and nothing was changed.
    Wrong {
        message: String,
    },
}

/// A key of a list.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) name: String,
    /// In seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expiration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<serde_json::Value>,
}

/// What an action has at hand.
struct Work<'a, 'b> {
    owner: &'a Owner,
    asker: &'a mut Asker<'b>,
    store: Store,
}

impl Request {
    /// Does it; the last event.
    pub(super) fn run(&self, owner: &Owner, asker: &mut Asker<'_>) -> Event {
        match self.answer(owner, asker) {
            Ok(()) => Event::Kv(Reply::End),
            Err(refusal) => refusal.into(),
        }
    }

    fn answer(&self, owner: &Owner, asker: &mut Asker<'_>) -> Result<(), Refusal> {
        if let Action::Stores = self.action {
            return stores(owner, asker);
        }
        let store = owner.kv(&self.store)?;
        let mut work = Work {
            owner,
            asker,
            store,
        };
        match &self.action {
            Action::Get { key } => get(&mut work, key),
            Action::Put { .. } => put(&mut work, &self.action),
            Action::Delete { key } => {
                work.store.delete(key)?;
                work.tell(Reply::Changed { count: 1 })
            }
            Action::List { prefix } => list(&mut work, prefix.as_deref()),
            Action::Stores => Ok(()),
            Action::PutFile { path } => bulk::put(&mut work, path),
            Action::GetFile { path } => bulk::get(&mut work, path),
            Action::DeleteFile { path } => bulk::delete(&mut work, path),
        }
    }
}

impl Work<'_, '_> {
    /// Tells something when all that it could depend on is durable.
    fn tell(&mut self, reply: Reply) -> Result<(), Refusal> {
        tell(self.owner, self.asker, reply)
    }
}

fn tell(owner: &Owner, asker: &mut Asker<'_>, reply: Reply) -> Result<(), Refusal> {
    let durable = owner.cells.shard()?.ticket().wait();
    durable.map_err(|error| Refusal::Failed(error.to_string()))?;
    match asker.tell(Event::Kv(reply)) {
        true => Ok(()),
        false => Err(Refusal::Gone),
    }
}

fn get(work: &mut Work<'_, '_>, key: &str) -> Result<(), Refusal> {
    let (entry, _) = work.store.get(key, None)?;
    let Some(entry) = entry else {
        return Err(Refusal::Absent(format!("there is no key {key:?}")));
    };
    let options = ListOptions {
        prefix: Some(key),
        limit: Some(1),
        cursor: None,
    };
    // The first key of those that begin so is the key itself.
    let (page, _) = work.store.list(&options)?;
    let listed = page.keys.first().filter(|listed| listed.name == key);
    work.tell(Reply::Value {
        value: STANDARD.encode(&entry.value),
        metadata: entry.metadata,
        expiration: listed.and_then(|listed| listed.expiration),
    })
}

fn put(work: &mut Work<'_, '_>, action: &Action) -> Result<(), Refusal> {
    let Action::Put {
        key,
        value,
        expiration,
        ttl,
        metadata,
    } = action
    else {
        return Ok(());
    };
    let value = STANDARD
        .decode(value)
        .map_err(|error| Refusal::Wrong(format!("the value is not base64: {error}")))?;
    let options = PutOptions {
        expiration: *expiration,
        expiration_ttl: *ttl,
        metadata: metadata.as_deref(),
    };
    work.store.put(key, &value, &options)?;
    work.tell(Reply::Changed { count: 1 })
}

fn list(work: &mut Work<'_, '_>, prefix: Option<&str>) -> Result<(), Refusal> {
    let mut cursor = None;
    loop {
        let options = ListOptions {
            prefix,
            limit: None,
            cursor: cursor.as_deref(),
        };
        let (page, _) = work.store.list(&options)?;
        let keys = page.keys.into_iter().map(Key::from).collect();
        work.tell(Reply::Keys { keys })?;
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// Cells that are looked at in one step.
const LISTED: usize = 1_000;

/// Stores are found by the names of their cells.
fn stores(owner: &Owner, asker: &mut Asker<'_>) -> Result<(), Refusal> {
    let shard = owner.cells.shard()?;
    let (mut stores, mut after) = (Vec::new(), None);
    loop {
        let cells = shard
            .cells(after, LISTED)
            .map_err(cellhouse_cell::Error::from)?;
        let Some((last, _)) = cells.last() else {
            break;
        };
        after = Some(*last);
        let names = cells
            .iter()
            .filter_map(|(_, meta)| meta.name.strip_prefix("kv/"));
        stores.extend(names.map(ToOwned::to_owned));
    }
    stores.sort_unstable();
    tell(owner, asker, Reply::Stores { stores })
}

impl From<ListKey> for Key {
    fn from(key: ListKey) -> Key {
        let metadata = key.metadata.as_deref();
        Key {
            metadata: metadata.and_then(|text| serde_json::from_str(text).ok()),
            name: key.name,
            expiration: key.expiration,
        }
    }
}
