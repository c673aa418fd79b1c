//! All queues of a data directory: opening them, who consumes which, looking after them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::SystemTime;

use cellhouse_cell::{Cell, CellName, Cells, Clock, Entropy, RealClock, RealEntropy, Ticket};
use parking_lot::Mutex;
use rusqlite::Transaction;
use tokio::sync::Notify;

use crate::batch::Handed;
use crate::queue::SCHEMA;
use crate::{Backlog, Consumer, Error, Queue};

/// The one cell that knows which queues there are.
const REGISTRY: &[&str] = &["
    CREATE TABLE queues (name TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"];

/// What queues need from outside.
#[derive(Clone)]
pub struct QueuesOptions {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for ids of messages.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for QueuesOptions {
    /// The system's time and randomness.
    fn default() -> QueuesOptions {
        QueuesOptions {
            clock: Arc::new(RealClock::default()),
            entropy: Arc::new(RealEntropy),
        }
    }
}

/// The queues of a data directory. Cheap to clone; one for each directory, because what is handed out
/// is remembered here.
#[derive(Clone)]
pub struct Queues {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    cells: Cells,
    registry: Cell,
    pub(crate) clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    open: Mutex<HashMap<String, Cell>>,
    /// By the name of the queue.
    pub(crate) consumers: Mutex<BTreeMap<String, Consumer>>,
    /// What was handed out of each queue.
    pub(crate) handed: Mutex<HashMap<String, Handed>>,
    /// There may be something to hand out.
    pub(crate) changed: Notify,
}

/// A queue as commands show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueInfo {
    pub name: String,
    /// When it was first used, in milliseconds since 1970.
    pub created: i64,
    pub backlog: Backlog,
    /// Nothing is handed out of it.
    pub paused: bool,
    /// The app that receives from it, of those that run here.
    pub consumer: Option<String>,
}

impl Queues {
    /// The queues of this directory.
    pub fn open(cells: &Cells, options: QueuesOptions) -> Result<Queues, Error> {
        let registry = cells.cell(&CellName::new("queues", "all")?, REGISTRY)?;
        Ok(Queues {
            inner: Arc::new(Inner {
                cells: cells.clone(),
                registry,
                clock: options.clock,
                entropy: options.entropy,
                open: Mutex::default(),
                consumers: Mutex::default(),
                handed: Mutex::default(),
                changed: Notify::new(),
            }),
        })
    }

    /// The queue of that name; an empty one if there is none.
    pub fn queue(&self, name: &str) -> Result<Queue, Error> {
        self.inner.queue(name)
    }

    /// These are the consumers of an app, in place of those that it had. Batches that are being handled
    /// go on. An error changes nothing: a queue has one consumer.
    pub fn set_consumers(&self, app: &str, consumers: Vec<Consumer>) -> Result<(), Error> {
        let mut known = self.inner.consumers.lock();
        let taken = |consumer: &&Consumer| {
            known
                .get(&consumer.queue)
                .is_some_and(|other| other.app != app)
        };
        if let Some(consumer) = consumers.iter().find(taken) {
            let other = &known[&consumer.queue].app;
            return Err(Error::wrong(format!(
                "the queue {:?} has two consumers, the apps {other:?} and {app:?}; a queue has one",
                consumer.queue
            )));
        }
        known.retain(|_, consumer| consumer.app != app);
        known.extend(consumers.into_iter().map(|c| (c.queue.clone(), c)));
        drop(known);
        self.inner.changed.notify_one();
        Ok(())
    }

    /// All queues by name.
    pub fn list(&self) -> Result<Vec<QueueInfo>, Error> {
        let (names, _) = self.inner.registry.read(|connection| {
            let mut select = connection.prepare_cached("SELECT name FROM queues ORDER BY name")?;
            let rows = select.query_map([], |row| row.get::<_, String>(0))?;
            rows.collect::<Result<Vec<_>, _>>()
        })?;
        let infos = names.iter().filter_map(|name| self.info(name).transpose());
        infos.collect()
    }

    /// One queue, if there is one of that name.
    pub fn info(&self, name: &str) -> Result<Option<QueueInfo>, Error> {
        let Some(created) = self.inner.created(name)? else {
            return Ok(None);
        };
        let queue = self.queue(name)?;
        let ((backlog, paused), _) = queue.cell.read(|connection| {
            let paused = connection.query_row("SELECT paused FROM settings", [], |row| row.get(0));
            Ok((Backlog::read(connection)?, paused?))
        })?;
        let consumers = self.inner.consumers.lock();
        Ok(Some(QueueInfo {
            name: name.to_owned(),
            created,
            backlog,
            paused,
            consumer: consumers.get(name).map(|consumer| consumer.app.clone()),
        }))
    }

    /// Nothing is handed out of a queue from now on, or it is again. It stays so over restarts.
    pub fn set_paused(&self, name: &str, paused: bool) -> Result<Ticket, Error> {
        let queue = self.queue(name)?;
        let ((), ticket) = queue.cell.write(|transaction: &Transaction<'_>| {
            transaction.execute("UPDATE settings SET paused = ?1", [paused])?;
            Ok::<_, Error>(())
        })?;
        self.inner.changed.notify_one();
        Ok(ticket)
    }

    /// Removes all messages of a queue: how many there were. A batch that is being handled goes on, and
    /// nothing of it comes back.
    pub fn purge(&self, name: &str) -> Result<(u64, Ticket), Error> {
        let queue = self.queue(name)?;
        let (removed, ticket) = queue.cell.write(|transaction: &Transaction<'_>| {
            Ok::<_, Error>(transaction.execute("DELETE FROM messages", [])?)
        })?;
        Ok((removed as u64, ticket))
    }
}

impl Inner {
    pub(crate) fn queue(self: &Arc<Self>, name: &str) -> Result<Queue, Error> {
        if let Some(cell) = self.open.lock().get(name) {
            return Ok(Queue::new(name, cell.clone(), self.clone()));
        }
        let cell = self.cells.cell(&CellName::new("queue", name)?, SCHEMA)?;
        if self.created(name)?.is_none() {
            let now = self.now();
            self.registry.write(|transaction: &Transaction<'_>| {
                let sql = "INSERT INTO queues VALUES (?1, ?2) ON CONFLICT DO NOTHING";
                transaction.execute(sql, (name, now))?;
                Ok::<_, Error>(())
            })?;
        }
        self.open.lock().insert(name.to_owned(), cell.clone());
        Ok(Queue::new(name, cell, self.clone()))
    }

    fn created(&self, name: &str) -> Result<Option<i64>, Error> {
        let (created, _) = self.registry.read(|connection| {
            let sql = "SELECT (SELECT created FROM queues WHERE name = ?1)";
            connection.query_row(sql, [name], |row| row.get(0))
        })?;
        Ok(created)
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        let now = self.clock.now();
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        crate::consumer::millis(since.unwrap_or_default())
    }

    /// As Cloudflare's: 32 hexadecimal digits.
    pub(crate) fn new_id(&self) -> Result<String, Error> {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes).map_err(Error::storage)?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
