//! A queue: its cell, and putting messages into it.

use std::sync::Arc;

use cellhouse_cell::{Cell, Ticket};
use rusqlite::{Connection, Transaction};

use crate::queues::Inner;
use crate::{Backlog, Error, limits};

/// Messages are handed out in the order in which they may be, and among those in the order in which they
/// were sent. Times are in milliseconds since 1970.
pub(crate) const SCHEMA: &[&str] = &["
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        sent INTEGER NOT NULL,
        due INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        content INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_due ON messages (due, seq);
    CREATE TABLE totals (count INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
    INSERT INTO totals VALUES (0, 0);
    CREATE TRIGGER message_comes AFTER INSERT ON messages BEGIN
        UPDATE totals SET count = count + 1, bytes = bytes + length(new.body);
    END;
    CREATE TRIGGER message_goes AFTER DELETE ON messages BEGIN
        UPDATE totals SET count = count - 1, bytes = bytes - length(old.body);
    END;
    CREATE TABLE settings (paused INTEGER NOT NULL) STRICT;
    INSERT INTO settings VALUES (0);
"];

/// What the bytes of a message are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A value in the encoding of stored values.
    V8,
    /// UTF-8.
    Text,
    /// Bytes.
    Bytes,
    /// JSON.
    Json,
}

impl Content {
    /// The number that stands for it, in cells and for JavaScript.
    pub fn number(self) -> u32 {
        match self {
            Content::V8 => 0,
            Content::Text => 1,
            Content::Bytes => 2,
            Content::Json => 3,
        }
    }

    /// The content that a number stands for.
    pub fn of_number(number: u32) -> Option<Content> {
        let all = [Content::V8, Content::Text, Content::Bytes, Content::Json];
        all.into_iter().find(|content| content.number() == number)
    }
}

/// A message to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// What its bytes are.
    pub content: Content,
    /// Its bytes.
    pub body: &'a [u8],
    /// Seconds until it may be handed out.
    pub delay_seconds: f64,
}

/// A message as it goes into a cell.
pub(crate) struct Row<'a> {
    pub(crate) id: &'a str,
    pub(crate) sent: i64,
    pub(crate) due: i64,
    pub(crate) content: u32,
    pub(crate) body: &'a [u8],
}

/// A queue. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Queue {
    pub(crate) name: Arc<str>,
    pub(crate) cell: Cell,
    pub(crate) queues: Arc<Inner>,
}

impl Queue {
    pub(crate) fn new(name: &str, cell: Cell, queues: Arc<Inner>) -> Queue {
        Queue {
            name: name.into(),
            cell,
            queues,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends one message: its id, and what is in the queue then.
    pub fn send(&self, message: &Outgoing<'_>) -> Result<((String, Backlog), Ticket), Error> {
        limits::one(message.body.len())?;
        let ((mut ids, backlog), ticket) = self.put(std::slice::from_ref(message))?;
        let id = ids.pop().unwrap_or_default();
        Ok(((id, backlog), ticket))
    }

    /// Sends messages together: all of them or, with an error, none.
    pub fn send_batch(
        &self,
        messages: &[Outgoing<'_>],
    ) -> Result<((Vec<String>, Backlog), Ticket), Error> {
        let sizes = messages.iter().map(|message| message.body.len());
        limits::many(
            messages.len(),
            sizes.clone().max().unwrap_or(0),
            sizes.sum(),
        )?;
        self.put(messages)
    }

    /// What is in the queue.
    pub fn backlog(&self) -> Result<(Backlog, Ticket), Error> {
        Ok(self.cell.read(Backlog::read)?)
    }

    /// The ticket for everything that is in the queue now.
    pub fn ticket(&self) -> Ticket {
        self.cell.ticket()
    }

    fn put(&self, messages: &[Outgoing<'_>]) -> Result<((Vec<String>, Backlog), Ticket), Error> {
        let delays = messages.iter().map(|m| limits::delay(m.delay_seconds));
        let delays = delays.collect::<Result<Vec<_>, _>>()?;
        let ids = messages.iter().map(|_| self.queues.new_id());
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        let now = self.queues.now();
        let (backlog, ticket) = self.cell.write(|transaction: &Transaction<'_>| {
            for ((message, id), delay) in messages.iter().zip(&ids).zip(&delays) {
                let row = Row {
                    id,
                    sent: now,
                    due: now.saturating_add(delay * 1000),
                    content: message.content.number(),
                    body: message.body,
                };
                insert(transaction, &row)?;
            }
            Ok::<_, Error>(Backlog::read(transaction)?)
        })?;
        self.queues.changed.notify_one();
        Ok(((ids, backlog), ticket))
    }
}

pub(crate) fn insert(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO messages (id, sent, due, failures, content, body) \
               VALUES (?1, ?2, ?3, 0, ?4, ?5)";
    let mut insert = connection.prepare_cached(sql)?;
    insert.execute((row.id, row.sent, row.due, row.content, row.body))?;
    Ok(())
}
