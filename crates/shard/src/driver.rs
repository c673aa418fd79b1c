//! The driver: applies groups to SlateDB, one batch per group, in order.
//!
//! It runs on the writing thread, beside SlateDB's own writer task. A batch gets the number of its
//! last commit as SlateDB's sequence number, so the log's durable sequence number is at once the
//! number of the last durable commit, and the order of commits is the order of the log.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use slatedb::config::{FlushOptions, FlushType, WriteOptions};
use slatedb::{Db, WriteHandle};
use tokio::runtime::Handle;

use crate::group::Group;
use crate::outcome::Outcome;
use crate::queue::Next;
use crate::{Clock, Error, Ticket};

/// Runs until the queue is closed and empty, or the shard has failed. `first`: the last commit
/// before this. `flush_on`: where SlateDB's own log is asked to write; `None` when the log is ours.
pub(crate) async fn drive(
    db: Db,
    outcome: Outcome,
    clock: Arc<dyn Clock>,
    flush_on: Option<Handle>,
    first: u64,
) {
    let mut handed_over = first;
    loop {
        let idle = outcome.progress.durable() >= handed_over;
        match outcome.queue.for_driver(idle) {
            Next::Wait => outcome.queue.driver.notified().await,
            Next::End => {
                if flush_on.is_some() {
                    // What was asked of the engine's log ends first: closing the engine would cut
                    // it off. How it ended is known to whoever has a ticket.
                    let last = Ticket::new(outcome.progress.clone(), handed_over);
                    let _ = last.durable().await;
                }
                return;
            }
            Next::Apply(group) => {
                handed_over = group.last;
                if let Err(error) = apply(&db, &outcome, &group, flush_on.as_ref()).await {
                    outcome.refuse(error);
                    return;
                }
                if let Some(time) = outcome.pace.wait(group.bytes) {
                    clock.sleep(time).await;
                }
            }
        }
    }
}

async fn apply(
    db: &Db,
    outcome: &Outcome,
    group: &Group,
    flush_on: Option<&Handle>,
) -> Result<(), Error> {
    let options = WriteOptions { seqnum: group.last };
    let handle = db
        .write_with_options(group.batch(), &options)
        .await
        .map_err(|e| not_durable(outcome, e))?;
    outcome.counters.groups.fetch_add(1, Relaxed);
    outcome.counters.commits.fetch_add(group.commits, Relaxed);
    outcome.queue.applied(group);
    if let Some(runtime) = flush_on {
        runtime.spawn(flush(db.clone(), handle, outcome.clone()));
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
        // A later one has written it.
        Err(_) if outcome.progress.durable() >= handle.seqnum() => {}
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
