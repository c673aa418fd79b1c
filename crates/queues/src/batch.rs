//! Taking batches: which messages a consumer gets next, and when.
//!
//! What was handed out stays in the cell and is remembered here, in memory, so that it is not handed out
//! twice at a time. A batch waits until it is full, or until its first message has waited long enough.

use std::collections::BTreeSet;

use cellhouse_cell::Ticket;
use rusqlite::Connection;

use crate::consumer::millis;
use crate::queues::Inner;
use crate::{Backlog, Consumer, Content, Error, Queues};
use std::sync::Arc;

/// Messages for a handler. Nothing of them may reach it before `ticket` is durable.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The consumer as it was when the batch was taken.
    pub consumer: Consumer,
    /// In the order in which they may be handed out.
    pub messages: Vec<Message>,
    /// What else is in the queue.
    pub backlog: Backlog,
    pub(crate) ticket: Ticket,
}

/// A message as its consumer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// 32 hexadecimal digits.
    pub id: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent: i64,
    /// How often it has been handed out and counted, this time included.
    pub attempts: u32,
    /// What its bytes are.
    pub content: Content,
    /// Its bytes.
    pub body: Vec<u8>,
    pub(crate) seq: i64,
}

/// What was handed out of a queue and has not come back.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    pub(crate) messages: BTreeSet<i64>,
    pub(crate) batches: u32,
    /// The storage failed: not before then, in milliseconds since 1970.
    pub(crate) not_before: i64,
}

/// When one of the first messages may be handed out.
struct Waiting {
    seq: i64,
    due: i64,
}

/// Whether a queue has a batch.
enum Next {
    Now(Box<Batch>),
    At(i64),
    Nothing,
}

impl Queues {
    /// All batches that are ready, and when the next one will be, in milliseconds since 1970.
    pub(crate) fn take(&self) -> (Vec<Batch>, Option<i64>) {
        let consumers: Vec<Consumer> = self.inner.consumers.lock().values().cloned().collect();
        let mut batches = Vec::new();
        let mut next: Option<i64> = None;
        for consumer in &consumers {
            loop {
                match self.inner.take_of(consumer) {
                    Ok(Next::Now(batch)) => batches.push(*batch),
                    Ok(Next::At(time)) => {
                        next = Some(next.map_or(time, |known| known.min(time)));
                        break;
                    }
                    Ok(Next::Nothing) => break,
                    Err(error) => {
                        tracing::error!("the queue {:?}: {error}", consumer.queue);
                        let again = self.inner.rest(&consumer.queue);
                        next = Some(next.map_or(again, |known| known.min(again)));
                        break;
                    }
                }
            }
        }
        (batches, next)
    }
}

/// How long a queue is left alone when its storage fails, in milliseconds.
const AFTER_ERROR: i64 = 1_000;

impl Inner {
    /// Leaves a queue alone for a while; until when.
    pub(crate) fn rest(&self, queue: &str) -> i64 {
        let again = self.now().saturating_add(AFTER_ERROR);
        let mut handed = self.handed.lock();
        handed.entry(queue.to_owned()).or_default().not_before = again;
        again
    }

    fn take_of(self: &Arc<Self>, consumer: &Consumer) -> Result<Next, Error> {
        let queue = self.queue(&consumer.queue)?;
        let now = self.now();
        let mut all = self.handed.lock();
        let handed = all.entry(consumer.queue.clone()).or_default();
        if handed.batches >= consumer.max_concurrency.max(1) {
            return Ok(Next::Nothing);
        }
        if handed.not_before > now {
            return Ok(Next::At(handed.not_before));
        }
        let size = consumer.max_batch_size.max(1) as usize;
        let (next, ticket) = queue.cell.read(|connection| {
            if is_paused(connection)? {
                return Ok(None);
            }
            let waiting = waiting(connection, size, handed)?;
            let Some(ready) = ready_at(&waiting, size, consumer) else {
                return Ok(None);
            };
            if ready > now {
                return Ok(Some((ready, None)));
            }
            let messages = read(connection, &waiting, now)?;
            Ok(Some((ready, Some((messages, Backlog::read(connection)?)))))
        })?;
        let Some((ready, taken)) = next else {
            return Ok(Next::Nothing);
        };
        let Some((messages, backlog)) = taken else {
            return Ok(Next::At(ready));
        };
        handed.messages.extend(messages.iter().map(|m| m.seq));
        handed.batches += 1;
        Ok(Next::Now(Box::new(Batch {
            consumer: consumer.clone(),
            backlog: without(backlog, &messages),
            messages,
            ticket,
        })))
    }

    /// A batch has come back, whatever became of it.
    pub(crate) fn give_back(&self, batch: &Batch) {
        let mut all = self.handed.lock();
        if let Some(handed) = all.get_mut(&batch.consumer.queue) {
            handed.batches = handed.batches.saturating_sub(1);
            for message in &batch.messages {
                handed.messages.remove(&message.seq);
            }
        }
        drop(all);
        self.changed.notify_one();
    }
}

fn is_paused(connection: &Connection) -> rusqlite::Result<bool> {
    let mut paused = connection.prepare_cached("SELECT paused FROM settings")?;
    paused.query_row([], |row| row.get(0))
}

/// The first messages that have not been handed out.
fn waiting(
    connection: &Connection,
    size: usize,
    handed: &Handed,
) -> rusqlite::Result<Vec<Waiting>> {
    let sql = "SELECT seq, due FROM messages ORDER BY due, seq LIMIT ?1";
    let mut select = connection.prepare_cached(sql)?;
    let limit = size + handed.messages.len();
    let rows = select.query_map([limit as i64], |row| {
        Ok(Waiting {
            seq: row.get(0)?,
            due: row.get(1)?,
        })
    })?;
    let free = |row: &rusqlite::Result<Waiting>| match row {
        Ok(row) => !handed.messages.contains(&row.seq),
        Err(_) => true,
    };
    rows.filter(free).take(size).collect()
}

/// When a batch of these is ready: when it is full, or its first message has waited for long enough.
fn ready_at(waiting: &[Waiting], size: usize, consumer: &Consumer) -> Option<i64> {
    let first = waiting.first()?.due;
    let patience = first.saturating_add(millis(consumer.max_batch_timeout));
    match waiting.len() == size {
        true => Some(waiting[size - 1].due.min(patience)),
        false => Some(patience),
    }
}

fn read(connection: &Connection, waiting: &[Waiting], now: i64) -> rusqlite::Result<Vec<Message>> {
    let sql = "SELECT id, sent, failures, content, body FROM messages WHERE seq = ?1";
    let mut select = connection.prepare_cached(sql)?;
    let due = waiting.iter().filter(|row| row.due <= now);
    let read = due.map(|waiting| {
        select.query_row([waiting.seq], |row| {
            let failures: u32 = row.get(2)?;
            Ok(Message {
                id: row.get(0)?,
                sent: row.get(1)?,
                attempts: failures.saturating_add(1),
                content: Content::of_number(row.get(3)?).unwrap_or(Content::Bytes),
                body: row.get(4)?,
                seq: waiting.seq,
            })
        })
    });
    read.collect()
}

/// What is in the queue beside the messages of a batch.
fn without(backlog: Backlog, messages: &[Message]) -> Backlog {
    let bytes: usize = messages.iter().map(|message| message.body.len()).sum();
    let count = backlog.count.saturating_sub(messages.len() as u64);
    Backlog {
        count,
        bytes: backlog.bytes.saturating_sub(bytes as u64),
        oldest: backlog.oldest.filter(|_| count > 0),
    }
}
