//! The driver: takes what has gathered in the queue and writes it to SlateDB, one batch per group.
//!
//! It runs on the writing thread, beside SlateDB's own writer task. A batch gets the number of its
//! last commit as SlateDB's sequence number, so the log's durable sequence number is at once the
//! number of the last durable commit, and the order of commits is the order of the log.

use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;

use slatedb::config::{FlushOptions, FlushType, WriteOptions};
use slatedb::{Db, WriteBatch, WriteHandle};

use crate::commit::Change;
use crate::outcome::Outcome;
use crate::queue::{Group, Next};
use crate::{CellKey, CellMeta, Commit, Error, key, meta};

/// Runs until the queue is closed and empty, or the shard has failed.
pub(crate) async fn drive(db: Db, outcome: Outcome, own_log: bool, first: u64) {
    let mut handed_over = first;
    loop {
        let idle = outcome.progress.durable() >= handed_over;
        match outcome.queue.next(idle) {
            Next::Wait => outcome.queue.work.notified().await,
            Next::End => return,
            Next::Apply(group) => {
                handed_over = group.last;
                if let Err(error) = apply(&db, &outcome, group, own_log).await {
                    outcome.refuse(error);
                    return;
                }
            }
        }
    }
}

async fn apply(db: &Db, outcome: &Outcome, group: Group, own_log: bool) -> Result<(), Error> {
    let count = group.changes.len() as u64;
    let options = WriteOptions { seqnum: group.last };
    let handle = db
        .write_with_options(batch(group.changes), &options)
        .await
        .map_err(|e| not_durable(outcome, e))?;
    outcome.counters.groups.fetch_add(1, Relaxed);
    outcome.counters.commits.fetch_add(count, Relaxed);
    outcome.queue.applied(group.last);
    if !own_log {
        tokio::spawn(flush(db.clone(), handle, outcome.clone()));
    }
    Ok(())
}

/// Asks SlateDB's own log to write what it has, and waits for that. Our log does so by itself, and
/// reports from its own thread.
async fn flush(db: Db, handle: WriteHandle, outcome: Outcome) {
    let options = FlushOptions {
        flush_type: FlushType::Wal,
    };
    // The first answers when the log has it; the second is what says that it is durable.
    let flushed = async {
        db.flush_with_options(options).await?;
        handle.await_durable().await
    };
    match flushed.await {
        Ok(()) => outcome.durable(handle.seqnum()),
        Err(e) => outcome.refuse(not_durable(&outcome, e)),
    }
}

fn not_durable(outcome: &Outcome, error: slatedb::Error) -> Error {
    if let Some(first) = outcome.progress.failure() {
        return first.clone();
    }
    match Error::engine(&outcome.store, "write")(error) {
        Error::Engine { store, reason, .. } => Error::NotDurable { store, reason },
        other => other,
    }
}

/// One batch of all changes. Where two write the same key, the later one counts.
fn batch(changes: Vec<Change>) -> WriteBatch {
    let mut batch = WriteBatch::new();
    for change in changes {
        match change {
            Change::Commit(commit) => add_commit(&mut batch, commit),
            Change::Delete { cell, pages, meta } => add_delete(&mut batch, cell, pages, meta),
            Change::Rows(rows) => {
                for row in rows {
                    batch.put_bytes(row.key, row.value);
                }
            }
        }
    }
    batch
}

fn add_commit(batch: &mut WriteBatch, commit: Commit) {
    let deleted = commit.deleted_pages();
    add_delete(batch, commit.cell, deleted, Some(commit.meta));
    for (number, page) in commit.pages {
        batch.put_bytes(key::page(commit.cell, number), page);
    }
    for extra in commit.extra {
        let key = key::extra(extra.keyspace, &extra.key);
        match extra.value {
            Some(value) => batch.put_bytes(key, value),
            None => batch.delete(key),
        }
    }
}

fn add_delete(batch: &mut WriteBatch, cell: CellKey, pages: Range<u32>, meta: Option<CellMeta>) {
    for number in pages {
        batch.delete(key::page(cell, number));
    }
    match meta {
        Some(meta) => batch.put_bytes(key::meta(cell), meta::encode(&meta)),
        None => batch.delete(key::meta(cell)),
    }
}
