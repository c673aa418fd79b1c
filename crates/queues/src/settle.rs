//! Writing down what became of a batch: messages that are done with go, others wait for their next
//! attempt, and those that have failed too often go to the dead-letter queue.

use std::sync::Arc;

use rusqlite::{Connection, Transaction};

use crate::queue::{self, Row};
use crate::queues::Inner;
use crate::{Batch, Error, Message, Outcome, Verdict};

/// The pause before messages are handed out again whose handler could not run, in milliseconds.
const AFTER_NOT_RUN: i64 = 1_000;

impl Inner {
    /// Of a batch whose handler has ended. A dead-letter queue has its messages before this one lets go
    /// of them, so that a crash in between loses nothing.
    pub(crate) fn settle(self: &Arc<Self>, batch: &Batch, outcome: &Outcome) -> Result<(), Error> {
        let now = self.now();
        let verdicts = outcome.verdicts(batch);
        let judged = batch.messages.iter().zip(verdicts);
        let is_dead = |message: &Message, verdict: &Verdict| {
            let most = batch.consumer.max_retries;
            *verdict != Verdict::Ack && most.is_some_and(|most| message.attempts > most)
        };
        let (dead, rest): (Vec<_>, Vec<_>) = judged.partition(|(m, verdict)| is_dead(m, verdict));
        let dead: Vec<&Message> = dead.into_iter().map(|(message, _)| message).collect();
        self.bury(batch, &dead, now)?;
        let queue = self.queue(&batch.consumer.queue)?;
        queue.cell.write(|transaction: &Transaction<'_>| {
            for message in &dead {
                remove(transaction, message)?;
            }
            for (message, verdict) in &rest {
                match verdict {
                    Verdict::Ack => remove(transaction, message)?,
                    Verdict::Retry(retry) => {
                        let pause = match retry.delay_seconds {
                            Some(seconds) => i64::from(seconds) * 1000,
                            None => batch.consumer.pause_ms(message.attempts),
                        };
                        again(transaction, message, message.attempts, now + pause)?;
                    }
                }
            }
            Ok::<_, Error>(())
        })?;
        Ok(())
    }

    /// Of a batch whose handler could not run: as before, a little later.
    pub(crate) fn put_off(self: &Arc<Self>, batch: &Batch) -> Result<(), Error> {
        let due = self.now().saturating_add(AFTER_NOT_RUN);
        let queue = self.queue(&batch.consumer.queue)?;
        queue.cell.write(|transaction: &Transaction<'_>| {
            for message in &batch.messages {
                again(transaction, message, message.attempts - 1, due)?;
            }
            Ok::<_, Error>(())
        })?;
        Ok(())
    }

    /// Messages that have failed too often go to the dead-letter queue, or are told of.
    fn bury(self: &Arc<Self>, batch: &Batch, dead: &[&Message], now: i64) -> Result<(), Error> {
        let consumer = &batch.consumer;
        let Some(name) = &consumer.dead_letter_queue else {
            for message in dead {
                tracing::warn!(
                    "the queue {:?}: the message {} was dropped after {} attempts; set a dead_letter_queue to keep such",
                    consumer.queue,
                    message.id,
                    message.attempts
                );
            }
            return Ok(());
        };
        if dead.is_empty() {
            return Ok(());
        }
        let letters = self.queue(name)?;
        letters.cell.write(|transaction: &Transaction<'_>| {
            for message in dead {
                let row = Row {
                    id: &message.id,
                    sent: message.sent,
                    due: now,
                    content: message.content.number(),
                    body: &message.body,
                };
                queue::insert(transaction, &row)?;
            }
            Ok::<_, Error>(())
        })?;
        for message in dead {
            tracing::warn!(
                "the queue {:?}: the message {} went to {name:?} after {} attempts",
                consumer.queue,
                message.id,
                message.attempts
            );
        }
        self.changed.notify_one();
        Ok(())
    }
}

fn remove(connection: &Connection, message: &Message) -> rusqlite::Result<()> {
    let sql = "DELETE FROM messages WHERE seq = ?1 AND id = ?2";
    connection
        .prepare_cached(sql)?
        .execute((message.seq, &message.id))?;
    Ok(())
}

/// Nothing happens to a message that is not there any more: the queue was purged.
fn again(
    connection: &Connection,
    message: &Message,
    failures: u32,
    due: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE messages SET failures = ?3, due = ?4 WHERE seq = ?1 AND id = ?2";
    let mut update = connection.prepare_cached(sql)?;
    update.execute((message.seq, &message.id, failures, due))?;
    Ok(())
}
